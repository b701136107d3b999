import { ArnFormat, Aws, Stack, Token } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import * as rds from 'aws-cdk-lib/aws-rds';
import { Construct } from 'constructs';
import { instancesOf } from './aurora-instances';
import type { Warehouse } from './warehouse';

/** Properties of a ZeroEtlIntegration. */
export interface ZeroEtlIntegrationProps {
  /**
   * Aurora PostgreSQL cluster to copy from, in the same account and Region. Its parameter group needs
   * `rds.logical_replication=1`, `aurora.enhanced_logical_replication=1`, `aurora.logical_replication_backup=0` and
   * `aurora.logical_replication_globaldb=0` (Aurora user guide, setting up zero-ETL), and a writer that was restarted since.
   */
  readonly source: rds.IDatabaseCluster;
  /** Database to copy; Aurora PostgreSQL wants a filter that names it. */
  readonly databaseName: string;
  /** Warehouse to copy to. */
  readonly target: Warehouse;
  /**
   * Tables to copy, each as `schema.table`, with `*` for all. May change in place.
   * @default - all tables of all schemas
   */
  readonly tables?: string[];
  /**
   * Key for the changes in transit storage. Create-only: choose once.
   * @default - a key that AWS owns
   */
  readonly encryptionKey?: kms.IKey;
}

/**
 * Keeps a warehouse up to date with an Aurora database, without a pipeline in between.
 *
 * Holds nothing itself: taking it out leaves the database and what was copied so far. Once it is active, somebody has to run
 * `CREATE DATABASE ... FROM INTEGRATION ... DATABASE ...` in the warehouse: no CloudFormation resource does that.
 * Not verified against AWS.
 *
 * @throws if the database name or a table is not one that a filter can carry
 */
export class ZeroEtlIntegration extends Construct {
  public readonly resource: rds.CfnIntegration;
  /** ARN of the integration. */
  public readonly integrationArn: string;

  constructor(scope: Construct, id: string, props: ZeroEtlIntegrationProps) {
    super(scope, id);
    const { databaseName, source, target } = props;
    if (!Token.isUnresolved(databaseName) && !/^[A-Za-z_][A-Za-z0-9_]*$/.test(databaseName)) {
      throw new Error(
        `databaseName must be a plain PostgreSQL name (letters, digits, underscores, not starting with a digit), got: '${databaseName}'`,
      );
    }
    const tables = props.tables ?? ['*.*'];
    for (const table of tables) {
      if (!Token.isUnresolved(table) && !/^[^\s.,]+\.[^\s.,]+$/.test(table)) {
        throw new Error(`tables must each be schema.table, such as public.orders or *.*, got: '${table}'`);
      }
    }
    if (tables.length === 0) throw new Error('tables must name at least one table, got none: leave it out to copy all');

    // Not source.clusterArn, whose partition is a literal or a reference by a feature flag of the user's: it is create-only.
    const sourceArn = Stack.of(source).formatArn({
      partition: Aws.PARTITION,
      service: 'rds',
      resource: 'cluster',
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
      resourceName: source.clusterIdentifier,
    });
    // The namespace cannot name itself in its own policy, so the statements have no Resource; Redshift reads them as the namespace.
    target.addToResourcePolicy(
      new iam.PolicyStatement({
        actions: ['redshift:AuthorizeInboundIntegration'],
        principals: [new iam.ServicePrincipal('redshift.amazonaws.com')],
        conditions: { StringEquals: { 'aws:SourceArn': sourceArn } },
      }),
    );
    target.addToResourcePolicy(
      new iam.PolicyStatement({
        actions: ['redshift:CreateInboundIntegration'],
        principals: [new iam.AccountPrincipal(Stack.of(this).account)],
      }),
    );
    if (props.encryptionKey) letRedshiftUse(props.encryptionKey);

    this.resource = new rds.CfnIntegration(this, 'Resource', {
      sourceArn,
      targetArn: target.namespaceArn,
      dataFilter: tables.map((table) => `include: ${databaseName}.${table}`).join(', '),
      kmsKeyId: props.encryptionKey?.keyArn,
    });
    // Its creation reads the writer and the workgroup's case sensitivity, so both must be there first.
    this.resource.node.addDependency(...instancesOf(source), target.workgroup);
    this.integrationArn = this.resource.attrIntegrationArn;
  }
}

/** Aurora user guide, creating zero-ETL integrations, example key policy. */
function letRedshiftUse(key: kms.IKey): void {
  const principals = [new iam.ServicePrincipal('redshift.amazonaws.com')];
  key.addToResourcePolicy(
    new iam.PolicyStatement({ sid: 'ZeroEtlEncrypts', actions: ['kms:Encrypt'], principals, resources: ['*'] }),
  );
  key.addToResourcePolicy(
    new iam.PolicyStatement({
      sid: 'ZeroEtlPassesOn',
      actions: ['kms:CreateGrant'],
      principals,
      resources: ['*'],
      conditions: { 'ForAllValues:StringEquals': { 'kms:GrantOperations': ['Decrypt', 'GenerateDataKey', 'CreateGrant'] } },
    }),
  );
}
