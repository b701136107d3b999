import { Names, Stack } from 'aws-cdk-lib';
import * as elasticache from 'aws-cdk-lib/aws-elasticache';
import { Construct, type IConstruct } from 'constructs';
import { retain } from '../operations/retain';
import type { CacheReplicationGroup } from './cache-replication-group';

/**
 * Regions of a global datastore: the primary and at most two others (ElastiCache User Guide,
 * Redis-Global-Datastores-Getting-Started). Further Regions get a cache of their own.
 */
export const MAX_GLOBAL_CACHE_REGIONS = 3;

/** Leaves room for the prefix AWS puts before it. */
const LONGEST_SUFFIX = 40;

/** A global datastore, ours or one that exists already. */
export interface IGlobalCache extends IConstruct {
  /** Identifier by which secondary caches join. */
  readonly globalReplicationGroupId: string;
}

/** What to know about a global datastore that exists already. */
export interface GlobalCacheAttributes {
  readonly globalReplicationGroupId: string;
}

/** Properties of a GlobalCache. */
export interface GlobalCacheProps {
  /** Cache of the same stack that becomes the primary. Nothing of it changes. */
  readonly primary: CacheReplicationGroup;
}

/**
 * Makes a cache the primary of a global datastore by pointing at it, which only adds a resource.
 *
 * From then on node type, shards, engine and parameter group change for all Regions together, through this resource; what the
 * primary's own template says of them afterwards is not verified against AWS. Failover to another Region is by hand.
 *
 * @throws if the primary's node type cannot be in a global datastore
 */
export class GlobalCache extends Construct implements IGlobalCache {
  /** A global datastore that exists already. */
  public static fromAttributes(scope: Construct, id: string, attrs: GlobalCacheAttributes): IGlobalCache {
    class Import extends Construct implements IGlobalCache {
      public readonly globalReplicationGroupId = attrs.globalReplicationGroupId;
    }
    return new Import(scope, id);
  }

  public readonly globalReplicationGroupId: string;
  public readonly resource: elasticache.CfnGlobalReplicationGroup;

  constructor(scope: Construct, id: string, props: GlobalCacheProps) {
    super(scope, id);
    const { primary } = props;
    if (!primary.size.supportsGlobalDatastore) {
      throw new Error(
        `primary must have a node type of size large or above of m5, m6g, m7g, r5, r6g, r7g or c7gn, got '${primary.size.nodeType}': ` +
          'deploy it with CacheSize.USERS_1M first',
      );
    }
    this.resource = new elasticache.CfnGlobalReplicationGroup(this, 'Resource', {
      globalReplicationGroupIdSuffix: Names.uniqueResourceName(this, { maxLength: LONGEST_SUFFIX }).toLowerCase(),
      globalReplicationGroupDescription: 'Cache of the product',
      // Exactly one at creation (awsdocs/aws-cloudformation-user-guide#1120); the others join by themselves.
      members: [
        {
          replicationGroupId: primary.resource.ref,
          replicationGroupRegion: Stack.of(primary).region,
          role: 'PRIMARY',
        },
      ],
    });
    // A global replication group takes no tags (CloudFormation AWS::ElastiCache, Tag), but the CDK writes those of the app.
    this.resource.addPropertyDeletionOverride('Tags');
    retain(this.resource);
    this.globalReplicationGroupId = this.resource.attrGlobalReplicationGroupId;
  }
}
