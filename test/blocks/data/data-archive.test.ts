import { Duration, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as sns from 'aws-cdk-lib/aws-sns';
import { ArchiveBucket } from '../../../lib/blocks/data/archive-bucket';
import type { ArchivedTable } from '../../../lib/blocks/data/archived-table';
import { AuroraDatabase } from '../../../lib/blocks/data/aurora-database';
import { DataArchive, type DataArchiveProps } from '../../../lib/blocks/data/data-archive';
import { DataKey } from '../../../lib/blocks/data/data-key';
import { LogBucket } from '../../../lib/blocks/operations/log-bucket';
import { ACCOUNT, testStack } from '../../stacks';
import { everyPack } from '../every-pack';
import { nagFindings } from '../nag';
import { additions, FLAGS, losses } from './kept';
import { vpc } from './vpc';

const YEAR = Duration.days(365);
const ORDERS: ArchivedTable = { table: 'orders', by: 'created_at', olderThan: YEAR, keepFor: Duration.days(2555) };

interface Options {
  readonly tables?: ArchivedTable[];
  readonly immutable?: boolean;
  readonly archives?: boolean;
  readonly beside?: boolean;
  readonly dataApi?: boolean;
  readonly props?: Partial<DataArchiveProps>;
  readonly stack?: Stack;
}

function shop({
  tables = [ORDERS],
  immutable,
  archives = true,
  beside = false,
  dataApi = true,
  props,
  stack = testStack(),
}: Options = {}) {
  const database = new AuroraDatabase(stack, 'Database', { vpc: vpc(stack), dataApi });
  const logs = new LogBucket(stack, 'Logs');
  if (!archives) return { stack, runner: stack };
  const { encryptionKey } = database;
  const archive = new ArchiveBucket(stack, 'Bucket', { tables, immutable, encryptionKey, accessLogBucket: logs.bucket });
  const runner = beside ? new Stack(stack, 'Archiver', { env: { account: ACCOUNT, region: 'us-east-1' } }) : stack;
  const alarmTopic = new sns.Topic(stack, 'Topic');
  new DataArchive(runner, 'Archive', { database, archive, alarmTopic, ...props });
  return { stack, runner };
}

const template = (options?: Options) => Template.fromStack(shop(options).stack);

test('the archive is kept, encrypted, versioned and private', () => {
  template().hasResource('AWS::S3::Bucket', {
    DeletionPolicy: 'Retain',
    UpdateReplacePolicy: 'Retain',
    Properties: {
      VersioningConfiguration: { Status: 'Enabled' },
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [
          Match.objectLike({ ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: Match.anyValue() } }),
        ],
      },
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
      LoggingConfiguration: { LogFilePrefix: 'archive/' },
      ObjectLockEnabled: Match.absent(),
      BucketName: Match.absent(),
    },
  });
});

test('each table has its retention rule, and only what was deleted goes for all', () => {
  const tables = [
    { ...ORDERS, deepArchiveAfter: YEAR },
    { table: 'billing.invoices', by: 'day', olderThan: YEAR },
  ];
  template({ tables }).hasResourceProperties('AWS::S3::Bucket', {
    LifecycleConfiguration: {
      Rules: [
        {
          Prefix: 'archive/public.orders/',
          Status: 'Enabled',
          ExpirationInDays: 2555,
          Transitions: [
            { StorageClass: 'GLACIER_IR', TransitionInDays: 1 },
            { StorageClass: 'DEEP_ARCHIVE', TransitionInDays: 365 },
          ],
        },
        {
          Prefix: 'archive/billing.invoices/',
          Status: 'Enabled',
          Transitions: [{ StorageClass: 'GLACIER_IR', TransitionInDays: 1 }],
        },
        {
          Status: 'Enabled',
          NoncurrentVersionExpiration: { NoncurrentDays: 30 },
          AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
        },
      ],
    },
  });
});

test('a function is told what to archive by the clock of the night', () => {
  const found = template();
  found.hasResourceProperties('AWS::Lambda::Function', {
    Handler: 'index.handler',
    Timeout: 900,
    Code: { ZipFile: Match.stringLikeRegexp('FOR UPDATE SKIP LOCKED') },
    Environment: {
      Variables: {
        DATABASE: 'app',
        RULES: '[{"table":"public.orders","by":"created_at","days":365,"keep":2555}]',
        IMMUTABLE: Match.absent(),
      },
    },
  });
  const rule = Object.keys(found.findResources('AWS::Events::Rule'))[0];
  found.hasResourceProperties('AWS::Events::Rule', { ScheduleExpression: 'cron(15 1-5 * * ? *)', State: 'ENABLED' });
  found.hasResourceProperties('AWS::Lambda::Permission', {
    Principal: 'events.amazonaws.com',
    SourceArn: { 'Fn::GetAtt': [rule, 'Arn'] },
  });
  found.hasResourceProperties('AWS::CloudWatch::Alarm', {
    MetricName: 'Errors',
    Namespace: 'AWS/Lambda',
    Threshold: 0,
    AlarmActions: [{ Ref: Match.stringLikeRegexp('Topic') }],
  });
});

test('its role may delete what is pending and nothing that is archived', () => {
  const policies = template().findResources('AWS::IAM::ManagedPolicy', {
    Properties: { Description: Match.stringLikeRegexp('archive') },
  });
  const statements = Object.values(policies)[0].Properties.PolicyDocument.Statement as {
    Action: string | string[];
    Resource: unknown;
  }[];
  const deleting = statements.filter(({ Action }) => Action.includes('s3:DeleteObject'));
  const objects = { 'Fn::Join': ['', [{ 'Fn::GetAtt': [expect.stringMatching(/^Bucket/), 'Arn'] }, '/pending/*']] };
  expect(deleting.map(({ Resource }) => Resource)).toEqual([objects]);
  expect(statements.filter(({ Resource }) => Resource === '*')).toEqual([]);
});

test('an immutable archive has the lock from birth, and the right to lock', () => {
  const found = template({ immutable: true });
  found.hasResourceProperties('AWS::S3::Bucket', { ObjectLockEnabled: true });
  found.hasResourceProperties('AWS::Lambda::Function', { Environment: { Variables: { IMMUTABLE: '1' } } });
  expect(JSON.stringify(found.toJSON())).toContain('s3:PutObjectRetention');
});

test('beside the product it takes all it needs by weak references, and only the bucket stands in its stack', () => {
  const { stack, runner } = shop({ beside: true });
  expect(
    additions(shop({ archives: false }).stack, stack)
      .map((one) => one.replace(/.*\((.*)\).*/, '$1'))
      .sort(),
  ).toEqual(expect.arrayContaining([expect.stringContaining('AWS::S3::Bucket')]));
  const beside = Template.fromStack(runner);
  beside.resourceCountIs('AWS::Lambda::Function', 1);
  const text = JSON.stringify(beside.toJSON());
  expect(text).toContain('Fn::GetStackOutput');
  expect(text).not.toContain('Fn::ImportValue');
  expect(text).not.toMatch(/Fn::Split[^}]*GetStackOutput/);
  expect(JSON.stringify(Template.fromStack(stack).toJSON())).not.toContain('AWS::Lambda::Function');
});

test('to archive, to archive more and to stop replaces and loses nothing', () => {
  const none = () => shop({ archives: false }).stack;
  const more = () => shop({ tables: [ORDERS, { ...ORDERS, table: 'visits', keepFor: undefined }] }).stack;
  const stopped = () => shop({ props: { runs: false } }).stack;
  const some = () => shop().stack;
  for (const [from, to] of [
    [none, some],
    [some, more],
    [more, some],
    [some, stopped],
    [stopped, some],
  ]) {
    expect(losses(from(), to())).toEqual([]);
  }
  Template.fromStack(stopped()).hasResourceProperties('AWS::Events::Rule', { State: 'DISABLED' });
  expect(losses(some(), shop({ stack: testStack({ context: FLAGS }) }).stack)).toEqual([]);
  expect(losses(some(), none())).toContainEqual(expect.stringMatching(/Bucket.* is gone/));
});

test.each<[Options, string]>([
  [{ tables: [] }, 'tables must name what is archived, got none: name a table, or leave the archive out'],
  [
    { tables: [ORDERS, { ...ORDERS, table: 'public.orders' }] },
    'tables must name a table once, got public.orders twice: join the two',
  ],
  [
    { tables: [{ ...ORDERS, table: 'Orders"' }] },
    `table must be lower-case letters, digits and underscores, with a schema at most, got 'Orders"': rename it`,
  ],
  [
    { tables: [{ ...ORDERS, by: 'created at' }] },
    "by must be a column in lower-case letters, digits and underscores, got 'created at': rename it",
  ],
  [
    { tables: [{ ...ORDERS, olderThan: Duration.hours(36) }] },
    'olderThan must be 1 to 36500 whole days, got 1.5: choose a whole number in that range',
  ],
  [
    { tables: [{ ...ORDERS, keepFor: Duration.days(0) }] },
    'keepFor must be 1 to 36500 whole days, got 0: choose a whole number in that range',
  ],
  [
    { tables: [{ ...ORDERS, deepArchiveAfter: Duration.days(30) }] },
    'deepArchiveAfter must be 90 to 36500 whole days, got 30: choose a whole number in that range',
  ],
  [
    { tables: [{ ...ORDERS, keepFor: YEAR, deepArchiveAfter: Duration.days(300) }] },
    'keepFor must be 180 days longer than deepArchiveAfter, for which S3 charges, got 365 and 300 days: leave deepArchiveAfter out',
  ],
  [
    { tables: [{ ...ORDERS, keepFor: undefined }], immutable: true },
    'keepFor must be given where the archive is immutable, got none for orders: say for how long nobody may delete',
  ],
  [{ dataApi: false }, 'database must have the Data API to be archived, got one without: set its dataApi to true'],
  [
    { props: { schedule: 'nightly' } },
    "schedule must be a cron() or rate() expression, got 'nightly': write it as in cron(15 1-5 * * ? *)",
  ],
])('refuses %j', (options, message) => {
  expect(() => shop(options)).toThrow(new Error(message));
});

test.each([false, true])('no pack finds anything, immutable %p, and no reason is without a finding', (immutable) => {
  const { stack } = shop({ immutable });
  expect(nagFindings(stack).filter((finding) => /Archive|Bucket/.test(finding) && !/Logs/.test(finding))).toEqual([]);
  for (const id of ['Bucket', 'Archive']) expect(everyPack(stack.node.findChild(id))).toEqual({ open: [], unused: [] });
});

test('the archive may have a key of its own, which the archiver may use beside that of the database', () => {
  const stack = testStack();
  const database = new AuroraDatabase(stack, 'Database', { vpc: vpc(stack), dataApi: true });
  const [accessLogBucket, encryptionKey] = [new LogBucket(stack, 'Logs').bucket, new DataKey(stack, 'Own').key];
  const archive = new ArchiveBucket(stack, 'Bucket', { tables: [ORDERS], encryptionKey, accessLogBucket });
  new DataArchive(stack, 'Archive', { database, archive });
  const keys = (name: string) => ({ 'Fn::GetAtt': [Match.stringLikeRegexp(name), 'Arn'] });
  const allowed = (Resource: unknown) => ({
    PolicyDocument: {
      Statement: Match.arrayWith([Match.objectLike({ Action: ['kms:Decrypt', 'kms:GenerateDataKey'], Resource })]),
    },
  });
  Template.fromStack(stack).hasResourceProperties('AWS::IAM::ManagedPolicy', allowed([keys('^Database'), keys('^Own')]));
  template().hasResourceProperties('AWS::IAM::ManagedPolicy', allowed(keys('^Database')));
});
