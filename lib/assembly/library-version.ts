import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Version of this library. */
export function libraryVersion(): string {
  return JSON.parse(readFileSync(join(__dirname, '..', '..', 'package.json'), 'utf8')).version;
}
