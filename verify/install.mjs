// Installs the Python tools at their pinned versions into a virtual environment of their own, once for each state of
// requirements.txt, and says what is missing on the machine in one sentence.
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const folder = join(here, '..', 'node_modules', '.cache', 'verify');
const requirements = join(here, 'requirements.txt');
const wanted = createHash('sha256').update(readFileSync(requirements)).digest('hex');
const stamp = join(folder, 'installed');

function fail(sentence) {
  process.stderr.write(`npm run verify: ${sentence}\n`);
  process.exit(2);
}

const python = ['python3', 'python'].find((name) => spawnSync(name, ['--version']).status === 0);
if (!python)
  fail('Python 3.10 or later is needed for cfn-lint, Checkov, Cloudsplaining and Parliament, install it and run again');
const chromium = process.env.CHROMIUM ?? '/usr/bin/chromium';
if (!existsSync(chromium)) {
  fail(`there is no Chromium at ${chromium}, install it (Debian: apt-get install chromium) or name it in CHROMIUM`);
}
if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== wanted) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const venv = join(folder, 'venv');
  execFileSync(python, ['-m', 'venv', venv], { stdio: 'inherit' });
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-input', '--requirement', requirements];
  execFileSync(join(venv, 'bin', 'python'), pip, { stdio: 'inherit' });
  writeFileSync(stamp, wanted);
}
