import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv2020 from 'ajv/dist/2020';
import { valueAt } from '../../lib/assembly/values';
import { ROOT } from '../generated-section';
import { emptyReview, sampleReview } from './page/sample-review';

const SCHEMA = JSON.parse(readFileSync(join(ROOT, 'docs', 'review-schema.json'), 'utf8'));
const validate = new Ajv2020({ strict: true, allErrors: true }).compile(SCHEMA);
const faults = (value: unknown) => (validate(JSON.parse(JSON.stringify(value))) ? [] : (validate.errors ?? []));

test.each([
  ['everything', sampleReview()],
  ['nothing', emptyReview()],
])('a review with %s in it satisfies the documented schema', (_, review) => {
  expect(faults(review)).toEqual([]);
});

/** A review that may be broken. */
interface Loose {
  version: unknown;
  verdict?: unknown;
  findings: { id: string; severity: string; colour?: string; place?: { line: unknown } }[];
  acknowledgements: { fault: string }[];
  checks: { rules?: { open?: number } }[];
}

/** The sample with one thing changed. */
function altered(change: (review: Loose) => void): unknown {
  const review = JSON.parse(JSON.stringify(sampleReview()));
  change(review);
  return review;
}

test.each<[string, (review: Loose) => void]>([
  ['another version', (review) => Object.assign(review, { version: 2 })],
  ['a member nobody documented', ({ findings }) => Object.assign(findings[0], { colour: 'red' })],
  ['a severity of its own', ({ findings }) => Object.assign(findings[0], { severity: 'fatal' })],
  ['an id without a pack', ({ findings }) => Object.assign(findings[0], { id: 'S1' })],
  ['a fault of its own', ({ acknowledgements }) => Object.assign(acknowledgements[0], { fault: 'too long' })],
  ['a line as text', ({ findings }) => Object.assign(findings.find(({ place }) => place)!.place!, { line: '12' })],
  ['no verdict', (review) => Object.assign(review, { verdict: undefined })],
  ['half a tally', ({ checks }) => Object.assign(checks.find(({ rules }) => rules)!.rules!, { open: undefined })],
])('a review with %s does not', (_, change) => {
  expect(faults(altered(change))).not.toEqual([]);
});

test('the schema describes what its name does not say', () => {
  const objects = [SCHEMA, ...Object.values(SCHEMA.$defs)];

  expect(objects.filter((one) => typeof valueAt(one, ['description']) !== 'string')).toEqual([]);
});

test('every member that the code declares is in the schema, and none beside them', () => {
  const declared = new Map<string, string[]>();
  for (const file of ['review', 'finding', 'register/acknowledgement-entry', 'places/place']) {
    const text = readFileSync(join(ROOT, 'lib', 'review', `${file}.ts`), 'utf8');
    for (const [, name, body] of text.matchAll(/export interface (\w+) \{\n(.*?)\n\}/gs)) {
      declared.set(
        name,
        [...body.matchAll(/^ {2}readonly (\w+)(\??):/gm)].map(([, member, optional]) => `${member}${optional}`).sort(),
      );
    }
  }
  const described = (schema: { properties: object; required: string[] }) =>
    Object.keys(schema.properties)
      .map((member) => `${member}${schema.required.includes(member) ? '' : '?'}`)
      .sort();

  expect(described(SCHEMA)).toEqual(declared.get('Review'));
  for (const [definition, name] of Object.entries(INTERFACES))
    expect([name, described(SCHEMA.$defs[definition])]).toEqual([name, declared.get(name)]);
  expect(Object.keys(INTERFACES).sort()).toEqual(
    Object.keys(SCHEMA.$defs)
      .filter((definition) => definition !== 'severity')
      .sort(),
  );
  expect(Object.values(INTERFACES).concat('Review').sort()).toEqual([...declared.keys()].sort());
});

/** The interface behind each definition. */
const INTERFACES: Record<string, string> = {
  sourceLine: 'SourceLine',
  place: 'Place',
  finding: 'Finding',
  acknowledgement: 'AcknowledgementEntry',
  check: 'CheckSummary',
  tally: 'RuleTally',
  limit: 'LimitFacts',
  stack: 'StackFacts',
  entrance: 'Entrance',
  state: 'StateFacts',
  encryption: 'EncryptionFacts',
  statement: 'StatementFacts',
  picture: 'Picture',
  node: 'PictureNode',
  edge: 'PictureEdge',
  changes: 'ReviewChanges',
  problem: 'PromotionProblem',
  verdict: 'ReviewVerdict',
};
