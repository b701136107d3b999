import { Duration, Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as elasticache from 'aws-cdk-lib/aws-elasticache';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import { acknowledge } from '../operations/acknowledge';
import { retain } from '../operations/retain';
import { CacheSize } from './cache-size';
import { CacheUsers } from './cache-users';
import { DataKey } from './data-key';
import { dataSubnets } from './data-subnets';
import { MeasuredCache } from './measured-cache';

/** Fixed from birth: the port of a cache can never change. */
export const CACHE_PORT = 6379;

/** What every member of a global datastore shares with a cache of one Region. */
export const CACHE_DESCRIPTION = 'Cache of the product';

/** Why a user group stands in for the auth token that the rule looks for. */
export const USER_GROUP_INSTEAD_OF_TOKEN = {
  id: 'AwsSolutions::AwsSolutions-AEC6',
  reason:
    'The rule looks for the single shared AUTH token; this cache has a user group instead, with a named user, a generated ' +
    'password of 64 characters and the nameless default user switched off, which is stricter and excludes a token.',
};

/** Which keys a full cache forgets (Valkey, key eviction). A change is an update of the parameter group in place, without a restart. */
export enum CacheEviction {
  /** The one used longest ago, whatever it is: writes are never refused. */
  ALL_KEYS_LEAST_RECENT = 'allkeys-lru',
  /** The one used least often, whatever it is: hot data stays, sessions of rare visitors go. */
  ALL_KEYS_LEAST_OFTEN = 'allkeys-lfu',
  /** The one used longest ago among those with a time to live: keys without one stay, and fill a cache until it refuses writes. */
  EXPIRING_LEAST_RECENT = 'volatile-lru',
  /** None: a full cache refuses writes. For sessions that must not be lost, in a cache of their own. */
  NONE = 'noeviction',
}

/** Properties of a CacheReplicationGroup. */
export interface CacheReplicationGroupProps {
  readonly vpc: ec2.IVpc;
  /** @default - isolated subnets, private ones where there is none */
  readonly vpcSubnets?: ec2.SubnetSelection;
  /** @default CacheSize.USERS_100K */
  readonly size?: CacheSize;
  /**
   * Shards, 1 to 500. A change is a deploy of its own.
   * @default - as many as the size has
   */
  readonly shards?: number;
  /**
   * Replicas of each shard, 1 to 5. A change is a deploy of its own.
   * @default 1
   */
  readonly replicasPerShard?: number;
  /**
   * Key for data at rest and credentials. It can never change.
   * @default - a multi-Region key of its own
   */
  readonly encryptionKey?: kms.IKey;
  /** @default - a user of its own */
  readonly users?: CacheUsers;
  /**
   * Regions that get a copy of the credentials, if the users are the cache's own.
   * @default - none
   */
  readonly credentialReplicaRegions?: string[];
  /**
   * How long daily snapshots are kept, 0 (none) to 35 whole days. Policy packs want 15 at least.
   * @default Duration.days(15)
   */
  readonly snapshotRetention?: Duration;
  /**
   * Which keys a full cache forgets. One cache for sessions and hot data is safe with the default as long as it does not evict, of
   * which `CacheAlarms` warns.
   * @default CacheEviction.ALL_KEYS_LEAST_RECENT
   */
  readonly eviction?: CacheEviction;
  /**
   * Valkey version, 7.2 or later. A new major version also makes a new parameter group, which a member of a global datastore must
   * not do.
   * @default 8.2
   */
  readonly engineVersion?: string;
}

/**
 * Valkey in cluster mode, with TLS, encryption, failover and users from birth: every one of them would replace the cache later.
 *
 * Cluster mode even with one shard, because the way there from a cluster without is one-way and changes the endpoints (ElastiCache
 * User Guide, modify-cluster-mode). At least one replica, because a cluster without any cannot be updated at all
 * (cloudformation-coverage-roadmap#1275).
 *
 * @throws if shards, replicasPerShard, snapshotRetention, engineVersion or the users' Regions do not fit
 */
export class CacheReplicationGroup extends MeasuredCache implements ec2.IConnectable {
  public readonly resource: elasticache.CfnReplicationGroup;
  /** Id of the replication group, which ElastiCache chose. */
  public readonly replicationGroupId: string;
  public readonly connections: ec2.Connections;
  public readonly users: CacheUsers;
  /** Secret with the fields `username` and `password`. */
  public readonly secret: secretsmanager.ISecret;
  /** Configuration endpoint, from which a cluster-aware client learns all nodes. */
  public readonly host: string;
  public readonly port: number = CACHE_PORT;
  public readonly size: CacheSize;
  public readonly shards: number;
  public readonly replicasPerShard: number;
  public readonly parameterGroup: elasticache.CfnParameterGroup;

  constructor(scope: Construct, id: string, props: CacheReplicationGroupProps) {
    super(scope, id);
    this.size = props.size ?? CacheSize.USERS_100K;
    this.shards = CacheSize.of(this.size.nodeType, props.shards ?? this.size.shards).shards;
    this.replicasPerShard = props.replicasPerShard ?? 1;
    checkReplicas(this.replicasPerShard);
    const snapshotDays = wholeDays(props.snapshotRetention ?? Duration.days(15));
    const engineVersion = props.engineVersion ?? '8.2';
    const vpcSubnets = dataSubnets(props.vpc, props.vpcSubnets);

    const encryptionKey = props.encryptionKey ?? new DataKey(this, 'Key').key;
    const { credentialReplicaRegions } = props;
    this.users = props.users ?? new CacheUsers(this, 'Users', { encryptionKey, credentialReplicaRegions });
    this.secret = this.users.secret;
    const securityGroup = new ec2.SecurityGroup(this, 'SecurityGroup', {
      vpc: props.vpc,
      description: CACHE_DESCRIPTION,
      allowAllOutbound: false,
    });
    this.connections = new ec2.Connections({ securityGroups: [securityGroup], defaultPort: ec2.Port.tcp(CACHE_PORT) });
    const subnetGroup = new elasticache.CfnSubnetGroup(this, 'SubnetGroup', {
      description: CACHE_DESCRIPTION,
      subnetIds: props.vpc.selectSubnets(vpcSubnets).subnetIds,
    });
    // A group of our own, because a member of a global datastore may change parameters but never its group.
    this.parameterGroup = new elasticache.CfnParameterGroup(this, 'ParameterGroup', {
      cacheParameterGroupFamily: `valkey${majorVersion(engineVersion)}`,
      description: CACHE_DESCRIPTION,
      // A full cache shall forget, not refuse: ElastiCache's default evicts only keys that have a time to live.
      properties: { 'cluster-enabled': 'yes', 'maxmemory-policy': props.eviction ?? CacheEviction.ALL_KEYS_LEAST_RECENT },
    });
    this.resource = new elasticache.CfnReplicationGroup(this, 'Resource', {
      replicationGroupDescription: CACHE_DESCRIPTION,
      engine: 'valkey',
      engineVersion,
      cacheNodeType: this.size.nodeType,
      numNodeGroups: this.shards,
      replicasPerNodeGroup: this.replicasPerShard,
      automaticFailoverEnabled: true,
      multiAzEnabled: true,
      transitEncryptionEnabled: true,
      transitEncryptionMode: 'required',
      atRestEncryptionEnabled: true,
      kmsKeyId: encryptionKey.keyArn,
      // Valkey 9 can be durable, and a durable cache can join no global datastore; before 9 the property is not known and no cache is
      // (ElastiCache user guide, Durability.Limitations; docs/adr/0014).
      durability: majorVersion(engineVersion) >= 9 ? 'disabled' : undefined,
      userGroupIds: [this.users.groupId],
      cacheSubnetGroupName: subnetGroup.ref,
      cacheParameterGroupName: this.parameterGroup.ref,
      securityGroupIds: [securityGroup.securityGroupId],
      port: CACHE_PORT,
      snapshotRetentionLimit: snapshotDays,
      autoMinorVersionUpgrade: true,
    });
    this.replicationGroupId = this.resource.ref;
    this.resource.cfnOptions.updatePolicy = { useOnlineResharding: true };
    for (const resource of [this.resource, this.parameterGroup, subnetGroup]) retain(resource);
    acknowledge(this.resource, USER_GROUP_INSTEAD_OF_TOKEN);
    this.host = this.resource.attrConfigurationEndPointAddress;
  }
}

/** @throws if `replicas` is no whole number from 1 to 5 */
export function checkReplicas(replicas: number): void {
  if (!Number.isInteger(replicas) || replicas < 1 || replicas > 5) {
    throw new Error(
      `replicasPerShard must be a whole number from 1 to 5, got ${replicas}: a shard needs one to fail over to, and takes five`,
    );
  }
}

function wholeDays(retention: Duration): number {
  const days = retention.toDays({ integral: false });
  if (!retention.isUnresolved() && (!Number.isInteger(days) || days > 35)) {
    throw new Error(`snapshotRetention must be 0 to 35 whole days, got ${days} days: choose a whole number in that range`);
  }
  return days;
}

function majorVersion(engineVersion: string): number {
  const match = /^(\d+)\.\d+$/.exec(engineVersion);
  if (!match || Token.isUnresolved(engineVersion) || Number(match[1]) < 7) {
    throw new Error(`engineVersion must be a Valkey version from 7.2 on, got '${engineVersion}': write it as in 8.2`);
  }
  return Number(match[1]);
}
