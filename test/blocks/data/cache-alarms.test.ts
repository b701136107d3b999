import type { Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as sns from 'aws-cdk-lib/aws-sns';
import { CacheAlarms, type CacheAlarmsProps } from '../../../lib/blocks/data/cache-alarms';
import { CacheReplicationGroup, type CacheReplicationGroupProps } from '../../../lib/blocks/data/cache-replication-group';
import { CacheSize } from '../../../lib/blocks/data/cache-size';
import { testStack } from '../../stacks';
import { losses } from './kept';
import { vpc } from './vpc';

function watched(props: Partial<CacheReplicationGroupProps> = {}, topic = false, more: Partial<CacheAlarmsProps> = {}): Stack {
  const stack = testStack();
  const cache = new CacheReplicationGroup(stack, 'Cache', { vpc: vpc(stack), ...props });
  new CacheAlarms(stack, 'Alarms', { cache, alarmTopic: topic ? new sns.Topic(stack, 'Topic') : undefined, ...more });
  return stack;
}

const node = (suffix: string) => ({
  Name: 'CacheClusterId',
  Value: { 'Fn::Join': ['', [{ Ref: Match.stringLikeRegexp('^Cache') }, suffix]] },
});

const measured = (prefix: string, MetricName: string, Stat: string) =>
  [
    [`${prefix}1`, '-0001-001'],
    [`${prefix}2`, '-0001-002'],
  ].map(([Id, suffix]) =>
    Match.objectLike({
      Id,
      MetricStat: { Metric: { Namespace: 'AWS/ElastiCache', MetricName, Dimensions: [node(suffix)] }, Period: 300, Stat },
      ReturnData: false,
    }),
  );

test.each([
  ['DatabaseMemoryUsagePercentage', 'Average', 'MAX', 80, 'memory'],
  ['Evictions', 'Sum', 'SUM', 0, 'evicted'],
  ['EngineCPUUtilization', 'Average', 'MAX', 80, 'cpu'],
  ['CurrConnections', 'Maximum', 'MAX', 52_000, 'clients'],
  ['ReplicationLag', 'Maximum', 'MAX', 10, 'lag'],
])('%s rings by the %s of 5 minutes at every node, %s over %d for a quarter of an hour', (metric, stat, over, Threshold, id) => {
  Template.fromStack(watched()).hasResourceProperties('AWS::CloudWatch::Alarm', {
    Metrics: [Match.objectLike({ Expression: `${over}([${id}1, ${id}2])`, ReturnData: true }), ...measured(id, metric, stat)],
    Threshold,
    ComparisonOperator: 'GreaterThanThreshold',
    EvaluationPeriods: 3,
    TreatMissingData: 'notBreaching',
    AlarmDescription: Match.anyValue(),
  });
});

test('there are five, which go to the topic with their end', () => {
  const template = Template.fromStack(watched({}, true));
  template.resourceCountIs('AWS::CloudWatch::Alarm', 5);
  const topic = [{ Ref: Match.stringLikeRegexp('^Topic') }];
  template.allResourcesProperties('AWS::CloudWatch::Alarm', { AlarmActions: topic, OKActions: topic });
});

test('ten nodes fit into one alarm, and what is more goes into further ones without touching the first', () => {
  const before = watched({ shards: 3 });
  const after = watched({ shards: 6 });
  Template.fromStack(before).resourceCountIs('AWS::CloudWatch::Alarm', 5);
  const alarms = Object.entries(Template.fromStack(after).findResources('AWS::CloudWatch::Alarm'));
  expect(alarms).toHaveLength(10);
  for (const [, { Properties }] of alarms) {
    const metrics = Properties.Metrics.filter((one: { MetricStat?: unknown }) => one.MetricStat);
    expect(metrics.length).toBeLessThanOrEqual(10);
  }
  expect(losses(before, after).filter((loss) => loss.includes('Alarm'))).toEqual([]);
});

test('watching a cache only adds', () => {
  const before = testStack();
  new CacheReplicationGroup(before, 'Cache', { vpc: vpc(before) });
  expect(losses(before, watched())).toEqual([]);
});

test('the hit rate is what was found of what was asked for, at every node', () => {
  const stack = testStack();
  const cache = new CacheReplicationGroup(stack, 'Cache', { vpc: vpc(stack), size: CacheSize.of('cache.t4g.small', 2) });
  const { expression, usingMetrics } = cache.metricHitRate();
  const [hits, misses] = ['hit', 'miss'].map((name) => `SUM([${[1, 2, 3, 4].map((at) => `${name}${at}`).join(', ')}])`);
  expect(expression).toBe(`100 * ${hits} / (${hits} + ${misses})`);
  expect(Object.keys(usingMetrics)).toHaveLength(8);
  expect(cache.nodeIds().map((id) => JSON.stringify(stack.resolve(id)).slice(-12, -4))).toEqual([
    '0001-001',
    '0001-002',
    '0002-001',
    '0002-002',
  ]);
});

const LAYER = { hitRateTarget: 90, hotShard: true };

test('an hour below the target rings, unless nearly nobody reads, over as many nodes as one alarm takes', () => {
  const alarms = Template.fromStack(watched({ shards: 3 }, true, LAYER)).findResources('AWS::CloudWatch::Alarm', {
    Properties: { EvaluationPeriods: 12 },
  });
  expect(Object.keys(alarms)).toEqual([expect.stringContaining('HitRate')]);
  const { Metrics, ...rest } = Object.values(alarms)[0].Properties;
  expect(rest).toMatchObject({
    Threshold: 90,
    ComparisonOperator: 'LessThanThreshold',
    TreatMissingData: 'notBreaching',
    AlarmActions: [{ Ref: expect.stringContaining('Topic') }],
  });
  const [hits, misses] = ['hit', 'miss'].map((name) => `SUM([${[1, 2, 3, 4, 5].map((at) => name + at).join(', ')}])`);
  const all = `${hits} + ${misses}`;
  expect(Metrics[0].Expression).toBe(`IF(${all} >= 3000, 100 * ${hits} / (${all}), 100)`);
  expect(Metrics).toHaveLength(11);
});

test('a shard far busier than the average of shards rings, each shard by its busiest node', () => {
  const template = Template.fromStack(watched({ shards: 3 }, false, LAYER));
  template.hasResourceProperties('AWS::CloudWatch::Alarm', {
    Metrics: Match.arrayWith([
      Match.objectLike({
        Expression: 'MAX([cpu1, cpu2, cpu3, cpu4, cpu5, cpu6]) - (MAX([cpu1, cpu2]) + MAX([cpu3, cpu4]) + MAX([cpu5, cpu6])) / 3',
      }),
    ]),
    Threshold: 30,
    EvaluationPeriods: 3,
  });
});

test('one shard has no other to be compared with, nor has one that is left over', () => {
  const hot = (props: Partial<CacheReplicationGroupProps>) =>
    Object.keys(Template.fromStack(watched(props, false, LAYER)).findResources('AWS::CloudWatch::Alarm')).filter((id) =>
      /Hot/.test(id),
    );
  expect(hot({ shards: 1 })).toHaveLength(0);
  expect(hot({ shards: 6 })).toHaveLength(1);
  expect(hot({ shards: 7 })).toHaveLength(2);
});

test('a layer without a target has the alarms it had', () => {
  expect(Template.fromStack(watched({ shards: 3 })).toJSON()).toEqual(
    Template.fromStack(watched({ shards: 3 }, false, {})).toJSON(),
  );
  Template.fromStack(watched({ shards: 3 })).resourceCountIs('AWS::CloudWatch::Alarm', 5);
  expect(losses(watched({ shards: 3 }), watched({ shards: 3 }, false, LAYER))).toEqual([]);
});

test.each([0, 100, Number.NaN])('refuses a target of %p percent', (hitRateTarget) => {
  expect(() => watched({}, false, { hitRateTarget })).toThrow(
    new Error(`hitRateTarget must be 1 to 99 percent, got ${hitRateTarget}: choose one in that range, as in 90`),
  );
});
