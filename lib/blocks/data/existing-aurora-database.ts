import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as iam from 'aws-cdk-lib/aws-iam';
import * as rds from 'aws-cdk-lib/aws-rds';
import type * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct, type IConstruct } from 'constructs';
import { POSTGRES_PORT } from './aurora-postgres';
import type { DatabaseSize } from './database-size';

/** An Aurora PostgreSQL database, ours or one that exists already. */
export interface IAuroraDatabase extends IConstruct, ec2.IConnectable {
  /** The cluster. */
  readonly cluster: rds.IDatabaseCluster;
  /** Secret with the fields `username` and `password`; take hosts from here, never from the secret. */
  readonly secret: secretsmanager.ISecret;
  /** Host that takes writes. */
  readonly writerHost: string;
  /** Host to read from: all readers in turn, or the writer when there is none. */
  readonly readerHost: string;
  /** Host for reports: a reader kept for them, else the same as `readerHost`. */
  readonly reportingHost: string;
  /** TCP port. */
  readonly port: number;
  /** Name of the database within the cluster. */
  readonly databaseName: string;
  /** Version that every member of a global database has to share. */
  readonly engineVersion: rds.AuroraPostgresEngineVersion;
  /** Instances beside the writer. */
  readonly readers: number;
  /** Capacity; unknown for a database that exists already. */
  readonly size?: DatabaseSize;
  /** Lets a principal connect as `dbUser` with an IAM token instead of a password. The user needs `GRANT rds_iam` in SQL first. */
  grantConnect(grantee: iam.IGrantable, dbUser: string): iam.Grant;
}

/** What to know about a database that exists already. */
export interface AuroraDatabaseAttributes {
  /** Identifier of the cluster. */
  readonly clusterIdentifier: string;
  /**
   * Resource id of the cluster, as in `cluster-ABCDEFGHIJKL`.
   * @default - unknown, `grantConnect` throws
   */
  readonly clusterResourceIdentifier?: string;
  readonly securityGroup: ec2.ISecurityGroup;
  readonly writerHost: string;
  /** @default - the writer's host */
  readonly readerHost?: string;
  /** @default - the same as `readerHost` */
  readonly reportingHost?: string;
  /** @default 5432 */
  readonly port?: number;
  readonly databaseName: string;
  readonly engineVersion: rds.AuroraPostgresEngineVersion;
  /** Secret with the fields `username` and `password`. */
  readonly secret: secretsmanager.ISecret;
  /** @default 0 */
  readonly readers?: number;
}

/** A database that exists already, by `AuroraDatabase.fromAttributes`. */
export class ExistingAuroraDatabase extends Construct implements IAuroraDatabase {
  public readonly cluster: rds.IDatabaseCluster;
  public readonly connections: ec2.Connections;
  public readonly secret: secretsmanager.ISecret;
  public readonly writerHost: string;
  public readonly readerHost: string;
  public readonly reportingHost: string;
  public readonly port: number;
  public readonly databaseName: string;
  public readonly engineVersion: rds.AuroraPostgresEngineVersion;
  public readonly readers: number;

  constructor(scope: Construct, id: string, attrs: AuroraDatabaseAttributes) {
    super(scope, id);
    this.secret = attrs.secret;
    this.writerHost = attrs.writerHost;
    this.readerHost = attrs.readerHost ?? attrs.writerHost;
    this.reportingHost = attrs.reportingHost ?? this.readerHost;
    this.port = attrs.port ?? POSTGRES_PORT;
    this.databaseName = attrs.databaseName;
    this.engineVersion = attrs.engineVersion;
    this.readers = attrs.readers ?? 0;
    this.cluster = rds.DatabaseCluster.fromDatabaseClusterAttributes(this, 'Cluster', {
      clusterIdentifier: attrs.clusterIdentifier,
      clusterResourceIdentifier: attrs.clusterResourceIdentifier,
      securityGroups: [attrs.securityGroup],
      clusterEndpointAddress: this.writerHost,
      readerEndpointAddress: this.readerHost,
      port: this.port,
      engine: rds.DatabaseClusterEngine.auroraPostgres({ version: attrs.engineVersion }),
      secret: attrs.secret,
    });
    this.connections = this.cluster.connections;
  }

  public grantConnect(grantee: iam.IGrantable, dbUser: string): iam.Grant {
    return this.cluster.grantConnect(grantee, dbUser);
  }
}
