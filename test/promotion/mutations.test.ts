import type { TemplateResource } from '../../lib/assembly/cloud-assembly';
import type { Verdict } from '../../lib/promotion/change';
import { comparePromotion } from '../../lib/promotion/compare';
import { ALL_RULES } from '../../lib/promotion/rules';
import { ATTACKS, CAUTIOUS } from './red-team-cases';
import { assembly, att, index, properties, ref, resource, retained, shop, stack } from './templates';

type Resources = Record<string, TemplateResource>;

interface Mutation {
  readonly what: string;
  /** Alters the later template. */
  readonly mutate: (after: Resources) => void;
  /** Alters both templates, where the mutation needs another start. */
  readonly given?: (both: Resources) => void;
  readonly id: string;
  readonly verdict: Verdict;
  readonly rule: string;
  readonly property?: string;
}

function set(id: string, property: string, value: unknown): (resources: Resources) => void {
  return (resources) => {
    if (value === undefined) delete properties(resources, id)[property];
    else properties(resources, id)[property] = value;
  };
}

function change(id: string, property: string, value: unknown, verdict: Verdict, rule: string, what?: string): Mutation {
  const words = what ?? `${property} of ${id} becomes ${JSON.stringify(value) ?? 'unset'}`;
  return { what: words, mutate: set(id, property, value), id, verdict, rule, property };
}

function rename(id: string, renamed: string): (resources: Resources) => void {
  return (resources) => {
    const text = JSON.stringify(resources).replaceAll(`"${id}"`, `"${renamed}"`);
    for (const key of Object.keys(resources)) delete resources[key];
    Object.assign(resources, JSON.parse(text));
  };
}

const brokers = {
  InstanceType: 'kafka.m7g.large',
  ClientSubnets: [ref('DataSubnet1'), ref('DataSubnet2')],
  SecurityGroups: [ref('Guard')],
};
const encryption = { EncryptionAtRest: { DataVolumeKMSKeyId: att('DataKey', 'Arn') }, EncryptionInTransit: { InCluster: true } };
const attributes = (...names: string[]) => names.map((AttributeName) => ({ AttributeName, AttributeType: 'S' }));

const MUTATIONS: Mutation[] = [
  // Relational
  change('Database', 'StorageEncrypted', false, 'replaced', 'create-only'),
  change('Database', 'DatabaseName', 'store', 'replaced', 'create-only'),
  change('Database', 'KmsKeyId', undefined, 'replaced', 'create-only'),
  change('Database', 'DBClusterIdentifier', 'shop', 'replaced', 'create-only'),
  change('Database', 'DBSubnetGroupName', 'other', 'replaced', 'create-only'),
  change('Database', 'SnapshotIdentifier', 'snap', 'replaced', 'create-only'),
  change('Database', 'AvailabilityZones', ['us-east-1a'], 'replaced', 'create-only'),
  change(
    'Database',
    'GlobalClusterIdentifier',
    'shop-global',
    'replaced',
    'cluster-joins-global',
    'the primary is given the global cluster',
  ),
  change('Database', 'MasterUsername', 'admin', 'replaced', 'cluster-user-name'),
  change('Database', 'Engine', 'aurora-mysql', 'replaced', 'database-engine'),
  change('Reports', 'Port', '5433', 'replaced', 'create-only'),
  change('Reports', 'AvailabilityZone', 'us-east-1b', 'replaced', 'conditional-replacement'),
  change('Reports', 'SourceDBInstanceIdentifier', 'another', 'replaced', 'conditional-replacement'),
  {
    what: 'the source of a global cluster changes',
    given: (both) => {
      both.Global = retained('AWS::RDS::GlobalCluster', { SourceDBClusterIdentifier: ref('Database') });
    },
    mutate: set('Global', 'SourceDBClusterIdentifier', 'another'),
    id: 'Global',
    verdict: 'replaced',
    rule: 'create-only',
    property: 'SourceDBClusterIdentifier',
  },
  {
    what: 'the secret of the database gets another logical id',
    mutate: rename('Login', 'LoginAnew'),
    id: 'Login',
    verdict: 'orphaned',
    rule: 'removed-and-retained',
  },
  {
    what: 'a new secret behind the same construct changes the user name of the database',
    mutate: rename('Login', 'LoginAnew'),
    id: 'Database',
    verdict: 'replaced',
    rule: 'cluster-user-name',
    property: 'MasterUsername',
  },
  // Cache
  change('Cache', 'AtRestEncryptionEnabled', false, 'replaced', 'create-only'),
  change('Cache', 'KmsKeyId', 'another', 'replaced', 'create-only'),
  change('Cache', 'Port', 6380, 'replaced', 'create-only'),
  change('Cache', 'CacheSubnetGroupName', 'another', 'replaced', 'create-only'),
  change('Cache', 'AuthToken', 'sixteen-characters', 'replaced', 'cache-auth-token-added'),
  change('Cache', 'GlobalReplicationGroupId', 'shop', 'replaced', 'create-only'),
  change('Cache', 'Durability', 'sync', 'refused', 'cache-durability'),
  {
    what: 'shards without UseOnlineResharding',
    given: (both) => Object.assign(both, { Cache: { ...both.Cache, UpdatePolicy: undefined } }),
    mutate: set('Cache', 'NumNodeGroups', 3),
    id: 'Cache',
    verdict: 'replaced',
    rule: 'cache-resharding-offline',
    property: 'NumNodeGroups',
  },
  {
    what: 'one node group becomes shards',
    mutate: (after) => {
      set('OldCache', 'NumCacheClusters', undefined)(after);
      set('OldCache', 'NumNodeGroups', 1)(after);
    },
    id: 'OldCache',
    verdict: 'replaced',
    rule: 'cache-cluster-mode-switch',
    property: 'NumNodeGroups',
  },
  change('OldCache', 'ClusterMode', 'enabled', 'refused', 'cache-cluster-mode'),
  {
    ...change('OldCache', 'ClusterMode', 'disabled', 'refused', 'cache-cluster-mode-back'),
    given: set('OldCache', 'ClusterMode', 'enabled'),
  },
  {
    ...change(
      'Cache',
      'ReplicasPerNodeGroup',
      2,
      'refused',
      'cache-without-replicas',
      'replicas are added to a cache without any',
    ),
    given: set('Cache', 'ReplicasPerNodeGroup', 0),
  },
  {
    what: 'shards together with another change',
    mutate: (after) => {
      set('Cache', 'NumNodeGroups', 3)(after);
      set('Jobs', 'VisibilityTimeout', 60)(after);
    },
    id: 'Cache',
    verdict: 'own-deploy',
    rule: 'resharding-alone',
    property: 'NumNodeGroups',
  },
  {
    what: 'replicas together with shards',
    mutate: (after) => {
      set('Cache', 'NumNodeGroups', 3)(after);
      set('Cache', 'ReplicasPerNodeGroup', 2)(after);
    },
    id: 'Cache',
    verdict: 'own-deploy',
    rule: 'resharding-alone',
    property: 'NumNodeGroups',
  },
  {
    what: 'the cache is resharded and joins a global datastore at once',
    mutate: (after) => {
      set('Cache', 'NumNodeGroups', 3)(after);
      after.Datastore = retained('AWS::ElastiCache::GlobalReplicationGroup', { Members: [{ ReplicationGroupId: ref('Cache') }] });
    },
    id: 'Datastore',
    verdict: 'own-deploy',
    rule: 'resharding-before-joining',
  },
  {
    what: 'the parameter group of a member of a global datastore',
    given: (both) => {
      both.Datastore = retained('AWS::ElastiCache::GlobalReplicationGroup', { Members: [{ ReplicationGroupId: ref('Cache') }] });
    },
    mutate: set('Cache', 'CacheParameterGroupName', 'another'),
    id: 'Cache',
    verdict: 'refused',
    rule: 'member-of-global-datastore',
    property: 'CacheParameterGroupName',
  },
  // Tables
  {
    what: 'a table becomes a global table',
    mutate: (after) => {
      after.Sessions = { ...after.Sessions, Type: 'AWS::DynamoDB::GlobalTable' };
    },
    id: 'Sessions',
    verdict: 'refused',
    rule: 'type-change',
  },
  change('Sessions', 'KeySchema', [{ AttributeName: 'user', KeyType: 'HASH' }], 'replaced', 'create-only'),
  change('Sessions', 'LocalSecondaryIndexes', [index('late', 'user')], 'refused', 'local-index-changed'),
  change('Sessions', 'GlobalSecondaryIndexes', [index('byUser', 'pk')], 'refused', 'table-index-changed'),
  {
    what: 'several indexes at once',
    mutate: (after) => {
      set('Sessions', 'AttributeDefinitions', attributes('pk', 'user', 'day', 'shop'))(after);
      set('Sessions', 'GlobalSecondaryIndexes', [index('byUser', 'user'), index('byDay', 'day'), index('byShop', 'shop')])(after);
    },
    id: 'Sessions',
    verdict: 'own-deploy',
    rule: 'one-index-per-update',
    property: 'GlobalSecondaryIndexes',
  },
  change(
    'SharedTable',
    'AttributeDefinitions',
    [{ AttributeName: 'pk', AttributeType: 'N' }, ...attributes('email')],
    'replaced',
    'table-attribute-type',
  ),
  {
    ...change('SharedTable', 'GlobalSecondaryIndexes', [index('byEmail', 'pk')], 'replaced', 'conditional-replacement'),
    what: 'another key of an index of a global table',
    property: 'GlobalSecondaryIndexes.KeySchema.AttributeName',
  },
  change('SharedTable', 'LocalSecondaryIndexes', [index('late', 'email')], 'replaced', 'create-only'),
  change(
    'SharedTable',
    'Replicas',
    ['us-east-1', 'us-west-2', 'eu-central-1'].map((Region) => ({ Region })),
    'own-deploy',
    'one-replica-per-update',
    'two replicas at once',
  ),
  // Kafka
  {
    ...change(
      'EventStream',
      'BrokerNodeGroupInfo',
      { ...brokers, ClientSubnets: [ref('DataSubnet1')] },
      'refused',
      'nested-create-only',
    ),
    what: 'client subnets of the Kafka cluster',
    property: 'BrokerNodeGroupInfo.ClientSubnets',
  },
  {
    ...change('EventStream', 'BrokerNodeGroupInfo', { ...brokers, SecurityGroups: ['sg-1'] }, 'refused', 'fixed-name'),
    what: 'security groups of the Kafka cluster, whose name is fixed',
    property: 'ClusterName',
  },
  {
    ...change(
      'EventStream',
      'EncryptionInfo',
      { ...encryption, EncryptionInTransit: { InCluster: false } },
      'refused',
      'nested-create-only',
    ),
    what: 'encryption inside of the Kafka cluster',
    property: 'EncryptionInfo.EncryptionInTransit.InCluster',
  },
  {
    ...change(
      'EventStream',
      'EncryptionInfo',
      { ...encryption, EncryptionAtRest: { DataVolumeKMSKeyId: 'x' } },
      'refused',
      'nested-create-only',
    ),
    what: 'the volume key of the Kafka cluster',
    property: 'EncryptionInfo.EncryptionAtRest',
  },
  change('EventStream', 'ClusterName', 'another', 'replaced', 'create-only'),
  {
    ...change('EventStream', 'BrokerNodeGroupInfo', { ...brokers, InstanceType: 'express.m7g.large' }, 'refused', 'broker-kind'),
    property: 'BrokerNodeGroupInfo.InstanceType',
  },
  {
    what: 'a serverless Kafka cluster becomes a provisioned one',
    given: (both) => {
      both.EventStream = retained('AWS::MSK::ServerlessCluster', { ClusterName: 'shop-events' });
    },
    mutate: (after) => {
      after.EventStream = shop().EventStream;
    },
    id: 'EventStream',
    verdict: 'refused',
    rule: 'type-change',
  },
  {
    what: 'a Kafka cluster is created with multi-VPC connectivity',
    mutate: (after) => {
      const ClientAuthentication = { Sasl: { Iam: { Enabled: true } } };
      after.Second = retained('AWS::MSK::Cluster', {
        ClusterName: 'second',
        BrokerNodeGroupInfo: { ...brokers, ConnectivityInfo: { VpcConnectivity: { ClientAuthentication } } },
      });
    },
    id: 'Second',
    verdict: 'refused',
    rule: 'multi-vpc-at-creation',
    property: 'BrokerNodeGroupInfo.ConnectivityInfo.VpcConnectivity',
  },
  // Keys, secrets, disks
  change('DataKey', 'MultiRegion', false, 'refused', 'kms-key-immutable', 'a multi-Region key becomes single-Region'),
  {
    ...change('DataKey', 'MultiRegion', true, 'refused', 'kms-key-immutable', 'a single-Region key becomes multi-Region'),
    given: set('DataKey', 'MultiRegion', undefined),
  },
  change('DataKey', 'KeySpec', 'RSA_2048', 'refused', 'kms-key-immutable'),
  change('Login', 'Name', 'shop/login', 'replaced', 'create-only'),
  change('Disk', 'AvailabilityZone', 'us-east-1b', 'refused', 'ebs-volume-immutable'),
  change('Disk', 'Encrypted', false, 'refused', 'ebs-volume-immutable'),
  change('Disk', 'KmsKeyId', undefined, 'refused', 'ebs-volume-immutable'),
  change('Disk', 'Size', 20, 'refused', 'ebs-volume-shrinks'),
  // Objects, files, queues, topics
  change('Assets', 'BucketName', 'shop-assets', 'replaced', 'create-only'),
  change('Assets', 'ObjectLockEnabled', true, 'replaced', 'create-only'),
  change('Files', 'Encrypted', false, 'replaced', 'create-only'),
  change('Jobs', 'FifoQueue', true, 'replaced', 'create-only', 'a standard queue becomes FIFO'),
  change('Jobs', 'QueueName', 'jobs', 'replaced', 'create-only'),
  change('Events', 'FifoTopic', true, 'replaced', 'create-only', 'a standard topic becomes FIFO'),
  change('Images', 'EncryptionConfiguration', { EncryptionType: 'KMS' }, 'replaced', 'create-only'),
  // Users
  change('Users', 'AliasAttributes', ['email'], 'refused', 'user-pool-sign-in'),
  change('Users', 'UsernameConfiguration', { CaseSensitive: true }, 'refused', 'user-pool-sign-in'),
  change('Users', 'Schema', [{ Name: 'email', AttributeDataType: 'String', Required: false }], 'refused', 'user-pool-attribute'),
  {
    what: 'a user pool is updated while a standard attribute has no type',
    given: set('Users', 'Schema', [{ Name: 'email', Required: true }]),
    mutate: set('Users', 'UserPoolTier', 'PLUS'),
    id: 'Users',
    verdict: 'refused',
    rule: 'user-pool-untyped-attribute',
    property: 'Schema',
  },
  change('UsersClient', 'GenerateSecret', true, 'replaced', 'create-only'),
  // Search, warehouse, logs, backups
  change('Search', 'EncryptionAtRestOptions', { Enabled: true, KmsKeyId: 'x' }, 'replaced', 'search-encryption'),
  change('Search', 'VPCOptions', undefined, 'replaced', 'search-out-of-vpc'),
  change('Search', 'IPAddressType', 'ipv4', 'refused', 'search-ip-address-type'),
  change('OpenSearch', 'VPCOptions', { SubnetIds: ['subnet-1'] }, 'refused', 'search-into-vpc'),
  {
    what: 'another engine version without EnableVersionUpgrade',
    given: (both) => Object.assign(both, { Search: { ...both.Search, UpdatePolicy: undefined } }),
    mutate: set('Search', 'EngineVersion', 'OpenSearch_2.19'),
    id: 'Search',
    verdict: 'replaced',
    rule: 'search-version-without-policy',
    property: 'EngineVersion',
  },
  change(
    'Warehouse',
    'Tags',
    [{ Key: 'stage', Value: 'global' }],
    'refused',
    'create-only-tags',
    'a stage tag on the warehouse, whose name is fixed',
  ),
  change('Warehouse', 'NamespaceName', 'shop2', 'replaced', 'create-only'),
  change(
    'Documents',
    'Tags',
    [{ Key: 'stage', Value: 'global' }],
    'refused',
    'create-only-tags',
    'a stage tag on the collection',
  ),
  change('Log', 'LogGroupClass', 'INFREQUENT_ACCESS', 'refused', 'log-group-class'),
  change('Log', 'LogGroupName', '/shop', 'replaced', 'create-only'),
  change('Vault', 'EncryptionKeyArn', 'arn:key', 'refused', 'create-only', 'another key for the vault, whose name is fixed'),
  change('Zone', 'Name', 'store.example.', 'replaced', 'create-only'),
  // Network
  {
    what: 'moved subnets leave a subnet group that is in use',
    mutate: set('DataSubnet2', 'CidrBlock', '10.0.40.0/24'),
    id: 'DatabaseSubnets',
    verdict: 'refused',
    rule: 'subnet-group-in-use',
    property: 'SubnetIds',
  },
  change(
    'DatabaseSubnets',
    'SubnetIds',
    ['subnet-1', 'subnet-2'],
    'refused',
    'subnet-group-in-use',
    'a subnet group goes to another VPC',
  ),
  {
    what: 'moved subnets replace a proxy, whose name is fixed',
    mutate: set('DataSubnet2', 'CidrBlock', '10.0.40.0/24'),
    id: 'Proxy',
    verdict: 'refused',
    rule: 'replaced-reference',
    property: 'VpcSubnetIds',
  },
  {
    what: 'moved subnets replace what is tied to them by a nested property',
    given: set('EventStream', 'ClusterName', undefined),
    mutate: set('DataSubnet2', 'CidrBlock', '10.0.40.0/24'),
    id: 'EventStream',
    verdict: 'replaced',
    rule: 'replaced-reference',
    property: 'BrokerNodeGroupInfo.ClientSubnets',
  },
  {
    what: 'a third zone in the proxy subnets',
    mutate: (after) => {
      after.DataSubnet3 = resource('AWS::EC2::Subnet', {
        VpcId: ref('Vpc'),
        CidrBlock: '10.0.34.0/24',
        AvailabilityZone: 'us-east-1c',
      });
      set('Proxy', 'VpcSubnetIds', [ref('DataSubnet1'), ref('DataSubnet2'), ref('DataSubnet3')])(after);
    },
    id: 'Proxy',
    verdict: 'refused',
    rule: 'fixed-name',
    property: 'DBProxyName',
  },
  {
    what: 'a simple record becomes a latency record',
    mutate: (after) => {
      set('Record', 'SetIdentifier', 'us-east-1')(after);
      set('Record', 'Region', 'us-east-1')(after);
    },
    id: 'Record',
    verdict: 'refused',
    rule: 'simple-and-routed-records',
    property: 'SetIdentifier',
  },
  // Leaving
  {
    what: 'a child is renamed',
    mutate: rename('Database', 'Databank'),
    id: 'Database',
    verdict: 'orphaned',
    rule: 'removed-and-retained',
  },
  {
    what: 'a queue with policy Delete is removed',
    mutate: (after) => void delete after.Scratch,
    id: 'Scratch',
    verdict: 'destroyed',
    rule: 'removed-and-deleted',
  },
  {
    what: 'a cluster without a policy is removed',
    given: (both) => Object.assign(both, { Database: { ...both.Database, DeletionPolicy: undefined } }),
    mutate: rename('Database', 'Databank'),
    id: 'Database',
    verdict: 'destroyed',
    rule: 'removed-with-snapshot',
  },
  {
    what: 'a condition is put on the bucket',
    mutate: (after) => Object.assign(after, { Assets: { ...after.Assets, Condition: 'InUse' } }),
    id: 'Assets',
    verdict: 'orphaned',
    rule: 'condition-changed',
    property: 'Condition',
  },
];

/** Changes that look dangerous to the schemas, or to a careless rule, and are not. */
const FALSE_ALARMS: Mutation[] = [
  change('Reports', 'MultiAZ', true, 'updated', 'instance-modified-in-place'),
  change('Reports', 'BackupRetentionPeriod', 7, 'updated', 'instance-modified-in-place'),
  change('Reports', 'StorageType', 'io2', 'updated', 'instance-modified-in-place'),
  change('Reports', 'PerformanceInsightsKMSKeyId', att('DataKey', 'Arn'), 'updated', 'instance-insights-key-first-set'),
  change('Reports', 'SourceDBInstanceIdentifier', undefined, 'updated', 'replica-promoted'),
  {
    ...change('Reports', 'AvailabilityZone', 'us-east-1b', 'updated', 'instance-zone-of-multi-az'),
    given: set('Reports', 'MultiAZ', true),
  },
  {
    ...change('Database', 'GlobalClusterIdentifier', '', 'updated', 'cluster-leaves-global'),
    given: set('Database', 'GlobalClusterIdentifier', 'shop-global'),
  },
  { ...change('Database', 'Engine', 'aurora-mysql', 'updated', 'engine-converted'), given: set('Database', 'Engine', 'aurora') },
  change('Database', 'EngineVersion', '17.4', 'updated', 'in-place'),
  change('Database', 'ServerlessV2ScalingConfiguration', { MinCapacity: 8, MaxCapacity: 64 }, 'updated', 'in-place'),
  change('DatabaseSubnets', 'SubnetIds', [ref('DataSubnet1')], 'updated', 'in-place'),
  change('Cache', 'NumNodeGroups', 3, 'updated', 'cache-resharding-online', 'shards, with nothing else in the update'),
  change('Cache', 'ReplicasPerNodeGroup', 2, 'updated', 'cache-replicas-in-place', 'replicas, with nothing else in the update'),
  change('Cache', 'CacheNodeType', 'cache.m7g.large', 'updated', 'in-place'),
  change('OldCache', 'Engine', 'valkey', 'updated', 'cache-engine-upgrade'),
  change('OldCache', 'AuthToken', 'another-sixteen-characters', 'updated', 'cache-auth-token-rotated'),
  change('OldCache', 'ClusterMode', 'compatible', 'updated', 'in-place'),
  change('OldCache', 'NumCacheClusters', 3, 'updated', 'in-place'),
  {
    what: 'one more index on a global table',
    mutate: (after) => {
      set('SharedTable', 'AttributeDefinitions', attributes('pk', 'email', 'day'))(after);
      set('SharedTable', 'GlobalSecondaryIndexes', [index('byDay', 'day'), index('byEmail', 'email')])(after);
    },
    id: 'SharedTable',
    verdict: 'updated',
    rule: 'global-table-index-added',
    property: 'GlobalSecondaryIndexes',
  },
  change(
    'SharedTable',
    'Replicas',
    [{ Region: 'us-west-2' }, { Region: 'us-east-1' }],
    'updated',
    'in-place',
    'one more replica',
  ),
  change('EventStream', 'NumberOfBrokerNodes', 6, 'updated', 'in-place'),
  {
    what: 'multi-VPC connectivity on an existing Kafka cluster',
    mutate: set('EventStream', 'BrokerNodeGroupInfo', {
      ...brokers,
      ConnectivityInfo: { VpcConnectivity: { ClientAuthentication: { Sasl: { Iam: { Enabled: true } } } } },
    }),
    id: 'EventStream',
    verdict: 'updated',
    rule: 'in-place',
    property: 'BrokerNodeGroupInfo',
  },
  change('DataKey', 'KeySpec', 'SYMMETRIC_DEFAULT', 'updated', 'in-place', 'the default key spec is written out'),
  change('Disk', 'Size', 80, 'updated', 'in-place'),
  change('Box', 'UserData', { 'Fn::Base64': 'echo two' }, 'updated', 'instance-restarts'),
  change('Vpc', 'InstanceTenancy', 'default', 'updated', 'vpc-tenancy-relaxed'),
  change('Runbook', 'Content', { schemaVersion: '2.2', description: 'two' }, 'updated', 'document-gets-a-version'),
  change('Jobs', 'NewerThanTheSchemas', 1, 'updated', 'unknown-to-the-schemas'),
  change('Login', 'ReplicaRegions', [{ Region: 'eu-central-1' }], 'updated', 'in-place'),
  change('Login', 'GenerateSecretString', { PasswordLength: 40 }, 'updated', 'secret-generated-anew'),
  change('Search', 'EngineVersion', 'OpenSearch_2.19', 'updated', 'in-place'),
  change(
    'OpenSearch',
    'EncryptionAtRestOptions',
    { Enabled: true },
    'updated',
    'in-place',
    'encryption is added where none was set',
  ),
  change(
    'Users',
    'Schema',
    [
      { Name: 'email', AttributeDataType: 'String', Mutable: true, Required: true },
      { Name: 'shop', AttributeDataType: 'String' },
    ],
    'updated',
    'in-place',
    'a custom attribute is added',
  ),
  {
    what: 'a policy is weakened',
    mutate: (after) => Object.assign(after, { Jobs: { ...after.Jobs, DeletionPolicy: 'Delete' } }),
    id: 'Jobs',
    verdict: 'updated',
    rule: 'policy-weakened',
    property: 'DeletionPolicy',
  },
  {
    what: 'a custom resource gets another property',
    given: (both) => {
      both.Custom = resource('Custom::Thing', { ServiceToken: 'arn', Size: 1 });
    },
    mutate: set('Custom', 'Size', 2),
    id: 'Custom',
    verdict: 'updated',
    rule: 'unknown-to-the-schemas',
    property: 'Size',
  },
];

function compare(mutation: Mutation) {
  const before = shop();
  mutation.given?.(before);
  const after = structuredClone(before);
  mutation.mutate(after);
  return comparePromotion(assembly(stack('Shop', before)), assembly(stack('Shop', after)));
}

test('the unaltered shop is safe, and all of it is kept', () => {
  const report = comparePromotion(assembly(stack('Shop', shop())), assembly(stack('Shop', shop())));

  expect(report.safe).toBe(true);
  expect(new Set(report.changes.map(({ verdict }) => verdict))).toEqual(new Set(['kept']));
});

test.each(MUTATIONS)('caught: $what', (mutation) => {
  const report = compare(mutation);

  const change = report.changes.find(({ logicalId }) => logicalId === mutation.id)!;
  expect({ verdict: change.verdict, findings: change.findings }).toMatchObject({
    verdict: mutation.verdict,
    findings: expect.arrayContaining([
      expect.objectContaining({
        ruleId: mutation.rule,
        verdict: mutation.verdict,
        reason: expect.stringMatching(/\w+ \w+ \w+/),
        source: expect.stringMatching(/\w+/),
        ...(mutation.property === undefined ? {} : { property: mutation.property }),
      }),
    ]),
  });
  expect(report.safe).toBe(false);
});

test.each(FALSE_ALARMS)('quiet: $what', (mutation) => {
  const report = compare(mutation);

  const change = report.changes.find(({ logicalId }) => logicalId === mutation.id)!;
  expect({ verdict: change.verdict, findings: change.findings }).toMatchObject({
    verdict: mutation.verdict,
    findings: expect.arrayContaining([
      expect.objectContaining({ ruleId: mutation.rule, verdict: mutation.verdict, property: mutation.property }),
    ]),
  });
  expect(report.changes.filter(({ verdict }) => verdict !== 'kept' && verdict !== 'updated')).toEqual([]);
  expect(report.safe).toBe(true);
});

test('a document that is not told to add a version is replaced', () => {
  const { changes } = compare(change('Script', 'Content', { schemaVersion: '2.2', description: 'two' }, 'replaced', ''));

  expect(changes.find(({ logicalId }) => logicalId === 'Script')).toMatchObject({ verdict: 'replaced' });
});

test('every rule has an id of its own, a sentence and a source', () => {
  const ids = ALL_RULES.map(({ id }) => id);

  expect(new Set(ids).size).toBe(ids.length);
  for (const rule of ALL_RULES) {
    expect(rule.id).toMatch(/^[a-z]+(-[a-z]+)*$/);
    expect(rule.sentence).toMatch(/^[a-zA-Z].*\w.*[^.]$/);
    expect(rule.source).not.toBe('');
  }
});

test('every rule is tried out', () => {
  // These need two stacks: test/promotion/rules.test.ts has them.
  const elsewhere = [
    'replicator-before-its-source',
    'zero-etl-before-reboot',
    'reference-before-its-output',
    'reference-without-output',
    'stack-left-behind',
  ];
  const tried = new Set([...MUTATIONS, ...FALSE_ALARMS, ...ATTACKS, ...CAUTIOUS].map(({ rule }) => rule));

  expect(ALL_RULES.map(({ id }) => id).filter((id) => !tried.has(id) && !elsewhere.includes(id))).toEqual([]);
});
