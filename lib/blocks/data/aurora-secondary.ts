import { RemovalPolicy } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as kms from 'aws-cdk-lib/aws-kms';
import * as rds from 'aws-cdk-lib/aws-rds';
import type { Construct } from 'constructs';
import { retain } from '../operations/retain';
import type { IAuroraGlobalDatabase } from './aurora-global-database';
import { acknowledgeInstance, MONITORING_INTERVAL, type Monitoring, monitoring } from './aurora-instances';
import { auroraParameterGroup, checkInstances, POSTGRES_PORT } from './aurora-postgres';
import { dataSubnets } from './data-subnets';
import { DatabaseSize } from './database-size';
import { MeasuredDatabase } from './measured-database';

/** Properties of an AuroraSecondary. */
export interface AuroraSecondaryProps {
  readonly vpc: ec2.IVpc;
  /** @default - isolated subnets, private ones where there is none */
  readonly vpcSubnets?: ec2.SubnetSelection;
  /** Global database to join, of another Region. */
  readonly globalDatabase: IAuroraGlobalDatabase;
  /** Key of *this* Region; a replica of a multi-Region key will do. It can never change. */
  readonly encryptionKey: kms.IKey;
  /**
   * Database made by the primary; nothing is created here.
   * @default app
   */
  readonly databaseName?: string;
  /** @default DatabaseSize.USERS_10M */
  readonly size?: DatabaseSize;
  /**
   * Instances, 1 to 15.
   * @default 1
   */
  readonly instances?: number;
  /** Same as at the primary. @default true */
  readonly logicalReplication?: boolean;
}

/**
 * Reading copy of a global database in one further Region, which also takes writes and forwards them to the primary.
 *
 * An application uses `readerHost` for both: the cluster's own endpoint is asleep until a switchover makes this the primary. Writes
 * cost a round trip to the primary; DDL, `LOCK TABLE`, savepoints and `COPY` are among what is not forwarded (Aurora User Guide,
 * aurora-global-database-write-forwarding-apg). Users and passwords are the primary's. Not verified against AWS.
 *
 * L1, because the L2 cluster always has a master user, which a secondary must not have.
 *
 * @throws if instances do not fit or size starts at 0 ACU
 */
export class AuroraSecondary extends MeasuredDatabase implements ec2.IConnectable {
  public readonly cluster: rds.CfnDBCluster;
  /** Identifier of the cluster, which RDS chose. */
  public readonly clusterIdentifier: string;
  public readonly capacity: DatabaseSize;
  public readonly readers: number;
  public readonly connections: ec2.Connections;
  /** Same as `readerHost`: write forwarding works on reading instances. */
  public readonly writerHost: string;
  public readonly readerHost: string;
  public readonly port: number = POSTGRES_PORT;
  public readonly databaseName: string;
  public readonly parameterGroup: rds.ParameterGroup;

  constructor(scope: Construct, id: string, props: AuroraSecondaryProps) {
    super(scope, id);
    const instances = props.instances ?? 1;
    const size = props.size ?? DatabaseSize.USERS_10M;
    const { engineVersion } = props.globalDatabase;
    checkInstances('instances', instances, 1, 15);
    if (size.autoPauses) {
      throw new Error(
        'size must not start at 0 ACU in a global database, got 0: choose DatabaseSize.USERS_10M (AWS recommends 8 ACU)',
      );
    }
    const vpcSubnets = dataSubnets(props.vpc, props.vpcSubnets);

    this.capacity = size;
    this.readers = instances;
    this.databaseName = props.databaseName ?? 'app';
    this.parameterGroup = auroraParameterGroup(this, 'ParameterGroup', {
      engineVersion,
      logicalReplication: props.logicalReplication ?? true,
    });
    const securityGroup = new ec2.SecurityGroup(this, 'SecurityGroup', {
      vpc: props.vpc,
      description: 'Aurora PostgreSQL of the product',
      allowAllOutbound: false,
    });
    this.connections = new ec2.Connections({ securityGroups: [securityGroup], defaultPort: ec2.Port.tcp(POSTGRES_PORT) });
    const subnetGroup = new rds.CfnDBSubnetGroup(this, 'SubnetGroup', {
      dbSubnetGroupDescription: 'Subnets of the product database',
      subnetIds: props.vpc.selectSubnets(vpcSubnets).subnetIds,
    });
    retain(subnetGroup);
    // No MasterUsername, MasterUserPassword or DatabaseName: a secondary has the primary's (crossplane-contrib/provider-aws#1668).
    this.cluster = new rds.CfnDBCluster(this, 'Cluster', {
      engine: 'aurora-postgresql',
      engineVersion: engineVersion.auroraPostgresFullVersion,
      globalClusterIdentifier: props.globalDatabase.globalClusterIdentifier,
      enableGlobalWriteForwarding: true,
      dbClusterParameterGroupName: this.parameterGroup.bindToCluster({}).parameterGroupName,
      dbSubnetGroupName: subnetGroup.ref,
      vpcSecurityGroupIds: [securityGroup.securityGroupId],
      port: POSTGRES_PORT,
      storageEncrypted: true,
      kmsKeyId: props.encryptionKey.keyArn,
      serverlessV2ScalingConfiguration: { minCapacity: size.minCapacity, maxCapacity: size.maxCapacity },
      deletionProtection: true,
      // For the day the Region takes over: the primary's retention does not come along.
      backupRetentionPeriod: 14,
      copyTagsToSnapshot: true,
      enableIamDatabaseAuthentication: true,
      enableCloudwatchLogsExports: ['postgresql'],
      performanceInsightsEnabled: true,
      performanceInsightsKmsKeyId: props.encryptionKey.keyArn,
      performanceInsightsRetentionPeriod: rds.PerformanceInsightRetention.DEFAULT,
      databaseInsightsMode: 'standard',
    });
    retain(this.cluster);
    this.clusterIdentifier = this.cluster.ref;
    const reporting = monitoring(this);
    for (let number = 1; number <= instances; number++) this.addInstance(number, props.encryptionKey, reporting);
    this.readerHost = this.cluster.attrReadEndpointAddress;
    this.writerHost = this.readerHost;
  }

  /** Lag behind the primary Region, milliseconds, maximum over 5 minutes. */
  public metricGlobalReplicationLag(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return new cloudwatch.Metric({
      namespace: 'AWS/RDS',
      metricName: 'AuroraGlobalDBReplicationLag',
      dimensionsMap: { DBClusterIdentifier: this.cluster.ref },
      statistic: 'Maximum',
      ...props,
    }).attachTo(this);
  }

  /** The first instance stays behind if it leaves the template, so that the retained cluster can be read; others hold no data. */
  private addInstance(number: number, key: kms.IKey, reporting: Monitoring): void {
    const instance = new rds.CfnDBInstance(this, `Instance${number}`, {
      engine: 'aurora-postgresql',
      dbClusterIdentifier: this.cluster.ref,
      dbInstanceClass: 'db.serverless',
      publiclyAccessible: false,
      autoMinorVersionUpgrade: false,
      promotionTier: number - 1,
      enablePerformanceInsights: true,
      performanceInsightsKmsKeyId: key.keyArn,
      performanceInsightsRetentionPeriod: rds.PerformanceInsightRetention.DEFAULT,
      monitoringInterval: MONITORING_INTERVAL.toSeconds(),
      monitoringRoleArn: reporting.role.roleArn,
    });
    instance.node.addDependency(reporting.policy);
    acknowledgeInstance(instance);
    instance.applyRemovalPolicy(number === 1 ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY);
  }
}
