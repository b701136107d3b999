import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A file of the program that moves data, as lines and with the checksum of what these lines are in a file. */
export interface ProgramFile {
  readonly name: string;
  readonly lines: string[];
  readonly sha256: string;
}

/** The program, each file small enough for a document of its own (docs/moving.md says what it does). */
const FILES = [
  'steps.py',
  'catalog.py',
  'servers.py',
  'preflight.py',
  'holding.py',
  'copying.py',
  'replication.py',
  'database.py',
  'sessions.py',
];

/** Every file of the program. */
export function moveProgram(): ProgramFile[] {
  return FILES.map((name) => {
    const lines = read(name);
    const text = lines.map((line) => `${line}\n`).join('');
    return { name, lines, sha256: createHash('sha256').update(text).digest('hex') };
  });
}

/** What the server runs to get the program and do one step. */
export function stepScript(): string[] {
  return read('run.sh');
}

function read(name: string): string[] {
  return readFileSync(join(__dirname, name), 'utf8').replace(/\n$/, '').split('\n');
}
