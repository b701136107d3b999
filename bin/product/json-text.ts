import { below, type Fault, show } from './fault';

/** A place in a text, both counted from 1 as editors do. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** A JSON text, read. */
export interface JsonText {
  /** What the text says, or undefined where it is no JSON. */
  readonly value?: unknown;
  /** Where each JSON path of it stands. */
  readonly positions: Map<string, Position>;
  /** The first syntax error, or every name that is given twice in one object. */
  readonly faults: Fault[];
}

/** Deeper than any product file goes; reading is recursive and must not end in a stack overflow. */
const DEEPEST = 50;

/**
 * Reads JSON and remembers where everything stands.
 *
 * `JSON.parse` alone will not do: Node 20 leaves the position out of many of its messages, and of two equal names it keeps
 * the last without a word.
 */
export function readJsonText(text: string): JsonText {
  const scanner = new Scanner(text);
  try {
    scanner.document();
  } catch (error) {
    if (!(error instanceof SyntaxFault)) throw error;
    const fault = { path: '$', rule: error.message, given: error.given, remedy: error.remedy };
    return { positions: new Map([['$', error.position]]), faults: [fault] };
  }
  return { value: JSON.parse(text), positions: scanner.positions, faults: scanner.twice };
}

class SyntaxFault extends Error {
  public constructor(
    expected: string,
    public readonly position: Position,
    public readonly given: string,
    public readonly remedy: string,
  ) {
    super(`must be JSON, with ${expected} at line ${position.line}, column ${position.column}`);
  }
}

class Scanner {
  public readonly positions = new Map<string, Position>();
  public readonly twice: Fault[] = [];
  private at = 0;
  // Line counting goes on from here; positions are asked for in the order of the text.
  private line = 1;
  private lineStart = 0;
  private counted = 0;

  public constructor(private readonly text: string) {}

  public document(): void {
    this.value('$', 0);
    this.blanks();
    if (this.at < this.text.length) throw this.fault('nothing after the value');
  }

  private value(path: string, depth: number): void {
    this.blanks();
    if (!this.positions.has(path)) this.positions.set(path, this.position());
    if (depth > DEEPEST) throw this.fault(`at most ${DEEPEST} levels`);
    const character = this.text[this.at];
    if (character === '{') this.object(path, depth);
    else if (character === '[') this.array(path, depth);
    else if (character === '"') this.string();
    else if (!this.skip(/-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y) && !this.skip(/true|false|null/y))
      throw this.fault('a value');
  }

  private object(path: string, depth: number): void {
    const names = new Set<string>();
    this.at++;
    this.blanks();
    if (this.skip(/\}/y)) return;
    do {
      this.blanks();
      const position = this.position();
      if (this.text[this.at] !== '"') throw this.fault('a name in double quotes');
      const name = this.string();
      this.blanks();
      if (!this.skip(/:/y)) throw this.fault("':'");
      const child = below(path, name);
      if (names.has(name)) this.repeated(child, position);
      else this.positions.set(child, position);
      names.add(name);
      this.value(child, depth + 1);
      this.blanks();
    } while (this.skip(/,/y));
    if (!this.skip(/\}/y)) throw this.fault("',' or '}'");
  }

  private array(path: string, depth: number): void {
    this.at++;
    this.blanks();
    if (this.skip(/\]/y)) return;
    let index = 0;
    do {
      this.value(below(path, index), depth + 1);
      index++;
      this.blanks();
    } while (this.skip(/,/y));
    if (!this.skip(/\]/y)) throw this.fault("',' or ']'");
  }

  private string(): string {
    const start = this.at;
    this.at++;
    while (this.text[this.at] !== '"') {
      if (!((this.text[this.at] ?? '') >= ' ')) throw this.fault('a closing double quote');
      if (this.text[this.at] !== '\\') this.at++;
      else if (!this.skip(/\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y)) throw this.fault('an escape such as \\n, \\" or \\u00e9');
    }
    this.at++;
    return JSON.parse(this.text.slice(start, this.at));
  }

  private repeated(path: string, { line, column }: Position): void {
    this.twice.push({
      path,
      rule: 'must be given once',
      given: `it again at line ${line}, column ${column}`,
      remedy: 'delete one of the two (JSON would keep the last without a word)',
    });
  }

  private blanks(): void {
    this.skip(/[ \t\r\n]+/y);
  }

  private skip(pattern: RegExp): boolean {
    pattern.lastIndex = this.at;
    if (!pattern.test(this.text)) return false;
    this.at = pattern.lastIndex;
    return true;
  }

  private position(): Position {
    for (; this.counted < this.at; this.counted++) {
      if (this.text[this.counted] !== '\n') continue;
      this.line++;
      this.lineStart = this.counted + 1;
    }
    return { line: this.line, column: this.at - this.lineStart + 1 };
  }

  private fault(expected: string): SyntaxFault {
    const rest = this.text.slice(this.at, this.at + 200);
    const found = /^[\w.+-]+|^./su.exec(rest)?.[0];
    const afterComma = /,\s*$/.test(this.text.slice(0, this.at));
    return new SyntaxFault(
      expected,
      this.position(),
      found === undefined ? 'the end of the file' : show(found),
      remedy(found, afterComma),
    );
  }
}

function remedy(found: string | undefined, afterComma: boolean): string {
  if (found === undefined) return 'close what is still open';
  if (afterComma && (found === '}' || found === ']')) return 'delete the comma before it (JSON allows none there)';
  if (found === '/' || found === '#') return 'delete the comment (JSON has none)';
  if (found === "'") return 'write texts in double quotes';
  return 'correct the file there';
}
