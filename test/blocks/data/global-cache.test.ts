import type { Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { CacheReplicationGroup } from '../../../lib/blocks/data/cache-replication-group';
import { CacheSize } from '../../../lib/blocks/data/cache-size';
import { GlobalCache, MAX_GLOBAL_CACHE_REGIONS } from '../../../lib/blocks/data/global-cache';
import { agnosticStack, testStack } from '../../stacks';
import { nagFindings } from '../nag';
import { additions, losses } from './kept';
import { vpc } from './vpc';

function shop(global: boolean, size = CacheSize.USERS_1M, stack: Stack = testStack()): Stack {
  const primary = new CacheReplicationGroup(stack, 'Cache', { vpc: vpc(stack), size });
  if (global) new GlobalCache(stack, 'Global', { primary });
  return stack;
}

test('it has exactly one member, the primary', () => {
  Template.fromStack(shop(true)).hasResource('AWS::ElastiCache::GlobalReplicationGroup', {
    DeletionPolicy: 'RetainExceptOnCreate',
    UpdateReplacePolicy: 'Retain',
    Properties: {
      GlobalReplicationGroupIdSuffix: Match.stringLikeRegexp('^[a-z][a-z0-9]{0,39}$'),
      Members: [
        { ReplicationGroupId: { Ref: Match.stringLikeRegexp('Cache') }, ReplicationGroupRegion: 'us-east-1', Role: 'PRIMARY' },
      ],
    },
  });
  Template.fromStack(shop(true, CacheSize.USERS_1M, agnosticStack())).hasResourceProperties(
    'AWS::ElastiCache::GlobalReplicationGroup',
    {
      Members: [Match.objectLike({ ReplicationGroupRegion: { Ref: 'AWS::Region' } })],
    },
  );
});

test('it is one addition and changes nothing of the primary', () => {
  expect(losses(shop(false), shop(true))).toEqual([]);
  expect(additions(shop(false), shop(true))).toEqual(['AWS::ElastiCache::GlobalReplicationGroup']);
  Template.fromStack(shop(true)).hasResourceProperties('AWS::ElastiCache::ReplicationGroup', {
    GlobalReplicationGroupId: Match.absent(),
  });
});

test('growing the node and going global in one deploy loses nothing', () => {
  expect(losses(shop(false, CacheSize.USERS_100K), shop(true, CacheSize.USERS_1M))).toEqual([]);
});

test('a primary of a node type that does not fit is refused', () => {
  expect(() => shop(true, CacheSize.USERS_100K)).toThrow(
    new Error(
      "primary must have a node type of size large or above of m5, m6g, m7g, r5, r6g, r7g or c7gn, got 'cache.t4g.small': " +
        'deploy it with CacheSize.USERS_1M first',
    ),
  );
});

test('three Regions are the limit', () => {
  expect(MAX_GLOBAL_CACHE_REGIONS).toBe(3);
});

test('a global datastore that exists already', () => {
  const existing = GlobalCache.fromAttributes(testStack(), 'Global', { globalReplicationGroupId: 'ldgnf-world' });
  expect(existing.globalReplicationGroupId).toBe('ldgnf-world');
});

test('AwsSolutions has no open finding', () => {
  expect(nagFindings(shop(true)).filter((finding) => !finding.includes('/Network'))).toEqual([]);
});
