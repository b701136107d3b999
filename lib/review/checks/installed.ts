import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** A package that its user installs, not this library. */
export interface Installed {
  readonly version: string;
  readonly folder: string;
  /** Loads the package, or another one as the package itself would load it. */
  readonly load: <T>(name: string) => T;
}

/** It is not there, or hides what it is. */
const ABSENT = ['MODULE_NOT_FOUND', 'ERR_PACKAGE_PATH_NOT_EXPORTED'];

/** Finds a package where the user works, or else beside this library. */
export function installed(name: string): Installed | undefined {
  for (const from of [join(process.cwd(), 'package.json'), __filename]) {
    const require = createRequire(from);
    try {
      const manifest = require.resolve(`${name}/package.json`);
      const { version } = JSON.parse(readFileSync(manifest, 'utf8'));
      const inside = createRequire(manifest);
      // A package may not export itself to itself.
      const load = <T>(other: string): T => (other === name ? require(other) : inside(other));
      return { version, folder: dirname(manifest), load };
    } catch (error) {
      if (!ABSENT.includes((error as { code?: string }).code ?? '')) throw error;
    }
  }
  return undefined;
}

/** What to say where a package is missing. */
export function notInstalled(name: string): string {
  return `${name} is not installed: npm install --save-dev ${name}`;
}
