import { markdownPage } from '../../../lib/review/page/markdown';
import { code, plain } from '../../../lib/review/page/markdown-text';
import type { Review } from '../../../lib/review/review';
import { bigReview } from './big-review';
import { NASTY } from './sample-places';
import { emptyReview, sampleReview } from './sample-review';

/** Pipes that end a cell. */
function cells(line: string): number {
  return [...line.replaceAll('\\|', '').matchAll(/\|/g)].length - 1;
}

/** Tables whose rows do not have as many cells as their head. */
function unevenRows(page: string): string[] {
  const uneven: string[] = [];
  let head = 0;
  for (const line of page.split('\n')) {
    if (!line.startsWith('|')) head = 0;
    else if (head === 0) head = cells(line);
    else if (cells(line) !== head) uneven.push(line);
  }
  return uneven;
}

const page = markdownPage(sampleReview());

describe('the comment', () => {
  test('says verdict, checks, changes, open findings, ways in, and what to look at', () => {
    expect([...page.matchAll(/^##+ (.*)$/gm)].map(([, heading]) => heading)).toEqual([
      '❌ Not clean: Not yet: 2 errors and 2 warnings are open in 2 of 4 stacks.',
      'Checks',
      'Since `cdk.out/assembly-stage3`',
      'Open findings (5)',
      'What the internet can reach',
      'To look at (4)',
    ]);
    expect(page).toContain('2 open errors, 2 open warnings, 1 open note and 114 acknowledged.');
    expect(page).toContain('❌ **Not safe to promote**: Not safe in one deploy');
    expect(page).toContain('**New acknowledgements** (4)');
    expect(page).toContain('**did not run**: not installed');
    expect(page.trimEnd().endsWith('Everything else is in `review.html`.')).toBe(true);
  });

  test('is short where there is nothing to say', () => {
    expect(markdownPage(emptyReview())).toBe(`## ✅ Clean: Nothing is open.

0 open errors, 0 open warnings, 0 open notes and 0 acknowledged. Review of \`cdk.out/assembly-stage4\` with 0 stacks in 0 Regions, made 2026-11-22 02:14 UTC by cdk-scale-tiers 0.1.0. It fails on warnings and worse.

### Open findings

None.

### What the internet can reach

Nothing.

Everything else is in \`review.html\`.
`);
  });

  test('has tables whose rows are as long as their heads, whatever a name holds', () => {
    expect(unevenRows(page)).toEqual([]);
    expect(page.split('\n').filter((line) => line.startsWith('| --')).length).toBe(4);
    expect(unevenRows('| a | b |\n| --- | --- |\n| 1 | 2 | 3 |')).toEqual(['| 1 | 2 | 3 |']);
  });

  test('stays under 60,000 characters and says how much it leaves out', () => {
    const long: Review = bigReview(2000);
    const many = {
      ...long,
      entrances: Array.from({ length: 300 }, () => long.entrances[0]),
      acknowledgements: long.acknowledgements.map((entry) => ({ ...entry, fault: 'unused' })),
      changes: {
        ...long.changes!,
        removed: long.changes!.added,
        newFindings: long.changes!.added.map(({ path }) => `${NASTY} at ${path}`),
        newAcknowledgements: long.changes!.added.map(({ path }) => `AwsSolutions::S1 at ${path}`),
      },
    };
    const comment = markdownPage(many);
    expect(comment.length).toBeLessThan(60_000);
    expect(comment.length).toBeGreaterThan(40_000);
    const shown = comment.split('NIST.800.53.R5::NIST.800.53.R5-Rule').length - 1;
    const [, left] = /and ([\d,]+) more open findings in `review.html`/.exec(comment)!;
    const faulty = [...comment.matchAll(/acknowledgement of `NIST/g)].length;
    expect(shown - faulty + Number(left.replace(',', ''))).toBe(2000);
    expect(comment).toMatch(/- and [\d,]+ more in `review.html`/);
    expect(comment).toMatch(/and \d+ more ways in `review.html`/);
    expect(unevenRows(comment)).toEqual([]);
  });
});

describe('text for a comment', () => {
  test('is escaped, on one line, and notifies nobody', () => {
    expect(plain('a | b\n<b> *c* `d` [e](f) \\')).toBe('a \\| b &lt;b&gt; \\*c\\* \\`d\\` \\[e\\](f) \\\\');
    expect(plain('a &lt; b')).toBe('a &amp;lt; b');
    expect(plain('@cdklabs/x, see #918')).toBe('@\u200bcdklabs/x, see #\u200b918');
    expect(plain('x\u202Ey')).toBe('x\\\\u\\{202E\\}y');
    expect(plain('x'.repeat(500))).toHaveLength(360);
  });

  test('is code that a backtick or a pipe does not end', () => {
    expect(code('a`b')).toBe('``a`b``');
    expect(code('`a')).toBe('`` `a ``');
    expect(code('a|b')).toBe('`a\\|b`');
    expect(code('')).toBe('');
  });
});
