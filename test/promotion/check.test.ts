import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { CfnGlobalTable } from 'aws-cdk-lib/aws-dynamodb';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { run as checkCommand } from '../../bin/commands/check';
import { run as scaleTiers } from '../../bin/scale-tiers';
import type { PromotionReport } from '../../lib/promotion/change';

const env = { account: '111111111111', region: 'us-east-1' };
const directory = mkdtempSync(join(tmpdir(), 'check-'));
let out: string;
let err: string;

afterAll(() => rmSync(directory, { recursive: true }));

beforeEach(() => {
  out = '';
  err = '';
  jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
    out += text;
    return true;
  });
  jest.spyOn(process.stderr, 'write').mockImplementation((text) => {
    err += text;
    return true;
  });
});

afterEach(() => jest.restoreAllMocks());

interface Product {
  readonly fifo?: boolean;
  readonly assets?: boolean;
  readonly replicas?: string[];
}

let number = 0;

function synth({ fifo, assets = true, replicas = [] }: Product): string {
  const outdir = join(directory, `out${++number}`);
  const app = new App({ outdir });
  const stack = new Stack(app, 'Shop', { env });
  new Queue(stack, 'Jobs', { fifo });
  if (assets) new Bucket(stack, 'Assets');
  new CfnGlobalTable(stack, 'SharedTable', {
    attributeDefinitions: [{ attributeName: 'pk', attributeType: 'S' }],
    keySchema: [{ attributeName: 'pk', keyType: 'HASH' }],
    billingMode: 'PAY_PER_REQUEST',
    replicas: ['us-east-1', ...replicas].map((region) => ({ region })),
  });
  app.synth();
  return outdir;
}

function acceptances(content: unknown): string {
  const file = join(directory, `accept${++number}.json`);
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
}

describe('exit codes and output', () => {
  const before = synth({});

  test('0 and a short table where nothing is lost', async () => {
    expect(await checkCommand([before, synth({ replicas: ['eu-central-1'] })])).toBe(0);

    const lines = out.trimEnd().split('\n');
    expect(lines.length).toBeLessThanOrEqual(12);
    expect(lines[1]).toMatch(/^\d+ resources: \d+ kept, \d+ updated$/);
    expect(out).toContain('Holding state: 2 kept, 1 updated');
    expect(out).toMatch(/kept +Jobs, Assets/);
    expect(out).toMatch(/updated +SharedTable \(Replicas\)/);
    expect(lines.at(-1)).toBe('Safe: nothing that holds state is replaced, destroyed or orphaned, and one deploy does it.');
    expect(err).toBe('');
  });

  test('1 and what is lost, why, where that is written and what to do', async () => {
    expect(await checkCommand([before, synth({ fifo: true, assets: false })])).toBe(1);

    expect(out).toContain('REPLACED   Jobs (AWS::SQS::Queue) in Shop (us-east-1)');
    expect(out).toContain('FifoQueue unset -> true: set when the resource is created');
    expect(out).toMatch(/rule create-only, source: @aws-cdk\/aws-service-spec [\d.]+, AWS::SQS::Queue FifoQueue/);
    expect(out).toContain('what to do: take this change back');
    expect(out).toContain('ORPHANED   Assets (AWS::S3::Bucket) in Shop (us-east-1)');
    expect(out).toContain('Not safe: 1 orphaned, 1 replaced.');
  });

  test('1 and the way to the plan where one deploy is not enough', async () => {
    expect(await checkCommand([before, synth({ replicas: ['eu-central-1', 'us-west-2'] })])).toBe(1);

    expect(out).toContain('OWN-DEPLOY SharedTable');
    expect(out).toContain('this one adds eu-central-1, us-west-2');
    expect(out).toMatch(/Several deploys, one after the other, do it: scale-tiers plan \S+ \S+\n$/);
  });

  test('--json prints the whole report', async () => {
    expect(await checkCommand([before, synth({ fifo: true }), '--json'])).toBe(1);

    const report = JSON.parse(out) as PromotionReport;
    expect(report.safe).toBe(false);
    expect(report.changes.find(({ path }) => path === 'Shop/Jobs')).toMatchObject({
      stackName: 'Shop',
      region: 'us-east-1',
      type: 'AWS::SQS::Queue',
      stateful: true,
      verdict: 'replaced',
      findings: [{ ruleId: 'create-only', verdict: 'replaced', property: 'FifoQueue' }],
    });
  });

  test('--all lists every resource', async () => {
    await checkCommand([before, before, '--all']);

    expect(out).toMatch(/kept {7}Jobs {2}AWS::SQS::Queue \(holds state\)/);
  });

  test('colours only where a person looks on', async () => {
    await checkCommand([before, before]);
    expect(out).not.toContain('\u001b[');

    const { isTTY } = process.stdout;
    process.stdout.isTTY = true;
    try {
      await checkCommand([before, before]);
      expect(out).toContain('\u001b[32mSafe');
      out = '';
      process.env.NO_COLOR = '1';
      await checkCommand([before, before]);
      expect(out).not.toContain('\u001b[');
    } finally {
      process.stdout.isTTY = isTTY;
      delete process.env.NO_COLOR;
    }
  });
});

describe('acceptances', () => {
  const before = synth({});
  const after = synth({ fifo: true });
  const logicalId = 'Jobs9B3A1B2C';

  async function idOfJobs(): Promise<string> {
    await checkCommand([before, after, '--json']);
    const report = JSON.parse(out) as PromotionReport;
    out = '';
    return report.changes.find(({ path }) => path === 'Shop/Jobs')!.logicalId;
  }

  test('an accepted loss does not fail, and its reason is printed', async () => {
    const reason = 'the queue is empty at night and jobs are sent again';
    const entry = { stackName: 'Shop', logicalId: await idOfJobs(), verdict: 'replaced', reason };

    expect(await checkCommand([before, after, '--accept', acceptances([entry])])).toBe(0);

    expect(out).toContain('Accepted in writing');
    expect(out).toContain(`replaced: Jobs in Shop (us-east-1), because ${reason}`);
  });

  test('an unused acceptance is reported', async () => {
    const entry = { stackName: 'Shop', logicalId, verdict: 'destroyed', reason: 'this loss does not even happen any more' };

    expect(await checkCommand([before, after, '--accept', acceptances([entry])])).toBe(1);

    expect(out).toContain(`the acceptance of ${logicalId} in Shop as destroyed matches nothing: remove it`);
  });

  const whole = { stackName: 'Shop', logicalId, verdict: 'replaced', reason: 'one two three four five six' };

  test.each([
    ['{', /cannot be read as JSON/],
    [{}, /must hold a list of { stackName, logicalId, verdict, reason }/],
    [[{ ...whole, stackName: undefined }], /entry 1 of '.*' needs a stackName, got nothing/],
    [[whole, { ...whole, logicalId: 3 }], /entry 2 of '.*' needs a logicalId, got 3/],
    [[3], /entry 1 of '.*' needs a stackName, got nothing/],
    [
      [{ ...whole, verdict: 'kept' }],
      /entry 1 of '.*' has verdict 'kept', which is none of replaced, destroyed, orphaned, refused, own-deploy/,
    ],
    [[{ ...whole, reason: 'it is fine' }], /has the reason 'it is fine': say why the loss is acceptable in at least 6 words/],
    [[{ ...whole, reason: '- - - - - - - -' }], /say why the loss is acceptable/],
  ])('%j is refused', async (content, message) => {
    expect(await checkCommand([before, after, '--accept', acceptances(content)])).toBe(2);

    expect(err).toMatch(message);
    expect(err.trimEnd()).not.toContain('\n');
  });

  test('a file that does not exist is refused', async () => {
    expect(await checkCommand([before, after, '--accept', join(directory, 'nowhere.json')])).toBe(2);

    expect(err).toMatch(/^scale-tiers check: '.*nowhere\.json' does not exist\n$/);
  });
});

describe('unusable input', () => {
  const before = synth({});

  test.each([
    [[], 'scale-tiers check: needs two cloud assemblies, BEFORE and AFTER, got 0 folders (see scale-tiers check --help)\n'],
    [['one'], 'scale-tiers check: needs two cloud assemblies, BEFORE and AFTER, got 1 folder (see scale-tiers check --help)\n'],
    [
      ['one', 'two', 'three'],
      'scale-tiers check: needs two cloud assemblies, BEFORE and AFTER, got 3 folders (see scale-tiers check --help)\n',
    ],
    [
      [before, 'nowhere'],
      "scale-tiers check: 'nowhere' is not a cloud assembly (it has no manifest.json), give a folder that cdk synth wrote, such as cdk.out/assembly-stage2\n",
    ],
  ])('check %j', async (args, message) => {
    expect(await checkCommand(args)).toBe(2);

    expect(err).toBe(message);
    expect(out).toBe('');
  });

  test('an unknown option', async () => {
    expect(await checkCommand([before, before, '--fast'])).toBe(2);

    expect(err).toMatch(/^scale-tiers check: Unknown option '--fast'/);
  });
});

describe('scale-tiers', () => {
  test('passes on to the command', async () => {
    const before = synth({});

    expect(await scaleTiers(['check', before, before])).toBe(0);
    expect(out).toContain('Safe');
  });

  test('--help, and check --help, tell what there is', async () => {
    expect(await scaleTiers(['--help'])).toBe(0);
    expect(out).toMatch(/check BEFORE AFTER[\s\S]*plan BEFORE AFTER[\s\S]*lock/);

    out = '';
    expect(await scaleTiers(['check', '--help'])).toBe(0);
    expect(out).toContain('--accept FILE');
  });

  test('an unknown command, or none, is unusable input', async () => {
    expect(await scaleTiers(['chek'])).toBe(2);
    expect(err).toBe("scale-tiers: unknown command 'chek', choose one of check, plan, review, lock\n");

    expect(await scaleTiers([])).toBe(2);
  });
});
