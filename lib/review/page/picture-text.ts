import { visible } from './markup';

/** A line of text in a box. */
export interface TextLine {
  readonly text: string;
  readonly kind: 'label' | 'kind' | 'detail';
}

/** Sizes in pixels; the style sheet takes them from here. */
export const TEXT_SIZES: Record<TextLine['kind'], number> = { label: 14, kind: 12, detail: 12 };

export const LINE_HEIGHTS: Record<TextLine['kind'], number> = { label: 18, kind: 16, detail: 16 };

const MOST_LINES: Record<TextLine['kind'], number> = { label: 2, kind: 2, detail: 4 };

/** Widths in ems, a little over those of Arial: a box has room for the rest of a wider font. */
const WIDTHS: readonly (readonly [RegExp, number])[] = [
  [/[iIjl.,:;'|!]/u, 0.3],
  [/[ftr()[\]\-/ ]/u, 0.38],
  [/[mwMWQO@%&]/u, 0.92],
  [/[A-Z]/u, 0.71],
  [/[\u0020-\u024f]/u, 0.58],
];

/** Width in pixels that a text takes at most. */
export function textWidth(text: string, kind: TextLine['kind']): number {
  const bold = kind === 'label' ? 1.07 : 1;
  // Anything else may be as wide as it is high.
  const ems = [...text].reduce((sum, character) => sum + (WIDTHS.find(([class_]) => class_.test(character))?.[1] ?? 1.05), 0);
  return ems * TEXT_SIZES[kind] * bold;
}

/** Breaks a text into lines that fit; what is too long ends in an ellipsis. */
export function fittedLines(text: string, kind: TextLine['kind'], width: number): TextLine[] {
  const words = visible(text)
    .trim()
    .split(/\s+/u)
    .flatMap((word) => brokenWord(word, kind, width));
  const lines: string[] = [];
  let line = '';
  for (const { text: word, joins } of words) {
    const longer = line === '' ? word : `${line}${joins ? '' : ' '}${word}`;
    if (line !== '' && textWidth(longer, kind) > width) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  if (line !== '') lines.push(line);
  const most = MOST_LINES[kind];
  const shown = lines.slice(0, most);
  if (lines.length > most) shown[most - 1] = ellipsis(`${shown[most - 1]} ${lines[most]}`, kind, width);
  return shown.map((shownText) => ({ text: shownText, kind }));
}

interface WordPart {
  readonly text: string;
  /** It follows the part before it without a space. */
  readonly joins: boolean;
}

/** A name too long for a line breaks before a capital, or after a mark, as in `NotificationDead` `LetterQueue`. */
function brokenWord(word: string, kind: TextLine['kind'], width: number): WordPart[] {
  if (textWidth(word, kind) <= width) return [{ text: word, joins: false }];
  const parts = word.split(/(?<=[a-z0-9])(?=[A-Z])|(?<=[-_/.:])/u).flatMap((part) => chopped(part, kind, width));
  return parts.map((text, index) => ({ text, joins: index > 0 }));
}

function chopped(part: string, kind: TextLine['kind'], width: number): string[] {
  const pieces = [''];
  for (const character of part) {
    if (textWidth(pieces[pieces.length - 1] + character, kind) > width) pieces.push('');
    pieces[pieces.length - 1] += character;
  }
  return pieces;
}

function ellipsis(text: string, kind: TextLine['kind'], width: number): string {
  let characters = [...text];
  while (characters.length > 0 && textWidth(`${characters.join('')}…`, kind) > width) characters = characters.slice(0, -1);
  return `${characters.join('').trimEnd()}…`;
}
