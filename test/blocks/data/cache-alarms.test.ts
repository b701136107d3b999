import type { Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as sns from 'aws-cdk-lib/aws-sns';
import { CacheAlarms } from '../../../lib/blocks/data/cache-alarms';
import { CacheReplicationGroup, type CacheReplicationGroupProps } from '../../../lib/blocks/data/cache-replication-group';
import { CacheSize } from '../../../lib/blocks/data/cache-size';
import { testStack } from '../../stacks';
import { losses } from './kept';
import { vpc } from './vpc';

function watched(props: Partial<CacheReplicationGroupProps> = {}, topic = false): Stack {
  const stack = testStack();
  const cache = new CacheReplicationGroup(stack, 'Cache', { vpc: vpc(stack), ...props });
  new CacheAlarms(stack, 'Alarms', { cache, alarmTopic: topic ? new sns.Topic(stack, 'Topic') : undefined });
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
