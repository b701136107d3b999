import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { importedCheck, importedChecks, UnusableImportError } from '../../lib/review/imported';
import { BUCKET, REASON, writtenAssembly } from './written-assembly';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'imported-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const assembly = writtenAssembly({ resources: { Pictures: BUCKET, Films: BUCKET } });
const FILE = 'Shop.template.json';

function file(content: unknown): string {
  const path = join(folder, 'results.sarif');
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

function log(name: string, results: unknown[], driver: Record<string, unknown> = {}, run: Record<string, unknown> = {}) {
  return { version: '2.1.0', runs: [{ tool: { driver: { name, ...driver } }, results, ...run }] };
}

/** A result as cfn-lint 1.58.0 writes it. */
function result(more: Record<string, unknown> = {}, uri = FILE, startLine = 7) {
  const physicalLocation = {
    region: { startLine, endLine: startLine, startColumn: 5 },
    artifactLocation: { uri, uriBaseId: 'EXECUTIONROOT' },
  };
  return { message: { text: 'Obsolete DependsOn' }, ruleId: 'W3005', locations: [{ physicalLocation }], ...more };
}

const findings = async (content: unknown) => (await importedCheck(file(content)).run(assembly)).findings;

test('results are findings under the name of the tool, at the resource of their line', async () => {
  const check = importedCheck(
    file(log('cfn-lint', [result()], { version: '1.58.0', rules: [{ id: 'W3005', helpUri: 'https://x.example' }] })),
  );

  expect([check.pack, check.title, check.imported]).toEqual(['cfn-lint', 'cfn-lint (from results.sarif)', true]);
  expect(await check.run(assembly)).toEqual({
    version: '1.58.0',
    findings: [
      {
        id: 'cfn-lint::W3005',
        severity: 'warning',
        message: 'Obsolete DependsOn',
        source: 'https://x.example',
        place: expect.objectContaining({ logicalId: 'Films', path: 'Shop/Films', line: 7 }),
      },
    ],
    acknowledgements: [],
  });
});

test.each([
  ['cfn-lint', 'cfn-lint'],
  ['CfnLint', 'cfn-lint'],
  ['Checkov', 'Checkov'],
  ['bridgecrew', 'Checkov'],
  ['cloudsplaining', 'Cloudsplaining'],
  ['parliament', 'Parliament'],
  ['My Own Tool', 'My-Own-Tool'],
])('the tool %s is known as %s', (name, pack) => {
  expect(importedCheck(file(log(name, []))).pack).toBe(pack);
});

test.each([
  ['absolute', assembly.stacks[0].templatePath!],
  ['a URL', pathToFileURL(assembly.stacks[0].templatePath!).href],
  ['relative to somewhere', `cdk.out/${FILE}`],
  ['encoded', 'Shop%2Etemplate.json'],
])('a file name may be %s', async (_, uri) => {
  expect((await findings(log('cfn-lint', [result({}, uri)])))[0].place?.logicalId).toBe('Films');
});

test('a file may be named in the list of artifacts', async () => {
  const physicalLocation = { artifactLocation: { index: 1 }, region: { startLine: 4 } };
  const artifacts = [{ location: { uri: 'other' } }, { location: { uri: FILE } }];

  const [found] = await findings(log('x', [result({ locations: [{ physicalLocation }] })], {}, { artifacts }));
  expect(found.place?.logicalId).toBe('Pictures');
});

test('a result about no resource keeps its line in words, and one about nothing needs none', async () => {
  const [elsewhere, nowhere] = await findings(log('x', [result({}, 'cdk.out/100%.json', 7), result({ locations: undefined })]));

  expect(elsewhere).toMatchObject({ message: 'Obsolete DependsOn (cdk.out/100%.json:7)' });
  expect(elsewhere).not.toHaveProperty('place');
  expect(nowhere.message).toBe('Obsolete DependsOn');
});

test('levels come from the result, or from its rule, or are warnings as SARIF has it', async () => {
  const rules = [{ id: 'A' }, { id: 'W3005', defaultConfiguration: { level: 'error' } }];
  const levels = async (results: unknown[], driver = {}) =>
    (await findings(log('x', results, driver))).map(({ severity }) => severity);

  expect(await levels(['error', 'warning', 'note', 'none'].map((level) => result({ level })))).toEqual([
    'error',
    'warning',
    'note',
    'note',
  ]);
  expect(await levels([result()], { rules })).toEqual(['error']);
  expect(await levels([result({ ruleId: undefined, ruleIndex: 1 })], { rules })).toEqual(['error']);
  expect(await levels([result({ ruleId: 'A' })], { rules })).toEqual(['warning']);
});

test('the rule may be told by its position, by an extension, or not at all', async () => {
  const driver = { rules: [{ id: 'A', shortDescription: { text: 'What A asks for' } }] };
  const results = [
    result({ ruleId: undefined, ruleIndex: 0, message: {} }),
    result({ ruleId: undefined, rule: { id: 'B' } }),
    result({ ruleId: undefined }),
  ];

  expect((await findings(log('x', results, driver))).map(({ id, message }) => [id, message])).toEqual([
    ['x::A', 'What A asks for'],
    ['x::B', 'Obsolete DependsOn'],
    ['x::unnamed', 'Obsolete DependsOn'],
  ]);
  const extension = { rules: [{ id: 'W3005', defaultConfiguration: { level: 'note' } }] };
  const content = { version: '2.1.0', runs: [{ tool: { driver: { name: 'x' }, extensions: [extension] }, results: [result()] }] };
  expect((await findings(content))[0].severity).toBe('note');
});

test('what passed is no finding', async () => {
  const kinds = ['pass', 'notApplicable', 'fail', 'review'].map((kind) => result({ kind, ruleId: kind }));

  expect((await findings(log('x', kinds))).map(({ id }) => id)).toEqual(['x::fail', 'x::review']);
});

describe('a result that the tool set aside', () => {
  const told = async (...suppressions: unknown[]) =>
    (await importedCheck(file(log('Checkov', [result({ suppressions })]))).run(assembly)).acknowledgements;

  test('is acknowledged with its reason, at its resource alone', async () => {
    expect(await told({ kind: 'inSource', justification: REASON })).toEqual([
      { id: 'Checkov::W3005', reason: REASON, path: 'Shop/Films/Resource', stack: 'Shop', form: 'Checkov', covers: 0 },
    ]);
  });

  test('is acknowledged without a good reason where it has none', async () => {
    expect(await told({ kind: 'inSource', justification: 'No comment provided' })).toMatchObject([{ fault: 'no reason' }]);
  });

  test('is not acknowledged while somebody looks at it, or where it has no place', async () => {
    expect(await told({ kind: 'external', status: 'underReview', justification: REASON })).toEqual([]);
    expect(await told()).toEqual([]);
    const suppressed = result({ suppressions: [{ kind: 'inSource', justification: REASON }] }, 'other.json');
    expect((await importedCheck(file(log('Checkov', [suppressed]))).run(assembly)).acknowledgements).toEqual([]);
  });
});

test('a file of several tools is a check for each, runs of one tool are one', () => {
  const runs = ['cfn-lint', 'Checkov', 'cfn-lint'].map((name) => log(name, []).runs[0]);

  expect(importedChecks(file({ version: '2.1.0', runs })).map(({ pack }) => pack)).toEqual(['cfn-lint', 'Checkov']);
});

describe('unusable', () => {
  function complaint(path: string): string {
    try {
      importedCheck(path);
    } catch (error) {
      expect(error).toBeInstanceOf(UnusableImportError);
      return (error as Error).message.replaceAll(folder, 'DIR');
    }
    return 'none';
  }

  test('is a file that is not there, or no JSON', () => {
    expect(complaint(join(folder, 'gone.sarif'))).toMatch(/^'DIR\/gone\.sarif' cannot be read as JSON: ENOENT/);
    expect(complaint(file('{'))).toMatch(/^'DIR\/results\.sarif' cannot be read as JSON: /);
  });

  test.each([
    ['a list', []],
    ['null', 'null'],
    ['another version', { version: '2.0.0', runs: [] }],
    ['no runs', { version: '2.1.0' }],
    ['a run without a tool', { version: '2.1.0', runs: [{}] }],
    ['a run that is none', { version: '2.1.0', runs: [null] }],
  ])('is JSON that is %s', (_, content) => {
    expect(complaint(file(content))).toBe(
      "'DIR/results.sarif' is no SARIF 2.1.0 file, have the tool write one, such as cfn-lint --format sarif or checkov --output sarif",
    );
  });

  test('is a log without a run', () => {
    expect(complaint(file({ version: '2.1.0', runs: [] }))).toBe(
      "'DIR/results.sarif' holds no run of any tool, run the tool again",
    );
  });
});
