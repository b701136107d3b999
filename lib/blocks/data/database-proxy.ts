import { Duration, Names, Stack, Token } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as rds from 'aws-cdk-lib/aws-rds';
import type * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { letIn } from '../network/let-in';
import { instancesOf } from './aurora-instances';
import { POSTGRES_PORT } from './aurora-postgres';
import { dataSubnets } from './data-subnets';
import type { IAuroraDatabase } from './existing-aurora-database';

/** Longest name of a proxy or proxy endpoint (AWS::RDS::DBProxy DBProxyName). */
const LONGEST_NAME = 60;

/** Share of the connections a database takes that the pool may open; the rest is for migrations, dumps and people. */
const POOL_PERCENT = 90;

/** How long a client waits for a free connection: shorter than the load balancer's 60 s, so that the product can still say so. */
const BORROW_TIMEOUT = Duration.seconds(30);

/** Properties of a DatabaseProxy. */
export interface DatabaseProxyProps {
  readonly vpc: ec2.IVpc;
  /** Database behind the proxy. */
  readonly database: IAuroraDatabase;
  /**
   * Exactly two subnets in two zones. They can never change: a proxy has a name of ours, and CloudFormation refuses to replace
   * what it may not rename.
   * @default - the first two zones of the isolated subnets, of the private ones where there is none
   */
  readonly subnets?: ec2.ISubnet[];
  /**
   * Whether clients must log in with IAM tokens instead of the secret's password.
   * @default false
   */
  readonly iamAuthentication?: boolean;
}

/**
 * Connection pool in front of the database: thousands of tasks share a few hundred connections, and a failover does not drop them.
 *
 * Its subnets are pinned to two zones, so that growing the VPC from two zones to three does not touch it (measured: a proxy on
 * "all data subnets" is replaced, and because it is custom-named the deploy fails).
 *
 * Up to 90 % of the connections of the database, half of which stay open when idle (the service's default); who finds none free waits
 * 30 seconds at most, and is closed when idle for 30 minutes (default). A session that sets what outlives a transaction is pinned to its
 * connection (Aurora user guide, avoiding pinning).
 *
 * A database behind a proxy never pauses at 0 ACU (Aurora User Guide, aurora-serverless-v2-auto-pause).
 *
 * @throws if the subnets are not two in two zones
 */
export class DatabaseProxy extends Construct implements ec2.IConnectable {
  public readonly proxy: rds.DatabaseProxy;
  /** Second, read-only endpoint; made when the database has a reader. */
  public readonly readOnlyEndpoint?: rds.CfnDBProxyEndpoint;
  public readonly connections: ec2.Connections;
  /** Host that takes writes. */
  public readonly writerHost: string;
  /** Host to read from; the writer's where the database has no reader. */
  public readonly readerHost: string;
  public readonly port: number = POSTGRES_PORT;
  /** Role that reads the database's secret. */
  public readonly role: iam.Role;

  constructor(scope: Construct, id: string, props: DatabaseProxyProps) {
    super(scope, id);
    const { database } = props;
    const subnets = props.subnets ?? firstTwoZones(props.vpc);
    checkSubnets(subnets);

    const securityGroup = new ec2.SecurityGroup(this, 'SecurityGroup', {
      vpc: props.vpc,
      description: 'RDS Proxy of the product database',
      allowAllOutbound: false,
    });
    this.connections = new ec2.Connections({ securityGroups: [securityGroup], defaultPort: ec2.Port.tcp(this.port) });
    this.role = new iam.Role(this, 'Role', { assumedBy: new iam.ServicePrincipal('rds.amazonaws.com') });
    // A view of the cluster without its security groups: the rules that CDK would add are named by the path through the whole app.
    const target = rds.DatabaseCluster.fromDatabaseClusterAttributes(this, 'Target', {
      clusterIdentifier: database.cluster.clusterIdentifier,
      engine: rds.DatabaseClusterEngine.auroraPostgres({ version: database.engineVersion }),
      port: this.port,
    });
    letIn(database, this, 'RDS Proxy of the product');
    this.proxy = new rds.DatabaseProxy(this, 'Proxy', {
      vpc: props.vpc,
      vpcSubnets: { subnets },
      proxyTarget: rds.ProxyTarget.fromCluster(target),
      secrets: [database.secret],
      // Without it the name, and so the proxy, would depend on a feature flag of the user's.
      dbProxyName: uniqueName(this),
      role: this.role.withoutPolicyUpdates(),
      securityGroups: [securityGroup],
      requireTLS: true,
      iamAuth: props.iamAuthentication ?? false,
      clientPasswordAuthType: rds.ClientPasswordAuthType.POSTGRES_SCRAM_SHA_256,
      maxConnectionsPercent: POOL_PERCENT,
      borrowTimeout: BORROW_TIMEOUT,
    });
    this.proxy.node.addDependency(...instancesOf(database.cluster), readsSecret(this, this.role, database.secret));
    // A target group takes no tags (CloudFormation AWS::RDS::DBProxyTargetGroup), but the CDK writes those of the app.
    (this.proxy.node.findChild('ProxyTargetGroup') as rds.CfnDBProxyTargetGroup).addPropertyDeletionOverride('Tags');
    this.writerHost = this.proxy.endpoint;
    this.readerHost = this.writerHost;
    if (database.readers > 0) {
      this.readOnlyEndpoint = new rds.CfnDBProxyEndpoint(this, 'ReadOnlyEndpoint', {
        dbProxyName: this.proxy.dbProxyName,
        dbProxyEndpointName: uniqueName(this, 'ro'),
        targetRole: 'READ_ONLY',
        vpcSubnetIds: subnets.map(({ subnetId }) => subnetId),
        vpcSecurityGroupIds: [securityGroup.securityGroupId],
      });
      this.readerHost = this.readOnlyEndpoint.attrEndpoint;
    }
  }

  /** Lets a principal connect through the proxy as `dbUser` with an IAM token; needs `iamAuthentication`. */
  public grantConnect(grantee: iam.IGrantable, dbUser: string): iam.Grant {
    return this.proxy.grantConnect(grantee, dbUser);
  }

  /** Client connections, sum over 5 minutes. */
  public metricClientConnections(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('ClientConnections', 'Sum', props);
  }

  /** Connections to the database, sum over 5 minutes. */
  public metricDatabaseConnections(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('DatabaseConnections', 'Sum', props);
  }

  /** Connections to the database that a client is using, percent of those the proxy may open, over 5 minutes. */
  public metricPoolUse(props?: cloudwatch.MathExpressionOptions): cloudwatch.MathExpression {
    return this.share('borrowed', 'DatabaseConnectionsCurrentlyBorrowed', { label: 'Pool in use, %', ...props });
  }

  /** Connections to the database that only one client can use, percent of those the proxy may open, over 5 minutes. */
  public metricPinnedShare(props?: cloudwatch.MathExpressionOptions): cloudwatch.MathExpression {
    return this.share('pinned', 'DatabaseConnectionsCurrentlySessionPinned', { label: 'Pool pinned, %', ...props });
  }

  /** How long a client waits for a connection, microseconds, average over 5 minutes. */
  public metricBorrowLatency(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('DatabaseConnectionsBorrowLatency', 'Average', props);
  }

  /** Several machines stand behind a proxy, and each reports: sums of one period, divided by one another. */
  private share(id: string, metricName: string, props: cloudwatch.MathExpressionOptions): cloudwatch.MathExpression {
    return new cloudwatch.MathExpression({
      expression: `100 * ${id} / allowed`,
      usingMetrics: {
        [id]: this.metric(metricName, 'Sum'),
        allowed: this.metric('MaxDatabaseConnectionsAllowed', 'Sum'),
      },
      ...props,
    });
  }

  private metric(metricName: string, statistic: string, props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    const dimensionsMap = { ProxyName: this.proxy.dbProxyName };
    return new cloudwatch.Metric({ namespace: 'AWS/RDS', metricName, dimensionsMap, statistic, ...props }).attachTo(this);
  }
}

/** What CDK would give the role inline: auditors want policies that stand for themselves (NIST 800-53 AC-3, PCI DSS 7.1). */
function readsSecret(scope: Construct, role: iam.Role, secret: secretsmanager.ISecret): iam.ManagedPolicy {
  const statements = [
    new iam.PolicyStatement({
      actions: ['secretsmanager:GetSecretValue', 'secretsmanager:DescribeSecret'],
      resources: [secret.secretArn],
    }),
  ];
  if (secret.encryptionKey) {
    statements.push(
      new iam.PolicyStatement({
        actions: ['kms:Decrypt'],
        resources: [secret.encryptionKey.keyArn],
        conditions: { StringEquals: { 'kms:ViaService': `secretsmanager.${Stack.of(scope).region}.amazonaws.com` } },
      }),
    );
  }
  return new iam.ManagedPolicy(scope, 'Policy', {
    description: 'Reads the credentials of the database',
    roles: [role],
    statements,
  });
}

/** The zones keep their order when one is appended, so the first two stay the first two. */
function firstTwoZones(vpc: ec2.IVpc): ec2.ISubnet[] {
  const { subnets } = vpc.selectSubnets(dataSubnets(vpc));
  const zones = [...new Set(subnets.map(({ availabilityZone }) => availabilityZone))].slice(0, 2);
  return zones.map((zone) => subnets.find(({ availabilityZone }) => availabilityZone === zone)!);
}

function checkSubnets(subnets: ec2.ISubnet[]): void {
  const zones = subnets.map(({ availabilityZone }) => availabilityZone);
  if (subnets.length !== 2 || (zones[0] === zones[1] && !Token.isUnresolved(zones[0]))) {
    throw new Error(
      `subnets must be exactly 2 in two availability zones, got ${subnets.length} in ${new Set(zones).size}: name two that will stay`,
    );
  }
}

/** Proxy and endpoint names are required; this one depends on the path only. */
function uniqueName(scope: Construct, suffix = ''): string {
  return `${Names.uniqueResourceName(scope, { maxLength: LONGEST_NAME - suffix.length })}${suffix}`.toLowerCase();
}
