import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Duration, Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as actions from 'aws-cdk-lib/aws-cloudwatch-actions';
import type * as ecs from 'aws-cdk-lib/aws-ecs';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as logs from 'aws-cdk-lib/aws-logs';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import type * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { acknowledge, acknowledgeWildcards, inPacks, sameReason } from '../operations/acknowledge';
import { pythonFunction } from '../operations/python-function';
import { serviceLog } from '../operations/service-log';
import type { AuroraDatabase } from './aurora-database';

const PROGRAM = readFileSync(join(__dirname, 'rotate-password.py'), 'utf8');

/** The first day of a month at four in the morning, UTC (Secrets Manager user guide, schedule expressions). */
const MONTHLY = 'cron(0 4 1 * ? *)';

/** Properties of a DatabasePasswordRotation. */
export interface DatabasePasswordRotationProps {
  /** Database whose password changes; it has to know by `passwordRotates`. */
  readonly database: AuroraDatabase;
  /** Every service of this Region that got the password when it started. */
  readonly services: ecs.BaseService[];
  /**
   * Cluster in which services of other stacks got the password too: then all services of the cluster get new tasks, not only those
   * that are named.
   * @default - only those that are named
   */
  readonly cluster?: ecs.ICluster;
  /**
   * When, as a `cron()` or `rate()` expression of Secrets Manager, in UTC; within the three hours that follow.
   * @default cron(0 4 1 * ? *) - the first day of a month at 4:00
   */
  readonly schedule?: string;
  /**
   * Where it writes what it did.
   * @default - a log group of its own: kept for a year, and when it leaves the template
   */
  readonly logGroup?: logs.ILogGroup;
  /** @default - nobody is told of a rotation that failed */
  readonly alarmTopic?: sns.ITopic;
}

/**
 * Changes the password of a database on a schedule, in place, and then replaces the tasks that know the old one, as a deploy does.
 *
 * RDS changes the password through its API, so the function needs no driver, no network and no login. Connections that are open stay
 * open. From the change until the new tasks serve, a few minutes, **a task that opens a new connection with the old password is
 * refused**: there is no second user to fall back on, since PostgreSQL 16 lets nobody grant the first one's rights (docs/adr/0019).
 * Whatever else uses the password has to read the secret again.
 *
 * The schedule alone starts it: a deploy never does. It waits for a deploy of the services to end. Secret and password stay as they are when the
 * rotation is switched on or off. Not verified against AWS.
 *
 * @throws if there is no service, the database does not expect it, or the schedule is no expression
 */
export class DatabasePasswordRotation extends Construct {
  /** Rings when a rotation failed; it is tried again, and `aws secretsmanager rotate-secret` tries at once. */
  public readonly alarm: cloudwatch.Alarm;
  public readonly rotator: lambda.CfnFunction;
  public readonly role: iam.Role;
  public readonly logGroup: logs.ILogGroup;
  public readonly schedule: secretsmanager.CfnRotationSchedule;

  constructor(scope: Construct, id: string, props: DatabasePasswordRotationProps) {
    super(scope, id);
    const { database, services } = props;
    const scheduleExpression = props.schedule ?? MONTHLY;
    check(props, scheduleExpression);
    const { encryptionKey } = database;
    this.logGroup = props.logGroup ?? serviceLog(this, 'LogGroup', { encryptionKey });
    this.role = new iam.Role(this, 'Role', {
      description: 'Changes the password of the product database',
      assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'),
    });
    const policy = new iam.ManagedPolicy(this, 'Policy', {
      description: 'Changes the password of the product database and replaces the tasks that know the old one',
      roles: [this.role],
      statements: permissions(this, props, this.logGroup),
    });
    if (props.cluster) {
      acknowledgeWildcards(
        policy,
        'Services of other stacks come and go without this stack, so none of them can be named. Listing knows no resource and is held to ' +
          'the one cluster by its condition; updating is held to services of that cluster.',
        '*',
        anyServiceOf(this, props.cluster),
      );
    }
    this.rotator = pythonFunction(this, {
      description: 'Changes the password of the product database',
      program: PROGRAM,
      memoryMiB: 256,
      // It waits for RDS: at most ten minutes.
      timeout: Duration.minutes(12),
      role: this.role,
      variables: {
        DATABASE_CLUSTER: database.clusterIdentifier,
        ...(props.cluster && { CLUSTER: props.cluster.clusterArn }),
        SERVICES: Stack.of(this).toJsonString(services.map(({ cluster, serviceArn }) => [cluster.clusterArn, serviceArn])),
      },
      kmsKeyArn: encryptionKey.keyArn,
      logGroupName: this.logGroup.logGroupName,
    });
    this.rotator.node.addDependency(policy);
    const permission = new lambda.CfnPermission(this, 'Permission', {
      action: 'lambda:InvokeFunction',
      functionName: this.rotator.attrArn,
      principal: 'secretsmanager.amazonaws.com',
      sourceAccount: Stack.of(this).account,
    });
    this.schedule = new secretsmanager.CfnRotationSchedule(this, 'Schedule', {
      secretId: database.secret.secretArn,
      rotationLambdaArn: this.rotator.attrArn,
      rotationRules: { scheduleExpression, duration: '3h' },
      rotateImmediatelyOnUpdate: false,
    });
    this.schedule.addDependency(permission);
    this.alarm = this.failures(props.alarmTopic);
    acknowledgeFunction(this.rotator);
  }

  private failures(alarmTopic?: sns.ITopic): cloudwatch.Alarm {
    const errors = new cloudwatch.Metric({
      namespace: 'AWS/Lambda',
      metricName: 'Errors',
      dimensionsMap: { FunctionName: this.rotator.ref },
      statistic: cloudwatch.Stats.SUM,
    });
    const alarm = errors.createAlarm(this, 'Failures', {
      alarmDescription:
        'The password of the database was not rotated, or a service still has the old one: read the log of the function',
      threshold: 0,
      comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: 1,
      // Between two rotations it does not run.
      treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
    });
    if (alarmTopic) alarm.addAlarmAction(new actions.SnsAction(alarmTopic));
    return alarm;
  }
}

function permissions(scope: Construct, props: DatabasePasswordRotationProps, log: logs.ILogGroup): iam.PolicyStatement[] {
  const { database, services } = props;
  const stack = Stack.of(scope);
  const allow = (actions: string[], resources: string[], conditions?: { [operator: string]: unknown }) =>
    new iam.PolicyStatement({ actions, resources, conditions });
  return [
    allow(
      ['DescribeSecret', 'GetSecretValue', 'PutSecretValue', 'UpdateSecretVersionStage'].map((name) => `secretsmanager:${name}`),
      [database.secret.secretArn],
    ),
    allow(['rds:DescribeDBClusters', 'rds:ModifyDBCluster'], [database.databaseCluster.clusterArn]),
    allow(
      ['ecs:DescribeServices', 'ecs:UpdateService'],
      services.map(({ serviceArn }) => serviceArn),
    ),
    ...(props.cluster
      ? [
          allow(['ecs:ListServices'], ['*'], { ArnEquals: { 'ecs:cluster': props.cluster.clusterArn } }),
          allow(['ecs:UpdateService'], [anyServiceOf(scope, props.cluster)]),
        ]
      : []),
    allow(['kms:Decrypt', 'kms:GenerateDataKey'], [database.encryptionKey.keyArn], {
      StringEquals: { 'kms:ViaService': `secretsmanager.${stack.region}.amazonaws.com` },
    }),
    // Its settings, which the function reads when it starts.
    allow(['kms:Decrypt'], [database.encryptionKey.keyArn], {
      StringEquals: { 'kms:ViaService': `lambda.${stack.region}.amazonaws.com` },
    }),
    allow(['logs:CreateLogStream', 'logs:PutLogEvents'], [log.logGroupArn]),
  ];
}

function anyServiceOf(scope: Construct, cluster: ecs.ICluster): string {
  return Stack.of(scope).formatArn({ service: 'ecs', resource: 'service', resourceName: `${cluster.clusterName}/*` });
}

function check({ database, services }: DatabasePasswordRotationProps, schedule: string): void {
  if (services.length === 0) {
    throw new Error(
      'services must name every service that got the password, got none: without them all tasks would be locked out',
    );
  }
  if (!database.passwordRotates) {
    throw new Error('database must be told of its rotation, got one without passwordRotates: set it to true');
  }
  if (!/^(cron|rate)\(.+\)$/.test(schedule)) {
    throw new Error(`schedule must be a cron() or rate() expression, got '${schedule}': write it as in ${MONTHLY}`);
  }
}

function acknowledgeFunction(rotator: lambda.CfnFunction): void {
  acknowledge(
    rotator,
    ...sameReason(
      'The rules want a function inside the network, beside what it talks to. This one talks to no machine: it calls the APIs of ' +
        'Secrets Manager, RDS and ECS over TLS, by a role that is good for one secret, one cluster and the services of the product, ' +
        'and a place in the network would only add a way to the database that it does not need.',
      ...inPacks('LambdaInsideVPC', 'HIPAA.Security', 'NIST.800.53.R4', 'NIST.800.53.R5', 'PCI.DSS.321'),
      'Checkov::CKV_AWS_117',
      'ControlTower::CT.LAMBDA.PR.3',
    ),
    ...sameReason(
      'The rules want room reserved for a function, and a limit. It runs four times in a rotation, one after another, and its one ' +
        'caller is Secrets Manager; reserving would take from the 10 executions a new account has, so that the deploy would fail there.',
      ...inPacks('LambdaConcurrency', 'HIPAA.Security', 'NIST.800.53.R5'),
      'Checkov::CKV_AWS_115',
    ),
    ...sameReason(
      'The rules want calls kept that failed. Secrets Manager calls this function and tries a rotation that failed again by itself, ' +
        'with everything the call needs in the secret; an alarm tells people of every failure.',
      ...inPacks('LambdaDLQ', 'HIPAA.Security', 'NIST.800.53.R5', 'Serverless'),
      'Checkov::CKV_AWS_116',
    ),
    {
      id: 'Serverless::Serverless-LambdaTracing',
      reason:
        'The rule wants to see where time goes in a chain of calls. Nobody waits for this function, which calls three APIs once a month ' +
        'and names in its log what failed; tracing would need a permission on every resource, the only one of its role.',
    },
  );
}
