import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack, Stage } from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as msk from 'aws-cdk-lib/aws-msk';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { run } from '../../bin/commands/lock';
import type { Template } from '../../lib/assembly/cloud-assembly';
import { immutableProperties, RULES_FOR_LIFE } from '../../lib/promotion/immutable-properties';
import { differences, isReason, type Lock, lockText, makeLock, readLock } from '../../lib/promotion/lock';
import { DOCUMENTED_REPLACEMENT } from '../../lib/promotion/rules/documented-replacement';
import { UPDATE_REFUSED } from '../../lib/promotion/rules/update-refused';

const REASON = 'The old table was copied by hand and nobody reads it now';

type Resources = NonNullable<Template['Resources']>;

function stackOf(Resources: Resources, stackName = 'Shop', region = 'us-east-1') {
  return { stackName, region, template: { Resources } };
}

function lockOf(Resources: Resources): Lock {
  return makeLock([stackOf(Resources)], []);
}

function changes(before: Resources, after: Resources): string[] {
  const lock = lockOf(before);
  return differences(lock, lock.stacks[0], stackOf(after)).map(({ logicalId, what }) => `${logicalId} ${what}`);
}

const VOLUME = { Type: 'AWS::EC2::Volume', Properties: { AvailabilityZone: 'us-east-1a', Size: 20, Encrypted: true } };
const KEY = { Type: 'AWS::KMS::Key', Properties: { MultiRegion: true, KeyPolicy: {} } };

describe('what the lock holds', () => {
  test('stateful resources with type, policy and hashes of what they keep for life; nothing else', () => {
    const lock = lockOf({
      Data: { ...VOLUME, DeletionPolicy: 'Retain' },
      Group: { Type: 'AWS::EC2::SecurityGroup', Properties: { GroupDescription: 'x' } },
    });
    expect(lock.stacks).toEqual([
      {
        stackName: 'Shop',
        region: 'us-east-1',
        stage: 'unknown',
        resources: [
          {
            logicalId: 'Data',
            type: 'AWS::EC2::Volume',
            deletionPolicy: 'Retain',
            immutable: { AvailabilityZone: expect.stringMatching(/^[0-9a-f]{12}$/), Encrypted: expect.any(String) },
          },
        ],
      },
    ]);
    expect(lock.formatVersion).toBe(1);
    expect(lock.libraryVersion).toBe(JSON.parse(readFileSync('package.json', 'utf8')).version);
  });

  test('the stage that made the stack, from its metadata', () => {
    const template = { Metadata: { 'cdk-scale-tiers': { stage: 'Stage2Replicated', version: '0.1.0' } }, Resources: {} };
    expect(makeLock([{ stackName: 'Shop', region: 'us-east-1', template }], []).stacks[0].stage).toBe('Stage2Replicated');
  });

  test('the same characters whatever the order of stacks, resources and keys', () => {
    const a = stackOf({ Data: VOLUME, Key: KEY });
    const b = stackOf({ Key: { Properties: { KeyPolicy: {}, MultiRegion: true }, Type: 'AWS::KMS::Key' }, Data: VOLUME });
    const other = stackOf({ Key: KEY }, 'Shop', 'eu-central-1');
    expect(lockText(makeLock([a, other], []))).toBe(lockText(makeLock([other, b], [])));
  });

  test('two stacks of one name and region have no lock', () => {
    expect(() => makeLock([stackOf({}), stackOf({})], [])).toThrow(
      "two stacks are named Shop in us-east-1: lock one stage's folder, such as cdk.out/assembly-stage2",
    );
  });
});

describe('immutable properties', () => {
  test.each([
    ['AWS::RDS::DBCluster', ['StorageEncrypted', 'DatabaseName', 'GlobalClusterIdentifier', 'Engine']],
    ['AWS::MSK::Cluster', ['BrokerNodeGroupInfo.ClientSubnets', 'EncryptionInfo.EncryptionAtRest']],
    ['AWS::KMS::Key', ['MultiRegion', 'KeySpec']],
    ['AWS::Cognito::UserPool', ['UsernameAttributes']],
    ['AWS::RedshiftServerless::Namespace', ['NamespaceName', 'Tags']],
    ['AWS::DynamoDB::GlobalTable', ['KeySchema', 'LocalSecondaryIndexes']],
  ])('of %s hold %j', (type, expected) => {
    expect(immutableProperties(type)).toEqual(expect.arrayContaining(expected));
  });

  test('hold no reviewed false alarm and nothing that grows in place', () => {
    expect(immutableProperties('AWS::ElastiCache::ReplicationGroup')).not.toContain('ReplicasPerNodeGroup');
    expect(immutableProperties('AWS::DynamoDB::GlobalTable')).not.toContain('Replicas');
    expect(immutableProperties('AWS::EC2::Volume')).not.toContain('Size');
  });

  test('of a type that no schema describes are none', () => {
    expect(immutableProperties('Custom::Thing')).toEqual([]);
  });

  test('follow rules that exist', () => {
    const ids = [...UPDATE_REFUSED, ...DOCUMENTED_REPLACEMENT].map(({ id }) => id);
    expect(ids).toEqual(expect.arrayContaining(RULES_FOR_LIFE));
  });
});

describe('what counts as another identity', () => {
  test('nothing, when nothing changed or only what may change did', () => {
    expect(changes({ Data: VOLUME }, { Data: { ...VOLUME, Properties: { ...VOLUME.Properties, Size: 40 } } })).toEqual([]);
  });

  test('a resource that is gone, or has another type', () => {
    expect(changes({ Data: VOLUME, Key: KEY }, { Key: { Type: 'AWS::KMS::ReplicaKey' } })).toEqual([
      'Data gone',
      'Key type AWS::KMS::Key -> AWS::KMS::ReplicaKey',
    ]);
  });

  test('another value, a value where none was, and a value taken away', () => {
    const cluster = (Properties: Record<string, unknown>) => ({ Database: { Type: 'AWS::RDS::DBCluster', Properties } });
    const hash = expect.stringMatching(/^Database DatabaseName [0-9a-f]{12} -> [0-9a-f]{12}$/);
    expect(changes(cluster({ DatabaseName: 'shop' }), cluster({ DatabaseName: 'store' }))).toEqual([hash]);
    expect(changes(cluster({}), cluster({ DatabaseName: 'store' }))).toEqual([expect.stringContaining('unset -> ')]);
    expect(changes(cluster({ DatabaseName: 'shop' }), cluster({}))).toEqual([expect.stringContaining(' -> unset')]);
  });

  test('a nested value', () => {
    const kafka = (subnets: string[]) => ({
      Events: { Type: 'AWS::MSK::Cluster', Properties: { BrokerNodeGroupInfo: { ClientSubnets: subnets, InstanceType: 'x' } } },
    });
    expect(changes(kafka(['a', 'b']), kafka(['a', 'c']))).toEqual([
      expect.stringContaining('Events BrokerNodeGroupInfo.ClientSubnets '),
    ]);
  });

  test('a single-region key made multi-region, but not a default written out', () => {
    const key = (Properties: Record<string, unknown>) => ({ Key: { Type: 'AWS::KMS::Key', Properties } });
    expect(changes(key({ MultiRegion: true }), key({}))).toEqual([expect.stringContaining('Key MultiRegion')]);
    expect(changes(key({}), key({ MultiRegion: true }))).toEqual([expect.stringContaining('Key MultiRegion unset -> ')]);
    expect(changes(key({}), key({ MultiRegion: false, KeySpec: 'SYMMETRIC_DEFAULT' }))).toEqual([]);
    expect(changes(key({ MultiRegion: false }), key({}))).toEqual([]);
  });

  test('joining a global database, but not leaving it', () => {
    const cluster = (GlobalClusterIdentifier?: unknown) => ({
      Database: { Type: 'AWS::RDS::DBCluster', Properties: { GlobalClusterIdentifier } },
    });
    expect(changes(cluster(), cluster({ Ref: 'Global' }))).toEqual([expect.stringContaining('GlobalClusterIdentifier')]);
    expect(changes(cluster({ Ref: 'Global' }), cluster(''))).toEqual([]);
  });

  test('not the spelling of a value: intrinsic functions, numbers and key order', () => {
    const group = (Port: unknown, KmsKeyId: unknown) => ({
      Cache: { Type: 'AWS::ElastiCache::ReplicationGroup', Properties: { Port, KmsKeyId } },
    });
    expect(changes(group(6379, { 'Fn::GetAtt': ['Key', 'Arn'] }), group('6379', { 'Fn::GetAtt': 'Key.Arn' }))).toEqual([]);
    const table = (key: object) => ({ Table: { Type: 'AWS::DynamoDB::GlobalTable', Properties: { KeySchema: [key] } } });
    expect(changes(table({ AttributeName: 'id', KeyType: 'HASH' }), table({ KeyType: 'HASH', AttributeName: 'id' }))).toEqual([]);
    expect(changes(group(1, { 'Fn::GetAtt': ['Key', 'Arn'] }), group(1, { 'Fn::GetAtt': ['Other', 'Arn'] }))).toHaveLength(1);
  });

  test('not a property that only a later version of the library knows about', () => {
    const lock = lockOf({ Data: VOLUME });
    const older = { ...lock, immutableProperties: { 'AWS::EC2::Volume': ['AvailabilityZone'] } };
    const after = stackOf({ Data: { ...VOLUME, Properties: { ...VOLUME.Properties, SnapshotId: 'snap-1' } } });
    expect(differences(lock, lock.stacks[0], after)).toHaveLength(1);
    expect(differences(older, lock.stacks[0], after)).toEqual([]);
  });
});

test.each([
  ['Moved by hand on Monday, checked twice', true],
  ['because', false],
  ['wanted by me', false],
  ['. . . . . . . .', false],
])('%j as a reason: %s', (text, expected) => {
  expect(isReason(text)).toBe(expected);
});

describe('scale-tiers lock', () => {
  let work: string;
  let file: string;
  let said: string;
  beforeEach(() => {
    work = mkdtempSync(join(tmpdir(), 'lock-'));
    file = join(work, 'scale-tiers.lock.json');
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
  });

  // An L1 table: the L2 prints a deprecation warning of its own making.
  function synthesize(tableId: string, fifo = false): string {
    const app = new App();
    const stage = new Stage(app, 'live', { env: { account: '111111111111', region: 'us-east-1' } });
    const stack = new Stack(stage, 'Shop', { stackName: 'Shop' });
    new dynamodb.CfnGlobalTable(stack, tableId, {
      attributeDefinitions: [{ attributeName: 'id', attributeType: 'S' }],
      keySchema: [{ attributeName: 'id', keyType: 'HASH' }],
      replicas: [{ region: 'us-east-1' }],
    });
    new sqs.Queue(stack, 'Jobs', { fifo: fifo || undefined });
    new kms.Key(stack, 'Key');
    const vpc = new ec2.Vpc(stack, 'Vpc', { availabilityZones: ['us-east-1a', 'us-east-1b', 'us-east-1c'] });
    new msk.CfnCluster(stack, 'Events', {
      clusterName: 'events',
      kafkaVersion: '3.8.x',
      numberOfBrokerNodes: 3,
      brokerNodeGroupInfo: {
        instanceType: 'kafka.m7g.large',
        clientSubnets: vpc.privateSubnets.map((subnet) => subnet.subnetId),
      },
    });
    return stage.synth().directory;
  }

  const idOf = (type: string) => readLock(file).stacks[0].resources.find((resource) => resource.type === type)!;

  test('writes the lock, with construct paths, and writes the same again', async () => {
    const assembly = synthesize('Table');
    expect(await run([assembly, '--out', file])).toBe(0);
    expect(said).toBe(`${file}: 4 stateful resources. unknown in Shop (us-east-1).\n`);
    expect(idOf('AWS::DynamoDB::GlobalTable').path).toBe('live/Shop/Table');
    expect(idOf('AWS::MSK::Cluster').immutable).toHaveProperty(['BrokerNodeGroupInfo.ClientSubnets']);
    const written = readFileSync(file, 'utf8');
    expect(await run([synthesize('Table'), '--out', file])).toBe(0);
    expect(readFileSync(file, 'utf8')).toBe(written);
  });

  test('names every change of identity, exits 1 and leaves the lock alone when no reason is given', async () => {
    await run([synthesize('Table'), '--out', file]);
    const written = readFileSync(file, 'utf8');
    said = '';
    expect(await run([synthesize('Moved', true), '--out', file])).toBe(1);
    expect(said).toContain('live/Shop/Table (AWS::DynamoDB::GlobalTable) holds state and is gone from stack Shop');
    expect(said).toContain('FifoQueue of live/Shop/Jobs (AWS::SQS::Queue) cannot change');
    expect(readFileSync(file, 'utf8')).toBe(written);
  });

  test('with a reason, writes the change and the reason into the lock; later runs keep them', async () => {
    await run([synthesize('Table'), '--out', file]);
    const { logicalId } = idOf('AWS::DynamoDB::GlobalTable');
    expect(await run([synthesize('Moved'), '--out', file, '--reason', REASON])).toBe(0);
    const expected = [{ stackName: 'Shop', region: 'us-east-1', logicalId, what: 'gone', reason: REASON }];
    expect(readLock(file).identityChanges).toEqual(expected);
    expect(idOf('AWS::DynamoDB::GlobalTable').path).toBe('live/Shop/Moved');
    expect(await run([synthesize('Moved'), '--out', file])).toBe(0);
    expect(readLock(file).identityChanges).toEqual(expected);
  });

  test.each([
    [[], 'scale-tiers lock: needs one assembly, got 0 (see scale-tiers lock --help)'],
    [['nowhere'], "'nowhere' is not a cloud assembly (it has no manifest.json)"],
    [
      ['x', '--reason', 'because'],
      "the reason 'because' is too short: say in a sentence of six words or more why nothing is lost",
    ],
    [['x', '--force'], "Unknown option '--force'"],
  ])('%j is unusable input: exit 2', async (args, message) => {
    expect(await run([...args, ...(args.length > 0 ? ['--out', file] : [])])).toBe(2);
    expect(said).toContain(message);
    expect(existsSync(file)).toBe(false);
  });

  test.each([
    ['{', 'is not JSON, take it from version control again'],
    ['{"lockfileVersion": 3}', 'is not a lock file of scale-tiers: it has no formatVersion'],
    ['{"formatVersion": 1}', 'is broken: it has no stacks, take it from version control again'],
    [
      '{"formatVersion": 2, "libraryVersion": "9.0.0"}',
      'has format 2 of cdk-scale-tiers 9.0.0, and cdk-scale-tiers 0.1.0 reads formats up to 1: update cdk-scale-tiers',
    ],
  ])('a lock file with %s is not overwritten: exit 2', async (content, message) => {
    writeFileSync(file, content);
    expect(await run([synthesize('Table'), '--out', file])).toBe(2);
    expect(said).toContain(message);
    expect(readFileSync(file, 'utf8')).toBe(content);
  });
});
