import { checksFor } from '../../lib/review/checks/list';
import { makeReview } from '../../lib/review/make-review';
import type { AcknowledgementEntry } from '../../lib/review/register/acknowledgement-entry';
import type { CheckSummary, Review } from '../../lib/review/review';
import { expectSection, markdownTable } from '../generated-section';
import { referenceAssembly } from './planting';

const STAGES = [1, 2, 3, 4] as const;

describe('the review of our own stages', () => {
  const reviews = new Map<number, Review>();
  beforeAll(async () => {
    for (const stage of STAGES) reviews.set(stage, await makeReview(referenceAssembly(stage), { checks: checksFor({}) }));
  }, 900_000);

  test.each(STAGES)('finds nothing open at stage %i', (stage) => {
    const { findings, verdict } = reviews.get(stage)!;
    const open = findings.filter(({ acknowledgement }) => acknowledgement === undefined);
    expect(open.map(({ id, place }) => `${id} at ${place?.path ?? place?.logicalId}`)).toEqual([]);
    expect(verdict.clean).toBe(true);
  });

  test.each(STAGES)('runs every check at stage %i', (stage) => {
    const { checks } = reviews.get(stage)!;
    expect(checks.filter(({ notRun }) => notRun !== undefined)).toEqual([]);
    for (const { rules } of checks) {
      expect(rules!.passed + rules!.notApplicable + rules!.acknowledged + rules!.open).toBe(rules!.run);
    }
  });

  test.each(STAGES)('knows where every acknowledgement of stage %i was written, and finds no fault with it', (stage) => {
    const ours = reviews.get(stage)!.acknowledgements.filter(({ where }) => where !== undefined);
    expect(ours.length).toBeGreaterThan(0);
    for (const { where } of ours) expect(where!.file).toMatch(/^lib\/(blocks|stages)\/.*\.ts$/);
    // The CDK answers for its own constructs without saying where.
    const others = reviews.get(stage)!.acknowledgements.filter(({ where }) => where === undefined);
    expect(
      others.filter(({ id }) => !id.startsWith('CloudFormation-Validate::')).map(({ id, path }) => `${id} at ${path}`),
    ).toEqual([]);
    expect(reviews.get(stage)!.acknowledgements.filter(({ fault }) => fault !== undefined)).toEqual([]);
  });

  test('is the table of packs in the docs', () => {
    const rows = STAGES.flatMap((stage) => reviews.get(stage)!.checks.map((check) => packRow(stage, check)));
    const head = ['Stage', 'Pack', 'Rules run', 'Passed', 'Not applicable', 'Acknowledged', 'Open'];
    expectSection('docs/policy.md', 'packs', markdownTable(head, rows, [2, 3, 4, 5, 6]));
  });

  test('is the register of acknowledgements in the docs', () => {
    expectSection('docs/policy.md', 'register', register([...reviews]));
  });
});

function packRow(stage: number, { pack, version, rules }: CheckSummary): string[] {
  const { run, passed, notApplicable, acknowledged, open } = rules!;
  const name = version === undefined ? pack : `${pack} ${version}`;
  return [String(stage), name, ...[run, passed, notApplicable, acknowledged, open].map(String)];
}

/** One row for each reason: which rules, where in the product, at which stages. */
function register(reviews: [number, Review][]): string {
  const rows = new Map<string, { ids: Set<string>; paths: Set<string>; stages: Set<number> }>();
  for (const [stage, { acknowledgements }] of reviews) {
    for (const { id, path, reason } of acknowledgements.filter(writtenHere)) {
      const row = rows.get(reason) ?? { ids: new Set(), paths: new Set(), stages: new Set() };
      // One finding about a resource is a finding of its rule; which resources are in the review page.
      row.ids.add(id.replace(/\[.*/s, '[…]'));
      row.paths.add(path.replace(/^stage\d\//, '').replace(/\/[a-z]{2}-[a-z]+-\d(?=\/|$)/, '/REGION'));
      row.stages.add(stage);
      rows.set(reason, row);
    }
  }
  const table = [...rows].map(([reason, { ids, paths, stages }]) => [
    [...paths]
      .sort()
      .map((path) => `\`${path}\``)
      .join('<br>'),
    [...ids]
      .sort()
      .map((id) => `\`${id}\``)
      .join('<br>'),
    reason.replaceAll('|', '\\|'),
    [...stages].join(', '),
  ]);
  table.sort(([left], [right]) => left.localeCompare(right));
  return markdownTable(['Where', 'Rules', 'Reason', 'Stages'], table);
}

function writtenHere({ where }: AcknowledgementEntry): boolean {
  return where !== undefined;
}
