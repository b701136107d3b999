/** First and last line of something in a file, counted from 1. */
export interface LineRange {
  readonly first: number;
  readonly last: number;
}

/** The lines of a template's entries, by section (`Resources`, `Outputs` ...) and logical id. */
export type TemplateLines = Map<string, Map<string, LineRange>>;

/**
 * Lines of every logical id in the text of a JSON template, however it is indented.
 *
 * `JSON.parse` keeps no positions; this reads the nesting alone, and so takes a tenth of the time of a parser that does.
 */
export function templateLines(text: string): TemplateLines {
  const sections: TemplateLines = new Map();
  /** The keys that lead to where we are. */
  const path: string[] = [];
  let depth = 0;
  let line = 1;
  let key: { readonly text: string; readonly line: number } | undefined;
  let entry: { readonly section: string; readonly id: string; readonly first: number } | undefined;
  for (let index = 0; index < text.length; index++) {
    switch (text.charCodeAt(index)) {
      case NEWLINE:
        line++;
        break;
      case QUOTE: {
        const end = endOfString(text, index);
        // Keys deeper than logical ids are of no interest, and most of a template.
        if (depth <= 2) key = { text: text.slice(index + 1, end), line };
        index = end;
        break;
      }
      case OPEN_OBJECT:
      case OPEN_LIST:
        if (depth > 0 && depth <= 2 && key) {
          path.length = depth - 1;
          path.push(key.text);
          if (depth === 2) entry = { section: path[0], id: key.text, first: key.line };
        }
        depth++;
        break;
      case CLOSE_OBJECT:
      case CLOSE_LIST:
        depth--;
        if (depth === 2 && entry) {
          const ids = sections.get(entry.section) ?? new Map<string, LineRange>();
          sections.set(entry.section, ids.set(JSON.parse(`"${entry.id}"`), { first: entry.first, last: line }));
          entry = undefined;
        }
        break;
    }
  }
  return sections;
}

const [NEWLINE, QUOTE, BACKSLASH] = [10, 34, 92];
const [OPEN_OBJECT, CLOSE_OBJECT, OPEN_LIST, CLOSE_LIST] = [123, 125, 91, 93];

/** Index of the quote that ends a string. */
function endOfString(text: string, start: number): number {
  let index = start + 1;
  while (index < text.length && text.charCodeAt(index) !== QUOTE) index += text.charCodeAt(index) === BACKSLASH ? 2 : 1;
  return index;
}
