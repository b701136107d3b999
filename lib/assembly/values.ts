/** A JSON object, as opposed to an array or a scalar. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether a value is an intrinsic function, whose result only CloudFormation knows. */
export function isIntrinsic(value: unknown): boolean {
  if (!isObject(value)) return false;
  const keys = Object.keys(value);
  return keys.length === 1 && (keys[0] === 'Ref' || keys[0].startsWith('Fn::') || keys[0] === REPLACED);
}

/** Key of the marker that {@link markReplaced} puts around a reference to a replaced resource. */
export const REPLACED = 'Replaced';

/** Whether CloudFormation sees the same value: numbers and booleans may be written as text, keys in any order. */
export function sameValue(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  // Scalars first: they are most of a template.
  if (left === undefined || right === undefined || left === null || right === null) return false;
  if (typeof left !== 'object' || typeof right !== 'object') {
    return typeof left !== 'object' && typeof right !== 'object' && String(left) === String(right);
  }
  if (Array.isArray(left) || Array.isArray(right)) {
    if (!Array.isArray(left) || !Array.isArray(right) || left.length !== right.length) return false;
    return left.every((item, index) => sameValue(item, right[index]));
  }
  return sameObject(left as Record<string, unknown>, right as Record<string, unknown>);
}

function sameObject(left: Record<string, unknown>, right: Record<string, unknown>): boolean {
  const keys = Object.keys(left);
  return keys.length === Object.keys(right).length && keys.every((key) => key in right && sameValue(left[key], right[key]));
}

/** The value at a path below a JSON value; undefined where the path leaves it. */
export function valueAt(value: unknown, path: string[]): unknown {
  let current = value;
  for (const segment of path) {
    if (isObject(current)) current = current[segment];
    else return undefined;
  }
  return current;
}

/** The items of a property that may be missing or an intrinsic function. */
export function items(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

/** A value in a few characters, for people. */
export function shortly(value: unknown): string {
  if (value === undefined) return 'unset';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > 40 ? `${text.slice(0, 37)}...` : text || "''";
}
