import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Installs the Python packages of a file, at its pinned versions, into the virtual environment `venv` of a folder of its own, once for
 * each state of the file.
 * @throws if there is no Python
 */
export function installPython(requirements, folder) {
  const python = ['python3', 'python'].find((name) => spawnSync(name, ['--version']).status === 0);
  if (!python) throw new Error('Python 3.10 or later is needed, install it and run again');
  const wanted = createHash('sha256').update(readFileSync(requirements)).digest('hex');
  const stamp = join(folder, 'installed');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const venv = join(folder, 'venv');
  execFileSync(python, ['-m', 'venv', venv], { stdio: 'inherit' });
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-input', '--requirement', requirements];
  execFileSync(join(venv, 'bin', 'python'), pip, { stdio: 'inherit' });
  writeFileSync(stamp, wanted);
}
