import { isObject } from '../../assembly/values';

/**
 * The JSON that a text holds, also where intrinsic functions are joined into it: they stand in the result where their value
 * would stand.
 */
export function embeddedJson(value: unknown): unknown {
  const parts = partsOf(value);
  const first = parts?.[0];
  if (parts === undefined || typeof first !== 'string' || !/^\s*[{[]/.test(first)) return undefined;
  const text = parts.map((part, index) => (typeof part === 'string' ? part : marker(index))).join('');
  try {
    return restored(JSON.parse(text), parts);
  } catch {
    return undefined;
  }
}

function partsOf(value: unknown): unknown[] | undefined {
  if (typeof value === 'string') return [value];
  const join = isObject(value) ? value['Fn::Join'] : undefined;
  return Array.isArray(join) && join[0] === '' && Array.isArray(join[1]) ? join[1] : undefined;
}

/** Private use characters, which no template has. */
function marker(index: number): string {
  return `\uE000${index}\uE001`;
}

function restored(value: unknown, parts: unknown[]): unknown {
  if (Array.isArray(value)) return value.map((item) => restored(item, parts));
  if (isObject(value)) return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, restored(child, parts)]));
  if (typeof value !== 'string' || !value.includes('\uE000')) return value;
  const pieces = value
    .split(/(\uE000\d+\uE001)/)
    .filter((piece) => piece !== '')
    .map((piece) => (piece.startsWith('\uE000') ? parts[Number(piece.slice(1, -1))] : piece));
  return pieces.length === 1 ? pieces[0] : { 'Fn::Join': ['', pieces] };
}
