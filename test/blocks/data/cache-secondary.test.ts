import { App, CrossStackReferences, ReferenceStrength, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as kms from 'aws-cdk-lib/aws-kms';
import { CacheReplicationGroup } from '../../../lib/blocks/data/cache-replication-group';
import { CacheSecondary, type CacheSecondaryProps } from '../../../lib/blocks/data/cache-secondary';
import { CacheSize } from '../../../lib/blocks/data/cache-size';
import { CacheUsers } from '../../../lib/blocks/data/cache-users';
import { GlobalCache } from '../../../lib/blocks/data/global-cache';
import { testStack } from '../../stacks';
import { nagFindings } from '../nag';
import { FLAGS, losses } from './kept';
import { vpc } from './vpc';

const KEY = 'arn:aws:kms:eu-central-1:123456789012:key/mrk-1';

function secondary(props: Partial<CacheSecondaryProps> = {}, context: Record<string, unknown> = {}): Stack {
  const stack = testStack({ env: { account: '123456789012', region: 'eu-central-1' }, context });
  new CacheSecondary(stack, 'Cache', {
    vpc: vpc(stack),
    globalCache: GlobalCache.fromAttributes(stack, 'Global', { globalReplicationGroupId: 'ldgnf-world' }),
    encryptionKey: kms.Key.fromKeyArn(stack, 'Key', KEY),
    ...props,
  });
  return stack;
}

test('it says which datastore it joins and leaves to the primary what is the primary’s', () => {
  const [group] = Object.values(Template.fromStack(secondary()).findResources('AWS::ElastiCache::ReplicationGroup'));
  expect(group).toMatchObject({
    DeletionPolicy: 'Retain',
    UpdateReplacePolicy: 'Retain',
    UpdatePolicy: { UseOnlineResharding: true },
    Properties: { GlobalReplicationGroupId: 'ldgnf-world', KmsKeyId: KEY, ReplicasPerNodeGroup: 1, Port: 6379 },
  });
  expect(Object.keys(group.Properties).sort()).toEqual([
    'AutoMinorVersionUpgrade',
    'AutomaticFailoverEnabled',
    'CacheSubnetGroupName',
    'GlobalReplicationGroupId',
    'KmsKeyId',
    'MultiAZEnabled',
    'Port',
    'ReplicasPerNodeGroup',
    'ReplicationGroupDescription',
    'SecurityGroupIds',
    'UserGroupIds',
  ]);
});

test('its users are of its own Region, or given ones', () => {
  Template.fromStack(secondary()).hasResourceProperties('AWS::ElastiCache::ReplicationGroup', {
    UserGroupIds: [{ Ref: Match.stringLikeRegexp('CacheUsersGroup') }],
  });
  const stack = testStack();
  const encryptionKey = kms.Key.fromKeyArn(stack, 'Key', KEY);
  const users = new CacheUsers(stack, 'Users', { encryptionKey });
  const globalCache = GlobalCache.fromAttributes(stack, 'Global', { globalReplicationGroupId: 'ldgnf-world' });
  const cache = new CacheSecondary(stack, 'Cache', { vpc: vpc(stack), globalCache, encryptionKey, users });
  expect(cache.secret).toBe(users.secret);
  Template.fromStack(stack).resourceCountIs('AWS::ElastiCache::UserGroup', 1);
});

test('connections open the port, the host is the configuration endpoint', () => {
  const stack = secondary();
  const cache = stack.node.findChild('Cache') as CacheSecondary;
  cache.connections.allowDefaultPortFrom(ec2.Peer.ipv4('10.1.0.0/16'));
  Template.fromStack(stack).hasResourceProperties('AWS::EC2::SecurityGroup', {
    SecurityGroupIngress: [Match.objectLike({ FromPort: 6379 })],
  });
  expect(stack.resolve(cache.host)).toEqual({ 'Fn::GetAtt': [expect.anything(), 'ConfigurationEndPoint.Address'] });
  expect(cache.port).toBe(6379);
});

test('another replica replaces nothing, whatever the flags', () => {
  expect(losses(secondary(), secondary({ replicasPerShard: 3 }))).toEqual([]);
  expect(losses(secondary(), secondary({}, FLAGS))).toEqual([]);
});

test('no replica is refused', () => {
  expect(() => secondary({ replicasPerShard: 0 })).toThrow(
    new Error('replicasPerShard must be a whole number from 1 to 5, got 0: a shard needs one to fail over to, and takes five'),
  );
});

test('two Regions in one app are tied by a weak reference alone', () => {
  const app = new App();
  const home = new Stack(app, 'Shop', { env: { account: '123456789012', region: 'us-east-1' } });
  const other = new Stack(app, 'ShopEu', { env: { account: '123456789012', region: 'eu-central-1' } });
  CrossStackReferences.of(other).consume(ReferenceStrength.WEAK);
  const primary = new CacheReplicationGroup(home, 'Cache', { vpc: vpc(home), size: CacheSize.USERS_1M });
  const globalCache = new GlobalCache(home, 'Global', { primary });
  new CacheSecondary(other, 'Cache', { vpc: vpc(other), globalCache, encryptionKey: kms.Key.fromKeyArn(other, 'Key', KEY) });

  const template = Template.fromStack(other);
  template.hasResourceProperties('AWS::ElastiCache::ReplicationGroup', {
    GlobalReplicationGroupId: {
      'Fn::GetStackOutput': { StackName: 'Shop', OutputName: Match.anyValue(), Region: 'us-east-1' },
    },
  });
  for (const each of [template, Template.fromStack(home)]) {
    expect(JSON.stringify(each.toJSON())).not.toMatch(/Custom::|AWS::Lambda|"Export"|ImportValue/);
  }
});

test('AwsSolutions has no open finding', () => {
  expect(nagFindings(secondary()).filter((finding) => !finding.includes('/Network'))).toEqual([]);
});
