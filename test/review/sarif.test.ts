import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Ajv from 'ajv';
import type { Finding } from '../../lib/review/finding';
import { importedChecks } from '../../lib/review/imported';
import { sarifLog } from '../../lib/review/page/sarif';
import type { Review } from '../../lib/review/review';
import { emptyReview, sampleReview } from './page/sample-review';

// The schema is of draft 4; what tells that from draft 7 in it is its id alone.
const { $schema: _, id: __, ...schema } = JSON.parse(readFileSync(join(__dirname, 'sarif-schema', 'sarif-2.1.0.json'), 'utf8'));
const validate = new Ajv({ strict: false, validateFormats: false, unicodeRegExp: false }).compile(schema);

const place = {
  stack: 'stage1/Shop',
  region: 'us-east-1',
  templateFile: 'assembly-stage1/a b.template.json',
  logicalId: 'Pictures1A2B',
  type: 'AWS::S3::Bucket',
  path: 'stage1/Shop/Pictures',
  line: 12,
};
const source = { file: 'lib/shop.ts', line: 7 };
const finding: Finding = { id: 'AwsSolutions::AwsSolutions-S1', severity: 'error', message: 'no access log', place };

function review(findings: Finding[], more: Partial<Review> = {}): Review {
  return { ...emptyReview(), assembly: 'cdk.out', findings, ...more };
}

const runOf = (made: Review) => JSON.parse(sarifLog(made)).runs[0];
const resultOf = (found: Partial<Finding>, more?: Partial<Review>) => runOf(review([{ ...finding, ...found }], more)).results[0];

test.each([
  ['with everything in it', sampleReview()],
  ['with nothing in it', emptyReview()],
  ['of a finding without a place', review([{ ...finding, place: undefined }])],
])('the log of a review %s is valid SARIF 2.1.0', (_name, made) => {
  validate(JSON.parse(sarifLog(made)));

  expect(validate.errors).toBeNull();
});

test('the schema refuses a log that is not valid', () => {
  const log = JSON.parse(sarifLog(review([finding])));
  log.runs[0].results[0].level = 'terrible';

  expect(validate(log)).toBe(false);
});

test('a result is shown at the line of code, with the template beside it', () => {
  const { locations, relatedLocations } = resultOf({ place: { ...place, source }, property: 'LoggingConfiguration' });
  const logicalLocations = [
    { name: 'Pictures', fullyQualifiedName: 'stage1/Shop/Pictures', kind: 'member' },
    { name: 'Pictures1A2B', fullyQualifiedName: 'stage1/Shop/Pictures1A2B.LoggingConfiguration', kind: 'resource' },
  ];

  expect(locations).toEqual([
    {
      physicalLocation: { artifactLocation: { uri: 'lib/shop.ts', uriBaseId: 'SRCROOT' }, region: { startLine: 7 } },
      logicalLocations,
    },
  ]);
  expect(relatedLocations).toEqual([
    {
      id: 1,
      physicalLocation: {
        artifactLocation: { uri: 'cdk.out/assembly-stage1/a%20b.template.json', uriBaseId: 'SRCROOT' },
        region: { startLine: 12 },
      },
      logicalLocations,
      message: { text: 'in the template' },
    },
  ]);
});

test('a result is shown in the template where nobody knows the code', () => {
  const result = resultOf({});

  expect(result.locations[0].physicalLocation.region).toEqual({ startLine: 12 });
  expect(result).not.toHaveProperty('relatedLocations');
});

test('a result about the whole assembly is shown at its manifest', () => {
  expect(resultOf({ place: undefined }).locations).toEqual([
    { physicalLocation: { artifactLocation: { uri: 'cdk.out/manifest.json', uriBaseId: 'SRCROOT' } } },
  ]);
});

test('a file elsewhere has a URL, one below the working directory a path', () => {
  const uri = (file: string) =>
    resultOf({ place: { ...place, source: { file, line: 1 } } }).locations[0].physicalLocation.artifactLocation;

  expect(uri('/somewhere/else.ts')).toEqual({ uri: 'file:///somewhere/else.ts' });
  expect(uri(join(process.cwd(), 'lib', 'shop.ts'))).toEqual({ uri: 'lib/shop.ts', uriBaseId: 'SRCROOT' });
  expect(runOf(review([])).originalUriBaseIds.SRCROOT.uri).toMatch(/^file:\/\/\/.*\/$/);
});

test('an acknowledged finding is suppressed, with the reason and the line that says so', () => {
  const entry = { id: finding.id, reason: 'public pictures', path: 'stage1', form: 'cdk', covers: 1, where: source };

  expect(resultOf({ acknowledgement: 0 }, { acknowledgements: [entry] }).suppressions).toEqual([
    {
      kind: 'inSource',
      status: 'accepted',
      justification: 'public pictures',
      location: {
        physicalLocation: { artifactLocation: { uri: 'lib/shop.ts', uriBaseId: 'SRCROOT' }, region: { startLine: 7 } },
      },
    },
  ]);
  expect(resultOf({}, { acknowledgements: [entry] })).not.toHaveProperty('suppressions');
});

test('a rule says what its findings say: what, what to do, and where it is written', () => {
  const findings: Finding[] = [
    { ...finding, id: 'P::A[one]', severity: 'note', remedy: 'Turn it on', source: 'https://docs.example/a' },
    { ...finding, id: 'P::A[two]', severity: 'warning' },
  ];
  const { tool, results } = runOf(review(findings));

  expect(tool.driver.rules).toEqual([
    {
      id: 'P::A',
      shortDescription: { text: 'no access log' },
      help: { text: 'no access log\n\nWhat to do: Turn it on\n\nSource: https://docs.example/a' },
      helpUri: 'https://docs.example/a',
      defaultConfiguration: { level: 'warning' },
      properties: { tags: ['security', 'P'] },
    },
  ]);
  expect(
    results.map(({ ruleId, ruleIndex, properties }: { ruleId: string; ruleIndex: number; properties: { id: string } }) => [
      ruleId,
      ruleIndex,
      properties.id,
    ]),
  ).toEqual([
    ['P::A', 0, 'P::A[one]'],
    ['P::A', 0, 'P::A[two]'],
  ]);
  expect(results[0].message.text).toBe('no access log\n\nTurn it on');
});

test('a source that is no address is no link', () => {
  expect(runOf(review([{ ...finding, source: 'Amazon S3 User Guide' }])).tool.driver.rules[0]).not.toHaveProperty('helpUri');
});

test('a fingerprint stays when a line moves, and differs by rule, place and property', () => {
  const printsOf = (...findings: Finding[]): string[] =>
    runOf(review(findings)).results.map(
      (one: { partialFingerprints: Record<string, string> }) => Object.values(one.partialFingerprints)[0],
    );
  const [print] = printsOf(finding);

  expect(printsOf({ ...finding, message: 'other words', place: { ...place, line: 99, source } })).toEqual([print]);
  const others = [
    { ...finding, id: 'P::B' },
    { ...finding, property: 'X' },
    { ...finding, place: { ...place, region: 'eu-west-1' } },
    { ...finding, place: { ...place, path: 'stage1/Shop/Films' } },
    { ...finding, place: { ...place, path: undefined, logicalId: 'Films3C4D' } },
  ];
  expect(new Set([print, ...others.flatMap((other) => printsOf(other))]).size).toBe(6);
  expect(print).toMatch(/^[0-9a-f]{32}:1$/);
  expect(printsOf(finding, finding)).toEqual([print, print.replace(/:1$/, ':2')]);
});

test('a check that did not run is told', () => {
  const checks = [{ pack: 'Guard', title: 'Guard rules', notRun: 'it is not installed', milliseconds: 1 }];

  expect(runOf(review([], { checks })).invocations).toEqual([
    {
      executionSuccessful: true,
      endTimeUtc: emptyReview().made,
      toolConfigurationNotifications: [{ level: 'warning', message: { text: 'Guard rules did not run: it is not installed' } }],
    },
  ]);
});

test('a tool that reads SARIF reads it: our own import, say', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sarif-'));
  const file = join(folder, 'review.sarif');
  writeFileSync(file, sarifLog(sampleReview()));

  expect(importedChecks(file).map(({ pack }) => pack)).toEqual(['cdk-scale-tiers']);
  rmSync(folder, { recursive: true });
});
