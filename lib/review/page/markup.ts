/** HTML that may stand in a page as it is: everything else is escaped. */
export class Markup {
  public constructor(public readonly text: string) {}
}

/** What `html` takes between its literal parts. Nothing is written for `undefined` and `false`. */
export type Piece = Markup | string | number | undefined | false | readonly Piece[];

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Control and direction characters, but for tab and line feed: they make a name look like another one. */
const INVISIBLE = /(?![\t\n])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** Writes out what cannot be seen, such as a character that turns the direction of reading. */
export function visible(text: string): string {
  return text.replace(INVISIBLE, (character) => `\\u{${character.codePointAt(0)!.toString(16).toUpperCase()}}`);
}

/** Text for an element or a quoted attribute. */
export function escaped(text: string): string {
  return visible(text).replace(/[&<>"']/g, (character) => ENTITIES[character]);
}

/** A template literal whose values are escaped unless they are `Markup`. */
export function html(literals: TemplateStringsArray, ...values: Piece[]): Markup {
  return new Markup(literals.map((literal, index) => literal + (index < values.length ? written(values[index]) : '')).join(''));
}

/** Joins pieces; the separator is escaped too unless it is `Markup`. */
export function joined(pieces: readonly Piece[], separator: Piece): Markup {
  return new Markup(pieces.map(written).join(written(separator)));
}

/** What this library wrote itself, such as its style sheet. Never for anything that comes out of an assembly. */
export function raw(text: string): Markup {
  return new Markup(text);
}

function written(piece: Piece): string {
  if (piece === undefined || piece === false) return '';
  if (piece instanceof Markup) return piece.text;
  if (Array.isArray(piece)) return piece.map(written).join('');
  return escaped(String(piece));
}
