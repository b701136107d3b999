import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Folder of the repository. */
export const ROOT = join(__dirname, '..');

/** The decisions, in order. */
export const ADRS = readdirSync(join(ROOT, 'docs/adr')).sort();

/** Every page of the documentation. */
export const PAGES = [
  'README.md',
  'docs/costs.md',
  'docs/regions.md',
  'docs/delivery.md',
  'docs/data.md',
  'docs/edge.md',
  'docs/moving.md',
  'docs/moving-faults.md',
  'docs/observability.md',
  'docs/rehearsals.md',
  'docs/server.md',
  'docs/specialize.md',
  'docs/services.md',
  'docs/sign-in.md',
  'docs/messaging.md',
  'docs/security.md',
  'examples/blocks-in-your-stack/README.md',
  'docs/policy.md',
  'docs/planted-faults.md',
  ...ADRS.map((file) => `docs/adr/${file}`),
];

/** A file of the repository. */
export function text(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8');
}

/**
 * Holds a part of a Markdown file, between `<!-- begin NAME -->` and `<!-- end NAME -->`, against what the code says it must be.
 * With `UPDATE_DOCS=1` in the environment the part is rewritten first: read what comes out before you commit it.
 */
export function expectSection(file: string, name: string, content: string): void {
  const path = join(ROOT, file);
  const [begin, end] = [`<!-- begin ${name} -->`, `<!-- end ${name} -->`];
  const text = readFileSync(path, 'utf8');
  const [start, stop] = [text.indexOf(begin) + begin.length, text.indexOf(end)];
  if (start < begin.length || stop < start) throw new Error(`${file} has no section '${name}'`);
  // A table needs empty lines around it, or the comments swallow it.
  const section = `\n\n${content}\n\n`;
  if (process.env.UPDATE_DOCS) writeFileSync(path, text.slice(0, start) + section + text.slice(stop));
  else expect(text.slice(start, stop)).toBe(section);
}

/** A Markdown table. */
export function markdownTable(head: string[], rows: string[][], rightAligned: number[] = []): string {
  const rule = head.map((_, column) => (rightAligned.includes(column) ? '---:' : '---'));
  return [head, rule, ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
