import * as fs from 'node:fs';
import * as path from 'node:path';
import { type Fault, sentence, show } from './fault';
import { type Position, readJsonText } from './json-text';
import { meaningFaults } from './meaning-faults';
import type { ProductFile } from './product';
import { schemaFaults } from './schema-faults';

/** A product file, read: the product, or why there is none. */
export interface ProductReading {
  /** The product, only if nothing is wrong with the file. */
  readonly product?: ProductFile;
  /** Everything that is wrong with the file, one line each, in the order of the file. */
  readonly faults: string[];
}

/** Far above any product; a larger file is something else, given by mistake. */
const LARGEST_BYTES = 1_000_000;

/**
 * Reads a product file and checks all of it, making no construct.
 *
 * @param file the file, relative to `directory`
 * @param directory the working directory
 */
export function readProductFile(file: unknown, directory: string): ProductReading {
  if (typeof file !== 'string' || file === '') {
    return { faults: [`context value product must name a file, got ${show(file)}: write -c product=FILE`] };
  }
  const bytes = readBytes(path.resolve(directory, file));
  if (typeof bytes === 'string') return { faults: [`${file}: ${bytes}`] };
  const text = decode(bytes);
  if (text === undefined) return { faults: [`${file}: must be UTF-8 text, got other bytes: save it as UTF-8`] };
  const { value, positions, faults } = readJsonText(text);
  const all = value === undefined ? faults : [...faults, ...productFaults(value)];
  if (all.length === 0) return { product: value as ProductFile, faults: [] };
  return { faults: located(all, positions).map(({ fault, at }) => `${file}:${at.line}:${at.column}: ${sentence(fault)}`) };
}

/** Everything that is wrong with a product, whatever it was read from. */
export function productFaults(value: unknown): Fault[] {
  const { faults, sound } = schemaFaults(value);
  if (sound === undefined) return faults;
  const faulty = new Set(faults.map((fault) => fault.path));
  return [...faults, ...meaningFaults(sound, faulty).filter((fault) => !faulty.has(fault.path))];
}

// The bytes, or in one sentence why there are none.
function readBytes(file: string): Buffer | string {
  const remedy = 'give -c product=FILE a path from the working directory';
  try {
    const stats = fs.statSync(file);
    // A folder has no text, and a device or pipe may have no end.
    if (!stats.isFile()) return `must be a file, got ${stats.isDirectory() ? 'a folder' : 'a device'}: ${remedy}`;
    if (stats.size > LARGEST_BYTES) return `must be at most ${LARGEST_BYTES} bytes, got ${stats.size}: ${remedy}`;
    return fs.readFileSync(file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return `must exist, got no such file at ${file}: ${remedy}`;
    return `must be readable, got ${code}: allow this user to read it`;
  }
}

function decode(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

interface LocatedFault {
  readonly fault: Fault;
  readonly at: Position;
}

// A missing value stands nowhere; what should hold it does.
function located(faults: Fault[], positions: Map<string, Position>): LocatedFault[] {
  return faults
    .map((fault) => {
      let length = fault.path.length;
      while (length > 1 && !positions.has(fault.path.slice(0, length))) length--;
      return { fault, at: positions.get(fault.path.slice(0, length)) ?? { line: 1, column: 1 } };
    })
    .sort((one, other) => one.at.line - other.at.line || one.at.column - other.at.column);
}
