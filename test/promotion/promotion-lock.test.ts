import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack, Stage, Validations } from 'aws-cdk-lib';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { run } from '../../bin/commands/lock';
import { libraryVersion } from '../../lib/assembly/library-version';
import type { IdentityChange, Lock } from '../../lib/promotion/lock';
import { PromotionLock } from '../../lib/promotion/promotion-lock';

const REASON = 'The orders were moved to the new queue last week';

let work: string;
let lockFile: string;
let printed: string;
beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), 'promotion-lock-'));
  lockFile = join(work, 'scale-tiers.lock.json');
  printed = '';
  jest.spyOn(console, 'error').mockImplementation((text: string) => {
    printed += `${text}\n`;
  });
  jest.spyOn(console, 'log').mockImplementation(() => undefined);
});
afterEach(() => {
  jest.restoreAllMocks();
  rmSync(work, { recursive: true });
  process.exitCode = undefined;
});

interface Product {
  readonly queue?: string;
  readonly fifo?: boolean;
  readonly more?: boolean;
  readonly multiRegion?: boolean;
  readonly regions?: (string | undefined)[];
}

/** An app with a bucket, a queue and a key in each region. */
function product({ queue = 'Orders', fifo, more, multiRegion, regions = ['us-east-1'] }: Product): App {
  const app = new App({ outdir: join(work, 'cdk.out'), context: { '@aws-cdk/core:failSynthOnValidationErrors': true } });
  for (const region of regions) {
    const stack = new Stack(app, `Shop-${region ?? 'anywhere'}`, { stackName: 'Shop', env: { region } });
    new s3.Bucket(stack, 'Assets', { objectLockEnabled: true });
    new sqs.Queue(stack, queue, { fifo });
    new kms.CfnKey(stack, 'Key', { keyPolicy: {}, multiRegion });
    if (more) new s3.Bucket(stack, 'More');
  }
  return app;
}

async function lock(before: Product): Promise<void> {
  const { directory } = product(before).synth();
  expect(await run([directory, '--out', lockFile])).toBe(0);
  rmSync(directory, { recursive: true });
}

/** Synthesizes under the lock; returns what CDK's report says. */
function violations(after: Product, attach: (app: App) => void = guard) {
  const app = product(after);
  const validate = jest.spyOn(PromotionLock.prototype, 'validate');
  attach(app);
  let failed = false;
  try {
    app.synth();
  } catch (error) {
    failed = true;
    printed += (error as Error).message;
  }
  expect(validate).toHaveBeenCalled();
  const { pluginReports } = JSON.parse(readFileSync(join(work, 'cdk.out', 'validation-report.json'), 'utf8'));
  // The CDK leaves the reports of content plugins out.
  const [report = { conclusion: 'success', violations: [] }] = pluginReports;
  expect(report.conclusion).toBe(failed ? 'failure' : 'success');
  return report.violations as {
    ruleName: string;
    description: string;
    suggestedFix: string;
    severity: string;
    ruleMetadata: Record<string, string>;
    violatingConstructs: { constructPath: string; cloudFormationResource?: { logicalId: string; propertyPaths?: string[] } }[];
  }[];
}

function guard(app: App): void {
  Validations.of(app).addPlugins(new PromotionLock({ lockFile }));
}

function edit(change: (lock: Lock) => object): void {
  const read: Lock = JSON.parse(readFileSync(lockFile, 'utf8'));
  writeFileSync(lockFile, JSON.stringify({ ...read, ...change(read) }));
}

describe('PromotionLock', () => {
  test('lets the same product pass, and one with new resources, stacks and regions', async () => {
    await lock({});
    expect(violations({})).toEqual([]);
    expect(violations({ more: true })).toEqual([]);
    expect(violations({ regions: ['us-east-1', 'eu-central-1'] })).toEqual([]);
  });

  test('stops a synthesis that drops a stateful resource, and names it by construct path', async () => {
    await lock({});
    const [found, ...rest] = violations({ queue: 'Renamed' });
    expect(rest).toEqual([]);
    expect(found.ruleName).toBe('stateful-resource-gone');
    expect(found.description).toMatch(
      /^Shop-us-east-1\/Orders \(AWS::SQS::Queue\) holds state and is gone from stack Shop, where it had the logical id Orders\w+$/,
    );
    expect(found.suggestedFix).toContain('Bring the construct back under its old id and path');
    expect(found.suggestedFix).toContain(`cdk.out --out ${lockFile} --reason "..."`);
    expect(found.violatingConstructs[0].constructPath).toBe('Shop-us-east-1/Orders');
    expect(found.severity).toBe('fatal');
    expect(printed).toContain('holds state and is gone');
  });

  test('stops a change of a property that is for life, and names the property', async () => {
    await lock({ multiRegion: true });
    const [found, ...rest] = violations({ multiRegion: false });
    expect(rest).toEqual([]);
    expect(found.ruleName).toBe('immutable-property-changed');
    expect(found.description).toBe(
      'MultiRegion of Shop-us-east-1/Key (AWS::KMS::Key) cannot change while the resource keeps its data, and it changed',
    );
    expect(found.violatingConstructs[0]).toMatchObject({
      constructPath: 'Shop-us-east-1/Key',
      cloudFormationResource: { logicalId: 'Key', propertyPaths: ['Properties/MultiRegion'] },
    });
    expect(found.suggestedFix).toContain('Set the property back. If the change is wanted and the data is safe');
  });

  test('stops a change of type under one logical id', async () => {
    await lock({});
    edit((read) => ({
      stacks: read.stacks.map((stack) => ({
        ...stack,
        resources: stack.resources.map((resource) =>
          resource.logicalId === 'Key' ? { ...resource, type: 'AWS::KMS::ReplicaKey' } : resource,
        ),
      })),
    }));
    expect(violations({}).map(({ ruleName, ruleMetadata }) => [ruleName, ruleMetadata.what])).toEqual([
      ['stateful-type-changed', 'type AWS::KMS::ReplicaKey -> AWS::KMS::Key'],
    ]);
  });

  test('takes a written reason for exactly that change', async () => {
    await lock({});
    const [{ ruleMetadata }] = violations({ fifo: true });
    const { stackName, region, logicalId, what } = ruleMetadata;
    const accept = (change: Partial<IdentityChange>) =>
      edit(() => ({ identityChanges: [{ stackName, region, logicalId, what, reason: REASON, ...change }] }));
    accept({});
    expect(violations({ fifo: true })).toEqual([]);
    accept({ reason: 'because' });
    expect(violations({ fifo: true })).toHaveLength(1);
    accept({ what: 'gone' });
    expect(violations({ fifo: true })).toHaveLength(1);
    accept({ region: 'eu-central-1' });
    expect(violations({ fifo: true })).toHaveLength(1);
  });

  test('cannot be acknowledged away: the reason belongs into the lock', async () => {
    await lock({});
    const found = violations({ fifo: true }, (app) => {
      guard(app);
      Validations.of(app).acknowledge({ id: 'PromotionLock::immutable-property-changed', reason: REASON });
    });
    expect(found).toHaveLength(1);
  });

  test('reports a stack that left the app once, although the CDK asks once per environment', async () => {
    await lock({ regions: ['us-east-1', 'us-west-2', 'eu-central-1'] });
    const found = violations({ regions: ['us-east-1', 'us-west-2'] });
    expect(found.map(({ description }) => description)).toHaveLength(3);
    for (const { description } of found) {
      expect(description).toContain('is gone from the app, with its whole stack Shop (eu-central-1)');
    }
  });

  test('compares each region with its own part of the lock', async () => {
    await lock({ regions: ['us-east-1', 'us-west-2'] });
    const found = violations({ regions: ['us-east-1', 'us-west-2'], fifo: true });
    expect(found.map(({ ruleMetadata }) => ruleMetadata.region).sort()).toEqual(['us-east-1', 'us-west-2']);
  });

  test('follows a stack without a region to the region it is given', async () => {
    await lock({ regions: [undefined] });
    expect(violations({ regions: ['us-east-1'] }).map(({ ruleName }) => ruleName)).toEqual([]);
    expect(violations({ regions: ['us-east-1'], fifo: true })).toHaveLength(1);
  });

  test('can be attached to the one stage that is deployed', async () => {
    const stages = (queue: string) => {
      const app = new App({ outdir: join(work, 'cdk.out') });
      for (const name of ['stage1', 'stage2']) {
        const stack = new Stack(new Stage(app, name, { env: { region: 'us-east-1' } }), 'Shop', { stackName: 'Shop' });
        new sqs.Queue(stack, name === 'stage2' ? queue : 'Other');
      }
      return app;
    };
    const app = stages('Orders');
    app.synth();
    expect(await run([join(work, 'cdk.out', 'assembly-stage2'), '--out', lockFile])).toBe(0);
    const synth = (queue: string) => {
      const guarded = stages(queue);
      Validations.of(guarded.node.findChild('stage2')).addPlugins(new PromotionLock({ lockFile }));
      guarded.synth();
    };
    expect(() => synth('Orders')).not.toThrow();
    const everywhere = stages('Orders');
    guard(everywhere);
    expect(() => everywhere.synth()).toThrow(
      'two stacks are named Shop in us-east-1: attach PromotionLock to the Stage that is deployed, not to the App',
    );
    expect(() => synth('Renamed')).toThrow('stage2/Shop/Orders (AWS::SQS::Queue) holds state and is gone from stack Shop');
  });

  describe('without a usable lock', () => {
    const synthesize = () => {
      const app = product({});
      guard(app);
      app.synth();
    };

    test('a missing file fails the synthesis and names the command that writes it, which then works', async () => {
      const assembly = join(work, 'cdk.out');
      expect(synthesize).toThrow(
        `lock file '${lockFile}' does not exist: write it with 'npx scale-tiers lock ${assembly} --out ${lockFile}' and commit it`,
      );
      expect(await run([assembly, '--out', lockFile])).toBe(0);
      expect(synthesize).not.toThrow();
    });

    test('a later format fails the synthesis and says to update', async () => {
      await lock({});
      edit(() => ({ formatVersion: 2, libraryVersion: '7.0.0' }));
      expect(synthesize).toThrow(
        `lock file '${lockFile}' has format 2 of cdk-scale-tiers 7.0.0, and cdk-scale-tiers ${libraryVersion()} reads formats up to 1: update cdk-scale-tiers`,
      );
    });
  });

  test('names itself, its version and its rules for reports', () => {
    const plugin = new PromotionLock();
    expect(plugin.name).toBe('PromotionLock');
    expect(plugin.version).toBe(libraryVersion());
    expect(plugin.ruleIds).toEqual(['stateful-resource-gone', 'stateful-type-changed', 'immutable-property-changed']);
  });
});
