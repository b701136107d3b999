import { att, ref, resource, retained, shop } from '../../promotion/templates';
import { stateIn } from './in-words';

describe('what becomes of state', () => {
  test.each<[string, Record<string, unknown>, string, string]>([
    [
      'AWS::S3::Bucket',
      { DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' },
      'kept',
      'the old one is kept, outside of the stack',
    ],
    ['AWS::DynamoDB::Table', {}, 'deleted (the default)', 'the old one is deleted (the default)'],
    ['AWS::DynamoDB::Table', { DeletionPolicy: 'Retain' }, 'kept', 'the old one is deleted (the default)'],
    ['AWS::DynamoDB::Table', { DeletionPolicy: 'Delete', UpdateReplacePolicy: 'Delete' }, 'deleted', 'the old one is deleted'],
    [
      'AWS::RDS::DBCluster',
      {},
      'deleted after a last snapshot (the default of its type)',
      'the old one is deleted (the default)',
    ],
    [
      'AWS::RDS::DBInstance',
      {},
      'deleted after a last snapshot (the default of its type)',
      'the old one is deleted (the default)',
    ],
    ['AWS::DocDB::DBCluster', {}, 'deleted (the default)', 'the old one is deleted (the default)'],
    [
      'AWS::EC2::Volume',
      { DeletionPolicy: 'Snapshot', UpdateReplacePolicy: 'Snapshot' },
      'deleted after a last snapshot',
      'the old one is deleted after a last snapshot',
    ],
    [
      'AWS::MSK::Cluster',
      { DeletionPolicy: 'RetainExceptOnCreate' },
      'kept, except where the operation that first makes it fails',
      'the old one is deleted (the default)',
    ],
    [
      'AWS::S3::Bucket',
      {},
      'deleted if it is empty; otherwise the deletion fails (the default)',
      'the old one is deleted (the default)',
    ],
    [
      'AWS::KMS::Key',
      { Properties: { PendingWindowInDays: 7 } },
      'deleted 7 days later (the default)',
      'the old one is deleted (the default)',
    ],
    [
      'AWS::S3::Bucket',
      { DeletionPolicy: { 'Fn::If': ['Prod', 'Retain', 'Delete'] } },
      'known only to a deploy',
      'the old one is deleted (the default)',
    ],
  ])('%s with %j', (Type, more, onDelete, onReplace) => {
    expect(stateIn({ It: { Type, ...more } as never }).It).toMatchObject({ onDelete, onReplace });
  });

  test('includes what is in a bucket or repository that is emptied first', () => {
    const emptied = 'deleted with all that is in it';
    const found = stateIn({
      Files: resource('AWS::S3::Bucket', {}, { DeletionPolicy: 'Delete' }),
      Emptier: resource('Custom::S3AutoDeleteObjects', { BucketName: ref('Files') }),
      Images: resource('AWS::ECR::Repository', { EmptyOnDelete: true }, { DeletionPolicy: 'Delete' }),
      Kept: resource('AWS::ECR::Repository', {}, { DeletionPolicy: 'Delete' }),
    });
    expect([found.Files.onDelete, found.Images.onDelete]).toEqual([emptied, emptied]);
    expect(found.Kept.onDelete).toBe('deleted if it is empty; otherwise the deletion fails');
  });

  test('loses what is in a bucket that is kept and emptied all the same', () => {
    const kept = { DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' };
    const { Files } = stateIn({
      Files: resource('AWS::S3::Bucket', {}, kept),
      Emptier: resource('Custom::S3AutoDeleteObjects', { BucketName: ref('Files') }),
    });
    expect(Files).toMatchObject({
      onDelete: 'kept, but all that is in it is deleted',
      attention: 'nothing keeps it when its stack goes',
    });
  });

  test('is worth a look where nothing keeps it', () => {
    const table = (more: object) => ({ It: { Type: 'AWS::SQS::Queue', ...more } as never });
    expect(stateIn(table({})).It.attention).toBe('nothing keeps it when its stack goes, nor when it is replaced');
    expect(stateIn(table({ UpdateReplacePolicy: 'Retain' })).It.attention).toBe('nothing keeps it when its stack goes');
    expect(stateIn(table({ DeletionPolicy: 'Retain' })).It.attention).toBe('nothing keeps it when it is replaced');
    expect(stateIn(table({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' })).It.attention).toBeUndefined();
  });

  test('is told of everything that holds state, known or unknown, also in a loop', () => {
    const resources = {
      ...shop(),
      Foreign: resource('Acme::Store::Thing'),
      'Fn::ForEach::Buckets': ['Name', ['a'], { Bucket: resource('AWS::S3::Bucket') }] as never,
    };
    const found = stateIn(resources);
    expect(found.Foreign.holds).toBe('not known: its type is in no schema');
    expect(found['Fn::ForEach::Buckets'].holds).toBe('objects');
    const without = [
      'Vpc',
      'DataSubnet1',
      'Guard',
      'Box',
      'DatabaseSubnets',
      'DatabaseParameters',
      'DatabaseWriter',
      'Proxy',
      'CacheSubnets',
      'Record',
      'Runbook',
      'Script',
      'Web',
    ];
    expect(Object.keys(found).sort()).toEqual(
      Object.keys(resources)
        .filter((id) => !without.includes(id) && id !== 'DataSubnet2')
        .sort(),
    );
  });
});

describe('deletion protection', () => {
  test.each<[string, Record<string, unknown>, string]>([
    ['AWS::RDS::DBCluster', { DeletionProtection: true }, 'on'],
    ['AWS::RDS::DBCluster', {}, 'off'],
    ['AWS::RDS::DBCluster', { DeletionProtection: ref('Protect') }, 'known only to a deploy'],
    ['AWS::Cognito::UserPool', { DeletionProtection: 'ACTIVE' }, 'on'],
    ['AWS::Cognito::UserPool', { DeletionProtection: 'INACTIVE' }, 'off'],
    ['AWS::DynamoDB::Table', { DeletionProtectionEnabled: 'true' }, 'on'],
    [
      'AWS::DynamoDB::GlobalTable',
      { Replicas: [{ Region: 'us-east-1', DeletionProtectionEnabled: true }, { Region: 'eu-west-1' }] },
      'off in eu-west-1',
    ],
    ['AWS::Backup::BackupVault', { LockConfiguration: {} }, 'on (vault lock)'],
    ['AWS::S3::Bucket', { ObjectLockEnabled: true }, 'on (object lock)'],
    ['AWS::S3::Bucket', {}, 'none'],
    ['AWS::SQS::Queue', {}, 'none'],
  ])('of %s with %j', (type, properties, protection) => {
    expect(stateIn({ It: retained(type, properties) }).It.protection).toBe(protection);
  });
});

const NEVER = 'everything since the last copy outside the Region: there is none';

describe('backup', () => {
  test.each<[string, Record<string, unknown>, string, string | undefined]>([
    ['AWS::RDS::DBCluster', { BackupRetentionPeriod: 14 }, 'to any second of the last 14 days', undefined],
    ['AWS::RDS::DBCluster', {}, 'to any second of the last 1 day', undefined],
    ['AWS::RDS::DBInstance', { BackupRetentionPeriod: 0 }, 'none', 'it has no copy anywhere'],
    ['AWS::RDS::DBInstance', { SourceDBInstanceIdentifier: 'x' }, 'none', 'it has no copy anywhere'],
    ['AWS::DynamoDB::Table', {}, 'none', 'it has no copy anywhere'],
    [
      'AWS::DynamoDB::Table',
      { PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true, RecoveryPeriodInDays: 7 } },
      'to any second of the last 7 days',
      undefined,
    ],
    ['AWS::S3::Bucket', {}, 'none: no versions', 'it has no copy anywhere'],
    ['AWS::S3::Bucket', { VersioningConfiguration: { Status: 'Suspended' } }, 'none: no versions', 'it has no copy anywhere'],
    [
      'AWS::S3::Bucket',
      { LifecycleConfiguration: { Rules: [{ ExpirationInDays: 90 }] } },
      'none: no versions; objects are deleted after 90 days',
      undefined,
    ],
    [
      'AWS::S3::Bucket',
      {
        VersioningConfiguration: { Status: 'Enabled' },
        LifecycleConfiguration: { Rules: [{ NoncurrentVersionExpiration: { NoncurrentDays: 30 } }] },
      },
      'earlier versions, kept 30 days',
      undefined,
    ],
    ['AWS::ElastiCache::ReplicationGroup', { SnapshotRetentionLimit: 7 }, 'daily snapshots, kept 7 days', undefined],
    ['AWS::ElastiCache::ReplicationGroup', {}, 'none', 'it has no copy anywhere'],
    ['AWS::EC2::Volume', {}, 'none', 'it has no copy anywhere'],
    ['AWS::EFS::FileSystem', { BackupPolicy: { Status: 'ENABLED' } }, 'daily, kept 35 days', undefined],
    ['AWS::OpenSearchService::Domain', {}, 'hourly snapshots of the last 14 days, by the service', undefined],
    ['AWS::RedshiftServerless::Namespace', {}, 'recovery points of the last 24 hours', undefined],
    ['AWS::SQS::Queue', { MessageRetentionPeriod: 1209600 }, 'none; a message waits at most 14 days', undefined],
    ['AWS::SQS::Queue', {}, 'none; a message waits at most 4 days', undefined],
    ['AWS::Logs::LogGroup', { RetentionInDays: 30 }, 'none; events are kept 30 days', undefined],
    ['AWS::Logs::LogGroup', {}, 'none; events are kept for ever', undefined],
    ['AWS::Kinesis::Stream', {}, 'none; the stream keeps records 24 hours', undefined],
    ['AWS::Cassandra::Table', { PointInTimeRecoveryEnabled: true }, 'to any second of the last 35 days', undefined],
    ['AWS::FSx::FileSystem', { LustreConfiguration: { AutomaticBackupRetentionDays: 0 } }, 'none', 'it has no copy anywhere'],
    ['AWS::Route53::HostedZone', {}, 'none in the template', undefined],
  ])('of %s with %j', (type, properties, backup, attention) => {
    expect(stateIn({ It: retained(type, properties) }).It).toMatchObject({ backup });
    expect(stateIn({ It: retained(type, properties) }).It.attention).toBe(attention);
  });

  const plan = (rule: Record<string, unknown> = {}) =>
    resource('AWS::Backup::BackupPlan', {
      BackupPlan: { BackupPlanRule: [{ ScheduleExpression: 'cron(0 3 * * ? *)', Lifecycle: { DeleteAfterDays: 7 }, ...rule }] },
    });
  const selection = (BackupSelection: Record<string, unknown>) =>
    resource('AWS::Backup::BackupSelection', { BackupPlanId: att('Plan', 'BackupPlanId'), BackupSelection });
  const disk = retained('AWS::EC2::Volume', { Tags: [{ Key: 'backup', Value: 'daily' }] });

  test.each<[string, Record<string, unknown>, boolean]>([
    ['its ARN', { Resources: [{ 'Fn::Join': ['', ['arn:aws:ec2:us-east-1:1:volume/', ref('Disk')]] }] }, true],
    ['everything', { Resources: ['*'] }, true],
    ['all disks', { Resources: ['arn:aws:ec2:*:*:volume/*'] }, true],
    ['all tables', { Resources: ['arn:aws:dynamodb:*:*:table/*'] }, false],
    ['its tag', { ListOfTags: [{ ConditionType: 'STRINGEQUALS', ConditionKey: 'backup', ConditionValue: 'daily' }] }, true],
    ['another tag', { ListOfTags: [{ ConditionType: 'STRINGEQUALS', ConditionKey: 'backup', ConditionValue: 'weekly' }] }, false],
    [
      'everything with its tag',
      { Resources: ['*'], Conditions: { StringEquals: [{ ConditionKey: 'aws:ResourceTag/backup', ConditionValue: 'daily' }] } },
      true,
    ],
    [
      'everything with another tag',
      { Resources: ['*'], Conditions: { StringEquals: [{ ConditionKey: 'aws:ResourceTag/backup', ConditionValue: 'no' }] } },
      false,
    ],
    ['everything but it', { Resources: ['*'], NotResources: [ref('Disk')] }, false],
  ])('by a plan that selects %s', (_, BackupSelection, isCovered) => {
    const { backup, attention } = stateIn({ Disk: disk, Plan: plan(), Selection: selection(BackupSelection) }).Disk;
    expect(backup).toBe(isCovered ? 'AWS Backup daily at 03:00 UTC, kept 7 days' : 'none');
    expect(attention).toBe(isCovered ? undefined : 'it has no copy anywhere');
  });

  test('by a plan that copies to another Region outlives its own', () => {
    const copy = { CopyActions: [{ DestinationBackupVaultArn: 'arn:aws:backup:eu-west-1:111111111111:backup-vault:far' }] };
    expect(stateIn({ Disk: disk, Plan: plan(copy), Selection: selection({ Resources: ['*'] }) }).Disk).toMatchObject({
      onRegionLoss: 'copies of its backups in eu-west-1',
      recoveryPoint: 'everything since the last backup (daily at 03:00 UTC)',
    });
    expect(stateIn({ Disk: disk, Plan: plan(), Selection: selection({ Resources: ['*'] }) }).Disk).toMatchObject({
      onRegionLoss: 'lost with its Region',
      recoveryPoint: NEVER,
    });
  });

  test('by lifecycle policies of disks', () => {
    const policy = resource('AWS::DLM::LifecyclePolicy', { PolicyDetails: { TargetTags: [{ Key: 'backup', Value: 'daily' }] } });
    expect(stateIn({ Disk: disk, Policy: policy }).Disk.backup).toBe('snapshots by Data Lifecycle Manager');
  });
});
