import { run } from '../../bin/scale-tiers';
import type { PromotionReport, ResourceChange, Verdict } from '../../lib/promotion/change';

let out = '';

/** Catches what the command prints, in the test file that calls it. */
export function catchOutput(): void {
  beforeEach(() => {
    jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
      out += text;
      return true;
    });
  });
  afterEach(() => jest.restoreAllMocks());
}

/** Runs `scale-tiers check` on two folders. */
export async function check(before: string, after: string): Promise<{ code: number; report: PromotionReport; table: string }> {
  const [table, json] = [[], ['--json']].map((options) => ['check', before, after, ...options]);
  out = '';
  const code = await run(table);
  const printed = out;
  out = '';
  expect(await run(json)).toBe(code);
  return { code, report: JSON.parse(out), table: printed };
}

/** What a finding must say. */
export interface ExpectedFinding {
  readonly verdict: Verdict;
  readonly rule: string;
  readonly property?: string;
  /** What the reason must say besides. */
  readonly says?: RegExp;
}

/** Expects that a change is judged under a rule, with a reason and a source that a person can read. */
export function expectFinding(change: ResourceChange | undefined, { verdict, rule, property, says }: ExpectedFinding): void {
  expect({ verdict: change?.verdict, findings: change?.findings }).toMatchObject({
    verdict,
    findings: expect.arrayContaining([
      expect.objectContaining({
        ruleId: rule,
        verdict,
        reason: expect.stringMatching(says ?? /\w+ \w+ \w+/),
        source: expect.stringMatching(/\w+/),
        ...(property === undefined ? {} : { property }),
      }),
    ]),
  });
}
