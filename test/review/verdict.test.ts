import type { Finding } from '../../lib/review/finding';
import type { Judged } from '../../lib/review/judge';
import type { CheckSummary, ReviewChanges, Severity } from '../../lib/review/review';
import { verdictOf } from '../../lib/review/verdict';

function judged(open: Severity[], acknowledged = 0, checks: CheckSummary[] = []): Judged {
  const findings = open.map((severity): Finding => ({ id: 'P::R', severity, message: 'x' }));
  const answered = Array.from(
    { length: acknowledged },
    (): Finding => ({ id: 'P::R', severity: 'error', message: 'x', acknowledgement: 0 }),
  );
  return { checks, findings: [...findings, ...answered], acknowledgements: [] };
}

const changes = (safe: boolean): ReviewChanges => ({
  against: 'old',
  added: [],
  removed: [],
  changed: [],
  newFindings: [],
  newAcknowledgements: [],
  goneAcknowledgements: [],
  promotion: { safe, sentence: '', problems: [] },
});

test.each<[Judged, Severity, string]>([
  [judged([]), 'warning', 'Clean: no finding is open.'],
  [judged([], 1), 'warning', 'Clean: no finding is open and 1 finding is acknowledged in writing.'],
  [judged(['note']), 'warning', 'Clean: 1 note is open.'],
  [judged(['note']), 'note', 'Not clean: 1 note is open.'],
  [judged(['warning', 'note', 'note']), 'error', 'Clean: 1 warning and 2 notes are open.'],
  [judged(['error', 'error'], 7), 'error', 'Not clean: 2 errors are open and 7 findings are acknowledged in writing.'],
  [
    judged(['error', 'warning', 'warning', 'note'], 2),
    'warning',
    'Not clean: 1 error, 2 warnings and 1 note are open and 2 findings are acknowledged in writing.',
  ],
  [
    judged([], 0, [
      { pack: 'A', title: 'A', notRun: 'not installed', milliseconds: 0 },
      { pack: 'B', title: 'B', milliseconds: 0 },
    ]),
    'warning',
    'Clean: no finding is open and 1 of 2 checks did not run.',
  ],
])('%#: the verdict is one sentence', (result, failOn, sentence) => {
  const verdict = verdictOf(result, failOn);

  expect(verdict.sentence).toBe(sentence);
  expect([verdict.clean, verdict.failOn]).toEqual([sentence.startsWith('Clean'), failOn]);
});

test('it counts what is open and what is acknowledged', () => {
  expect(verdictOf(judged(['error', 'note', 'note'], 3), 'warning')).toMatchObject({
    open: { error: 1, warning: 0, note: 2 },
    acknowledged: 3,
  });
});

test('a deploy over the earlier assembly that is not safe is not clean', () => {
  expect(verdictOf(judged([]), 'warning', changes(true))).toMatchObject({ clean: true });
  expect(verdictOf(judged([]), 'warning', changes(false))).toMatchObject({
    clean: false,
    sentence: 'Not clean: no finding is open and deploying this over the earlier assembly is not safe.',
  });
});
