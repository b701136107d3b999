import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run as runCli } from '../../bin/scale-tiers';
import type { Check } from '../../lib/review/checks/check';
import type { Finding } from '../../lib/review/finding';
import type { Severity } from '../../lib/review/review';
import { BUCKET, writtenAssembly } from './written-assembly';

const mockChecksFor = jest.fn<Check[], []>();
jest.mock('../../lib/review/checks/list', () => ({ checksFor: () => mockChecksFor() }));

const assembly = writtenAssembly({ resources: { Pictures: BUCKET } });
let out: string;
let checks: Check[];
let terminal: boolean | undefined;

beforeEach(() => {
  out = join(mkdtempSync(join(tmpdir(), 'review-')), 'deep', 'page');
  checks = [];
  terminal = process.stderr.isTTY;
  mockChecksFor.mockImplementation(() => checks);
});
afterEach(() => {
  process.stderr.isTTY = terminal as boolean;
  rmSync(join(out, '..', '..'), { recursive: true });
});

/** A check that finds one thing of a severity. */
function finds(severity: Severity): Check {
  const findings: Finding[] = [{ id: 'Mine::rule', severity, message: 'what it found' }];
  return { pack: 'Mine', title: 'My rules', run: async () => ({ findings }) };
}

async function review(...args: string[]) {
  const written = { stdout: '', stderr: '' };
  const spies = (['stdout', 'stderr'] as const).map((stream) =>
    jest.spyOn(process[stream], 'write').mockImplementation((text) => {
      written[stream] += text;
      return true;
    }),
  );
  try {
    const code = await runCli(['review', ...args]);
    return { code, stdout: written.stdout.replaceAll(out, 'OUT'), stderr: written.stderr.replaceAll(assembly.directory, 'DIR') };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

const FILES = ['review.html', 'review.md', 'review.json', 'review.sarif'];

test('it writes four files, says where the page is, and exits with 0 where nothing is open', async () => {
  expect(await review(assembly.directory, '--out', out)).toEqual({
    code: 0,
    stdout: 'Clean: no finding is open.\n  1 stack, 0 checks, 0 acknowledgements\n  OUT/review.html\n',
    stderr: '',
  });
  for (const file of FILES) expect(readFileSync(join(out, file), 'utf8').length).toBeGreaterThan(100);
  expect(readFileSync(join(out, 'review.html'), 'utf8')).toMatch(/^<!doctype html>/i);
  expect(JSON.parse(readFileSync(join(out, 'review.json'), 'utf8'))).toMatchObject({ version: 1, assembly: assembly.directory });
  expect(JSON.parse(readFileSync(join(out, 'review.sarif'), 'utf8')).version).toBe('2.1.0');
});

test('it names the checks that did not run', async () => {
  checks = [{ pack: 'Guard', title: 'Guard rules', run: async () => ({ findings: [], notRun: 'it is not installed' }) }];

  expect((await review(assembly.directory, '--out', out)).stdout).toContain(
    '0 checks, 0 acknowledgements\n  not run: Guard rules, it is not installed\n',
  );
});

test.each<[Severity, string[], number]>([
  ['error', [], 1],
  ['warning', [], 1],
  ['note', [], 0],
  ['note', ['--fail-on', 'note'], 1],
  ['warning', ['--fail-on', 'error'], 0],
  ['error', ['--fail-on', 'never'], 0],
])('an open %s with %j exits with %i', async (severity, options, code) => {
  checks = [finds(severity)];

  expect((await review(assembly.directory, '--out', out, ...options)).code).toBe(code);
});

test('--json prints the review, and nothing else', async () => {
  const { stdout } = await review(assembly.directory, '--out', out, '--json');

  expect(stdout.replaceAll('OUT', out)).toBe(readFileSync(join(out, 'review.json'), 'utf8'));
});

test('a terminal sees one line per check, with its time', async () => {
  checks = [
    finds('note'),
    { pack: 'Guard', title: 'Guard rules', run: async () => ({ findings: [], notRun: 'it is not installed' }) },
  ];
  process.stderr.isTTY = true;
  const { stderr } = await review(assembly.directory, '--out', out, '--against', assembly.directory);

  expect(stderr.replaceAll(/\d+\.\d s/g, 'N s')).toBe(
    [
      'My rules: 1 finding, N s',
      'Guard rules: it is not installed, N s',
      'My rules (earlier assembly): 1 finding, N s',
      'Guard rules (earlier assembly): it is not installed, N s',
      '',
    ].join('\n'),
  );
});

test('results of other tools are imported', async () => {
  const file = join(assembly.directory, 'lint.sarif');
  const results = [{ ruleId: 'E3012', level: 'error', message: { text: 'wrong type' } }];
  writeFileSync(file, JSON.stringify({ version: '2.1.0', runs: [{ tool: { driver: { name: 'cfn-lint' } }, results }] }));

  expect((await review(assembly.directory, '--out', out, '--import', file, '--import', file)).code).toBe(1);
  const { findings, checks: ran } = JSON.parse(readFileSync(join(out, 'review.json'), 'utf8'));
  expect(findings.map(({ id }: Finding) => id)).toEqual(['cfn-lint::E3012', 'cfn-lint::E3012']);
  expect(ran.map(({ title }: Check) => title)).toEqual(Array(2).fill('cfn-lint (from lint.sarif)'));
});

describe('against an earlier assembly', () => {
  const table = (name: string) => ({
    Type: 'AWS::DynamoDB::Table',
    DeletionPolicy: 'Retain',
    UpdateReplacePolicy: 'Retain',
    Properties: {
      AttributeDefinitions: [{ AttributeName: name, AttributeType: 'S' }],
      KeySchema: [{ AttributeName: name, KeyType: 'HASH' }],
    },
  });
  const before = writtenAssembly({ resources: { Pictures: BUCKET, Orders: table('id') } });

  test('the page has the verdict of the promotion guard, with the place of each problem', async () => {
    const pictures = { ...BUCKET, Properties: { AccessControl: 'Private' } };
    const after = writtenAssembly({ resources: { Pictures: pictures, Orders: table('number') } });
    const { code, stdout } = await review(after.directory, '--out', out, '--against', before.directory);
    const { changes } = JSON.parse(readFileSync(join(out, 'review.json'), 'utf8'));

    expect(code).toBe(1);
    expect(stdout).toContain('Not clean: no finding is open and deploying this over the earlier assembly is not safe.');
    expect(changes.changed).toHaveLength(2);
    expect(changes.promotion).toMatchObject({
      safe: false,
      sentence: `Not safe: 1 resource is at risk, refused, or needs a deploy of its own (scale-tiers check ${before.directory} ${after.directory}).`,
      problems: [
        {
          place: { logicalId: 'Orders', path: 'Shop/Orders' },
          verdict: 'replaced',
          sentence: expect.stringMatching(/^KeySchema: /),
        },
      ],
    });
  });

  test('a resource that is gone has its place in the earlier assembly', async () => {
    const after = writtenAssembly({ resources: { Pictures: BUCKET } });
    await review(after.directory, '--out', out, '--against', before.directory);
    const { changes } = JSON.parse(readFileSync(join(out, 'review.json'), 'utf8'));

    expect(changes.promotion.problems).toMatchObject([
      { place: { logicalId: 'Orders', line: expect.any(Number) }, verdict: 'orphaned' },
    ]);
  });

  test('nothing changed is safe, and clean', async () => {
    expect((await review(before.directory, '--out', out, '--against', before.directory)).code).toBe(0);
    expect(JSON.parse(readFileSync(join(out, 'review.json'), 'utf8')).changes.promotion).toEqual({
      safe: true,
      sentence: 'Safe: nothing that holds state is replaced, destroyed or orphaned, and one deploy does it.',
      problems: [],
    });
  });
});

test('help is printed', async () => {
  const { code, stdout } = await review('--help');

  expect([code, stdout.split('\n')[0]]).toEqual([0, 'scale-tiers review ASSEMBLY --out DIR [options]']);
  for (const option of ['--out', '--against', '--import', '--fail-on', '--json']) expect(stdout).toContain(`  ${option}`);
});

describe('unusable input is one sentence and exit code 2', () => {
  test.each<[string, () => string[], string]>([
    ['no assembly', () => ['--out', out], 'needs one cloud assembly, got 0 folders (see scale-tiers review --help)'],
    ['two assemblies', () => ['a', 'b', '--out', out], 'needs one cloud assembly, got 2 folders (see scale-tiers review --help)'],
    ['no folder', () => [assembly.directory], 'needs a folder to write into, such as --out review'],
    [
      'a level of its own',
      () => [assembly.directory, '--out', out, '--fail-on', 'fatal'],
      "--fail-on must be one of error, warning, note, never, got 'fatal'",
    ],
    [
      'a folder that is no assembly',
      () => ['nowhere', '--out', out],
      "'nowhere' is not a cloud assembly (it has no manifest.json), give a folder that cdk synth wrote, such as cdk.out/assembly-stage2",
    ],
    [
      'an earlier folder that is no assembly',
      () => [assembly.directory, '--out', out, '--against', 'before'],
      "'before' is not a cloud assembly (it has no manifest.json), give a folder that cdk synth wrote, such as cdk.out/assembly-stage2",
    ],
    [
      'an import that is no SARIF',
      () => [assembly.directory, '--out', out, '--import', join(assembly.directory, 'manifest.json')],
      "'DIR/manifest.json' is no SARIF 2.1.0 file, have the tool write one, such as cfn-lint --format sarif or checkov --output sarif",
    ],
  ])('%s', async (_, args, sentence) => {
    expect(await review(...args())).toEqual({ code: 2, stdout: '', stderr: `scale-tiers review: ${sentence}\n` });
    expect(existsSync(out)).toBe(false);
  });

  test('a folder that is a file', async () => {
    const { code, stderr } = await review(assembly.directory, '--out', join(assembly.directory, 'manifest.json'));

    expect([code, stderr.split(': EEXIST')[0]]).toEqual([2, "scale-tiers review: cannot write into 'DIR/manifest.json'"]);
  });

  test('a folder that has something else where the page goes', async () => {
    mkdirSync(join(out, 'review.html'), { recursive: true });
    const { code, stderr } = await review(assembly.directory, '--out', out);

    expect([code, stderr.split(': EISDIR')[0].replace(out, 'OUT')]).toEqual([
      2,
      "scale-tiers review: cannot write review.html into 'OUT'",
    ]);
  });

  test('an option nobody knows', async () => {
    const { code, stderr } = await review(assembly.directory, '--frobnicate');

    expect([code, stderr]).toEqual([2, expect.stringMatching(/^scale-tiers review: Unknown option '--frobnicate'/)]);
  });
});

test('a fault of ours is not dressed up as one of the user', async () => {
  mockChecksFor.mockImplementation(() => {
    throw new Error('a bug');
  });

  await expect(runCli(['review', assembly.directory, '--out', out])).rejects.toThrow('a bug');
});
