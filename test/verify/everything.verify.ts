import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readAssembly } from '../../lib/assembly/cloud-assembly';
import type { Review } from '../../lib/review/review';
import { expectSection, markdownTable, ROOT } from '../generated-section';
import { templatesOf } from '../review/planting';
import { runPythonTools } from './python-tools';

/** What a note may say of a choice that a product makes itself: the smallest database at stage 2, which never gets to sleep there. */
const CHOSEN = 'ScaleTiers::serverless-never-pauses at small2/Shop/Product/Database/Cluster';

/** Tools that run only here. */
const PYTHON = ['cfn-lint', 'Checkov', 'Cloudsplaining', 'Parliament'];

describe('every stage, every example, and both ends of every option', () => {
  const folder = mkdtempSync(join(tmpdir(), 'verify-'));
  const products = join(folder, 'products');
  let review: Review;
  let code: number | null;
  let said: string;

  beforeAll(async () => {
    execFileSync('node', ['verify/products.mjs', products], {
      cwd: ROOT,
      env: { ...process.env, CDK_VALIDATION: 'false' },
      stdio: 'pipe',
    });
    const sarif = await runPythonTools(templatesOf(readAssembly(products)), join(folder, 'tools'));
    const args = [
      'bin/scale-tiers.js',
      'review',
      products,
      '--out',
      join(folder, 'review'),
      ...sarif.flatMap((file) => ['--import', file]),
    ];
    const run = spawnSync('node', args, { cwd: ROOT, encoding: 'utf8' });
    code = run.status;
    said = run.stdout + run.stderr;
    review = JSON.parse(readFileSync(join(folder, 'review', 'review.json'), 'utf8'));
  }, 1_800_000);

  test('have nothing open in any check', () => {
    const open = review.findings.filter(({ acknowledgement }) => acknowledgement === undefined);
    const sorts = new Map<string, string[]>();
    for (const { id, place } of open) sorts.set(id, [...(sorts.get(id) ?? []), `${place?.path ?? place?.logicalId}`]);
    expect(
      [...sorts].map(([id, at]) => `${id} at ${at.slice(0, 6).join(', ')}${at.length > 6 ? ` and ${at.length - 6} more` : ''}`),
    ).toEqual([CHOSEN]);
    expect(said).not.toContain('not run');
    expect(code).toBe(0);
  });

  test('are looked at by every tool', () => {
    const ran = review.checks.filter(({ notRun }) => notRun === undefined).map(({ pack }) => pack);
    expect(ran).toEqual(expect.arrayContaining(PYTHON));
    expect(ran.length).toBe(9 + PYTHON.length);
    expect(review.stacks.length).toBeGreaterThanOrEqual(30);
  });

  test('make the table of the tools that need Python', () => {
    const rows = PYTHON.map((pack) => {
      const { version } = review.checks.find((check) => check.pack === pack)!;
      const found = review.findings.filter(({ id }) => id.startsWith(`${pack}::`));
      const rules = new Set(found.map(({ id }) => id));
      const open = found.filter(({ acknowledgement }) => acknowledgement === undefined);
      return [
        `${pack} ${version}`,
        String(review.stacks.length),
        String(rules.size),
        String(found.length - open.length),
        String(open.length),
      ];
    });
    const head = ['Tool', 'Templates', 'Rules that found something', 'Findings acknowledged', 'Findings open'];
    expectSection('docs/policy.md', 'python', markdownTable(head, rows, [1, 2, 3, 4]));
  });
});
