import { isIntrinsic, isObject, items, sameValue } from '../../assembly/values';
import type { PropertyChange, PropertyRule } from './rule';
import { byName } from './update-refused';

/** Updates in place that nobody should make without knowing. They come beside what the schema and the other rules say. */
export const CAUTIONS: PropertyRule[] = [
  {
    id: 'secret-generated-anew',
    types: ['AWS::SecretsManager::Secret'],
    properties: ['GenerateSecretString'],
    verdict: 'updated',
    sentence:
      'the secret gets a newly generated value, which a database that took its password from it does not learn (not verified against AWS)',
    source: 'CloudFormation AWS::SecretsManager::Secret, GenerateSecretString',
  },
  {
    id: 'protection-off',
    types: [
      'AWS::CloudTrail::EventDataStore',
      'AWS::Cognito::UserPool',
      'AWS::DocDB::DBCluster',
      'AWS::DocDB::GlobalCluster',
      'AWS::DSQL::Cluster',
      'AWS::DynamoDB::Table',
      'AWS::EKS::Cluster',
      'AWS::Logs::LogGroup',
      'AWS::Neptune::DBCluster',
      'AWS::Neptune::GlobalCluster',
      'AWS::NeptuneGraph::Graph',
      'AWS::OpenSearchServerless::Collection',
      'AWS::QLDB::Ledger',
      'AWS::RDS::DBCluster',
      'AWS::RDS::DBInstance',
      'AWS::RDS::GlobalCluster',
      'AWS::VerifiedPermissions::PolicyStore',
    ],
    properties: ['DeletionProtection', 'DeletionProtectionEnabled', 'TerminationProtectionEnabled'],
    verdict: 'updated',
    when: ({ oldValue, newValue }) => isOn(oldValue) && !isOn(newValue),
    sentence: 'nothing is lost now, but nothing stops the next deletion either: leave the protection on',
    source: 'CloudFormation, the property of each type',
  },
  {
    id: 'passkeys-lose-their-domain',
    types: ['AWS::Cognito::UserPool'],
    properties: ['WebAuthnRelyingPartyID'],
    verdict: 'updated',
    when: ({ oldValue, newValue }) => oldValue !== undefined && !sameValue(oldValue, newValue),
    sentence:
      'the passkeys that people have answer to the domain they were made for and to no other: they sign in with a password and make new ones',
    source: 'W3C Web Authentication, Relying Party Identifier; Amazon Cognito developer guide, Passkey sign-in',
  },
  {
    id: 'replica-unprotected',
    types: ['AWS::DynamoDB::GlobalTable'],
    properties: ['Replicas'],
    verdict: 'updated',
    when: (change) =>
      replicasThat(change, (old, fresh) => isOn(old.DeletionProtectionEnabled) && !isOn(fresh.DeletionProtectionEnabled)),
    sentence: 'a replica loses its deletion protection: nothing is lost now, but nothing stops the next deletion either',
    source: 'CloudFormation AWS::DynamoDB::GlobalTable, ReplicaSpecification',
  },
  {
    id: 'point-in-time-recovery-off',
    types: ['AWS::DynamoDB::Table', 'AWS::Cassandra::Table'],
    properties: ['PointInTimeRecoverySpecification', 'PointInTimeRecoveryEnabled'],
    verdict: 'updated',
    when: ({ oldValue, newValue }) => isOn(oldValue) && !isOn(newValue),
    sentence: 'the history that the table could be restored from is deleted at once',
    source: 'DynamoDB developer guide, Point-in-time recovery (disabling)',
  },
  {
    id: 'replica-point-in-time-recovery-off',
    types: ['AWS::DynamoDB::GlobalTable'],
    properties: ['Replicas'],
    verdict: 'updated',
    when: (change) =>
      replicasThat(
        change,
        (old, fresh) => isOn(old.PointInTimeRecoverySpecification) && !isOn(fresh.PointInTimeRecoverySpecification),
      ),
    sentence: 'the history that a replica could be restored from is deleted at once',
    source: 'DynamoDB developer guide, Point-in-time recovery (disabling)',
  },
  {
    id: 'replica-leaves',
    types: ['AWS::DynamoDB::GlobalTable', 'AWS::SecretsManager::Secret'],
    properties: ['Replicas', 'ReplicaRegions'],
    verdict: 'updated',
    when: ({ oldValue, newValue }) => {
      const kept = byName(newValue, 'Region');
      return !isIntrinsic(newValue) && [...byName(oldValue, 'Region').keys()].some((region) => !kept.has(region));
    },
    sentence: 'the copy in a region that leaves the list is deleted; what only that copy has is lost, and its readers fail',
    source: 'CloudFormation AWS::DynamoDB::GlobalTable, Replicas; AWS::SecretsManager::Secret, ReplicaRegions',
  },
  {
    id: 'replication-ends',
    types: ['AWS::S3::Bucket', 'AWS::EFS::FileSystem'],
    properties: ['ReplicationConfiguration'],
    verdict: 'updated',
    when: ({ oldValue, newValue }) => oldValue !== undefined && newValue === undefined,
    sentence: 'what is written from now on has no copy elsewhere',
    source: 'S3 user guide, Replicating objects; EFS user guide, Deleting a replication configuration',
  },
  {
    id: 'backups-shortened',
    types: [
      'AWS::DocDB::DBCluster',
      'AWS::ElastiCache::ReplicationGroup',
      'AWS::ElastiCache::ServerlessCache',
      'AWS::MemoryDB::Cluster',
      'AWS::Neptune::DBCluster',
      'AWS::RDS::DBCluster',
      'AWS::RDS::DBInstance',
      'AWS::Redshift::Cluster',
    ],
    properties: ['BackupRetentionPeriod', 'SnapshotRetentionLimit', 'AutomatedSnapshotRetentionPeriod'],
    verdict: 'updated',
    when: ({ property, oldValue, newValue }) => isLess(newValue, oldValue, property === 'SnapshotRetentionLimit' ? 0 : 1),
    sentence: 'automatic backups that are older than the new time are deleted; with 0, all of them',
    source: 'RDS user guide, Backup retention period; ElastiCache guide, Scheduling automatic backups',
  },
  {
    id: 'backups-go-with-it',
    types: ['AWS::RDS::DBInstance', 'AWS::RDS::DBCluster'],
    properties: ['DeleteAutomatedBackups'],
    verdict: 'updated',
    when: ({ newValue }) => isOn(newValue ?? true),
    sentence: 'when the database goes, its automatic backups now go with it',
    source: 'CloudFormation AWS::RDS::DBInstance, DeleteAutomatedBackups',
  },
  {
    id: 'kept-shorter',
    types: [
      'AWS::CloudTrail::EventDataStore',
      'AWS::Events::Archive',
      'AWS::Kinesis::Stream',
      'AWS::SQS::Queue',
      'AWS::Timestream::Table',
    ],
    properties: [
      'MessageRetentionPeriod',
      'RetentionDays',
      'RetentionPeriod',
      'RetentionPeriodHours',
      'RetentionProperties.MagneticStoreRetentionPeriodInDays',
    ],
    verdict: 'updated',
    when: ({ property, oldValue, newValue }) => isLess(newValue, oldValue, KEPT_UNLESS_SAID[property]),
    sentence: 'what is older than the new time is deleted',
    source: 'CloudFormation, the property of each type; SQS API, SetQueueAttributes',
  },
  {
    id: 'logs-kept-shorter',
    types: ['AWS::Logs::LogGroup'],
    properties: ['RetentionInDays'],
    verdict: 'updated',
    when: ({ oldValue, newValue }) => isLess(newValue, oldValue, Number.POSITIVE_INFINITY),
    sentence: 'log events that are older than the new time are deleted',
    source: 'CloudWatch Logs user guide, Change log data retention',
  },
  {
    id: 'objects-expire',
    types: ['AWS::S3::Bucket'],
    properties: ['LifecycleConfiguration'],
    verdict: 'updated',
    when: ({ oldValue, newValue }) => expirations(newValue).some((text) => !expirations(oldValue).includes(text)),
    sentence:
      'a rule that deletes objects or their versions is new or another one: what it matches is deleted, and versions with it',
    source: 'S3 user guide, Expiring objects',
  },
  {
    id: 'images-expire',
    types: ['AWS::ECR::Repository'],
    properties: ['LifecyclePolicy'],
    verdict: 'updated',
    when: ({ newValue }) => newValue !== undefined,
    sentence: 'images that the new policy matches are deleted within a day, those that tasks still start from among them',
    source: 'ECR user guide, Lifecycle policies',
  },
  {
    id: 'rows-expire',
    types: ['AWS::DynamoDB::Table', 'AWS::DynamoDB::GlobalTable', 'AWS::Cassandra::Table'],
    properties: ['TimeToLiveSpecification', 'DefaultTimeToLive'],
    verdict: 'updated',
    when: ({ newValue }) => (isObject(newValue) ? isOn(newValue.Enabled) : Number(newValue) > 0),
    sentence: 'rows whose time has passed by this attribute are deleted, those that are there already among them',
    source: 'DynamoDB developer guide, Time to Live; Keyspaces developer guide, Time to Live',
  },
  {
    id: 'versions-no-longer-kept',
    types: ['AWS::S3::Bucket'],
    properties: ['VersioningConfiguration'],
    verdict: 'updated',
    when: ({ oldValue, newValue }) => hasStatus(oldValue, 'Enabled') && !hasStatus(newValue, 'Enabled'),
    sentence: 'from now on, overwriting or deleting an object loses it; replication needs versions, too',
    source: 'S3 user guide, Suspending object versioning',
  },
  {
    id: 'failed-messages-expire',
    types: ['AWS::SQS::Queue'],
    properties: ['RedrivePolicy'],
    verdict: 'updated',
    when: ({ oldValue, newValue }) => oldValue !== undefined && newValue === undefined,
    sentence: 'messages that fail again and again no longer go to a dead-letter queue but are deleted when their time is up',
    source: 'SQS developer guide, Dead-letter queues',
  },
  {
    id: 'key-disabled',
    types: ['AWS::KMS::Key', 'AWS::KMS::ReplicaKey'],
    properties: ['Enabled'],
    verdict: 'updated',
    when: ({ newValue }) => sameValue(newValue, false),
    sentence: 'nothing that is encrypted under the key can be read while it is disabled, databases among it: they stop',
    source: 'KMS developer guide, Enable and disable keys; RDS user guide, inaccessible-encryption-credentials',
  },
  {
    id: 'alias-moves',
    types: ['AWS::KMS::Alias'],
    properties: ['TargetKeyId'],
    verdict: 'updated',
    sentence: 'the alias leads to another key: what was encrypted stays with the old one, which has to stay, too',
    source: 'KMS developer guide, Aliases',
  },
  {
    id: 'vault-unlocked',
    types: ['AWS::Backup::BackupVault'],
    properties: ['LockConfiguration'],
    verdict: 'updated',
    when: ({ newValue }) => newValue === undefined,
    sentence: 'backups can be deleted again before their time',
    source: 'AWS Backup developer guide, Vault Lock',
  },
  {
    id: 'second-group-leaves',
    types: ['AWS::ECS::Service'],
    properties: ['LoadBalancers'],
    verdict: 'updated',
    when: ({ oldValue, newValue }) => hasTwoGroups(oldValue) && !hasTwoGroups(newValue),
    sentence:
      'every other release leaves the tasks in the second target group: if they are there now, nobody answers until the deploy is through',
    source: 'Amazon ECS developer guide, blue/green deployments (not verified against AWS)',
  },
  {
    id: 'vault-locked-for-good',
    types: ['AWS::Backup::BackupVault'],
    properties: ['LockConfiguration.ChangeableForDays'],
    verdict: 'updated',
    when: ({ oldValue, newValue }) => oldValue === undefined && newValue !== undefined,
    sentence:
      'after these days nobody can take the lock off again, nor delete a backup before its time: each is paid for to its end',
    source: 'AWS Backup developer guide, Vault Lock (compliance mode)',
  },
];

function hasTwoGroups(loadBalancers: unknown): boolean {
  return items(loadBalancers).some((one) => isObject(one) && one.AdvancedConfiguration !== undefined);
}

/** What services keep where nothing is written: seconds, hours, and for ever. */
const KEPT_UNLESS_SAID: Record<string, number> = {
  MessageRetentionPeriod: 345_600,
  RetentionPeriodHours: 24,
  RetentionDays: Number.POSITIVE_INFINITY,
};

/** Switches come as true, as text, and as an object with one switch in it. */
function isOn(value: unknown): boolean {
  if (isIntrinsic(value)) return false;
  if (isObject(value)) return Object.values(value).some(isOn);
  return ['true', 'active', 'enabled'].includes(String(value).toLowerCase());
}

function hasStatus(value: unknown, status: string): boolean {
  return isObject(value) && value.Status === status;
}

function isLess(fresh: unknown, old: unknown, unlessSaid = Number.NaN): boolean {
  return Number(fresh ?? unlessSaid) < Number(old ?? unlessSaid);
}

function replicasThat(
  { oldValue, newValue }: PropertyChange,
  changed: (old: Record<string, unknown>, fresh: Record<string, unknown>) => boolean,
): boolean {
  const later = byName(newValue, 'Region');
  return [...byName(oldValue, 'Region')].some(([region, old]) => {
    const fresh = later.get(region);
    return fresh !== undefined && changed(old, fresh);
  });
}

/** The rules that delete, each as a text. */
function expirations(value: unknown): string[] {
  const rules = isObject(value) ? items(value.Rules).filter(isObject) : [];
  return rules
    .filter((rule) => !hasStatus(rule, 'Disabled') && Object.keys(rule).some((key) => key.includes('Expiration')))
    .map(({ Id: _, Transitions, Transition, NoncurrentVersionTransitions, ...rule }) => JSON.stringify(rule));
}
