// Installs cfn-lint, Checkov, Cloudsplaining and Parliament, and says what is missing on the machine in one sentence.
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installPython } from './python.mjs';

const here = dirname(fileURLToPath(import.meta.url));
try {
  const chromium = process.env.CHROMIUM ?? '/usr/bin/chromium';
  if (!existsSync(chromium)) {
    throw new Error(`there is no Chromium at ${chromium}, install it (Debian: apt-get install chromium) or name it in CHROMIUM`);
  }
  installPython(join(here, 'requirements.txt'), join(here, '..', 'node_modules', '.cache', 'verify'));
} catch ({ message }) {
  process.stderr.write(`npm run verify: ${message}\n`);
  process.exit(2);
}
