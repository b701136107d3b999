import type { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as cxapi from 'aws-cdk-lib/cx-api';
import { RECOMMENDED_FLAGS } from '../../recommended-flags';

/** Properties that replace the resource when they change (promotion.md section 3), by resource type. */
const CREATE_ONLY: Record<string, string[]> = {
  'AWS::RDS::DBCluster': [
    'StorageEncrypted',
    'KmsKeyId',
    'DatabaseName',
    'DBClusterIdentifier',
    'DBSubnetGroupName',
    'EngineMode',
    'Engine',
    'AvailabilityZones',
    'SnapshotIdentifier',
    'GlobalClusterIdentifier',
    'MasterUsername',
    'SourceDBClusterIdentifier',
  ],
  'AWS::RDS::DBInstance': [
    'DBClusterIdentifier',
    'DBInstanceIdentifier',
    'DBSubnetGroupName',
    'AvailabilityZone',
    'Engine',
    'AutoMinorVersionUpgrade',
    'PerformanceInsightsKMSKeyId',
    'StorageEncrypted',
    'Port',
  ],
  'AWS::RDS::DBClusterParameterGroup': ['Family', 'Description', 'DBClusterParameterGroupName'],
  'AWS::RDS::DBSubnetGroup': ['DBSubnetGroupName'],
  'AWS::RDS::GlobalCluster': ['SourceDBClusterIdentifier', 'GlobalClusterIdentifier', 'Engine', 'StorageEncrypted'],
  'AWS::RDS::DBProxy': ['DBProxyName', 'VpcSubnetIds', 'EngineFamily'],
  'AWS::RDS::DBProxyEndpoint': ['DBProxyEndpointName', 'DBProxyName', 'VpcSubnetIds'],
  'AWS::RDS::DBProxyTargetGroup': ['DBProxyName', 'TargetGroupName'],
  'AWS::SecretsManager::Secret': ['Name'],
  'AWS::KMS::Key': ['MultiRegion', 'KeySpec', 'KeyUsage', 'Origin'],
  'AWS::EC2::SecurityGroup': ['GroupDescription', 'GroupName', 'VpcId'],
  'AWS::EC2::Subnet': ['AvailabilityZone', 'CidrBlock', 'VpcId'],
  'AWS::ElastiCache::ReplicationGroup': [
    'AtRestEncryptionEnabled',
    'KmsKeyId',
    'CacheSubnetGroupName',
    'CacheParameterGroupName',
    'Port',
    'NetworkType',
    'GlobalReplicationGroupId',
    'ReplicationGroupId',
    'DataTieringEnabled',
    'PreferredCacheClusterAZs',
    'SnapshotName',
    'SnapshotArns',
    'Engine',
    'AuthToken',
    'Durability',
  ],
  'AWS::ElastiCache::SubnetGroup': ['CacheSubnetGroupName'],
  'AWS::ElastiCache::ParameterGroup': ['CacheParameterGroupFamily', 'Description'],
  'AWS::ElastiCache::User': ['UserId', 'UserName'],
  'AWS::ElastiCache::UserGroup': ['UserGroupId'],
};

/** Resources as a template has them. */
type Resources = Record<string, { Type: string; Properties?: Record<string, unknown> }>;

/** Everything a deploy of `after` over `before` would replace or take away. */
export function losses(before: Stack, after: Stack): string[] {
  const [old, now] = [before, after].map((stack) => Template.fromStack(stack).toJSON().Resources as Resources);
  return Object.entries(old).flatMap(([id, resource]) => {
    const next = now[id];
    if (!next) return [`${id} (${resource.Type}) is gone`];
    if (next.Type !== resource.Type) return [`${id} turns from ${resource.Type} into ${next.Type}`];
    return (CREATE_ONLY[resource.Type] ?? [])
      .filter((name) => JSON.stringify(resource.Properties?.[name]) !== JSON.stringify(next.Properties?.[name]))
      .map((name) => `${id} (${resource.Type}) changes ${name}`);
  });
}

/** Logical ids that `after` has and `before` has not, by type. */
export function additions(before: Stack, after: Stack): string[] {
  const [old, now] = [before, after].map((stack) => Template.fromStack(stack).toJSON().Resources as Resources);
  return Object.keys(now)
    .filter((id) => !old[id])
    .map((id) => now[id].Type)
    .sort();
}

/** The recommended flags that version 2 still takes: those of version 1 alone make it throw. */
export const FLAGS: Record<string, unknown> = Object.fromEntries(
  Object.entries(RECOMMENDED_FLAGS).filter(([name]) => cxapi.FLAGS[name].introducedIn.v2 !== undefined),
);
