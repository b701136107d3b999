import { bucketExpiresObjects } from '../../../lib/review/rules/bucket-expires-objects';
import { bucketReplicationVersioning } from '../../../lib/review/rules/bucket-replication-versioning';
import { publiclyAccessible } from '../../../lib/review/rules/publicly-accessible';
import { searchNodes } from '../../../lib/review/rules/search-nodes';
import { searchNodesUneven } from '../../../lib/review/rules/search-nodes-uneven';
import { secretReplicaRegions } from '../../../lib/review/rules/secret-replica-regions';
import { tableReplicas } from '../../../lib/review/rules/table-replicas';
import { tableWithoutRecovery } from '../../../lib/review/rules/table-without-recovery';
import { warehouseCapacity } from '../../../lib/review/rules/warehouse-capacity';
import { assembly, attribute, output, resource, stack, testRules, UNKNOWN } from './rule-cases';

const STREAM = { StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' } };
const table = (regions: unknown[], properties: Record<string, unknown> = STREAM, replica: Record<string, unknown> = {}) => ({
  Table: resource('DynamoDB::GlobalTable', {
    Replicas: regions.map((Region, index) => ({ Region, ...(index === 0 ? replica : {}) })),
    ...properties,
  }),
});
const VERSIONED = { VersioningConfiguration: { Status: 'Enabled' } };
const bucket = (properties: Record<string, unknown> = {}) => resource('S3::Bucket', properties);
const replicatedTo = (Bucket: unknown) => ({ ReplicationConfiguration: { Rules: [{ Destination: { Bucket } }] } });
const lifecycle = (rule: Record<string, unknown>, properties: Record<string, unknown> = VERSIONED) => ({
  Assets: bucket({ ...properties, LifecycleConfiguration: { Rules: [{ Status: 'Enabled', ...rule }] } }),
});
const domain = (ClusterConfig: Record<string, unknown>, properties: Record<string, unknown> = {}) => ({
  Search: resource('OpenSearchService::Domain', { ClusterConfig, ...properties }),
});
const spread = (InstanceCount: unknown, AvailabilityZoneCount: unknown, more: Record<string, unknown> = {}) => ({
  InstanceCount,
  ZoneAwarenessEnabled: true,
  ZoneAwarenessConfig: { AvailabilityZoneCount },
  ...more,
});
const warehouse = (properties: Record<string, unknown>) => ({ Warehouse: resource('RedshiftServerless::Workgroup', properties) });
const secret = (...regions: unknown[]) => ({
  Secret: resource('SecretsManager::Secret', { ReplicaRegions: regions.map((Region) => ({ Region })) }),
});

const brokers = (Type: unknown) => ({
  Stream: resource('MSK::Cluster', { BrokerNodeGroupInfo: { ConnectivityInfo: { PublicAccess: { Type } } } }),
});
const recovery = (PointInTimeRecoveryEnabled: unknown) => ({ PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled } });

testRules([
  {
    rule: publiclyAccessible,
    passes: {
      'a warehouse that says nothing': warehouse({}),
      'a warehouse inside': warehouse({ PubliclyAccessible: false }),
      'a warehouse that only a deploy knows': warehouse({ PubliclyAccessible: UNKNOWN }),
      'brokers inside': brokers('DISABLED'),
      'a stream that says nothing': { Stream: resource('MSK::Cluster') },
    },
    fails: {
      'a warehouse outside': { in: warehouse({ PubliclyAccessible: true }), at: ['Warehouse PubliclyAccessible'] },
      'a warehouse outside, in words': { in: warehouse({ PubliclyAccessible: 'true' }), at: ['Warehouse PubliclyAccessible'] },
      'brokers outside': {
        in: brokers('SERVICE_PROVIDED_EIPS'),
        at: ['Stream BrokerNodeGroupInfo.ConnectivityInfo.PublicAccess.Type'],
      },
    },
  },
  {
    rule: tableWithoutRecovery,
    passes: {
      'a replica with it': table(['us-east-1'], {}, recovery(true)),
      'a replica that only a deploy knows': table(['us-east-1'], {}, recovery(UNKNOWN)),
      'replicas that are not known': { Table: resource('DynamoDB::GlobalTable', { Replicas: UNKNOWN }) },
    },
    fails: {
      'a replica that says nothing': {
        in: table(['us-east-1'], {}),
        at: ['Table Replicas.0.PointInTimeRecoverySpecification: the one in us-east-1 has none'],
      },
      'one of two': {
        in: table(['us-east-1', 'us-west-2'], STREAM, recovery(true)),
        at: ['Table Replicas.1.PointInTimeRecoverySpecification: the one in us-west-2 has none'],
      },
      'a replica without': {
        in: table([UNKNOWN], {}, recovery(false)),
        at: ['Table Replicas.0.PointInTimeRecoverySpecification'],
      },
    },
  },
  {
    rule: tableReplicas,
    passes: {
      'one Region': table(['us-east-1'], {}),
      'Regions with a stream': table(['us-west-2', 'us-east-1']),
      'Regions that agree at once, which need no stream': table(['us-east-1', 'us-east-2', 'us-west-2'], {
        MultiRegionConsistency: 'STRONG',
      }),
      'Regions that are not known': table([UNKNOWN]),
      'a stack of any Region': assembly(stack(table(['eu-west-1']), { region: 'unknown-region' })),
      'a list that is not known': { Table: resource('DynamoDB::GlobalTable', { Replicas: UNKNOWN }) },
    },
    fails: {
      'a Region twice': { in: table(['us-east-1', 'us-west-2', 'us-west-2']), at: ['Table Replicas: us-west-2 is listed twice'] },
      'no replica at home': {
        in: table(['us-west-2', 'eu-west-1']),
        at: ['Table Replicas: us-east-1, where the stack is, is not listed'],
      },
      'replicas without a stream': {
        in: table(['us-east-1', 'us-west-2'], {}),
        at: ['Table StreamSpecification: 2 replicas need a stream'],
      },
      'a key for one of two': {
        in: table(
          ['us-east-1', 'us-west-2'],
          { ...STREAM, SSESpecification: { SSEEnabled: true } },
          { SSESpecification: { KMSMasterKeyId: 'key' } },
        ),
        at: ['Table Replicas: 1 of 2 replicas have a key of the customer'],
      },
      'a key, and KMS switched off': {
        in: table(['us-east-1'], {}, { SSESpecification: { KMSMasterKeyId: UNKNOWN } }),
        at: ['Table SSESpecification: the replicas have keys, and encryption with KMS is off'],
      },
    },
  },
  {
    rule: bucketReplicationVersioning,
    passes: {
      'versions on both ends': {
        Assets: bucket({ ...VERSIONED, ...replicatedTo(attribute('Copy', 'Arn')) }),
        Copy: bucket(VERSIONED),
      },
      'a copy elsewhere': { Assets: bucket({ ...VERSIONED, ...replicatedTo('arn:aws:s3:::elsewhere') }) },
      'a bucket alone': { Assets: bucket() },
      'a status that is not known': { Assets: bucket({ VersioningConfiguration: UNKNOWN, ...replicatedTo('arn:aws:s3:::x') }) },
    },
    fails: {
      'a source that keeps none': {
        in: { Assets: bucket({ VersioningConfiguration: { Status: 'Suspended' }, ...replicatedTo('arn:aws:s3:::elsewhere') }) },
        at: ['Assets VersioningConfiguration: it is replicated, and keeps no versions'],
      },
      'a copy in another Region that keeps none': {
        in: assembly(
          stack({ Assets: bucket({ ...VERSIONED, ...replicatedTo(output('Away', 'us-west-2', 'CopyArn')) }) }),
          stack(
            { Copy: bucket() },
            { stackName: 'Away', region: 'us-west-2', sections: { Outputs: { CopyArn: { Value: attribute('Copy', 'Arn') } } } },
          ),
        ),
        at: ['Away/Copy VersioningConfiguration: Assets is replicated to it, and it keeps no versions'],
      },
    },
  },
  {
    rule: bucketExpiresObjects,
    passes: {
      'old versions that expire': lifecycle({ NoncurrentVersionExpiration: { NoncurrentDays: 30 } }),
      'logs that expire, of which nobody keeps versions': lifecycle({ ExpirationInDays: 90 }, {}),
      'a part of a bucket that expires': lifecycle({ ExpirationInDays: 1, Prefix: 'tmp/' }),
      'a rule that is off': lifecycle({ ExpirationInDays: 1, Status: 'Disabled' }),
      'rules that are not known': { Assets: bucket({ ...VERSIONED, LifecycleConfiguration: UNKNOWN }) },
    },
    fails: {
      'everything that expires': {
        in: lifecycle({ ExpirationInDays: 365 }),
        at: ['Assets LifecycleConfiguration.Rules.0.ExpirationInDays: everything is deleted after 365 days'],
      },
      'everything that expires on a day': {
        in: lifecycle({ ExpirationDate: '2030-01-01', Prefix: '' }),
        at: ['Assets LifecycleConfiguration.Rules.0.ExpirationDate'],
      },
    },
  },
  {
    rule: searchNodes,
    passes: {
      'a node in each zone': domain(spread(3, 3, { DedicatedMasterEnabled: true, DedicatedMasterCount: 3 }), {
        VPCOptions: { SubnetIds: ['subnet-1', 'subnet-2', 'subnet-3'] },
      }),
      standby: domain(spread(6, 3, { MultiAZWithStandbyEnabled: true, DedicatedMasterEnabled: true, DedicatedMasterCount: 5 })),
      'one node in one zone': domain({ InstanceCount: 1 }, { VPCOptions: { SubnetIds: ['subnet-1'] } }),
      'numbers that are not known': domain(
        spread(UNKNOWN, UNKNOWN, { DedicatedMasterEnabled: true, DedicatedMasterCount: UNKNOWN }),
      ),
      'masters that are off': domain({ DedicatedMasterEnabled: false, DedicatedMasterCount: 2 }),
    },
    fails: {
      'fewer nodes than zones': { in: domain(spread(1, 2)), at: ['Search ClusterConfig.InstanceCount: 1 data node in 2 zones'] },
      'two masters': {
        in: domain({ DedicatedMasterEnabled: true, DedicatedMasterCount: 2 }),
        at: ['Search ClusterConfig.DedicatedMasterCount: 2 dedicated masters'],
      },
      'four masters': {
        in: domain({ DedicatedMasterEnabled: true, DedicatedMasterCount: 4 }),
        at: ['Search ClusterConfig.DedicatedMasterCount: 4 dedicated masters'],
      },
      'standby in two zones, without masters': {
        in: domain(spread(4, 2, { MultiAZWithStandbyEnabled: true })),
        at: [
          'Search ClusterConfig.ZoneAwarenessConfig: standby needs three zones, it has 2',
          'Search ClusterConfig.DedicatedMasterEnabled: standby needs dedicated masters',
        ],
      },
      'standby of four nodes': {
        in: domain(spread(4, 3, { MultiAZWithStandbyEnabled: true, DedicatedMasterEnabled: true, DedicatedMasterCount: 3 })),
        at: ['Search ClusterConfig.InstanceCount: standby needs a multiple of three, it has 4'],
      },
      'two subnets for one zone': {
        in: domain({ InstanceCount: 2 }, { VPCOptions: { SubnetIds: ['subnet-1', 'subnet-2'] } }),
        at: ['Search VPCOptions.SubnetIds: 2 subnets for 1 zone'],
      },
    },
  },
  {
    rule: searchNodesUneven,
    passes: {
      'an equal number': domain(spread(4, 2)),
      'a number that is not known': domain(spread(UNKNOWN, 3)),
      'standby, which another rule insists on': domain(spread(4, 3, { MultiAZWithStandbyEnabled: true })),
    },
    fails: { 'one more': { in: domain(spread(3, 2)), at: ['Search ClusterConfig.InstanceCount: 3 data nodes in 2 zones'] } },
  },
  {
    rule: warehouseCapacity,
    passes: {
      'steps of 8': warehouse({ BaseCapacity: 8, MaxCapacity: 32 }),
      'the least': warehouse({ BaseCapacity: '4' }),
      'the most': warehouse({ BaseCapacity: 1024 }),
      'a parameter': warehouse({ BaseCapacity: UNKNOWN, MaxCapacity: 8 }),
    },
    fails: {
      twelve: { in: warehouse({ BaseCapacity: 12 }), at: ['Warehouse BaseCapacity: it is 12'] },
      'a step that is too small for its size': {
        in: warehouse({ BaseCapacity: 520 }),
        at: ['Warehouse BaseCapacity: it is 520'],
      },
      'a maximum below': {
        in: warehouse({ BaseCapacity: 64, MaxCapacity: 32 }),
        at: ['Warehouse MaxCapacity: the base is 64, the maximum 32'],
      },
    },
  },
  {
    rule: secretReplicaRegions,
    passes: {
      'two other Regions': secret('us-west-2', 'eu-west-1'),
      'a Region that is not known': secret(UNKNOWN, UNKNOWN),
      'no copy': { Secret: resource('SecretsManager::Secret') },
    },
    fails: {
      'its own Region': { in: secret('us-east-1'), at: ['Secret ReplicaRegions: us-east-1 is its own Region'] },
      'a Region twice': { in: secret('us-west-2', 'us-west-2'), at: ['Secret ReplicaRegions: us-west-2 is listed twice'] },
    },
  },
]);
