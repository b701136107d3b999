import type { Judged } from '../../lib/review/judge';
import { placesOf } from '../../lib/review/places/places';
import type { AcknowledgementEntry } from '../../lib/review/register/acknowledgement-entry';
import { newSince } from '../../lib/review/register/new-since';
import { assembly, resource, stack } from '../promotion/templates';

/** A product at one of its stages, with findings of a rule at its queue, and acknowledgements at some paths below the stack. */
function state(stage: string, found: string[], acknowledged: string[]) {
  const made = assembly(stack('Shop', { Jobs: resource('AWS::SQS::Queue') }, { constructPath: `${stage}/Shop` }));
  const place = placesOf(made).place(made.stacks[0], 'Jobs');
  const judged: Judged = {
    checks: [{ pack: 'P', title: 'P', milliseconds: 1 }],
    findings: found.map((id) => ({ id, severity: 'error', message: 'x', place })),
    acknowledgements: acknowledged.map(
      (path): AcknowledgementEntry => ({ id: 'P::A', reason: '', path: `${stage}/Shop${path}`, form: 'cdk', covers: 1 }),
    ),
  };
  return [made, judged] as const;
}

test('what another stage of the same stack had at the same place is not new', () => {
  const before = state('stage1', ['P::A'], ['/Jobs', '/Old']);
  const after = state('stage2', ['P::A', 'P::B', 'P::B'], ['/Jobs', '', '/Fresh']);

  expect(newSince(...before, ...after)).toEqual({
    newFindings: ['P::B at stage2/Shop/Jobs'],
    newAcknowledgements: ['P::A at stage2/Shop', 'P::A at stage2/Shop/Fresh'],
    goneAcknowledgements: ['P::A at stage1/Shop/Old'],
  });
});

test('what is about the whole app is the same everywhere, and what has no path goes by its logical id', () => {
  const [before, old] = state('stage1', [], []);
  const [after, fresh] = state('stage2', ['P::A'], []);
  const app: AcknowledgementEntry = { id: 'P::A', reason: '', path: '', form: 'cdk', covers: 0 };
  const pathless = fresh.findings.map(({ place, ...finding }) => ({ ...finding, place: { ...place!, path: undefined } }));
  const placeless = { id: 'P::C', severity: 'error' as const, message: 'x' };

  expect(
    newSince(before, { ...old, acknowledgements: [app] }, after, {
      ...fresh,
      findings: [...pathless, placeless],
      acknowledgements: [app],
    }),
  ).toEqual({
    newFindings: ['P::A at stage2/Shop/Jobs', 'P::C at the app'],
    newAcknowledgements: [],
    goneAcknowledgements: [],
  });
});

test('the same path in a stack of another name is new', () => {
  const before = state('stage1', [], ['/Jobs']);
  const [after, fresh] = state('stage1', [], ['/Jobs']);
  const renamed = { ...after, stacks: after.stacks.map((one) => ({ ...one, stackName: 'Other' })) };

  expect(newSince(...before, renamed, fresh)).toMatchObject({
    newAcknowledgements: ['P::A at stage1/Shop/Jobs'],
    goneAcknowledgements: ['P::A at stage1/Shop/Jobs'],
  });
});

test('what a check finds that did not run over the earlier one is not called new', () => {
  const [before, old] = state('stage1', [], []);
  const after = state('stage2', ['P::A', 'cfn-lint::W3005'], []);

  expect(newSince(before, old, ...after).newFindings).toEqual(['P::A at stage2/Shop/Jobs']);
  const idle = { ...old, checks: [{ ...old.checks[0], notRun: 'not installed' }] };
  expect(newSince(before, idle, ...after).newFindings).toEqual([]);
});
