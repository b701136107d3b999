import { Duration, type Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as elasticache from 'aws-cdk-lib/aws-elasticache';
import * as kms from 'aws-cdk-lib/aws-kms';
import { CacheReplicationGroup, type CacheReplicationGroupProps } from '../../../lib/blocks/data/cache-replication-group';
import { CacheSize } from '../../../lib/blocks/data/cache-size';
import { CacheUsers } from '../../../lib/blocks/data/cache-users';
import { agnosticStack, testStack } from '../../stacks';
import { nagFindings } from '../nag';
import { additions, FLAGS, losses } from './kept';
import { vpc } from './vpc';

function cache(props: Partial<CacheReplicationGroupProps> & { zones?: number } = {}, stack: Stack = testStack()): Stack {
  const { zones, ...rest } = props;
  new CacheReplicationGroup(stack, 'Cache', { vpc: vpc(stack, zones), ...rest });
  return stack;
}

function block(stack: Stack): CacheReplicationGroup {
  return stack.node.findChild('Cache') as CacheReplicationGroup;
}

test('everything that could replace it later is there from birth', () => {
  const template = Template.fromStack(cache());
  template.hasResource('AWS::ElastiCache::ReplicationGroup', {
    DeletionPolicy: 'Retain',
    UpdateReplacePolicy: 'Retain',
    UpdatePolicy: { UseOnlineResharding: true },
    Properties: {
      Engine: 'valkey',
      EngineVersion: '8.2',
      CacheNodeType: 'cache.t4g.small',
      NumNodeGroups: 1,
      ReplicasPerNodeGroup: 1,
      AutomaticFailoverEnabled: true,
      MultiAZEnabled: true,
      TransitEncryptionEnabled: true,
      TransitEncryptionMode: 'required',
      AtRestEncryptionEnabled: true,
      KmsKeyId: { 'Fn::GetAtt': [Match.stringLikeRegexp('CacheKey'), 'Arn'] },
      Durability: Match.absent(),
      UserGroupIds: [{ Ref: Match.stringLikeRegexp('CacheUsersGroup') }],
      CacheParameterGroupName: { Ref: Match.stringLikeRegexp('CacheParameterGroup') },
      CacheSubnetGroupName: { Ref: Match.stringLikeRegexp('CacheSubnetGroup') },
      Port: 6379,
      SnapshotRetentionLimit: 15,
      AutoMinorVersionUpgrade: true,
      ReplicationGroupId: Match.absent(),
      PreferredCacheClusterAZs: Match.absent(),
      NumCacheClusters: Match.absent(),
      AuthToken: Match.absent(),
      GlobalReplicationGroupId: Match.absent(),
      NodeGroupConfiguration: Match.absent(),
    },
  });
});

test('the groups around it are its own, nameless and retained', () => {
  const template = Template.fromStack(cache());
  template.hasResource('AWS::ElastiCache::ParameterGroup', {
    DeletionPolicy: 'Retain',
    UpdateReplacePolicy: 'Retain',
    Properties: {
      CacheParameterGroupFamily: 'valkey8',
      Properties: { 'cluster-enabled': 'yes', 'maxmemory-policy': 'allkeys-lru' },
    },
  });
  template.hasResource('AWS::ElastiCache::SubnetGroup', {
    DeletionPolicy: 'Retain',
    UpdateReplacePolicy: 'Retain',
    Properties: { CacheSubnetGroupName: Match.absent() },
  });
});

test('a given key encrypts cache and credentials, given users are used', () => {
  const stack = testStack();
  const encryptionKey = kms.Key.fromKeyArn(stack, 'Key', 'arn:aws:kms:us-east-1:123456789012:key/mrk-1');
  const users = new CacheUsers(stack, 'Users', { encryptionKey });
  const template = Template.fromStack(cache({ encryptionKey, users }, stack));
  template.resourceCountIs('AWS::KMS::Key', 0);
  template.resourceCountIs('AWS::ElastiCache::UserGroup', 1);
  template.hasResourceProperties('AWS::ElastiCache::ReplicationGroup', {
    KmsKeyId: encryptionKey.keyArn,
    UserGroupIds: [stack.resolve(users.groupId)],
  });
  template.hasResourceProperties('AWS::SecretsManager::Secret', { KmsKeyId: encryptionKey.keyArn });
});

describe('promotion', () => {
  const steps: [string, Parameters<typeof cache>[0], Parameters<typeof cache>[0]][] = [
    ['a larger node', {}, { size: CacheSize.of('cache.r7g.large') }],
    ['more shards', { size: CacheSize.of('cache.r7g.large') }, { size: CacheSize.USERS_1M }],
    ['another replica', {}, { replicasPerShard: 2 }],
    ['copies of the credentials', {}, { credentialReplicaRegions: ['us-west-2'] }],
    ['longer snapshots', {}, { snapshotRetention: Duration.days(35) }],
    ['a newer minor version', { engineVersion: '8.0' }, { engineVersion: '8.2' }],
  ];
  for (const [name, from, to] of steps) {
    test(`${name} replaces, loses and adds nothing`, () => {
      expect(losses(cache(from), cache(to))).toEqual([]);
      expect(additions(cache(from), cache(to))).toEqual([]);
    });
  }

  test.each([
    ['7.2', Match.absent()],
    ['8.2', Match.absent()],
    ['9.0', 'disabled'],
    ['10.1', 'disabled'],
  ])('Valkey %s says that it is not durable where a cache could be', (engineVersion, Durability) => {
    Template.fromStack(cache({ engineVersion })).hasResourceProperties('AWS::ElastiCache::ReplicationGroup', { Durability });
  });

  test('a third zone only extends the subnet group', () => {
    expect(losses(cache(), cache({ zones: 3 }))).toEqual([]);
    Template.fromStack(cache({ zones: 3 })).hasResourceProperties('AWS::ElastiCache::SubnetGroup', {
      SubnetIds: [Match.anyValue(), Match.anyValue(), Match.anyValue()],
    });
  });

  test('the comparison sees what would replace it', () => {
    const other = cache();
    (block(other).resource as elasticache.CfnReplicationGroup).port = 6380;
    expect(losses(cache(), other)).toEqual([expect.stringMatching(/ReplicationGroup\) changes Port/)]);
    expect(losses(cache(), cache({ engineVersion: '9.0' }))).toEqual([
      expect.stringMatching(/ParameterGroup\) changes CacheParameterGroupFamily/),
      // Said for the first time: the cache was no other before (docs/adr/0014).
      expect.stringMatching(/ReplicationGroup\) changes Durability/),
    ]);
  });

  test('feature flags of the user change nothing', () => {
    expect(losses(cache(), cache({}, testStack({ context: FLAGS })))).toEqual([]);
    expect(losses(cache({}, testStack({ context: FLAGS })), cache())).toEqual([]);
  });
});

describe('use', () => {
  test('clients start at the configuration endpoint', () => {
    const stack = cache();
    expect(stack.resolve(block(stack).host)).toEqual({ 'Fn::GetAtt': [expect.anything(), 'ConfigurationEndPoint.Address'] });
    expect(block(stack).port).toBe(6379);
  });

  test('a size is split into node type and shards, and shards can be set apart', () => {
    const stack = cache({ size: CacheSize.USERS_1M, shards: 2 });
    Template.fromStack(stack).hasResourceProperties('AWS::ElastiCache::ReplicationGroup', {
      CacheNodeType: 'cache.r7g.large',
      NumNodeGroups: 2,
    });
    expect([block(stack).shards, block(stack).replicasPerShard]).toEqual([2, 1]);
  });

  test('connections open the port', () => {
    const stack = cache();
    block(stack).connections.allowDefaultPortFrom(ec2.Peer.ipv4('10.0.0.0/16'));
    Template.fromStack(stack).hasResourceProperties('AWS::EC2::SecurityGroup', {
      GroupDescription: 'Cache of the product',
      SecurityGroupIngress: [Match.objectLike({ FromPort: 6379, ToPort: 6379 })],
    });
  });

  test('metrics are those of the first node, or of any other', () => {
    const stack = cache();
    const it = block(stack);
    const id = stack.resolve(it.resource.ref).Ref;
    expect(stack.resolve(it.metricMemoryUsage().dimensions)).toEqual({
      CacheClusterId: { 'Fn::Join': ['', [{ Ref: id }, '-0001-001']] },
    });
    const other = it.metricEvictions({ dimensionsMap: { CacheClusterId: it.nodeId(12, 2) } });
    expect(JSON.stringify(stack.resolve(other.dimensions))).toContain('-0012-002');
    expect([it.metricEvictions().statistic, it.metricEngineCpuUtilization().metricName]).toEqual(['Sum', 'EngineCPUUtilization']);
  });

  test('it works without a concrete environment, twice in one stack', () => {
    const stack = agnosticStack();
    const network = vpc(stack);
    new CacheReplicationGroup(stack, 'One', { vpc: network });
    new CacheReplicationGroup(stack, 'Two', { vpc: network });
    Template.fromStack(stack).resourceCountIs('AWS::ElastiCache::ReplicationGroup', 2);
  });
});

test.each([
  [
    { replicasPerShard: 0 },
    'replicasPerShard must be a whole number from 1 to 5, got 0: a shard needs one to fail over to, and takes five',
  ],
  [
    { replicasPerShard: 6 },
    'replicasPerShard must be a whole number from 1 to 5, got 6: a shard needs one to fail over to, and takes five',
  ],
  [{ shards: 0 }, 'shards must be a whole number from 1 to 500, got 0: choose one in that range'],
  [
    { snapshotRetention: Duration.days(36) },
    'snapshotRetention must be 0 to 35 whole days, got 36 days: choose a whole number in that range',
  ],
  [
    { snapshotRetention: Duration.hours(12) },
    'snapshotRetention must be 0 to 35 whole days, got 0.5 days: choose a whole number in that range',
  ],
  [{ engineVersion: '6.2' }, "engineVersion must be a Valkey version from 7.2 on, got '6.2': write it as in 8.2"],
  [{ engineVersion: 'latest' }, "engineVersion must be a Valkey version from 7.2 on, got 'latest': write it as in 8.2"],
])('%j is refused', (props, message) => {
  expect(() => cache(props)).toThrow(new Error(message));
});

test('AwsSolutions has no open finding', () => {
  expect(nagFindings(cache()).filter((finding) => !finding.includes('/Network'))).toEqual([]);
});
