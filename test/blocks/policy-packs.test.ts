import type { Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as rds from 'aws-cdk-lib/aws-rds';
import * as sns from 'aws-cdk-lib/aws-sns';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import type { IConstruct } from 'constructs';
import { AssetBucket, AssetCopies } from '../../lib/blocks/data/asset-bucket';
import { AuroraDatabase } from '../../lib/blocks/data/aurora-database';
import { AuroraGlobalDatabase } from '../../lib/blocks/data/aurora-global-database';
import { AuroraSecondary } from '../../lib/blocks/data/aurora-secondary';
import { BucketReplication } from '../../lib/blocks/data/bucket-replication';
import { CacheReplicationGroup } from '../../lib/blocks/data/cache-replication-group';
import { CacheSecondary } from '../../lib/blocks/data/cache-secondary';
import { DataKey } from '../../lib/blocks/data/data-key';
import { DatabaseProxy } from '../../lib/blocks/data/database-proxy';
import { GlobalCache } from '../../lib/blocks/data/global-cache';
import { ReplicaKey } from '../../lib/blocks/data/replica-key';
import { SearchDomain } from '../../lib/blocks/data/search-domain';
import { SharedTable } from '../../lib/blocks/data/shared-table';
import { Warehouse } from '../../lib/blocks/data/warehouse';
import { DomainEvents } from '../../lib/blocks/messaging/domain-events';
import { EventStream } from '../../lib/blocks/messaging/event-stream';
import { JobQueue } from '../../lib/blocks/messaging/job-queue';
import { StreamReplicator } from '../../lib/blocks/messaging/stream-replicator';
import { allAcknowledgements } from '../policy-findings';
import { testStack } from '../stacks';
import { type Build, existingVpc } from './before-after';
import { everyPack } from './every-pack';

/** What the packs say below a construct of the stack that is built. */
function packsOver(build: Build, below: string): ReturnType<typeof everyPack> {
  const stack = testStack();
  build(stack);
  return everyPack(below.split('/').reduce<IConstruct>((scope, id) => scope.node.findChild(id), stack));
}

const KEY = 'arn:aws:kms:us-east-1:123456789012:key/mrk-0123456789abcdef0123456789abcdef';
const given = (stack: Stack) => kms.Key.fromKeyArn(stack, 'Given', KEY);
const globalDatabase = (stack: Stack) =>
  AuroraGlobalDatabase.fromAttributes(stack, 'Global', {
    globalClusterIdentifier: 'world',
    engineVersion: rds.AuroraPostgresEngineVersion.VER_16_13,
  });

/**
 * Every block that stores or hands on, at both ends of what changes its findings, and called `It`. Left out are queues without an alarm
 * topic, and search domain and event stream without a key, which the packs rightly find.
 */
const BLOCKS: Record<string, Build> = {
  'a data key': (stack) => new DataKey(stack, 'It'),
  'a replica key': (stack) => new ReplicaKey(stack, 'It', { primaryKeyArn: KEY }),
  'a database': (stack) => new AuroraDatabase(stack, 'It', { vpc: existingVpc(stack) }),
  'a database with readers and copies of its credentials': (stack) =>
    new AuroraDatabase(stack, 'It', { vpc: existingVpc(stack), readers: 2, credentialReplicaRegions: ['us-west-2'] }),
  'a secondary database': (stack) =>
    new AuroraSecondary(stack, 'It', {
      vpc: existingVpc(stack),
      globalDatabase: globalDatabase(stack),
      encryptionKey: given(stack),
      instances: 2,
    }),
  'a database proxy': (stack) => {
    const vpc = existingVpc(stack);
    const database = new AuroraDatabase(stack, 'Database', { vpc, readers: 1 });
    new DatabaseProxy(stack, 'It', { vpc, database });
  },
  'a cache': (stack) => new CacheReplicationGroup(stack, 'It', { vpc: existingVpc(stack) }),
  'a copy of a cache': (stack) =>
    new CacheSecondary(stack, 'It', {
      vpc: existingVpc(stack),
      globalCache: GlobalCache.fromAttributes(stack, 'Global', { globalReplicationGroupId: 'world' }),
      encryptionKey: given(stack),
    }),
  'a bucket of static files': (stack) => new AssetBucket(stack, 'It'),
  'a copy of a bucket': (stack) => new AssetBucket(stack, 'It', { copies: AssetCopies.HERE }),
  'a bucket that is copied': (stack) => {
    const source = new AssetBucket(stack, 'It', { copies: AssetCopies.ELSEWHERE });
    new BucketReplication(stack, 'ItsCopy', { source, destinationBucketArns: ['arn:aws:s3:::west'] });
  },
  'a search domain': (stack) => new SearchDomain(stack, 'It', { vpc: existingVpc(stack), encryptionKey: given(stack) }),
  'a shared table': (stack) => new SharedTable(stack, 'It'),
  'a warehouse': (stack) => new Warehouse(stack, 'It', { vpc: existingVpc(stack), encryptionKey: given(stack) }),
  'a job queue': (stack) => new JobQueue(stack, 'It', { alarmTopic: new sns.Topic(stack, 'Alarms') }),
  'a job queue with a key': (stack) =>
    new JobQueue(stack, 'It', { alarmTopic: new sns.Topic(stack, 'Alarms'), encryptionKey: given(stack) }),
  'events to a queue': (stack) => {
    const events = new DomainEvents(stack, 'It');
    const { queue } = new JobQueue(stack, 'Jobs');
    events.addQueueSubscriber('ToJobs', queue);
    events.addQueueRoute('OrdersToJobs', { source: ['orders'] }, queue);
  },
  'an event stream': (stack) => new EventStream(stack, 'It', { vpc: existingVpc(stack), encryptionKey: given(stack) }),
  'a stream replicator': (stack) => {
    const vpc = existingVpc(stack);
    new StreamReplicator(stack, 'It', {
      sourceClusterArn: 'arn:aws:kafka:eu-central-1:123456789012:cluster/shop/0',
      sourceSubnetIds: ['subnet-1', 'subnet-2'],
      target: new EventStream(stack, 'Stream', { vpc }),
      vpc,
    });
  },
};

test.each(Object.entries(BLOCKS))('%s leaves no rule of any pack open, and no acknowledgement unused', (_, build) => {
  expect(packsOver(build, 'It')).toEqual({ open: [], unused: [] });
});

test('the packs are at work: a queue of no block is found', () => {
  const { open } = packsOver((stack) => new sqs.Queue(stack, 'Plain'), 'Plain');
  expect(open).toEqual(expect.arrayContaining(['Serverless::Serverless-SQSRedrivePolicy at Shop/Plain/Resource']));
});

test('what is said of copies fits the bucket: a missing word is found, and one too many', () => {
  const rule = 'PCI.DSS.321::PCI.DSS.321-S3BucketReplicationEnabled at Shop/It/Bucket';
  const neverCopied = packsOver((stack) => new AssetBucket(stack, 'It', { copies: AssetCopies.ELSEWHERE }), 'It/Bucket');
  expect(neverCopied.open).toContain(`${rule}/Resource`);
  const copied = packsOver((stack) => {
    const source = new AssetBucket(stack, 'It');
    new BucketReplication(stack, 'ItsCopy', { source, destinationBucketArns: ['arn:aws:s3:::west'] });
  }, 'It/Bucket');
  expect(copied.unused).toContain(rule);
});

test('a principal that produces, consumes and manages topics is acknowledged once for each name', () => {
  const stack = testStack();
  const role = new iam.Role(stack, 'Role', { assumedBy: new iam.ServicePrincipal('ecs-tasks.amazonaws.com') });
  const stream = new EventStream(stack, 'It', { vpc: existingVpc(stack) });
  stream.grantProduce(role);
  stream.grantConsume(role);
  stream.grantManageTopics(role);
  const ids = allAcknowledgements(role).map(({ id }) => id);
  expect(ids).toEqual([
    expect.stringContaining(':topic/'),
    'AwsSolutions::AwsSolutions-IAM5[Resource::*]',
    expect.stringContaining(':group/'),
  ]);
});
