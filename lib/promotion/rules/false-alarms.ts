import { isIntrinsic, sameValue } from '../../assembly/values';
import type { PropertyRule } from './rule';
import { indexKeysChange } from './update-refused';

/**
 * Changes that the schemas call a replacement, or a conditional one, and that happen in place.
 *
 * Reviewed one by one: an entry needs a document that says so, or the provider's own source.
 */
export const FALSE_ALARMS: PropertyRule[] = [
  {
    id: 'instance-modified-in-place',
    types: ['AWS::RDS::DBInstance'],
    properties: [
      'MultiAZ',
      'BackupRetentionPeriod',
      'StorageType',
      'AutoMinorVersionUpgrade',
      'PreferredMaintenanceWindow',
      'DBParameterGroupName',
    ],
    verdict: 'updated',
    sentence: 'the provider modifies the instance and has no immutability check on this',
    source: 'RDS resource provider, DBInstance handler (promotion.md 3.1)',
  },
  {
    id: 'instance-insights-key-first-set',
    types: ['AWS::RDS::DBInstance'],
    properties: ['PerformanceInsightsKMSKeyId'],
    verdict: 'updated',
    when: ({ oldValue }) => oldValue === undefined,
    sentence: 'the provider refuses another Performance Insights key, not the first one',
    source: 'RDS resource provider, DBInstance handler (promotion.md 3.1)',
  },
  {
    id: 'instance-zone-of-multi-az',
    types: ['AWS::RDS::DBInstance'],
    properties: ['AvailabilityZone'],
    verdict: 'updated',
    when: ({ after }) => sameValue(after.Properties?.MultiAZ, true),
    sentence: 'a Multi-AZ instance has no zone of its own, so the provider lets this pass',
    source: 'RDS resource provider, DBInstance handler (promotion.md 3.1)',
  },
  {
    id: 'replica-promoted',
    types: ['AWS::RDS::DBInstance'],
    properties: ['SourceDBInstanceIdentifier', 'SourceDBClusterIdentifier'],
    verdict: 'updated',
    when: ({ newValue }) => newValue === undefined || newValue === '',
    sentence: 'taking the source away promotes the replica',
    source: 'CloudFormation AWS::RDS::DBInstance, SourceDBInstanceIdentifier',
  },
  {
    id: 'cluster-leaves-global',
    types: ['AWS::RDS::DBCluster'],
    properties: ['GlobalClusterIdentifier'],
    verdict: 'updated',
    when: ({ newValue }) => newValue === '',
    sentence: 'an empty value detaches the cluster from its global database and keeps its data',
    source: 'CloudFormation AWS::RDS::DBCluster, GlobalClusterIdentifier',
  },
  {
    id: 'engine-converted',
    types: ['AWS::RDS::DBCluster', 'AWS::RDS::DBInstance'],
    properties: ['Engine'],
    verdict: 'updated',
    sentence: 'this one conversion is done in place, with an interruption',
    source: 'CloudFormation AWS::RDS::DBInstance, Engine; RDS resource provider (promotion.md 3.1)',
  },
  {
    id: 'cache-resharding-online',
    types: ['AWS::ElastiCache::ReplicationGroup'],
    properties: ['NumNodeGroups', 'NodeGroupConfiguration'],
    verdict: 'updated',
    sentence: 'UpdatePolicy UseOnlineResharding moves the shards without interruption',
    source: 'CloudFormation UpdatePolicy attribute, UseOnlineResharding',
  },
  {
    id: 'cache-replicas-in-place',
    types: ['AWS::ElastiCache::ReplicationGroup'],
    properties: ['ReplicasPerNodeGroup'],
    verdict: 'updated',
    when: ({ oldValue, before, after }) =>
      !sameValue(oldValue, 0) && sameValue(before.Properties?.NodeGroupConfiguration, after.Properties?.NodeGroupConfiguration),
    sentence: 'replicas are added and removed in place since July 2026, as long as NodeGroupConfiguration stays as it is',
    source: 'github aws-cloudformation/cloudformation-coverage-roadmap#918; CloudFormation AWS::ElastiCache::ReplicationGroup',
  },
  {
    id: 'cache-engine-upgrade',
    types: ['AWS::ElastiCache::ReplicationGroup'],
    properties: ['Engine'],
    verdict: 'updated',
    when: ({ oldValue, newValue }) => (oldValue ?? 'redis') === 'redis' && newValue === 'valkey',
    sentence: 'going from redis to valkey is an in-place migration',
    source: 'CloudFormation AWS::ElastiCache::ReplicationGroup, Engine',
  },
  {
    id: 'cache-auth-token-rotated',
    types: ['AWS::ElastiCache::ReplicationGroup'],
    properties: ['AuthToken'],
    verdict: 'updated',
    when: ({ oldValue, newValue }) => oldValue !== undefined && newValue !== undefined,
    sentence: 'only adding a token replaces the cache, another value rotates it',
    source: 'CloudFormation AWS::ElastiCache::ReplicationGroup, AuthToken',
  },
  {
    id: 'global-table-index-added',
    types: ['AWS::DynamoDB::GlobalTable'],
    properties: ['GlobalSecondaryIndexes'],
    verdict: 'updated',
    when: ({ oldValue, newValue }) => !isIntrinsic(oldValue) && !isIntrinsic(newValue) && !indexKeysChange(oldValue, newValue),
    sentence: 'the conditional replacement is about the keys of an existing index, not about adding or removing one',
    source: 'CloudFormation AWS::DynamoDB::GlobalTable, GlobalSecondaryIndexes',
  },
  {
    id: 'instance-restarts',
    types: ['AWS::EC2::Instance'],
    properties: ['UserData', 'InstanceType', 'EbsOptimized', 'SecurityGroupIds'],
    verdict: 'updated',
    when: ({ before }) => before.Properties?.NetworkInterfaces === undefined,
    sentence:
      'an instance with an EBS root volume is restarted at most (an instance-store root, or an incompatible type, replaces it)',
    source: 'CloudFormation AWS::EC2::Instance, UserData and InstanceType',
  },
  {
    id: 'document-gets-a-version',
    types: ['AWS::SSM::Document'],
    properties: ['Content', 'Attachments', 'Requires', 'TargetType', 'VersionName'],
    verdict: 'updated',
    when: ({ before, after }) =>
      sameValue(after.Properties?.UpdateMethod, 'NewVersion') &&
      sameValue(before.Properties?.DocumentType, after.Properties?.DocumentType),
    sentence: 'UpdateMethod NewVersion adds a version to the document and makes it the default one',
    source: 'CloudFormation AWS::SSM::Document, UpdateMethod',
  },
  {
    id: 'vpc-tenancy-relaxed',
    types: ['AWS::EC2::VPC'],
    properties: ['InstanceTenancy'],
    verdict: 'updated',
    when: ({ oldValue, newValue }) => oldValue === 'dedicated' && (newValue ?? 'default') === 'default',
    sentence: 'going from dedicated to default tenancy needs no other VPC',
    source: 'CloudFormation AWS::EC2::VPC, InstanceTenancy',
  },
];
