import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, NestedStack, Stack, Validations } from 'aws-cdk-lib';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { run } from '../../bin/commands/lock';
import { type Assembly, UnusableAssemblyError } from '../../lib/assembly/cloud-assembly';
import { referencesIn } from '../../lib/assembly/references';
import type { Acceptance } from '../../lib/promotion/change';
import { comparePromotion } from '../../lib/promotion/compare';
import { differences, makeLock, readLock } from '../../lib/promotion/lock';
import { planPromotion } from '../../lib/promotion/plan';
import { PromotionLock } from '../../lib/promotion/promotion-lock';
import { reportTable } from '../../lib/promotion/report-table';
import { ATTACKS, CAUTIOUS, HARMLESS } from './red-team-cases';
import { assembly, att, ref, resource, retained, type StackOptions, stack } from './templates';

const REASON = 'It was drained by hand and nobody reads it any more';

describe('what was called safe once, and is not', () => {
  test.each(ATTACKS)('$what', ({ before, after, id, verdict, rule }) => {
    const report = comparePromotion(before, after);
    const change = report.changes.find(({ logicalId }) => logicalId === id)!;

    expect(change.verdict).toBe(verdict);
    expect(change.findings.map(({ ruleId }) => ruleId)).toContain(rule);
    expect(report.safe).toBe(false);
  });
});

describe('what looks different and is the same', () => {
  test.each(HARMLESS)('$what', ({ before, after }) => {
    expect(comparePromotion(before, after).safe).toBe(true);
  });
});

describe('what is safe and deserves a note', () => {
  test.each(CAUTIOUS)('$what', ({ before, after, rule }) => {
    const report = comparePromotion(before, after);
    const found = report.changes.flatMap(({ findings }) => findings).find(({ ruleId }) => ruleId === rule)!;

    expect(report.safe).toBe(true);
    expect(reportTable(report).replace(/\s+/g, ' ')).toContain(found.reason);
  });

  test('the way back is none', () => {
    const grown = CAUTIOUS.filter(({ rule }) =>
      ['protection-off', 'backups-shortened', 'kept-shorter', 'versions-no-longer-kept', 'replica-leaves'].includes(rule),
    );

    for (const { before, after, rule } of grown) {
      const ids = comparePromotion(after, before).changes.flatMap(({ findings }) => findings.map(({ ruleId }) => ruleId));
      expect(ids).not.toContain(rule);
    }
  });

  test('a caution does not hide a replacement of the same property', () => {
    const keys = (name: string) => [{ IndexName: 'a', KeySchema: [{ AttributeName: name, KeyType: 'HASH' }] }];
    const side = (BackupRetentionPeriod: number, AvailabilityZone: string) =>
      assembly(
        stack('Shop', {
          It: retained('AWS::RDS::DBInstance', { BackupRetentionPeriod, AvailabilityZone }),
          Keys: retained('AWS::DynamoDB::GlobalTable', { GlobalSecondaryIndexes: keys(AvailabilityZone) }),
        }),
      );

    const { changes } = comparePromotion(side(7, 'a'), side(0, 'b'));

    expect(changes.map(({ verdict }) => verdict)).toEqual(['replaced', 'replaced']);
  });
});

describe('templates that are not as they should be', () => {
  test.each([
    ['a policy that is none', { KeyPolicy: null }],
    ['statements that are none', { KeyPolicy: { Statement: [null, 'text', 7] } }],
    ['a policy in a function', { KeyPolicy: { 'Fn::If': ['C', { Statement: [] }, ref('AWS::NoValue')] } }],
    ['a function without arguments', { KeyPolicy: { 'Fn::Join': null, 'Fn::Sub': 7 } }],
    [
      'functions with wrong arguments',
      { Description: { 'Fn::Sub': [] }, KeyPolicy: { 'Fn::FindInMap': 'a' }, Tags: { 'Fn::If': 1 } },
    ],
  ])('%s does not stop the comparison', (_, properties) => {
    const side = (more: object) => assembly(stack('Shop', { It: retained('AWS::KMS::Key', { ...properties, ...more }) }));

    expect(comparePromotion(side({}), side({ EnableKeyRotation: true })).safe).toBe(true);
  });

  test('conditions that ask each other do not hang the comparison', () => {
    const side = (size: number) => {
      const made = stack('Shop', { It: retained('AWS::EC2::Volume', { Size: size }, { Condition: 'A' }) });
      return assembly({
        ...made,
        template: { ...made.template, Conditions: { A: { Condition: 'B' }, B: { 'Fn::Not': [{ Condition: 'A' }] } } },
      });
    };

    expect(comparePromotion(side(1), side(2)).safe).toBe(true);
  });
});

describe('stacks of one name', () => {
  const bucket = retained('AWS::S3::Bucket');
  const of = (constructPath: string, ids: string[], options: StackOptions = {}) => ({
    ...stack('Shop', Object.fromEntries(ids.map((id) => [id, bucket])), { constructPath, ...options }),
    artifactId: constructPath,
  });

  test.each<[string, Assembly, Assembly]>([
    [
      'stages that are deployed under one name, in another order',
      assembly(of('one/Shop', ['A']), of('two/Shop', ['A', 'B'])),
      assembly(of('two/Shop', ['A']), of('one/Shop', ['A', 'B'])),
    ],
    [
      'stages that are deployed under one name, and a single one',
      assembly(of('one/Shop', ['A']), of('two/Shop', ['A', 'B'])),
      assembly(of('three/Shop', ['A'])),
    ],
    [
      'a stack without a region and two with one',
      assembly(of('Shop', ['A'], { region: 'unknown-region' })),
      assembly(of('a/Shop', ['A']), of('b/Shop', [], { region: 'eu-west-1' })),
    ],
  ])('are unusable input where any may be the deployed one: %s', (_, before, after) => {
    expect(() => comparePromotion(before, after)).toThrow(UnusableAssemblyError);
    expect(() => comparePromotion(before, after)).toThrow(
      /2 stacks are named Shop \(.*\) and any may be the deployed one: give one stage's folder/,
    );
  });

  test('in two regions: a loss that is accepted in one is not accepted in the other', () => {
    const both = (ids: string[]) => assembly(of('a/Shop', ids), of('b/Shop', ids, { region: 'eu-west-1' }));
    const accepted = (acceptance: Partial<Acceptance>) => {
      const acceptances: Acceptance[] = [
        { stackName: 'Shop', logicalId: 'B', verdict: 'orphaned', reason: REASON, ...acceptance },
      ];
      const { changes } = comparePromotion(both(['A', 'B']), both(['A']), { acceptances });
      return changes.filter(({ acceptedBecause }) => acceptedBecause !== undefined).map(({ region }) => region);
    };

    expect(accepted({})).toEqual([]);
    expect(accepted({ region: 'eu-west-1' })).toEqual(['eu-west-1']);
  });

  test('in two accounts have no plan, because a plan could not tell them apart', () => {
    const table = (count: number) =>
      retained('AWS::DynamoDB::GlobalTable', { Replicas: ['a', 'b', 'c'].slice(0, count).map((Region) => ({ Region })) });
    const both = (count: number) =>
      assembly(stack('Shop', { Table: table(count) }), {
        ...stack('Shop', { Table: table(count) }, { account: '2' }),
        artifactId: 'Other',
      });

    expect(planPromotion(both(1), both(1), comparePromotion).deploys).toHaveLength(1);
    expect(planPromotion(both(1), both(3), comparePromotion).impossible).toBe(
      'stacks of several accounts are named Shop in us-east-1, and a plan cannot tell them apart: synthesize and plan each account by itself',
    );
  });
});

describe('plans', () => {
  const connectivity = { ConnectivityInfo: { VpcConnectivity: { ClientAuthentication: { Sasl: { Iam: { Enabled: true } } } } } };

  test('leave no reference to what waits, in metadata either', () => {
    const after = assembly(
      stack('Shop', {
        Kafka: retained('AWS::MSK::Cluster', {
          ClusterName: 'x',
          NumberOfBrokerNodes: 3,
          BrokerNodeGroupInfo: { InstanceType: 'kafka.m7g.large', ClientSubnets: ['a'], ...connectivity },
        }),
        Policy: resource('AWS::MSK::ClusterPolicy', { ClusterArn: att('Kafka', 'Arn'), Policy: {} }),
        Box: resource('AWS::EC2::Instance', {}, { Metadata: { 'AWS::CloudFormation::Init': { policy: ref('Policy') } } }),
      }),
    );

    const { deploys } = planPromotion(assembly(), after, comparePromotion);

    expect(deploys.length).toBeGreaterThan(1);
    for (const { assembly: deployed } of deploys) {
      const [shop] = deployed.stacks;
      const ids = Object.keys(shop.template.Resources!);
      for (const reference of referencesIn(shop.template.Resources, shop)) {
        expect(ids).toContain((reference as { logicalId: string }).logicalId);
      }
    }
  });

  test('set Retain a deploy before something goes that may go if it stays behind', () => {
    const queue = resource('AWS::SQS::Queue', { KmsMasterKeyId: att('Role', 'Arn') }, { DeletionPolicy: 'Delete' });
    const kept = retained('AWS::S3::Bucket');
    const before = assembly(stack('Shop', { Jobs: queue, Role: resource('AWS::IAM::Role'), Assets: kept }));
    const after = assembly(stack('Shop', { Assets: kept }));
    const acceptances: Acceptance[] = [{ stackName: 'Shop', logicalId: 'Jobs', verdict: 'orphaned', reason: REASON }];

    const plan = planPromotion(before, after, (left, right) => comparePromotion(left, right, { acceptances }));

    expect(plan.jump.safe).toBe(false);
    expect(plan.deploys.map(({ assembly: { stacks } }) => stacks[0].template.Resources)).toEqual([
      {
        Assets: kept,
        Role: resource('AWS::IAM::Role'),
        Jobs: { ...queue, DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' },
      },
      { Assets: kept },
    ]);
    expect(plan.deploys.every(({ report }) => report.safe)).toBe(true);
    expect(planPromotion(before, after, comparePromotion).impossible).toContain('Jobs (AWS::SQS::Queue) is destroyed');
  });
});

describe('locks', () => {
  const volume = (more: object = {}) => ({ Type: 'AWS::EC2::Volume', Properties: { AvailabilityZone: 'us-east-1a' }, ...more });
  const shop = (Resources: Record<string, { Type: string }>, sections: object = {}, account?: string) => ({
    stackName: 'Shop',
    region: 'us-east-1',
    account,
    template: { Resources, ...sections },
  });
  const found = (before: ReturnType<typeof shop>, after: ReturnType<typeof shop>) => {
    const lock = makeLock([before], []);
    return differences(lock, lock.stacks[0], after).map(({ what }) => what);
  };
  const conditions = (value: string) => ({ Conditions: { Wanted: { 'Fn::Equals': ['on', value] } } });

  test.each([
    [
      'a mapping',
      { Type: 'AWS::EC2::Volume', Properties: { AvailabilityZone: { 'Fn::FindInMap': ['M', 'a', 'b'] } } },
      { Mappings: { M: { a: { b: '1' } } } },
      { Mappings: { M: { a: { b: '2' } } } },
      /^AvailabilityZone /,
    ],
    ['a condition that turns false', volume({ Condition: 'Wanted' }), conditions('on'), conditions('off'), /^gone$/],
    [
      'a condition whose outcome is open',
      volume({ Condition: 'Wanted' }),
      conditions('on'),
      { Conditions: { Wanted: { 'Fn::Equals': [ref('P'), 'on'] } } },
      /^condition none -> /,
    ],
  ])('see through %s', (_, it, before, after, what) => {
    expect(found(shop({ It: it }, before), shop({ It: it }, after))).toEqual([expect.stringMatching(what)]);
    expect(found(shop({ It: it }, before), shop({ It: it }, before))).toEqual([]);
  });

  test('keep stacks of one name in two accounts apart, with what is agreed to in one of them', () => {
    const sides = (...ids: string[][]) =>
      ids.map((names, index) => shop(Object.fromEntries(names.map((id) => [id, volume()])), {}, String(index)));
    const lock = makeLock(sides(['A', 'B'], ['A', 'B']), []);
    const [first, second] = sides(['A'], ['A']);
    const [gone] = differences(lock, lock.stacks[0], first);
    const agreed = { ...lock, identityChanges: [{ ...gone, reason: REASON }] };

    expect(differences(agreed, lock.stacks[0], first)).toEqual([]);
    expect(differences(agreed, lock.stacks[1], second)).toHaveLength(1);
  });

  describe('on disk', () => {
    let work: string;
    let file: string;
    let said: string;
    beforeEach(() => {
      work = mkdtempSync(join(tmpdir(), 'red-team-'));
      file = join(work, 'lock.json');
      said = '';
      const hear = (text: string) => {
        said += `${text}\n`;
      };
      jest.spyOn(console, 'log').mockImplementation(hear);
      jest.spyOn(console, 'error').mockImplementation(hear);
    });
    afterEach(() => {
      jest.restoreAllMocks();
      rmSync(work, { recursive: true });
      process.exitCode = undefined;
    });

    function product(ids: string[], nested: string[] = []): App {
      const app = new App({ outdir: join(work, 'cdk.out'), context: { '@aws-cdk/core:failSynthOnValidationErrors': true } });
      const shopStack = new Stack(app, 'Shop', { env: { region: 'us-east-1', account: '111111111111' } });
      for (const id of ids) new s3.Bucket(shopStack, id);
      const nest = new NestedStack(new NestedStack(shopStack, 'Outer'), 'Inner');
      for (const id of nested) new s3.CfnBucket(nest, id);
      new s3.CfnAccessPoint(nest, 'Point', { bucket: 'x' });
      return app;
    }
    const lock = (ids: string[], nested: string[] = [], ...more: string[]) =>
      run([product(ids, nested).synth().directory, '--out', file, ...more]);
    const synth = (ids: string[], nested: string[] = []) => {
      const app = product(ids, nested);
      Validations.of(app).addPlugins(new PromotionLock({ lockFile: file }));
      app.synth();
    };

    test('a reason for losing something does not count again once it is back', async () => {
      await lock(['Assets', 'Old']);
      expect(await lock(['Assets'], [], '--reason', REASON)).toBe(0);
      expect(said).toContain('Agreed to:\nShop/Old (AWS::S3::Bucket) holds state and is gone from stack Shop');
      await lock(['Assets', 'Old']);
      expect(readLock(file).identityChanges).toEqual([]);
      expect(await lock(['Assets'])).toBe(1);
    });

    test('what nested stacks hold is locked, too', async () => {
      await lock(['Assets'], ['Kept', 'Old']);
      expect(
        readLock(file).stacks.map(({ resources }) => resources.filter(({ type }) => type === 'AWS::S3::Bucket').length),
      ).toEqual([1, 0, 2]);
      expect(() => synth(['Assets'], ['Kept', 'Old', 'New'])).not.toThrow();
      expect(() => synth(['Assets'], ['Kept'])).toThrow(/Old \(AWS::S3::Bucket\) holds state and is gone from stack Shop\/Outer/);
    });

    test.each([
      ['stacks', null],
      ['stacks', {}],
      ['stacks', [{ stackName: 'Shop', region: 'us-east-1' }]],
      ['stacks', [{ stackName: 'Shop', region: 'us-east-1', resources: [{ logicalId: 'A' }] }]],
      ['immutableProperties', null],
      ['identityChanges', [{ reason: 1 }]],
    ])('with broken %s: %j, a lock is refused', async (section, content) => {
      await lock(['Assets']);
      writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), [section]: content }));
      expect(() => readLock(file)).toThrow(`is broken: it has no ${section}, take it from version control again`);
    });
  });
});
