import { Lazy, type Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as rds from 'aws-cdk-lib/aws-rds';
import * as sns from 'aws-cdk-lib/aws-sns';
import { AuroraDatabase, type AuroraDatabaseProps } from '../../../lib/blocks/data/aurora-database';
import { AuroraGlobalDatabase } from '../../../lib/blocks/data/aurora-global-database';
import { AuroraSecondary } from '../../../lib/blocks/data/aurora-secondary';
import { DatabaseAlarms } from '../../../lib/blocks/data/database-alarms';
import { DatabaseSize } from '../../../lib/blocks/data/database-size';
import { DatabaseRole } from '../../../lib/blocks/data/measured-database';
import { testStack } from '../../stacks';
import { losses } from './kept';
import { vpc } from './vpc';

function watched(props: Partial<AuroraDatabaseProps> = {}, stack = testStack(), topic = false): Stack {
  const database = new AuroraDatabase(stack, 'Database', { vpc: vpc(stack), readers: 1, ...props });
  new DatabaseAlarms(stack, 'Alarms', { database, alarmTopic: topic ? new sns.Topic(stack, 'Topic') : undefined });
  return stack;
}

const CLUSTER = [{ Name: 'DBClusterIdentifier', Value: { Ref: Match.stringLikeRegexp('^DatabaseCluster') } }];

/** Every alarm of a database of 0.5 to 8 ACU, which has 16 GiB and takes 1,669 connections at most. */
const ALARMS = [
  ['CPUUtilization', 'Maximum', 60, 80, 'GreaterThanThreshold', 15, 12],
  ['ACUUtilization', 'Maximum', 60, 95, 'GreaterThanThreshold', 15, 12],
  ['DatabaseConnections', 'Maximum', 60, 1335, 'GreaterThanThreshold', 5, 5],
  ['FreeableMemory', 'Minimum', 60, 0.1 * 8 * 2 * 1024 ** 3, 'LessThanThreshold', 15, 12],
  ['AuroraReplicaLagMaximum', 'Maximum', 60, 1000, 'GreaterThanThreshold', 5, 5],
  ['Deadlocks', 'Average', 300, 1 / 60, 'GreaterThanThreshold', 3, undefined],
  ['MaximumUsedTransactionIDs', 'Maximum', 3600, 1_000_000_000, 'GreaterThanThreshold', 1, undefined],
] as const;

test.each(ALARMS)('%s rings by the %s of %d seconds over %d, and silence is no alarm', (...alarm) => {
  const [MetricName, Statistic, Period, Threshold, ComparisonOperator, EvaluationPeriods, DatapointsToAlarm] = alarm;
  Template.fromStack(watched()).hasResourceProperties('AWS::CloudWatch::Alarm', {
    Namespace: 'AWS/RDS',
    // Readers have no deadlocks: an average over all would hide some.
    Dimensions: MetricName === 'Deadlocks' ? [...CLUSTER, { Name: 'Role', Value: 'WRITER' }] : CLUSTER,
    MetricName,
    Statistic,
    Period,
    Threshold,
    ComparisonOperator,
    EvaluationPeriods,
    DatapointsToAlarm: DatapointsToAlarm ?? Match.absent(),
    TreatMissingData: 'notBreaching',
    AlarmDescription: Match.anyValue(),
  });
});

test('there are seven of them, and six without a reader', () => {
  Template.fromStack(watched()).resourceCountIs('AWS::CloudWatch::Alarm', ALARMS.length);
  const alone = Template.fromStack(watched({ readers: 0 }));
  alone.resourceCountIs('AWS::CloudWatch::Alarm', ALARMS.length - 1);
  alone.resourcePropertiesCountIs('AWS::CloudWatch::Alarm', { MetricName: 'AuroraReplicaLagMaximum' }, 0);
});

test('every alarm and its end go to the topic', () => {
  const topic = [{ Ref: Match.stringLikeRegexp('^Topic') }];
  const told = Template.fromStack(watched({}, testStack(), true));
  told.allResourcesProperties('AWS::CloudWatch::Alarm', { AlarmActions: topic, OKActions: topic });
});

test('the thresholds of connections and memory follow the size', () => {
  const template = Template.fromStack(watched({ size: DatabaseSize.USERS_1M }));
  template.hasResourceProperties('AWS::CloudWatch::Alarm', { MetricName: 'DatabaseConnections', Threshold: 4000 });
  template.hasResourceProperties('AWS::CloudWatch::Alarm', { MetricName: 'FreeableMemory', Threshold: 3.2 * 2 * 1024 ** 3 });
});

test('a capacity that is not known yet has no such thresholds', () => {
  const size = DatabaseSize.of(0.5, Lazy.number({ produce: () => 8 }));
  const template = Template.fromStack(watched({ size }));
  template.resourceCountIs('AWS::CloudWatch::Alarm', ALARMS.length - 2);
});

test('a database of a further Region is measured against the primary one', () => {
  const stack = testStack();
  const database = new AuroraSecondary(stack, 'Database', {
    vpc: vpc(stack),
    encryptionKey: kms.Key.fromKeyArn(stack, 'Key', 'arn:aws:kms:us-east-1:123456789012:key/mrk-1'),
    globalDatabase: AuroraGlobalDatabase.fromAttributes(stack, 'Global', {
      globalClusterIdentifier: 'world',
      engineVersion: rds.AuroraPostgresEngineVersion.VER_16_13,
    }),
  });
  new DatabaseAlarms(stack, 'Alarms', { database });
  Template.fromStack(stack).hasResourceProperties('AWS::CloudWatch::Alarm', {
    MetricName: 'AuroraGlobalDBReplicationLag',
    Statistic: 'Maximum',
    Period: 60,
    Threshold: 10_000,
    Dimensions: CLUSTER,
  });
});

test('watching a database only adds', () => {
  const before = testStack();
  new AuroraDatabase(before, 'Database', { vpc: vpc(before), readers: 1 });
  expect(losses(before, watched())).toEqual([]);
});

describe('metrics', () => {
  test.each([
    [189, 1],
    [823, 4],
    [1669, 8],
    [3360, 16],
    [5000, 32],
    [5000, 256],
  ])('%d connections at %d ACU, as the Aurora user guide has it', (connections, maxCapacity) => {
    expect(DatabaseSize.of(1, maxCapacity).maxConnections).toBe(connections);
  });

  test('no more than 2,000 connections where the minimum is half an ACU or none', () => {
    expect(DatabaseSize.of(0.5, 16).maxConnections).toBe(2000);
    expect(DatabaseSize.of(0, 2).maxConnections).toBe(400);
  });

  test('are of all instances, or of those in one role', () => {
    const stack = testStack();
    const database = new AuroraDatabase(stack, 'Database', { vpc: vpc(stack) });
    const id = stack.resolve(database.clusterIdentifier);
    expect(stack.resolve(database.metricCpuUtilization().dimensions)).toEqual({ DBClusterIdentifier: id });
    for (const metric of [
      database.metricCpuUtilization({}, DatabaseRole.READER),
      database.metricDatabaseConnections({}, DatabaseRole.READER),
      database.metricServerlessCapacity({}, DatabaseRole.READER),
      database.metricAcuUtilization({}, DatabaseRole.READER),
      database.metricFreeableMemory({}, DatabaseRole.READER),
      database.metricFreeLocalStorage({}, DatabaseRole.READER),
      database.metricCommitLatency({}, DatabaseRole.READER),
    ]) {
      expect(stack.resolve(metric.dimensions)).toEqual({ DBClusterIdentifier: id, Role: 'READER' });
      expect(metric.namespace).toBe('AWS/RDS');
    }
  });

  test('have the statistic that shows what matters', () => {
    const stack = testStack();
    const database = new AuroraDatabase(stack, 'Database', { vpc: vpc(stack) });
    const statistics = [
      database.metricFreeableMemory(),
      database.metricFreeLocalStorage(),
      database.metricTransactionIdsUsed(),
      database.metricVolumeBytesUsed(),
      database.metricAcuUtilization(),
    ].map(({ metricName, statistic }) => `${metricName} ${statistic}`);
    expect(statistics).toEqual([
      'FreeableMemory Minimum',
      'FreeLocalStorage Minimum',
      'MaximumUsedTransactionIDs Maximum',
      'VolumeBytesUsed Average',
      'ACUUtilization Average',
    ]);
  });
});
