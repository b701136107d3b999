import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, type CfnResource, NestedStack, Stack, Stage, Validations } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { type Assembly, readAssembly } from '../../lib/assembly/cloud-assembly';
import { acknowledge, acknowledgeGrant, acknowledgeWildcards } from '../../lib/blocks/operations/acknowledge';
import { placesOf } from '../../lib/review/places/places';
import { acknowledgementsOf, isReason } from '../../lib/review/register/acknowledgements';
import { acknowledged, BUCKET, REASON, writtenAssembly } from './written-assembly';

const read = (assembly: Assembly) => acknowledgementsOf(assembly, placesOf(assembly));

describe('in the construct tree', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'acknowledged-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  test('are read from resources, blocks, stacks and nested stacks, with the line that wrote them', async () => {
    const app = new App({ outdir: directory });
    const shop = new Stack(new Stage(app, 'stage1', { env: { region: 'us-east-1' } }), 'Shop');
    const block = new Construct(shop, 'Block');
    const jobs = new Queue(block, 'Jobs');
    const inner = new Queue(new NestedStack(shop, 'Nest'), 'Inner');
    acknowledge(jobs.node.defaultChild as CfnResource, { id: 'P::RESOURCE', reason: REASON });
    acknowledge(block, { id: 'P::BLOCK', reason: REASON });
    acknowledge(shop, { id: 'P::STACK', reason: REASON });
    acknowledge(inner, { id: 'P::NESTED', reason: REASON });
    app.synth();

    const entries = await read(readAssembly(directory));

    expect(entries.map(({ id, path, stack, where }) => [id, path, stack, where?.line])).toEqual([
      ['P::STACK', 'stage1/Shop', 'stage1/Shop', 32],
      ['P::BLOCK', 'stage1/Shop/Block', 'stage1/Shop', 31],
      ['P::NESTED', 'stage1/Shop/Nest/Inner', 'stage1/Shop', 33],
      ['P::RESOURCE', 'stage1/Shop/Block/Jobs/Resource', 'stage1/Shop', 30],
    ]);
    expect(entries[0]).toEqual({
      id: 'P::STACK',
      reason: REASON,
      path: 'stage1/Shop',
      stack: 'stage1/Shop',
      form: 'cdk',
      where: { file: 'test/review/acknowledgements.test.ts', line: 32 },
      covers: 0,
      ...(entries[0].since ? { since: entries[0].since } : {}),
    });
  });

  test('know the caller of a helper that acknowledges for it', async () => {
    const app = new App({ outdir: directory });
    const role = new Role(new Stack(app, 'Shop'), 'Role', { assumedBy: new ServicePrincipal('ec2.amazonaws.com') });
    acknowledgeGrant(role, { id: 'P::GRANT', reason: REASON });
    acknowledgeWildcards(role, REASON, 'arn:aws:s3:::pictures/*');
    app.synth();

    expect((await read(readAssembly(directory))).map(({ id, where }) => [id, where?.file, where?.line])).toEqual([
      ['P::GRANT', 'test/review/acknowledgements.test.ts', 59],
      ['AwsSolutions::AwsSolutions-IAM5[Resource::arn:aws:s3:::pictures/*]', 'test/review/acknowledgements.test.ts', 60],
    ]);
  });

  test('have no line where the CDK wrote them itself, which keeps none with constructs 10.5', async () => {
    const app = new App({ outdir: directory });
    Validations.of(new Queue(new Stack(app, 'Shop'), 'Jobs')).acknowledge({ id: 'AwsSolutions-SQS3', reason: 'later' });
    app.synth();

    expect(await read(readAssembly(directory))).toEqual([
      {
        id: 'Annotation::AwsSolutions-SQS3',
        reason: 'later',
        path: 'Shop/Jobs',
        stack: 'Shop',
        form: 'cdk',
        covers: 0,
        fault: 'no reason',
      },
    ]);
  });

  test('of stages and apps, which no stack keeps, are read from the report of what they let pass', async () => {
    const app = new App({ outdir: directory });
    const stage = new Stage(app, 'stage1');
    const queue = new Queue(new Stack(stage, 'Shop'), 'Jobs');
    new Queue(new Stack(app, 'Other'), 'Jobs');
    for (const [scope, id] of [
      [app, 'Mine::app'],
      [stage, 'Mine::stage'],
      [queue, 'Mine::queue'],
    ] as const) {
      acknowledge(scope, { id, reason: REASON });
    }
    Validations.of(app).addPlugins({
      name: 'Mine',
      validate: () => ({
        success: false,
        violations: ['app', 'stage', 'queue'].map((ruleName) => ({
          ruleName,
          description: 'x',
          violatingResources: [{ constructPath: 'stage1/Shop/Jobs/Resource', locations: [] }],
        })),
      }),
    });
    app.synth();

    const told = async (folder: string) => (await read(readAssembly(folder))).map(({ id, path, stack }) => [id, path, stack]);
    expect(await told(directory)).toEqual([
      ['Mine::app', '', undefined],
      ['Mine::stage', 'stage1', undefined],
      ['Mine::queue', 'stage1/Shop/Jobs', 'stage1/Shop'],
    ]);
    // The report lies beside the folder of a stage.
    expect(await told(join(directory, 'assembly-stage1'))).toEqual(await told(directory));
  });

  test('are not read from the report where a stack keeps them', async () => {
    const assembly = writtenAssembly(
      { path: 'A', resources: { Pictures: BUCKET } },
      { path: 'A/Block/B', resources: { Films: BUCKET } },
    );
    const suppressedViolations = [{ acknowledgedId: 'Mine::x', acknowledgedAt: 'A/Block', reason: REASON }];
    writeFileSync(
      join(assembly.directory, 'validation-report.json'),
      JSON.stringify({ pluginReports: [{ suppressedViolations }] }),
    );

    expect(await read(assembly)).toEqual([]);
  });

  test('survive a report of another shape', async () => {
    const assembly = writtenAssembly({ resources: { Pictures: BUCKET } });
    for (const text of ['{', '[]', '{"pluginReports":[{"suppressedViolations":[{"acknowledgedId":1}]}]}']) {
      writeFileSync(join(assembly.directory, 'validation-report.json'), text);
      expect(await read(assembly)).toEqual([]);
    }
  });
});

describe('in the metadata of a template', () => {
  const suppressed = (...rules: unknown[]) => ({ ...BUCKET, Metadata: { cdk_nag: { rules_to_suppress: rules } } });

  test.each([
    [
      'cdk-nag',
      { cdk_nag: { rules_to_suppress: [{ id: 'AwsSolutions-S1', reason: REASON }] } },
      'AwsSolutions-S1',
      REASON,
      'cdk_nag',
    ],
    ['Checkov', { checkov: { skip: [{ id: 'CKV_AWS_18', comment: REASON }] } }, 'Checkov::CKV_AWS_18', REASON, 'checkov'],
    ['cfn-lint', { 'cfn-lint': { config: { ignore_checks: ['W3005'] } } }, 'cfn-lint::W3005', '', 'cfn-lint'],
    ['Guard', { guard: { SuppressedRules: ['S3_VERSIONING'] } }, 'S3_VERSIONING', '', 'guard'],
  ])('are read in the form of %s', async (_, Metadata, id, reason, form) => {
    const assembly = writtenAssembly({ resources: { Pictures: { ...BUCKET, Metadata } } });

    expect(await read(assembly)).toEqual([
      { id, reason, path: 'Shop/Pictures/Resource', stack: 'Shop', form, covers: 0, ...(reason ? {} : { fault: 'no reason' }) },
    ]);
  });

  test('name the findings that cdk-nag 2 lists beside the rule', async () => {
    const rule = { id: 'AwsSolutions-IAM5', reason: REASON, applies_to: ['Action::s3:*', { regex: '/^Resource::.*$/g' }] };
    const assembly = writtenAssembly({ resources: { Pictures: suppressed(rule) } });

    expect((await read(assembly)).map(({ id }) => id)).toEqual([
      'AwsSolutions-IAM5[Action::s3:*]',
      'AwsSolutions-IAM5[/^Resource::.*$/g]',
    ]);
  });

  test('hold for the whole stack where they stand beside its resources', async () => {
    const Metadata = { 'cfn-lint': { config: { ignore_checks: ['W3005'] } } };
    const assembly = writtenAssembly({ resources: { Pictures: BUCKET }, sections: { Metadata } });

    expect(await read(assembly)).toMatchObject([{ id: 'cfn-lint::W3005', path: 'Shop' }]);
  });

  test('are left out where they repeat the construct tree, as cdk-nag 3 writes them', async () => {
    const metadata = {
      '/Shop': [acknowledged('AwsSolutions::AwsSolutions-S1', REASON)],
      '/Shop/Pictures': [acknowledged('cfn-lint::W3005', REASON)],
    };
    const rules = [
      { id: 'AwsSolutions::AwsSolutions-S1', reason: REASON },
      { id: 'AwsSolutions-S1', reason: `${REASON}, another one` },
    ];
    const Metadata = { ...suppressed(...rules).Metadata, 'cfn-lint': { config: { ignore_checks: ['W3005'] } } };
    const elsewhere = { ...BUCKET, Metadata: { 'cfn-lint': { config: { ignore_checks: ['W3005'] } } } };
    const assembly = writtenAssembly({ resources: { Pictures: { ...BUCKET, Metadata }, Films: elsewhere }, metadata });

    expect((await read(assembly)).map(({ id, form }) => [id, form])).toEqual([
      ['AwsSolutions::AwsSolutions-S1', 'cdk'],
      // It has the reason of the one, and the form of the other.
      ['cfn-lint::W3005', 'cfn-lint'],
      ['AwsSolutions-S1', 'cdk_nag'],
      ['cfn-lint::W3005', 'cfn-lint'],
    ]);
  });

  test('in a shape that no tool reads are no acknowledgements', async () => {
    const shapes = [
      { cdk_nag: 'x' },
      { cdk_nag: { rules_to_suppress: 'x' } },
      { checkov: { skip: ['CKV'] } },
      { 'cfn-lint': { config: [] } },
    ];
    for (const Metadata of shapes)
      expect(await read(writtenAssembly({ resources: { Pictures: { ...BUCKET, Metadata } } }))).toEqual([]);
  });
});

describe('a reason', () => {
  test.each([
    ['', false],
    ['n/a', false],
    ['N/A n/a n/a n/a n/a n/a', false],
    ['five words are not enough', false],
    ['- - - - - - - -', false],
    ['six words are just about enough', true],
    ['because Because because because because because because', false],
    ['not applicable not applicable not applicable not applicable', false],
    ['TODO: look at this one again before the next release', false],
    ['[tbd] somebody will write a proper reason here later', false],
    ['n/a: the bucket holds only public pictures', true],
  ])("'%s' is one: %s", (reason, expected) => {
    expect(isReason(reason)).toBe(expected);
  });
});

describe('since when', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'since-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const since = async (file: string, ...lines: number[]) => {
    const rules = lines.map((line) => acknowledged(`P::R${line}`, REASON, [`main (${join(folder, file)}:${line}:1)`]));
    const entries = await read(writtenAssembly({ resources: { Pictures: BUCKET }, metadata: { '/Shop': rules } }));
    return entries.map((entry) => entry.since);
  };

  function git(day: string, ...args: string[]): void {
    const time = `${day}T12:00:00Z`;
    const env = {
      ...process.env,
      GIT_AUTHOR_DATE: time,
      GIT_COMMITTER_DATE: time,
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_CONFIG_SYSTEM: '/dev/null',
    };
    execFileSync('git', ['-c', 'user.name=A', '-c', 'user.email=a@example.com', ...args], { cwd: folder, env, stdio: 'ignore' });
  }

  test('is the day of the commit of that very line, and none yet where it is not committed', async () => {
    git('2026-01-05', 'init');
    writeFileSync(join(folder, 'shop.ts'), 'one\ntwo\n');
    git('2026-01-05', 'add', '.');
    git('2026-01-05', 'commit', '-m', 'first');
    writeFileSync(join(folder, 'shop.ts'), 'one\nsecond\n');
    git('2026-03-09', 'commit', '-am', 'second');
    writeFileSync(join(folder, 'shop.ts'), 'one\nsecond\nthree\n');

    expect(await since('shop.ts', 1, 2, 3)).toEqual(['2026-01-05', '2026-03-09', 'not committed']);
  });

  test('is not known of a line that is not there, though it is of the others', async () => {
    git('2026-01-05', 'init');
    writeFileSync(join(folder, 'shop.ts'), 'one\n');
    git('2026-01-05', 'add', '.');
    git('2026-01-05', 'commit', '-m', 'first');

    expect(await since('shop.ts', 1, 99)).toEqual(['2026-01-05', undefined]);
  });

  test('is not known without a repository, of a file git does not keep, or of one that is gone', async () => {
    writeFileSync(join(folder, 'shop.ts'), 'one\n');
    expect(await since('shop.ts', 1)).toEqual([undefined]);
    git('2026-01-05', 'init');
    expect(await since('shop.ts', 1)).toEqual([undefined]);
    expect(await since('gone.ts', 1)).toEqual([undefined]);
  });

  test('is the version of the package that a line lies in', async () => {
    const home = join(folder, 'node_modules', '@shop', 'blocks');
    mkdirSync(join(home, 'lib', 'esm'), { recursive: true });
    writeFileSync(join(home, 'package.json'), '{"name":"@shop/blocks","version":"1.2.3"}');
    writeFileSync(join(home, 'lib', 'esm', 'package.json'), '{"type":"module"}');

    expect(await since('node_modules/@shop/blocks/lib/esm/bucket.js', 4)).toEqual(['@shop/blocks 1.2.3']);
    expect(await since('node_modules/nameless/bucket.js', 4)).toEqual([undefined]);
  });
});
