import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as elasticache from 'aws-cdk-lib/aws-elasticache';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { acknowledge, inPacks, sameReason } from '../operations/acknowledge';
import { retain } from '../operations/retain';
import { CACHE_DESCRIPTION, CACHE_PORT, checkReplicas, USER_GROUP_INSTEAD_OF_TOKEN } from './cache-replication-group';
import { CacheUsers } from './cache-users';
import { dataSubnets } from './data-subnets';
import type { IGlobalCache } from './global-cache';

/** Properties of a CacheSecondary. */
export interface CacheSecondaryProps {
  readonly vpc: ec2.IVpc;
  /** @default - isolated subnets, private ones where there is none */
  readonly vpcSubnets?: ec2.SubnetSelection;
  /** Global datastore to join, of another Region. */
  readonly globalCache: IGlobalCache;
  /** Key of *this* Region. It can never change. */
  readonly encryptionKey: kms.IKey;
  /**
   * Replicas of each shard, 1 to 5.
   * @default 1
   */
  readonly replicasPerShard?: number;
  /** @default - a user of its own, in this Region */
  readonly users?: CacheUsers;
}

/**
 * Copy of a global datastore in one further Region. **It takes reads only**; what an application shall write, it has to write to a
 * cache that is not a secondary.
 *
 * Engine, version, node type, shards, parameters and encryption come from the primary and must not be given (ElastiCache User
 * Guide, Redis-Global-Datastores-CLI; awsdocs/aws-cloudformation-user-guide#1117). Users are a thing of one Region; that a secondary
 * takes a user group of its own follows from the API and is not verified against AWS.
 *
 * @throws if replicasPerShard does not fit
 */
export class CacheSecondary extends Construct implements ec2.IConnectable {
  public readonly resource: elasticache.CfnReplicationGroup;
  public readonly connections: ec2.Connections;
  public readonly users: CacheUsers;
  /** Secret with the fields `username` and `password`. */
  public readonly secret: secretsmanager.ISecret;
  /** Configuration endpoint, for reads. */
  public readonly host: string;
  public readonly port: number = CACHE_PORT;

  constructor(scope: Construct, id: string, props: CacheSecondaryProps) {
    super(scope, id);
    const replicas = props.replicasPerShard ?? 1;
    checkReplicas(replicas);
    const vpcSubnets = dataSubnets(props.vpc, props.vpcSubnets);

    this.users = props.users ?? new CacheUsers(this, 'Users', { encryptionKey: props.encryptionKey });
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
    this.resource = new elasticache.CfnReplicationGroup(this, 'Resource', {
      replicationGroupDescription: CACHE_DESCRIPTION,
      globalReplicationGroupId: props.globalCache.globalReplicationGroupId,
      replicasPerNodeGroup: replicas,
      automaticFailoverEnabled: true,
      multiAzEnabled: true,
      kmsKeyId: props.encryptionKey.keyArn,
      userGroupIds: [this.users.groupId],
      cacheSubnetGroupName: subnetGroup.ref,
      securityGroupIds: [securityGroup.securityGroupId],
      port: CACHE_PORT,
      autoMinorVersionUpgrade: true,
    });
    this.resource.cfnOptions.updatePolicy = { useOnlineResharding: true };
    for (const resource of [this.resource, subnetGroup]) retain(resource);
    acknowledge(
      this.resource,
      USER_GROUP_INSTEAD_OF_TOKEN,
      ...sameReason(
        'A secondary of a global datastore has TLS, its users beside it, and encryption at rest from its primary, where all are ' +
          'required from birth, and ElastiCache refuses to be told again here; the customer key of this Region is set all the same.',
        'AwsSolutions::AwsSolutions-AEC3',
        'Checkov::CKV_AWS_29',
        'Checkov::CKV_AWS_30',
        'Checkov::CKV_AWS_31',
      ),
      ...sameReason(
        'The rules want a lost cache to be restorable. A secondary takes no writes, so it holds nothing that its primary does not ' +
          'hold; the primary is backed up daily, for 15 days unless its owner says otherwise, and if its whole Region is lost, this copy ' +
          'is promoted and carries on with the data.',
        ...inPacks('ElastiCacheRedisClusterAutomaticBackup', 'HIPAA.Security', 'NIST.800.53.R4', 'NIST.800.53.R5'),
      ),
      {
        id: 'AwsSolutions::AwsSolutions-AEC5',
        reason:
          'The rule takes a cache without an engine property for Redis on its usual port; the engine of a secondary comes from its ' +
          'primary. Access is limited by security group, TLS and named users, so a hidden port would add nothing.',
      },
    );
    this.host = this.resource.attrConfigurationEndPointAddress;
  }
}
