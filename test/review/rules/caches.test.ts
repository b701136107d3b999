import { cacheDurability } from '../../../lib/review/rules/cache-durability';
import { cacheGlobalDatastore } from '../../../lib/review/rules/cache-global-datastore';
import { cacheLoginWithoutTls } from '../../../lib/review/rules/cache-login-without-tls';
import { cacheMultiAzWithoutReplica } from '../../../lib/review/rules/cache-multi-az-without-replica';
import { cacheNodeType } from '../../../lib/review/rules/cache-node-type';
import { cacheParameterFamily } from '../../../lib/review/rules/cache-parameter-family';
import { assembly, output, ref, resource, stack, testRules, UNKNOWN } from './rule-cases';

const HEALTHY = {
  Engine: 'valkey',
  EngineVersion: '8.2',
  CacheNodeType: 'cache.r7g.large',
  NumNodeGroups: 2,
  ReplicasPerNodeGroup: 1,
  AutomaticFailoverEnabled: true,
  MultiAZEnabled: true,
  TransitEncryptionEnabled: true,
  AtRestEncryptionEnabled: true,
};
const group = (properties: Record<string, unknown> = {}) =>
  resource('ElastiCache::ReplicationGroup', { ...HEALTHY, ...properties });
const cache = (properties: Record<string, unknown> = {}) => ({ Cache: group(properties) });
const DURABLE = { Durability: 'sync', EngineVersion: '9.0' };

/** A global datastore, and its copies in other Regions. */
function datastore(primary: Record<string, unknown> = {}, copies: Record<string, Record<string, unknown>> = {}) {
  const Members = [{ ReplicationGroupId: ref('Cache'), ReplicationGroupRegion: 'us-east-1', Role: 'PRIMARY' }];
  const Outputs = { LinkId: { Value: ref('Link') } };
  return assembly(
    stack({ Link: resource('ElastiCache::GlobalReplicationGroup', { Members }), ...cache(primary) }, { sections: { Outputs } }),
    ...Object.entries(copies).map(([region, properties]) => {
      const GlobalReplicationGroupId = output('Shop', 'us-east-1', 'LinkId');
      const Copy = resource('ElastiCache::ReplicationGroup', {
        GlobalReplicationGroupId,
        ReplicasPerNodeGroup: 1,
        ...properties,
      });
      return stack({ Copy }, { stackName: `Shop-${region}`, region });
    }),
  );
}

const parameters = (CacheParameterGroupFamily: unknown) => ({
  Group: resource('ElastiCache::ParameterGroup', { CacheParameterGroupFamily }),
});

testRules([
  {
    rule: cacheNodeType,
    passes: {
      'a current type': cache(),
      'a type of a previous generation': cache({ CacheNodeType: 'cache.m3.medium' }),
      'a type that is not known': cache({ CacheNodeType: UNKNOWN }),
      'a secondary, which has none': cache({ CacheNodeType: undefined }),
    },
    fails: {
      'a family that nobody sells': {
        in: cache({ CacheNodeType: 'cache.z9.enormous' }),
        at: ['Cache CacheNodeType: cache.z9.enormous is none: there is no such family'],
      },
      'a size that the family lacks': {
        in: cache({ CacheNodeType: 'cache.t4g.large' }),
        at: ['Cache CacheNodeType: cache.t4g.large is none: its family has micro, small, medium'],
      },
      'a type of RDS, in a global datastore': {
        in: { Link: resource('ElastiCache::GlobalReplicationGroup', { CacheNodeType: 'db.r7g.large' }) },
        at: [
          'Link CacheNodeType: db.r7g.large is none: its family has large, xlarge, 2xlarge, 4xlarge, 8xlarge, 12xlarge, 16xlarge',
        ],
      },
    },
  },
  {
    rule: cacheMultiAzWithoutReplica,
    passes: {
      'a replica in each shard': cache(),
      'one shard with two nodes': cache({ NumNodeGroups: undefined, ReplicasPerNodeGroup: undefined, NumCacheClusters: 2 }),
      'a single node that does not fail over': cache({
        NumNodeGroups: undefined,
        ReplicasPerNodeGroup: undefined,
        MultiAZEnabled: false,
        AutomaticFailoverEnabled: false,
      }),
      'shards without replicas in one zone': cache({ ReplicasPerNodeGroup: 0, MultiAZEnabled: false }),
      'numbers that are not known': cache({ ReplicasPerNodeGroup: UNKNOWN }),
      'shards that tell one by one': cache({ ReplicasPerNodeGroup: undefined, NodeGroupConfiguration: [{ ReplicaCount: 2 }] }),
      'a secondary, which fails over as its primary': cache({ GlobalReplicationGroupId: 'x', AutomaticFailoverEnabled: false }),
    },
    fails: {
      'several zones without a replica': {
        in: cache({ ReplicasPerNodeGroup: 0 }),
        at: ['Cache ReplicasPerNodeGroup: it is in several zones, and has no replica'],
      },
      'failover of a single node': {
        in: cache({ NumNodeGroups: undefined, ReplicasPerNodeGroup: undefined, MultiAZEnabled: false, NumCacheClusters: 1 }),
        at: ['Cache NumCacheClusters: it fails over, and has no replica'],
      },
      'several zones without failover': {
        in: cache({ AutomaticFailoverEnabled: false }),
        at: ['Cache AutomaticFailoverEnabled: it is in several zones, and fails over to none'],
      },
      'shards without failover': {
        in: cache({ AutomaticFailoverEnabled: undefined, MultiAZEnabled: false }),
        at: ['Cache AutomaticFailoverEnabled: it has shards, and does not fail over'],
      },
    },
  },
  {
    rule: cacheGlobalDatastore,
    passes: {
      'a primary and two secondaries': datastore({}, { 'us-west-2': {}, 'eu-central-1': {} }),
      'a primary that is not known': datastore({ CacheNodeType: UNKNOWN, EngineVersion: UNKNOWN }),
      'a small cache alone': cache({ CacheNodeType: 'cache.t4g.micro' }),
    },
    fails: {
      'nodes that it does not take': {
        in: datastore({ CacheNodeType: 'cache.r8g.large' }),
        at: ['Cache CacheNodeType: cache.r8g.large is not among them'],
      },
      'a primary too old, durable and alone': {
        in: datastore({ Engine: 'redis', EngineVersion: '5.0.0', Durability: 'async', ReplicasPerNodeGroup: 0 }),
        at: [
          'Cache EngineVersion: Redis OSS 5.0.0 is older than 5.0.6',
          'Cache Durability: it is durable',
          'Cache ReplicasPerNodeGroup: it has no replica',
        ],
      },
      'a secondary with settings of its own': {
        in: datastore({}, { 'us-west-2': { Engine: 'valkey', CacheNodeType: 'cache.r7g.large' } }),
        at: [
          'Shop-us-west-2/Copy CacheNodeType: a secondary has the CacheNodeType of its primary',
          'Shop-us-west-2/Copy Engine: a secondary has the Engine of its primary',
        ],
      },
      'four Regions': {
        in: datastore({}, { 'us-west-2': {}, 'eu-central-1': {}, 'ap-southeast-1': {} }),
        at: ['Link: it spans us-east-1, us-west-2, eu-central-1, ap-southeast-1'],
      },
      'a Region that has none': {
        in: datastore({}, { 'ap-east-2': {} }),
        at: ['Shop-ap-east-2/Copy: ap-east-2 has none'],
      },
    },
  },
  {
    rule: cacheDurability,
    passes: {
      'a durable cache that can': cache(DURABLE),
      'a cache that is not to be durable': cache({ Durability: 'disabled', EngineVersion: '7.2' }),
      'a version that is not known': cache({ ...DURABLE, EngineVersion: UNKNOWN }),
    },
    fails: {
      'Valkey 8': { in: cache({ ...DURABLE, EngineVersion: '8.2' }), at: ['Cache EngineVersion: it is 8.2'] },
      'Redis on small nodes in one zone': {
        in: cache({
          ...DURABLE,
          Engine: 'redis',
          CacheNodeType: 'cache.t4g.small',
          MultiAZEnabled: false,
          ReplicasPerNodeGroup: 0,
          TransitEncryptionEnabled: false,
        }),
        at: [
          'Cache Engine: it is redis',
          'Cache CacheNodeType: cache.t4g.small cannot',
          'Cache MultiAZEnabled: it is in one zone',
          'Cache ReplicasPerNodeGroup: it has no replica',
          'Cache TransitEncryptionEnabled: it is not encrypted in transit',
        ],
      },
    },
  },
  {
    rule: cacheLoginWithoutTls,
    passes: {
      'users behind TLS': cache({ UserGroupIds: [ref('Users')] }),
      'no login at all': cache({ TransitEncryptionEnabled: false }),
      'a switch that is not known': cache({ TransitEncryptionEnabled: UNKNOWN, AuthToken: 'x' }),
      'a secondary, which encrypts as its primary': cache({
        GlobalReplicationGroupId: 'x',
        TransitEncryptionEnabled: undefined,
        UserGroupIds: [ref('Users')],
      }),
    },
    fails: {
      'a password in the clear': {
        in: cache({ TransitEncryptionEnabled: false, AuthToken: '{{resolve:secretsmanager:x}}' }),
        at: ['Cache TransitEncryptionEnabled'],
      },
      'users in the clear': {
        in: cache({ TransitEncryptionEnabled: undefined, UserGroupIds: ['users'] }),
        at: ['Cache TransitEncryptionEnabled'],
      },
    },
  },
  {
    rule: cacheParameterFamily,
    passes: {
      'the family of the engine': { ...cache({ CacheParameterGroupName: ref('Group') }), ...parameters('valkey8') },
      'families of Redis OSS': {
        ...cache({ Engine: 'redis', EngineVersion: '6.2', CacheParameterGroupName: ref('Group') }),
        ...parameters('redis6.x'),
      },
      'a family that is not known': { ...cache({ CacheParameterGroupName: ref('Group') }), ...parameters(UNKNOWN) },
    },
    fails: {
      'the family of another engine': {
        in: { ...cache({ CacheParameterGroupName: ref('Group') }), ...parameters('redis7') },
        at: ['Cache CacheParameterGroupName: Group is of family redis7, the engine of valkey8'],
      },
      'the family of another version': {
        in: {
          ...cache({ Engine: 'redis', EngineVersion: '5.0.6', CacheParameterGroupName: ref('Group') }),
          ...parameters('redis6.x'),
        },
        at: ['Cache CacheParameterGroupName: Group is of family redis6.x, the engine of redis5.0'],
      },
    },
  },
]);
