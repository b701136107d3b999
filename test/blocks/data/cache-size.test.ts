import { Lazy } from 'aws-cdk-lib';
import { CacheSize } from '../../../lib/blocks/data/cache-size';

test('the members grow with the users', () => {
  const sizes = [CacheSize.USERS_100K, CacheSize.USERS_1M, CacheSize.USERS_10M];
  expect(sizes.map(({ nodeType, shards }) => [nodeType, shards])).toEqual([
    ['cache.t4g.small', 1],
    ['cache.r7g.large', 3],
    ['cache.r7g.large', 3],
  ]);
  expect(sizes.map(({ supportsGlobalDatastore }) => supportsGlobalDatastore)).toEqual([false, true, true]);
});

test.each([
  ['cache.m5.large', true],
  ['cache.m6g.xlarge', true],
  ['cache.m7g.16xlarge', true],
  ['cache.r5.24xlarge', true],
  ['cache.r6g.large', true],
  ['cache.c7gn.large', true],
  ['cache.t3.medium', false],
  ['cache.t4g.medium', false],
  ['cache.m4.large', false],
  ['cache.r8g.large', false],
  ['cache.m8g.large', false],
])('%s in a global datastore: %s', (nodeType, fits) => {
  expect(CacheSize.of(nodeType).supportsGlobalDatastore).toBe(fits);
});

test.each([
  ['db.r7g.large', 1, "nodeType must be an ElastiCache node type, got 'db.r7g.large': write it as in cache.r7g.large"],
  ['cache.r7g', 1, "nodeType must be an ElastiCache node type, got 'cache.r7g': write it as in cache.r7g.large"],
  ['', 1, "nodeType must be an ElastiCache node type, got '': write it as in cache.r7g.large"],
  [
    'cache.r6gd.xlarge',
    1,
    "nodeType must not need data tiering, which can never be switched, got 'cache.r6gd.xlarge': choose cache.r7g",
  ],
  ['cache.r7g.large', 0, 'shards must be a whole number from 1 to 500, got 0: choose one in that range'],
  ['cache.r7g.large', 1.5, 'shards must be a whole number from 1 to 500, got 1.5: choose one in that range'],
  ['cache.r7g.large', 501, 'shards must be a whole number from 1 to 500, got 501: choose one in that range'],
])('of(%s, %d) is refused', (nodeType, shards, message) => {
  expect(() => CacheSize.of(nodeType, shards)).toThrow(new Error(message));
});

test('what is not known yet is let through', () => {
  const size = CacheSize.of(Lazy.string({ produce: () => 'x' }), Lazy.number({ produce: () => 1 }));
  expect(size.supportsGlobalDatastore).toBe(true);
});
