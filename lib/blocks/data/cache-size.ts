import { Token } from 'aws-cdk-lib';

/** Families a global datastore takes, in size large and above (ElastiCache User Guide, Redis-Global-Datastores-Getting-Started). */
const GLOBAL_NODE_TYPE = /^cache\.(m5|m6g|m7g|r5|r6g|r7g|c7gn)\.\d*x?large$/;

/** Most shards of one cluster, after a quota increase; 90 nodes without (ElastiCache API, CreateReplicationGroup). */
const MOST_SHARDS = 500;

/**
 * Node type and number of shards of a cache.
 *
 * The node type changes in place. The number of shards changes in place too, but in an update that changes nothing else
 * (CloudFormation, UseOnlineResharding), so it has to be a deploy of its own. The members are named after the seeds' user bands.
 */
export class CacheSize {
  /** One shard of cache.t4g.small: cheapest, cannot join a global datastore. */
  public static readonly USERS_100K = new CacheSize('cache.t4g.small', 1);
  /** Three shards of cache.r7g.large; coming from one shard takes a deploy of its own. */
  public static readonly USERS_1M = new CacheSize('cache.r7g.large', 3);
  /** The same a Region: joining a global datastore must not coincide with new shards. */
  public static readonly USERS_10M = new CacheSize('cache.r7g.large', 3);

  /**
   * A size of your own.
   *
   * @param nodeType ElastiCache node type, as in cache.m7g.xlarge
   * @param shards 1 to 500, 1 if not given
   * @throws if nodeType is none or needs data tiering, or shards is no such number
   */
  public static of(nodeType: string, shards: number = 1): CacheSize {
    return new CacheSize(nodeType, shards);
  }

  private constructor(
    /** ElastiCache node type. */
    public readonly nodeType: string,
    /** Shards the keys are spread over. */
    public readonly shards: number,
  ) {
    if (!Token.isUnresolved(nodeType)) checkNodeType(nodeType);
    if (!Token.isUnresolved(shards) && (!Number.isInteger(shards) || shards < 1 || shards > MOST_SHARDS)) {
      throw new Error(`shards must be a whole number from 1 to ${MOST_SHARDS}, got ${shards}: choose one in that range`);
    }
  }

  /** Whether a cache of this node type can be a member of a global datastore. True for a node type not known yet. */
  public get supportsGlobalDatastore(): boolean {
    return Token.isUnresolved(this.nodeType) || GLOBAL_NODE_TYPE.test(this.nodeType);
  }
}

function checkNodeType(nodeType: string): void {
  if (!/^cache\.[a-z0-9-]+\.[a-z0-9]+$/.test(nodeType)) {
    throw new Error(`nodeType must be an ElastiCache node type, got '${nodeType}': write it as in cache.r7g.large`);
  }
  // AWS::ElastiCache::ReplicationGroup DataTieringEnabled is create-only and must be true for r6gd, so moving there replaces the cache.
  if (nodeType.startsWith('cache.r6gd.')) {
    throw new Error(`nodeType must not need data tiering, which can never be switched, got '${nodeType}': choose cache.r7g`);
  }
}
