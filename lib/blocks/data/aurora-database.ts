import { Annotations, Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import * as rds from 'aws-cdk-lib/aws-rds';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import { retain } from '../operations/retain';
import { checkDatabaseName, checkReporting, checkRetention } from './aurora-checks';
import { acknowledgeInstance, instancesOf, MONITORING_INTERVAL, monitoring } from './aurora-instances';
import { auroraParameterGroup, checkInstances, DEFAULT_ENGINE_VERSION, POSTGRES_PORT } from './aurora-postgres';
import { DataKey } from './data-key';
import { dataSubnets } from './data-subnets';
import { DatabaseSize } from './database-size';
import { type AuroraDatabaseAttributes, ExistingAuroraDatabase, type IAuroraDatabase } from './existing-aurora-database';
import { MeasuredDatabase } from './measured-database';
import { replicaRegions } from './replica-regions';
import { acknowledgeNoRotation } from './unrotated-secret';

/** Frozen: a change makes CloudFormation generate a new password. */
const PASSWORD_WITHOUT = '"@/\\ \'%:?#&=+';
const MASTER_USER = 'app';

/** The second, however many follow: the first takes over from the writer. Of tier 15, the last of all (Aurora user guide, fault tolerance). */
const REPORTING_READER = { id: 'Reader2', tier: 15 };

/** Properties of an AuroraDatabase. */
export interface AuroraDatabaseProps {
  readonly vpc: ec2.IVpc;
  /** @default - isolated subnets, private ones where there is none */
  readonly vpcSubnets?: ec2.SubnetSelection;
  /**
   * Database made at creation. It can never change.
   * @default app
   */
  readonly databaseName?: string;
  /** @default DatabaseSize.USERS_100K */
  readonly size?: DatabaseSize;
  /**
   * Instances beside the writer, 0 to 15. The first fails over and scales with the writer.
   * @default 0
   */
  readonly readers?: number;
  /**
   * Whether the second reader is kept for reports (see `reportingHost`): it takes over last. In place at any time, for nothing.
   * @default false
   */
  readonly reportingReader?: boolean;
  /**
   * Whether SQL can be sent by the Data API, which a `DataArchive` needs. In place at any time.
   * @default false
   */
  readonly dataApi?: boolean;
  /**
   * Key for storage, credentials and query statistics. It can never change.
   * @default - a multi-Region key of its own
   */
  readonly encryptionKey?: kms.IKey;
  /**
   * How far back the database can be restored to, 1 to 35 whole days.
   * @default Duration.days(14)
   */
  readonly backupRetention?: Duration;
  /**
   * Whether changes can be streamed out, which zero-ETL to Redshift needs. Off where 0 ACU shall pause. A change keeps the parameter
   * group and needs a restart.
   * @default true
   */
  readonly logicalReplication?: boolean;
  /**
   * Regions that get a copy of the credentials.
   * @default - none
   */
  readonly credentialReplicaRegions?: string[];
  /**
   * Whether a `DatabasePasswordRotation` changes the password. Nothing of the database or the secret changes with it.
   * @default false - and the reason is on record where policy packs ask
   */
  readonly passwordRotates?: boolean;
  /** @default - Aurora PostgreSQL 16.13 */
  readonly engineVersion?: rds.AuroraPostgresEngineVersion;
}

/**
 * Aurora PostgreSQL Serverless v2 with everything that cannot change later decided: own key, own parameter group, own credentials,
 * no physical names, no fixed zones.
 *
 * Size, readers, credential copies, a proxy and a global database can be added at any time without replacing anything.
 *
 * The slow-statement log goes to the log group `/aws/rds/cluster/CLUSTER/postgresql`, which RDS creates and which never expires:
 * a retention would need CDK's custom-resource function.
 * What the instances report each minute goes to `RDSOSMetrics`, which RDS keeps for 30 days.
 *
 * @throws if readers, reportingReader, databaseName, backupRetention or credentialReplicaRegions do not fit
 */
export class AuroraDatabase extends MeasuredDatabase implements IAuroraDatabase {
  /** A database that exists already. */
  public static fromAttributes(scope: Construct, id: string, attrs: AuroraDatabaseAttributes): IAuroraDatabase {
    return new ExistingAuroraDatabase(scope, id, attrs);
  }

  public readonly cluster: rds.IDatabaseCluster;
  /** Identifier of the cluster, which RDS chose. */
  public readonly clusterIdentifier: string;
  /** The same cluster with everything it can do. */
  public readonly databaseCluster: rds.DatabaseCluster;
  public readonly secret: secretsmanager.ISecret;
  public readonly connections: ec2.Connections;
  public readonly writerHost: string;
  public readonly readerHost: string;
  /**
   * Host for reports: the endpoint of the second reader, where it is kept for them, else `readerHost`. One instance, so nothing answers
   * here while it restarts. It is a reader like the others too: `readerHost` and a proxy go on sending it a share, because CloudFormation
   * has no custom endpoints of Aurora (cloudformation-coverage-roadmap#629), which could leave it out.
   */
  public readonly reportingHost: string;
  public readonly port: number = POSTGRES_PORT;
  public readonly databaseName: string;
  public readonly engineVersion: rds.AuroraPostgresEngineVersion;
  public readonly readers: number;
  public readonly size?: DatabaseSize;
  public readonly capacity: DatabaseSize;
  public readonly passwordRotates: boolean;
  /** Key of storage, credentials and query statistics. */
  public readonly encryptionKey: kms.IKey;
  public readonly dataApi: boolean;
  /** The cluster's parameters; `addParameter` to change more. */
  public readonly parameterGroup: rds.ParameterGroup;

  constructor(scope: Construct, id: string, props: AuroraDatabaseProps) {
    super(scope, id);
    this.readers = props.readers ?? 0;
    this.passwordRotates = props.passwordRotates ?? false;
    this.dataApi = props.dataApi ?? false;
    this.databaseName = props.databaseName ?? 'app';
    this.engineVersion = props.engineVersion ?? DEFAULT_ENGINE_VERSION;
    const size = props.size ?? DatabaseSize.USERS_100K;
    this.size = size;
    this.capacity = size;
    const logicalReplication = props.logicalReplication ?? true;
    const backupRetention = props.backupRetention ?? Duration.days(14);
    checkInstances('readers', this.readers, 0, 15);
    checkReporting(this.readers, props.reportingReader);
    checkDatabaseName(this.databaseName);
    checkRetention(backupRetention);
    const regions = replicaRegions(this, 'credentialReplicaRegions', props.credentialReplicaRegions);
    const vpcSubnets = dataSubnets(props.vpc, props.vpcSubnets);
    if (size.autoPauses && logicalReplication) {
      Annotations.of(this).addWarningV2(
        'cdk-scale-tiers:databaseNeverPauses',
        'a database with 0 ACU stays awake while logicalReplication is on (Aurora User Guide, auto-pause): set it to false, or start at 0.5 ACU',
      );
    }

    this.encryptionKey = props.encryptionKey ?? new DataKey(this, 'Key').key;
    this.parameterGroup = auroraParameterGroup(this, 'ParameterGroup', { engineVersion: this.engineVersion, logicalReplication });
    const securityGroup = new ec2.SecurityGroup(this, 'SecurityGroup', {
      vpc: props.vpc,
      description: 'Aurora PostgreSQL of the product',
      allowAllOutbound: false,
    });
    this.connections = new ec2.Connections({ securityGroups: [securityGroup], defaultPort: ec2.Port.tcp(POSTGRES_PORT) });
    // Not Credentials.fromGeneratedSecret: the id of the secret it makes holds a hash of the criteria and the path through the whole
    // app, so that a change of either makes a new password and leaves the old secret behind (measured, docs/adr/0005).
    const ownSecret = new secretsmanager.Secret(this, 'Secret', {
      description: 'Credentials of the product database',
      encryptionKey: this.encryptionKey,
      generateSecretString: {
        secretStringTemplate: JSON.stringify({ username: MASTER_USER }),
        generateStringKey: 'password',
        passwordLength: 30,
        excludeCharacters: PASSWORD_WITHOUT,
      },
      replicaRegions: regions,
    });
    const { role: monitoringRole, policy } = monitoring(this);
    this.databaseCluster = new rds.DatabaseCluster(this, 'Cluster', {
      engine: rds.DatabaseClusterEngine.auroraPostgres({ version: this.engineVersion }),
      vpc: props.vpc,
      vpcSubnets,
      subnetGroup: new rds.SubnetGroup(this, 'SubnetGroup', {
        vpc: props.vpc,
        vpcSubnets,
        description: 'Subnets of the product database',
        removalPolicy: RemovalPolicy.RETAIN,
      }),
      securityGroups: [securityGroup],
      port: POSTGRES_PORT,
      defaultDatabaseName: this.databaseName,
      parameterGroup: this.parameterGroup,
      // Never ManageMasterUserPassword: members of a global database do not support it (Aurora User Guide, rds-secrets-manager).
      credentials: rds.Credentials.fromSecret(ownSecret, MASTER_USER),
      writer: this.instance('Writer'),
      readers: Array.from({ length: this.readers }, (_, index) => this.instance(`Reader${index + 1}`, index === 0)),
      serverlessV2MinCapacity: size.minCapacity,
      serverlessV2MaxCapacity: size.maxCapacity,
      serverlessV2AutoPauseDuration: size.autoPauses ? Duration.minutes(5) : undefined,
      storageEncrypted: true,
      storageEncryptionKey: this.encryptionKey,
      backup: { retention: backupRetention },
      copyTagsToSnapshot: true,
      deletionProtection: true,
      iamAuthentication: true,
      enableDataApi: this.dataApi || undefined,
      // The key of the statistics is refused on change, so it is there from birth.
      enablePerformanceInsights: true,
      performanceInsightEncryptionKey: this.encryptionKey,
      performanceInsightRetention: rds.PerformanceInsightRetention.DEFAULT,
      databaseInsightsMode: rds.DatabaseInsightsMode.STANDARD,
      cloudwatchLogsExports: ['postgresql'],
      monitoringInterval: MONITORING_INTERVAL,
      monitoringRole,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    for (const instance of instancesOf(this.databaseCluster)) instance.node.addDependency(policy);
    this.cluster = this.databaseCluster;
    this.clusterIdentifier = this.cluster.clusterIdentifier;
    acknowledgeInstance(this.cluster.node.findChild('Writer'));
    for (let number = 1; number <= this.readers; number++) {
      const reader = this.cluster.node.findChild(`Reader${number}`);
      acknowledgeInstance(reader);
      // Readers hold no data (it is in the cluster's storage), and one that nobody declares would go on costing money.
      (reader.node.defaultChild as rds.CfnDBInstance).applyRemovalPolicy(RemovalPolicy.DESTROY);
    }
    const reporting = props.reportingReader ? this.cluster.node.findChild(REPORTING_READER.id).node.defaultChild : undefined;
    if (reporting instanceof rds.CfnDBInstance) reporting.promotionTier = REPORTING_READER.tier;
    this.secret = this.databaseCluster.secret!;
    retain(ownSecret);
    if (!this.passwordRotates) acknowledgeNoRotation(ownSecret);
    this.writerHost = this.cluster.clusterEndpoint.hostname;
    this.readerHost = this.readers > 0 ? this.cluster.clusterReadEndpoint.hostname : this.writerHost;
    this.reportingHost = reporting instanceof rds.CfnDBInstance ? reporting.attrEndpointAddress : this.readerHost;
  }

  public grantConnect(grantee: iam.IGrantable, dbUser: string): iam.Grant {
    return this.cluster.grantConnect(grantee, dbUser);
  }

  private instance(id: string, scaleWithWriter?: boolean): rds.IClusterInstance {
    return rds.ClusterInstance.serverlessV2(id, {
      // Versions stay where the code puts them: all members of a global database need the same one.
      autoMinorVersionUpgrade: false,
      publiclyAccessible: false,
      enablePerformanceInsights: true,
      performanceInsightEncryptionKey: this.encryptionKey,
      performanceInsightRetention: rds.PerformanceInsightRetention.DEFAULT,
      ...(scaleWithWriter !== undefined && { scaleWithWriter }),
    });
  }
}
