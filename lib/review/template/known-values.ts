import { isIntrinsic } from '../../assembly/values';

/**
 * Whether only a deploy knows the value: parameters, attributes of resources, and dynamic references.
 * Rules skip what they cannot know.
 */
export function isUnknown(value: unknown): boolean {
  return isIntrinsic(value) || (typeof value === 'string' && value.includes('{{resolve:'));
}

/**
 * A number, which templates may write as text.
 *
 * @param otherwise what holds where nothing is set
 * @returns undefined where it is not known, and where it is no number
 */
export function knownNumber(value: unknown, otherwise?: number): number | undefined {
  if (value === undefined || value === null) return otherwise;
  if (typeof value === 'number') return value;
  return typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value.trim()) ? Number(value) : undefined;
}

/** A text. See {@link knownNumber}. */
export function knownText(value: unknown, otherwise?: string): string | undefined {
  if (value === undefined || value === null) return otherwise;
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && !isUnknown(value) ? value : undefined;
}

/** Whether something is switched on. See {@link knownNumber}. */
export function knownFlag(value: unknown, otherwise = false): boolean | undefined {
  if (value === undefined || value === null) return otherwise;
  if (typeof value === 'boolean') return value;
  return value === 'true' || value === 'false' ? value === 'true' : undefined;
}

/** A list that is written out, although its items may not be known. */
export function knownList(value: unknown): unknown[] | undefined {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : undefined;
}
