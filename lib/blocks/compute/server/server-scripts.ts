import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What the machine runs, by subject and in the order in which it stands in the one script. */
const PARTS = [
  'head.sh',
  'install.sh',
  'machine.sh',
  'disk.sh',
  'packages.sh',
  'database.sh',
  'cache.sh',
  'web.sh',
  'release.sh',
  'backup.sh',
  'restore.sh',
  'watch.sh',
  'main.sh',
];

/** What the user data holds after the settings. */
const BOOT = ['install.sh', 'boot.sh'];

/** A shell script as lines, and the checksum of what these lines are in a file. */
export interface ShellScript {
  readonly lines: string[];
  readonly sha256: string;
}

/** The script of the machine: everything but how it gets there. */
export function machineScript(): ShellScript {
  return scriptOf(['#!/bin/bash', ...PARTS.flatMap(read)]);
}

/** The lines of the user data below the settings: they bring the machine's script. */
export function bootScript(): string[] {
  return BOOT.flatMap(read);
}

/** A script of this folder, such as what a runbook runs. */
export function scriptOf(lines: string[]): ShellScript {
  const text = lines.map((line) => `${line}\n`).join('');
  return { lines, sha256: createHash('sha256').update(text).digest('hex') };
}

function read(name: string): string[] {
  return readFileSync(join(__dirname, name), 'utf8').replace(/\n$/, '').split('\n');
}
