import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ADRS, PAGES, ROOT, text } from './generated-section';

describe('the links', () => {
  const slug = (heading: string) =>
    heading
      .toLowerCase()
      .replace(/[`,.:?!()'’]/g, '')
      .trim()
      .replaceAll(' ', '-');

  test.each(PAGES)('of %s lead somewhere', (page) => {
    const targets = [...text(page).matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, target]) => target)
      .filter((target) => !/^https?:/.test(target));
    const dead = targets.filter((target) => {
      const [path, anchor] = target.split('#');
      const file = path === '' ? page : join(dirname(page), path);
      if (!existsSync(join(ROOT, file))) return true;
      return anchor !== undefined && ![...text(file).matchAll(/^#+ (.*)$/gm)].some(([, heading]) => slug(heading) === anchor);
    });
    expect(dead).toEqual([]);
  });
});

describe('the decisions', () => {
  test.each(ADRS)('%s says why, what of it, and which tests show it', (file) => {
    const page = text(`docs/adr/${file}`);
    for (const part of ['Context', 'Decision', 'Consequences', 'Evidence']) expect(page).toContain(`\n## ${part}\n`);
    const evidence = [...page.matchAll(/^- \[(test\/[^\]]+)\]\([^)]+\): (.+)$/gm)];
    expect(evidence.length).toBeGreaterThan(0);
    for (const [, testFile, quotes] of evidence) {
      for (const [, name] of quotes.matchAll(/"([^"]+)"/g)) expect(text(testFile)).toContain(name);
    }
  });
});
