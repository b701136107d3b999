import { Duration } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { AuroraDatabase } from '../../../lib/blocks/data/aurora-database';
import { DatabaseSize } from '../../../lib/blocks/data/database-size';
import { type ClimbSignal, ClimbSignals, SUSTAINED } from '../../../lib/blocks/observability/climb-signals';
import { outgrownDatabase, outgrownServer } from '../../../lib/blocks/observability/outgrown';
import { AlarmTopic } from '../../../lib/blocks/operations/alarm-topic';
import { testStack } from '../../stacks';
import { vpc } from '../data/vpc';
import { everyPack } from '../every-pack';

const ALARM = 'AWS::CloudWatch::Alarm';

function metric(metricName: string): cloudwatch.Metric {
  return new cloudwatch.Metric({ namespace: 'Shop', metricName, period: Duration.minutes(5), statistic: 'Average' });
}

const SERVER = { databaseCpu: metric('DatabaseCpu'), responseTime: metric('ResponseTime') };

/** The alarms of signals, as they stand in the template. */
function alarms(signals: ClimbSignal[], stack = testStack()): Record<string, unknown>[] {
  new ClimbSignals(stack, 'Climb', { signals, alarmTopic: new AlarmTopic(stack, 'Alarms') });
  const found = Template.fromStack(stack).findResources(ALARM, {
    Properties: { AlarmDescription: Match.stringLikeRegexp('^Climb: ') },
  });
  return Object.values(found).map(({ Properties }) => Properties);
}

const SUSTAINED_ALARM = {
  ComparisonOperator: 'GreaterThanThreshold',
  Period: 3600,
  EvaluationPeriods: 4,
  DatapointsToAlarm: 3,
  TreatMissingData: 'notBreaching',
};

describe('signals for the next stage', () => {
  test('are told to the same people as faults, and say what they are', () => {
    const stack = testStack();
    new ClimbSignals(stack, 'Climb', { signals: outgrownServer(SERVER), alarmTopic: new AlarmTopic(stack, 'Alarms') });
    const template = Template.fromStack(stack);
    const topic = [{ Ref: Match.stringLikeRegexp('^AlarmsTopic') }];
    template.resourceCountIs(ALARM, 2);
    template.allResourcesProperties(ALARM, {
      AlarmActions: topic,
      OKActions: topic,
      AlarmName: Match.absent(),
      AlarmDescription: Match.stringLikeRegexp('^Climb: in three hours of four '),
    });
  });

  test('of one server are a database over 50 % and answers over a second, in three hours of four', () => {
    expect(alarms(outgrownServer(SERVER))).toEqual([
      expect.objectContaining({ ...SUSTAINED_ALARM, MetricName: 'DatabaseCpu', Statistic: 'Average', Threshold: 50 }),
      expect.objectContaining({ ...SUSTAINED_ALARM, MetricName: 'ResponseTime', Statistic: 'Average', Threshold: 1 }),
    ]);
  });

  const database = (readers: number, size = DatabaseSize.USERS_100K) => {
    const stack = testStack();
    const made = new AuroraDatabase(stack, 'Database', { vpc: vpc(stack), size, readers });
    return { stack, signals: outgrownDatabase(made) };
  };
  const role = (Value: string) => expect.arrayContaining([{ Name: 'Role', Value }]);

  test('of a replicated database are busy readers, lag, a full writer and many connections', () => {
    const { stack, signals } = database(1);
    expect(alarms(signals, stack)).toEqual([
      expect.objectContaining({
        ...SUSTAINED_ALARM,
        MetricName: 'CPUUtilization',
        Dimensions: role('READER'),
        Statistic: 'Average',
        Threshold: 80,
      }),
      expect.objectContaining({
        ...SUSTAINED_ALARM,
        MetricName: 'AuroraReplicaLagMaximum',
        Statistic: 'Average',
        Threshold: 1000,
      }),
      expect.objectContaining({
        ...SUSTAINED_ALARM,
        MetricName: 'ACUUtilization',
        Dimensions: role('WRITER'),
        Statistic: 'Average',
        Threshold: 90,
      }),
      // 80 % of the 1,669 connections of 8 ACU.
      expect.objectContaining({ ...SUSTAINED_ALARM, MetricName: 'DatabaseConnections', Statistic: 'Maximum', Threshold: 1335 }),
    ]);
  });

  test('of a database without readers say nothing of readers', () => {
    expect(database(0).signals.map(({ id }) => id)).toEqual(['WriterNearLimit', 'Connections']);
  });

  test('are looked at hour by hour, whatever period the metric had', () => {
    expect(SUSTAINED.toHours()).toBe(1);
    expect(outgrownServer(SERVER).map((signal) => (signal.metric as cloudwatch.Metric).period.toHours())).toEqual([1, 1]);
  });

  test('need nobody to be told', () => {
    const stack = testStack();
    new ClimbSignals(stack, 'Climb', { signals: outgrownServer(SERVER) });
    Template.fromStack(stack).allResourcesProperties(ALARM, { AlarmActions: Match.absent() });
  });

  test('pass every pack', () => {
    const stack = testStack();
    const climb = new ClimbSignals(stack, 'Climb', {
      signals: outgrownServer(SERVER),
      alarmTopic: new AlarmTopic(stack, 'Alarms'),
    });
    expect(everyPack(climb)).toEqual({ open: [], unused: [] });
  });

  test('are at least one, and each once', () => {
    expect(() => new ClimbSignals(testStack(), 'Climb', { signals: [] })).toThrow(
      new Error('signals must name at least one signal, got none: leave the block out'),
    );
    const [one] = outgrownServer(SERVER);
    expect(() => new ClimbSignals(testStack(), 'Climb', { signals: [one, one] })).toThrow(
      new Error("signals: 'DatabaseCpu' stands twice, give every signal an id of its own"),
    );
  });
});
