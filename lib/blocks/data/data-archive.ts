import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Duration, Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as actions from 'aws-cdk-lib/aws-cloudwatch-actions';
import * as events from 'aws-cdk-lib/aws-events';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as logs from 'aws-cdk-lib/aws-logs';
import * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { crossRegionValue } from '../network/cross-region-value';
import { acknowledge, acknowledgeWildcards, inPacks, sameReason } from '../operations/acknowledge';
import { pythonFunction } from '../operations/python-function';
import { serviceLog } from '../operations/service-log';
import type { ArchiveBucket } from './archive-bucket';
import { fullName } from './archived-table';
import type { AuroraDatabase } from './aurora-database';

const PROGRAM = readFileSync(join(__dirname, 'archive-rows.py'), 'utf8');

/** Properties of a DataArchive. */
export interface DataArchiveProps {
  /** Database to take old rows from; it must have `dataApi`. */
  readonly database: AuroraDatabase;
  /** Where they go, and by which rules. */
  readonly archive: ArchiveBucket;
  /**
   * When it runs, as a `cron()` or `rate()` expression of EventBridge, in UTC. A run ends after a quarter of an hour at most; the next
   * goes on where it stopped.
   * @default cron(15 1-5 * * ? *) - five times a night
   */
  readonly schedule?: string;
  /**
   * Whether the schedule is on. Off, everything stays where it is.
   * @default true
   */
  readonly runs?: boolean;
  /** @default - nobody is told of a run that failed */
  readonly alarmTopic?: sns.ITopic;
}

/**
 * Moves old rows of a database to S3, and deletes them from the database only when they are read back there.
 *
 * A batch (20,000 rows or 16 MB of one day) is one transaction through the Data API: rows are locked, written to `pending/`, read back and
 * compared by count and SHA-256, deleted by primary key, and entered in the table `data_archive.batch`, which says what goes to
 * `archive/`. Killed anywhere, a run leaves every row in exactly one of the two places; rehearsed with PostgreSQL 15, a double of
 * the Data API and one of S3 (test/rehearsal/archive). Not verified against AWS.
 *
 * Refused, by one sentence in the log and the alarm: a table without a primary key, one that others refer to by foreign keys, a column that
 * is no date. Rows without a date stay. Deletes go on to whoever follows the database, so **zero-ETL deletes the rows in the warehouse
 * too**. Back they come by `INSERT INTO orders SELECT (json_populate_record(NULL::orders, line::json)).*`.
 *
 * It may stand in a stack beside the database's. Costs what S3 stores, and next to nothing for its runs.
 *
 * @throws if the database has no Data API, or the schedule is no expression
 */
export class DataArchive extends Construct {
  /** Rings when a run failed; the next one tries again. */
  public readonly alarm: cloudwatch.Alarm;
  /** Where the rows go. */
  public readonly files: ArchiveBucket;
  public readonly archiver: lambda.CfnFunction;
  public readonly role: iam.Role;
  public readonly logGroup: logs.ILogGroup;
  public readonly schedule: events.CfnRule;

  constructor(scope: Construct, id: string, props: DataArchiveProps) {
    super(scope, id);
    const { database, archive, schedule = 'cron(15 1-5 * * ? *)' } = props;
    check(database, schedule);
    this.files = archive;
    const of = (producer: Construct, name: string, value: string) => crossRegionValue(this, { producer, name, value });
    const keyArn = of(database, 'KeyArn', database.encryptionKey.keyArn);
    const encryptionKey =
      Stack.of(database) === Stack.of(this) ? database.encryptionKey : kms.Key.fromKeyArn(this, 'Key', keyArn);
    // A bucket of somebody else's choice may have a key of its own.
    const { encryptionKey: bucketKey } = archive.bucket;
    const ownKey = bucketKey && bucketKey !== database.encryptionKey ? [of(archive, 'KeyArn', bucketKey.keyArn)] : [];
    const at: Places = {
      clusterArn: of(database, 'ClusterArn', database.databaseCluster.clusterArn),
      secretArn: of(database, 'SecretArn', database.secret.secretArn),
      bucketName: of(archive, 'BucketName', archive.bucket.bucketName),
      bucketArn: of(archive, 'BucketArn', archive.bucket.bucketArn),
      keyArns: [keyArn, ...ownKey],
    };
    this.logGroup = serviceLog(this, 'LogGroup', { encryptionKey });
    this.role = new iam.Role(this, 'Role', {
      description: 'Archives old rows of the product database',
      assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'),
    });
    const policy = this.permissions(at, archive.immutable);
    this.archiver = pythonFunction(this, {
      description: 'Archives old rows of the product database',
      program: PROGRAM,
      memoryMiB: 512,
      timeout: Duration.minutes(15),
      role: this.role,
      variables: {
        CLUSTER: at.clusterArn,
        SECRET: at.secretArn,
        DATABASE: database.databaseName,
        BUCKET: at.bucketName,
        RULES: JSON.stringify(
          archive.tables.map(({ table, by, olderThan, keepFor }) => {
            return { table: fullName(table), by, days: olderThan.toDays(), keep: keepFor?.toDays() ?? 0 };
          }),
        ),
        ...(archive.immutable && { IMMUTABLE: '1' }),
      },
      kmsKeyArn: keyArn,
      logGroupName: this.logGroup.logGroupName,
    });
    this.archiver.node.addDependency(policy);
    this.schedule = new events.CfnRule(this, 'Schedule', {
      description: 'Archives old rows of the product database',
      scheduleExpression: schedule,
      state: (props.runs ?? true) ? 'ENABLED' : 'DISABLED',
      targets: [{ id: 'Archiver', arn: this.archiver.attrArn }],
    });
    new lambda.CfnPermission(this, 'Permission', {
      action: 'lambda:InvokeFunction',
      functionName: this.archiver.attrArn,
      principal: 'events.amazonaws.com',
      sourceArn: this.schedule.attrArn,
    });
    this.alarm = this.failures(props.alarmTopic);
    acknowledgeFunction(this.archiver);
    acknowledge(this.schedule, {
      id: 'Serverless::Serverless-EventBusDLQ',
      reason:
        'The rule wants events kept that reached nobody. This one is the clock and says nothing: a run that is missed is made good by the ' +
        'next, an hour or a day later, which finds in the database what is old.',
    });
  }

  private permissions(at: Places, immutable: boolean): iam.ManagedPolicy {
    const allow = (names: string[], resources: string[], conditions?: { [operator: string]: unknown }) =>
      new iam.PolicyStatement({ actions: names, resources, conditions });
    const { region } = Stack.of(this);
    const pending = `${at.bucketArn}/pending/*`;
    const archived = `${at.bucketArn}/archive/*`;
    const policy = new iam.ManagedPolicy(this, 'Policy', {
      description: 'Takes old rows from the product database to the archive',
      roles: [this.role],
      statements: [
        allow(
          ['ExecuteStatement', 'BeginTransaction', 'CommitTransaction', 'RollbackTransaction'].map((name) => `rds-data:${name}`),
          [at.clusterArn],
        ),
        allow(['secretsmanager:GetSecretValue'], [at.secretArn]),
        allow(['s3:PutObject', 's3:GetObject', 's3:DeleteObject'], [pending]),
        // Never a delete: what is archived is nowhere else.
        allow(['s3:PutObject', 's3:GetObject', ...(immutable ? ['s3:PutObjectRetention'] : [])], [archived]),
        allow(['s3:ListBucket'], [at.bucketArn], { StringEquals: { 's3:prefix': 'pending/' } }),
        allow(['kms:Decrypt', 'kms:GenerateDataKey'], at.keyArns, {
          StringEquals: { 'kms:ViaService': ['s3', 'secretsmanager', 'lambda'].map((name) => `${name}.${region}.amazonaws.com`) },
        }),
        allow(['logs:CreateLogStream', 'logs:PutLogEvents'], [this.logGroup.logGroupArn]),
      ],
    });
    acknowledgeWildcards(
      policy,
      'Each file of the archive is named by its table, its day and a number made for it, so the wildcards stand for the keys below two ' +
        'prefixes of one bucket. What is archived can be written and read; only what is pending can be deleted.',
      pending,
      archived,
    );
    return policy;
  }

  private failures(alarmTopic?: sns.ITopic): cloudwatch.Alarm {
    const errors = new cloudwatch.Metric({
      namespace: 'AWS/Lambda',
      metricName: 'Errors',
      dimensionsMap: { FunctionName: this.archiver.ref },
      statistic: cloudwatch.Stats.SUM,
    });
    const alarm = errors.createAlarm(this, 'Failures', {
      alarmDescription:
        'Old rows of the database were not archived, and none was lost: read the log of the function, which says why',
      threshold: 0,
      comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: 1,
      // Between two nights it does not run.
      treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
    });
    if (!alarmTopic) return alarm;
    const topicArn = crossRegionValue(this, { producer: alarmTopic as sns.Topic, name: 'TopicArn', value: alarmTopic.topicArn });
    alarm.addAlarmAction(new actions.SnsAction(sns.Topic.fromTopicArn(this, 'AlarmTopic', topicArn)));
    return alarm;
  }
}

interface Places {
  readonly keyArns: string[];
  readonly clusterArn: string;
  readonly secretArn: string;
  readonly bucketName: string;
  readonly bucketArn: string;
}

function check(database: AuroraDatabase, schedule: string): void {
  if (!database.dataApi) {
    throw new Error('database must have the Data API to be archived, got one without: set its dataApi to true');
  }
  if (!/^(cron|rate)\(.+\)$/.test(schedule)) {
    throw new Error(`schedule must be a cron() or rate() expression, got '${schedule}': write it as in cron(15 1-5 * * ? *)`);
  }
}

function acknowledgeFunction(archiver: lambda.CfnFunction): void {
  acknowledge(
    archiver,
    ...sameReason(
      'The rules want a function inside the network, beside what it talks to. This one talks to no machine: it calls the Data API of one ' +
        'cluster and one bucket over TLS, by a role that is good for nothing else, and a place in the network would only add a way to ' +
        'the database that it does not need.',
      ...inPacks('LambdaInsideVPC', 'HIPAA.Security', 'NIST.800.53.R4', 'NIST.800.53.R5', 'PCI.DSS.321'),
      'Checkov::CKV_AWS_117',
      'ControlTower::CT.LAMBDA.PR.3',
    ),
    ...sameReason(
      'The rules want room reserved for a function, and a limit. Its one caller is a schedule, and a lock in the database lets one run at ' +
        'a time work; reserving would take from the 10 executions a new account has, so that the deploy would fail there.',
      ...inPacks('LambdaConcurrency', 'HIPAA.Security', 'NIST.800.53.R5'),
      'Checkov::CKV_AWS_115',
    ),
    ...sameReason(
      'The rules want calls kept that failed. A call of this function says nothing: what is to be done stands in the database and in the ' +
        'bucket, where the next run finds it; an alarm tells people of every failure.',
      ...inPacks('LambdaDLQ', 'HIPAA.Security', 'NIST.800.53.R5', 'Serverless'),
      'Checkov::CKV_AWS_116',
    ),
    {
      id: 'Serverless::Serverless-LambdaTracing',
      reason:
        'The rule wants to see where time goes in a chain of calls. Nobody waits for this function, which calls two APIs at night and ' +
        'writes into its log what it did; tracing would need a permission on every resource, the only one of its role.',
    },
  );
}
