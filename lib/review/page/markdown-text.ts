import { visible } from './markup';

/** Longer texts are cut in a comment; the page has them whole. */
const LONGEST = 360;

/** Characters that Markdown or GitHub gives a meaning to. */
const SPECIAL = /[\\`*_{}[\]<>&|~$]/g;

const ENTITIES: Record<string, string> = { '<': '&lt;', '>': '&gt;', '&': '&amp;' };

/** Invisible, so that GitHub notifies nobody and links no issue. */
const APART = '\u200b';

/** A sentence as it stands, for a table cell or a paragraph. */
export function plain(text: string): string {
  const line = cut(visible(oneLine(text)));
  const quiet = line.replace(/@(?=[\w-])/g, `@${APART}`).replace(/#(?=\d)/g, `#${APART}`);
  return quiet.replace(SPECIAL, (character) => ENTITIES[character] ?? `\\${character}`);
}

/** A name as code. A pipe would end the cell even in code. */
export function code(text: string): string {
  const line = cut(visible(oneLine(text)));
  if (line === '') return '';
  const longest = Math.max(0, ...[...line.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  const space = line.startsWith('`') || line.endsWith('`') ? ' ' : '';
  return `${fence}${space}${line}${space}${fence}`.replaceAll('|', '\\|');
}

/** A row of a table; its cells are Markdown already. */
export function tableRow(cells: string[]): string {
  return `| ${cells.join(' | ')} |\n`;
}

export function tableHead(headings: string[], numbers: number[] = []): string {
  return tableRow(headings) + tableRow(headings.map((_, index) => (numbers.includes(index) ? '---:' : '---')));
}

/** As many lines as fit, and a line that says how many do not. */
export function within(budget: number, head: string, lines: string[], rest: (count: number) => string): string {
  let text = head;
  for (const [index, line] of lines.entries()) {
    const more = lines.length - index;
    // Room for the line that says what is left out.
    if (text.length + line.length + rest(more).length > budget) return text + rest(more);
    text += line;
  }
  return text;
}

function oneLine(text: string): string {
  return text.replace(/\s+/gu, ' ').trim();
}

function cut(text: string): string {
  const characters = [...text];
  return characters.length <= LONGEST ? text : `${characters.slice(0, LONGEST - 1).join('')}…`;
}
