import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Folder of the repository. */
export const ROOT = join(__dirname, '..');

/**
 * Holds a part of a Markdown file, between `<!-- begin NAME -->` and `<!-- end NAME -->`, against what the code says it must be.
 * With `UPDATE_DOCS=1` in the environment the part is rewritten first: read what comes out before you commit it.
 */
export function expectSection(file: string, name: string, content: string): void {
  const path = join(ROOT, file);
  const [begin, end] = [`<!-- begin ${name} -->\n\n`, `\n\n<!-- end ${name} -->`];
  const text = readFileSync(path, 'utf8');
  const [start, stop] = [text.indexOf(begin) + begin.length, text.indexOf(end)];
  if (start < begin.length || stop < start) throw new Error(`${file} has no section '${name}'`);
  if (process.env.UPDATE_DOCS) writeFileSync(path, text.slice(0, start) + content + text.slice(stop));
  else expect(text.slice(start, stop)).toBe(content);
}

/** A Markdown table. */
export function markdownTable(head: string[], rows: string[][], rightAligned: number[] = []): string {
  const rule = head.map((_, column) => (rightAligned.includes(column) ? '---:' : '---'));
  return [head, rule, ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
