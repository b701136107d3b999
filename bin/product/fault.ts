/** One thing wrong with a product file, in the four parts its reader needs. */
export interface Fault {
  /** JSON path of the value, such as `$.furtherRegions[2].region`. */
  readonly path: string;
  /** What is allowed, as the end of a sentence that starts with the path: "must be ...". */
  readonly rule: string;
  /** The value as printed, see `show`. */
  readonly given: string;
  /** What to do about it. */
  readonly remedy: string;
}

/** Longest value printed in full; more would push the remedy off the screen. */
const SHOWN = 120;

/** The fault as one line. */
export function sentence({ path, rule, given, remedy }: Fault): string {
  return `${path} ${rule}, got ${given}: ${remedy}`;
}

/** A value on one line: JSON, with invisible characters spelled out and cut where it is long. */
export function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  const json = typeof value === 'number' ? String(value) : visible(JSON.stringify(value));
  return json.length > SHOWN ? `${json.slice(0, SHOWN)}…` : json;
}

/** The path one step further down: `.name` or `[2]`, quoted where the name is no plain word. */
export function below(path: string, key: string | number): string {
  if (typeof key === 'number') return `${path}[${key}]`;
  return /^[$A-Za-z_][\w$]*$/.test(key) ? `${path}.${key}` : `${path}[${visible(JSON.stringify(key))}]`;
}

// A line break or a direction mark in a value must not tear or turn the line it is printed in.
function visible(json: string): string {
  return json.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) => {
    return [...Array(character.length).keys()].map((index) => `\\u${hex(character.charCodeAt(index))}`).join('');
  });
}

function hex(code: number): string {
  return code.toString(16).padStart(4, '0');
}
