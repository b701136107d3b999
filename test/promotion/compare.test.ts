import type { Assembly, AssemblyStack } from '../../lib/assembly/cloud-assembly';
import { comparePromotion } from '../../lib/promotion/compare';
import { assembly, att, ref, resource, retained, stack, stackOutput } from './templates';

function changeOf(before: Assembly, after: Assembly, logicalId: string, stackName = 'Shop') {
  const { changes } = comparePromotion(before, after);
  return changes.find((change) => change.logicalId === logicalId && change.stackName === stackName)!;
}

const queue = resource('AWS::SQS::Queue', { VisibilityTimeout: 30 });
const bucket = retained('AWS::S3::Bucket', { VersioningConfiguration: { Status: 'Enabled' } });

describe('what counts as a change', () => {
  test('metadata, dependencies and numbers written as text are none', () => {
    const before = assembly(stack('Shop', { Jobs: { ...queue, Metadata: { 'aws:cdk:path': 'old' } } }));
    const written = {
      ...queue,
      Properties: { VisibilityTimeout: '30' },
      Metadata: { 'aws:cdk:path': 'new' },
      DependsOn: ['Assets'],
    };
    const after = assembly(stack('Shop', { Assets: bucket, Jobs: written }));

    expect(changeOf(before, after, 'Jobs')).toMatchObject({ verdict: 'kept', findings: [] });
  });

  test('a new property that refers to something added is an update', () => {
    const before = assembly(stack('Shop', { Jobs: queue }));
    const redrive = {
      ...queue,
      Properties: { VisibilityTimeout: 30, RedrivePolicy: { deadLetterTargetArn: att('Dead', 'Arn') } },
    };
    const after = assembly(stack('Shop', { Jobs: redrive, Dead: queue }));

    expect(changeOf(before, after, 'Jobs')).toMatchObject({
      verdict: 'updated',
      findings: [{ ruleId: 'in-place', property: 'RedrivePolicy' }],
    });
    expect(changeOf(before, after, 'Dead')).toMatchObject({ verdict: 'added', findings: [], stateful: true });
  });

  test('a stronger policy is an update without a warning', () => {
    const before = assembly(stack('Shop', { Jobs: queue }));
    const after = assembly(stack('Shop', { Jobs: { ...queue, DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' } }));

    expect(changeOf(before, after, 'Jobs').findings.map(({ ruleId }) => ruleId)).toEqual(['in-place', 'in-place']);
  });

  test('a finding tells old and new value', () => {
    const before = assembly(stack('Shop', { Jobs: queue }));
    const after = assembly(stack('Shop', { Jobs: resource('AWS::SQS::Queue', { VisibilityTimeout: 60, FifoQueue: true }) }));

    expect(changeOf(before, after, 'Jobs').findings.map(({ property, change }) => `${property}: ${change}`)).toEqual([
      'VisibilityTimeout: 30 -> 60',
      'FifoQueue: unset -> true',
    ]);
  });

  test('neither assembly is altered', () => {
    const before = assembly(stack('Shop', { Jobs: queue, Assets: bucket }));
    const after = assembly(
      stack('Shop', { Jobs: resource('AWS::SQS::Queue', { FifoQueue: true, Tags: [ref('Assets')] }), Assets: bucket }),
    );
    const copies = structuredClone([before, after]);

    comparePromotion(before, after);

    expect([before, after]).toEqual(copies);
  });
});

describe('statefulness', () => {
  test.each([
    ['AWS::MSK::Cluster', {}, true],
    ['AWS::RDS::GlobalCluster', {}, true],
    ['AWS::S3::Bucket', {}, true],
    ['AWS::RDS::DBInstance', {}, true],
    ['AWS::RDS::DBInstance', { DBClusterIdentifier: 'shop' }, false],
    ['AWS::SSM::Parameter', {}, false],
    ['AWS::EC2::Subnet', {}, false],
    ['Custom::Thing', {}, false],
  ])('%s %j holds state: %s', (type, properties, stateful) => {
    const after = assembly(stack('Shop', { It: resource(type, properties) }));

    expect(changeOf(assembly(), after, 'It').stateful).toBe(stateful);
  });

  test('what holds no state may be replaced and removed', () => {
    const subnet = (CidrBlock: string) => resource('AWS::EC2::Subnet', { VpcId: 'vpc-1', CidrBlock });
    const before = assembly(stack('Shop', { Subnet: subnet('10.0.0.0/24'), Alarm: resource('AWS::CloudWatch::Alarm') }));
    const after = assembly(stack('Shop', { Subnet: subnet('10.0.1.0/24') }));

    const report = comparePromotion(before, after);

    expect(report.changes.map(({ verdict }) => verdict)).toEqual(['replaced', 'destroyed']);
    expect(report.safe).toBe(true);
  });
});

describe('what is replaced', () => {
  const key = (KeyId: unknown) =>
    resource('AWS::Backup::BackupVault', { BackupVaultName: { 'Fn::Join': ['-', [KeyId]] }, EncryptionKeyArn: KeyId });

  test.each([
    ['Retain', 'the old one stays behind unmanaged'],
    ['Snapshot', 'only a snapshot of the old one remains'],
    [undefined, 'the old one is deleted'],
  ])('the reason tells what UpdateReplacePolicy %s does to the old one', (UpdateReplacePolicy, fate) => {
    const database = (DatabaseName: string) => resource('AWS::RDS::DBCluster', { DatabaseName }, { UpdateReplacePolicy });
    const before = assembly(stack('Shop', { Database: database('one') }));
    const after = assembly(stack('Shop', { Database: database('two') }));

    expect(changeOf(before, after, 'Database').findings[0].reason).toContain(`the new one starts empty, ${fate}`);
  });

  test('replaces what refers to it, through functions and through outputs of another stack', () => {
    const files = (KmsKeyId: unknown) => retained('AWS::EFS::FileSystem', { Encrypted: true, KmsKeyId });
    const consumer = stack('Edge', {
      Weak: files(stackOutput('Shop', 'KeyArn', 'us-east-1')),
      Strong: files({ 'Fn::ImportValue': 'shop-key' }),
      Other: files(stackOutput('Shop', 'Other', 'us-east-1')),
    });
    const producer = (PrimaryKeyArn: string) =>
      stack(
        'Shop',
        {
          Key: retained('AWS::KMS::ReplicaKey', { PrimaryKeyArn, KeyPolicy: {} }),
          Direct: files(ref('Key')),
          Joined: files({ 'Fn::Join': ['', ['arn:', att('Key', 'Arn')]] }),
          Substituted: files({ 'Fn::Sub': ['arn:$' + '{Key.Arn}:$' + '{Here}', { Here: 'x' }] }),
          InPlace: retained('AWS::SQS::Queue', { KmsMasterKeyId: ref('Key') }),
        },
        { outputs: { KeyArn: { Value: att('Key', 'Arn'), Export: { Name: 'shop-key' } }, Other: { Value: 'fixed' } } },
      );

    const { changes } = comparePromotion(assembly(producer('one'), consumer), assembly(producer('two'), consumer));

    expect(Object.fromEntries(changes.map(({ logicalId, verdict }) => [logicalId, verdict]))).toEqual({
      Key: 'replaced',
      Direct: 'replaced',
      Joined: 'replaced',
      Substituted: 'replaced',
      InPlace: 'updated',
      Weak: 'replaced',
      Strong: 'replaced',
      Other: 'kept',
    });
    expect(changes.find(({ logicalId }) => logicalId === 'Weak')!.findings[0]).toMatchObject({
      ruleId: 'replaced-reference',
      property: 'KmsKeyId',
      reason: expect.stringContaining('refers to Key (AWS::KMS::ReplicaKey), which is itself replaced'),
    });
  });

  test('a false alarm of the schemas is not passed on to what refers to it', () => {
    const cache = (ReplicasPerNodeGroup: number) =>
      retained('AWS::ElastiCache::ReplicationGroup', { NumNodeGroups: 1, ReplicasPerNodeGroup });
    const datastore = resource('AWS::ElastiCache::User', { UserId: ref('Cache'), Engine: 'valkey' });

    const report = comparePromotion(
      assembly(stack('Shop', { Cache: cache(1), Named: datastore })),
      assembly(stack('Shop', { Cache: cache(2), Named: datastore })),
    );

    expect(report.changes.map(({ verdict }) => verdict)).toEqual(['updated', 'kept']);
  });

  test('a fixed name that changes along with the rest is no hindrance', () => {
    const before = assembly(stack('Shop', { Vault: key('one') }));
    const after = assembly(stack('Shop', { Vault: key('two') }));

    expect(changeOf(before, after, 'Vault').verdict).toBe('replaced');
  });
});

describe('what leaves', () => {
  test('a move to another stack is told, and loses the resource all the same', () => {
    const before = assembly(stack('Shop', { Assets1A: bucket, Jobs: queue }, { paths: { Assets1A: 'app/Shop/Site/Assets' } }));
    const moved = stack('Edge', { Assets2B: bucket }, { paths: { Assets2B: 'app/Edge/Site/Assets' } });

    const change = changeOf(before, assembly(stack('Shop', { Jobs: queue }), moved), 'Assets1A');

    expect(change.verdict).toBe('orphaned');
    expect(change.findings[0].reason).toContain('Assets2B looks like it and appears in stack Edge (us-east-1): a move');
  });

  test('a move is also known by the same properties, and within a stack', () => {
    const change = changeOf(assembly(stack('Shop', { Old: queue })), assembly(stack('Shop', { New: queue })), 'Old');

    expect(change.verdict).toBe('destroyed');
    expect(change.findings[0].reason).toContain('New looks like it and appears under this id');
  });

  test('a stack that leaves the app is left behind with everything in it', () => {
    const report = comparePromotion(
      assembly(stack('Shop', { Jobs: queue }), stack('Edge', { Assets: bucket })),
      assembly(stack('Shop', { Jobs: queue })),
    );

    expect(report.changes.find(({ logicalId }) => logicalId === 'Assets')).toMatchObject({
      verdict: 'orphaned',
      findings: [{ ruleId: 'stack-left-behind', reason: expect.stringContaining('cdk deploy leaves the whole stack behind') }],
    });
    expect(report.safe).toBe(false);
  });

  test('deploying Retain first, then removing, turns a loss into an orphan', () => {
    const deleted = assembly(stack('Shop', { Jobs: queue, Assets: bucket }));
    const kept = assembly(stack('Shop', { Jobs: { ...queue, DeletionPolicy: 'Retain' }, Assets: bucket }));
    const gone = assembly(stack('Shop', { Assets: bucket }));

    expect(changeOf(deleted, gone, 'Jobs').verdict).toBe('destroyed');
    expect(comparePromotion(deleted, kept).safe).toBe(true);
    expect(changeOf(kept, gone, 'Jobs').verdict).toBe('orphaned');
  });

  test('what a condition decides on, leaves with it', () => {
    const conditional = { ...bucket, Condition: 'InUse' };
    const before = assembly(stack('Shop', { Assets: conditional }, { conditions: { InUse: { 'Fn::Equals': ['a', 'a'] } } }));
    const after = assembly(stack('Shop', { Assets: conditional }, { conditions: { InUse: { 'Fn::Equals': ['a', 'b'] } } }));

    expect(changeOf(before, after, 'Assets').verdict).toBe('orphaned');
    expect(changeOf(before, before, 'Assets').verdict).toBe('kept');
  });
});

describe('which stacks are the same', () => {
  const alike = (options: { region?: string; account?: string }): AssemblyStack => stack('Shop', { Assets: bucket }, options);

  test.each([
    ['the same name, region and account', {}, {}, 'kept'],
    ['another region', { region: 'us-east-1' }, { region: 'us-west-2' }, 'orphaned'],
    ['another account', { account: '1' }, { account: '2' }, 'orphaned'],
    ['a region that is not known yet', { region: 'unknown-region', account: 'unknown-account' }, {}, 'kept'],
  ])('%s', (_, before, after, verdict) => {
    expect(comparePromotion(assembly(alike(before)), assembly(alike(after))).changes.at(-1)!.verdict).toBe(verdict);
  });

  test('a sibling in another region keeps its own counterpart', () => {
    const both = assembly(alike({ region: 'us-east-1' }), alike({ region: 'eu-central-1' }));

    const { changes } = comparePromotion(both, assembly(...[...both.stacks].reverse()));

    expect(changes.map(({ verdict }) => verdict)).toEqual(['kept', 'kept']);
  });

  test('nested stacks are looked into', () => {
    const nest = resource('AWS::CloudFormation::Stack', { TemplateURL: 'one' });
    const parent = (jobs: AssemblyStack) => assembly(stack('Shop', { Nest: nest }, { nested: { Nest: jobs } }));
    const before = parent(stack('Shop/Nest', { Jobs: queue, Assets: bucket }));
    const after = parent(stack('Shop/Nest', { Jobs: resource('AWS::SQS::Queue', { FifoQueue: true }), Assets: bucket }));

    expect(changeOf(before, after, 'Jobs', 'Shop/Nest')).toMatchObject({ verdict: 'replaced', stateful: true });
    expect(changeOf(before, after, 'Assets', 'Shop/Nest').verdict).toBe('kept');
    expect(changeOf(before, assembly(stack('Shop', {})), 'Jobs', 'Shop/Nest').verdict).toBe('destroyed');
  });
});

describe('acceptances', () => {
  const before = assembly(stack('Shop', { Jobs: queue, Assets: bucket }));
  const after = assembly(stack('Shop', { Jobs: queue }));
  const acceptance = {
    stackName: 'Shop',
    logicalId: 'Assets',
    verdict: 'orphaned' as const,
    reason: 'the old pictures live in the archive account since May',
  };

  test('an accepted loss is safe and keeps its reason', () => {
    const report = comparePromotion(before, after, { acceptances: [acceptance] });

    expect(report.safe).toBe(true);
    expect(report.unusedAcceptances).toEqual([]);
    expect(report.changes.find(({ logicalId }) => logicalId === 'Assets')?.acceptedBecause).toBe(acceptance.reason);
  });

  test('an acceptance of something else, or of a lesser verdict, does not help and is reported as unused', () => {
    const others = [
      { ...acceptance, logicalId: 'Jobs' },
      { ...acceptance, verdict: 'refused' as const },
      { ...acceptance, stackName: 'Edge' },
    ];

    const report = comparePromotion(before, after, { acceptances: others });

    expect(report.safe).toBe(false);
    expect(report.unusedAcceptances).toEqual(others);
  });
});
