import { App, Stack, Stage } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { ServiceAlarms, type ServiceAlarmsProps } from '../../../lib/blocks/observability/service-alarms';
import { AlarmTopic } from '../../../lib/blocks/operations/alarm-topic';
import { testStack } from '../../stacks';
import { CLEAN, policy, service } from '../compute/service-fixture';
import { everyPack } from '../every-pack';

const ALARM = 'AWS::CloudWatch::Alarm';
const COMPOSITE = 'AWS::CloudWatch::CompositeAlarm';

function made(stack: Stack, props: Partial<ServiceAlarmsProps> = {}): ServiceAlarms {
  const web = service(stack).service;
  const { vpc } = web.cluster;
  const targets = new elbv2.ApplicationTargetGroup(stack, 'Targets', { vpc, port: 80, targetType: elbv2.TargetType.IP });
  const loadBalancer = new elbv2.ApplicationLoadBalancer(stack, 'Balancer', { vpc });
  loadBalancer.addListener('Listener', { port: 80, defaultTargetGroups: [targets], open: false });
  return new ServiceAlarms(stack, 'Watch', {
    loadBalancer,
    targets: [targets],
    web: { service: web, minTasks: 2 },
    alarmTopic: new AlarmTopic(stack, 'Alarms'),
    ...props,
  });
}

const stack = testStack();
const { alarms } = made(stack);
const template = Template.fromStack(stack);
const TOPIC = [{ Ref: Match.stringLikeRegexp('^AlarmsTopic') }];

/** The one alarm with this id. */
function alarm(id: string): Record<string, unknown> {
  const found = Object.entries(template.findResources(ALARM)).filter(([key]) => new RegExp(`^Watch${id}[0-9A-F]{8}$`).test(key));
  expect(found).toHaveLength(1);
  return found[0][1].Properties;
}

describe('the alarms of a service', () => {
  test('all tell people when they begin and when they end, and leave their names to CloudFormation', () => {
    expect(alarms).toHaveLength(10);
    template.allResourcesProperties(ALARM, { AlarmActions: TOPIC, OKActions: TOPIC, AlarmName: Match.absent() });
    template.hasResourceProperties(COMPOSITE, { AlarmActions: TOPIC, OKActions: TOPIC, AlarmName: Match.absent() });
  });

  test('ring when more than 5 % of at least 50 requests fail, in two of three times five minutes', () => {
    const errors = alarm('Errors');
    expect(errors).toMatchObject({
      Threshold: 5,
      ComparisonOperator: 'GreaterThanThreshold',
      EvaluationPeriods: 3,
      DatapointsToAlarm: 2,
      TreatMissingData: 'notBreaching',
    });
    expect(math(errors)).toEqual({
      expression: 'IF(requests >= 50, 100 * FILL(failed, 0) / requests, 0)',
      requests: 'RequestCount Sum 300',
      failed: 'HTTPCode_Target_5XX_Count Sum 300',
    });
  });

  test('ring when one request in twenty takes over a second for a quarter of an hour, but not for one request at night', () => {
    expect(alarm('Slow')).toMatchObject({
      MetricName: 'TargetResponseTime',
      ExtendedStatistic: 'p95',
      EvaluateLowSampleCountPercentile: 'ignore',
      Period: 300,
      EvaluationPeriods: 3,
      Threshold: 1,
      ComparisonOperator: 'GreaterThanThreshold',
      TreatMissingData: 'notBreaching',
    });
  });

  const ten = { Period: 60, EvaluationPeriods: 10 };
  const quarter = { Period: 300, EvaluationPeriods: 3, Threshold: 85, ComparisonOperator: 'GreaterThanThreshold' };
  const silent = { TreatMissingData: 'notBreaching' };
  test.each([
    [
      'UnhealthyTasks',
      {
        MetricName: 'UnHealthyHostCount',
        Statistic: 'Maximum',
        ...ten,
        Threshold: 0,
        ComparisonOperator: 'GreaterThanThreshold',
        ...silent,
      },
    ],
    [
      'RejectedConnections',
      {
        MetricName: 'RejectedConnectionCount',
        Statistic: 'Sum',
        Period: 300,
        EvaluationPeriods: 1,
        Threshold: 0,
        ComparisonOperator: 'GreaterThanThreshold',
        ...silent,
      },
    ],
    ['Cpu', { MetricName: 'CPUUtilization', Namespace: 'AWS/ECS', Statistic: 'Average', ...quarter, ...silent }],
    ['Memory', { MetricName: 'MemoryUtilization', Namespace: 'AWS/ECS', Statistic: 'Maximum', ...quarter, ...silent }],
    [
      'TooFewTasks',
      {
        MetricName: 'RunningTaskCount',
        Namespace: 'ECS/ContainerInsights',
        Statistic: 'Average',
        ...ten,
        Threshold: 2,
        ComparisonOperator: 'LessThanThreshold',
        TreatMissingData: 'breaching',
      },
    ],
    [
      'NoTask',
      {
        MetricName: 'HealthyHostCount',
        Statistic: 'Maximum',
        Period: 60,
        EvaluationPeriods: 2,
        Threshold: 1,
        ComparisonOperator: 'LessThanThreshold',
        TreatMissingData: 'breaching',
      },
    ],
  ])('%s looks at the right number in the right way', (id, properties) => {
    expect(alarm(id)).toMatchObject(properties);
  });

  test('say that the site is down when no task is healthy, most requests fail or nobody answers', () => {
    const half = {
      Threshold: 50,
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      EvaluationPeriods: 3,
      TreatMissingData: 'notBreaching',
    };
    expect(alarm('MostFail')).toMatchObject(half);
    expect(math(alarm('MostFail'))).toEqual({
      expression: 'IF(requests >= 10, 100 * FILL(failed, 0) / requests, 0)',
      requests: 'RequestCount Sum 60',
      failed: 'HTTPCode_Target_5XX_Count Sum 60',
    });
    expect(alarm('NobodyAnswers')).toMatchObject(half);
    expect(math(alarm('NobodyAnswers'))).toEqual({
      expression: 'IF(unanswered >= 10, 100 * unanswered / MAX([unanswered, FILL(requests, 0)]), 0)',
      unanswered: 'HTTPCode_ELB_5XX_Count Sum 60',
      requests: 'RequestCount Sum 60',
    });
    const [down] = Object.values(template.findResources(COMPOSITE));
    expect(down.Properties.AlarmDescription).toBe('Down: the site does not answer its users');
    const rule = JSON.stringify(down.Properties.AlarmRule);
    expect(rule.match(/Watch([A-Za-z]+)[0-9A-F]{8}/g)?.map((id) => id.slice(5, -8))).toEqual([
      'NoTask',
      'MostFail',
      'NobodyAnswers',
    ]);
    expect(rule.match(/ OR /g)).toHaveLength(2);
    expect(rule.match(/ALARM\(/g)).toHaveLength(3);
  });

  test('watch workers too, where they are given', () => {
    const other = testStack();
    const worker = { service: {} as ecs.FargateService, minTasks: 1 };
    const cluster = ecs.Cluster.fromClusterAttributes(other, 'Other', { clusterName: 'other', vpc: {} as never });
    made(other, { worker: { ...worker, service: { cluster, serviceName: 'worker' } as unknown as ecs.FargateService } });
    Template.fromStack(other).hasResourceProperties(ALARM, {
      MetricName: 'RunningTaskCount',
      Threshold: 1,
      Dimensions: [
        { Name: 'ClusterName', Value: 'other' },
        { Name: 'ServiceName', Value: 'worker' },
      ],
    });
  });

  test('have names that do not depend on where the stack stands in the app', () => {
    const inStage = new Stack(new Stage(new App(), 'Production'), 'Shop', {
      env: { account: '123456789012', region: 'us-east-1' },
    });
    made(inStage);
    expect(Template.fromStack(inStage).findResources(COMPOSITE)).toEqual(template.findResources(COMPOSITE));
  });

  test('pass every pack', () => {
    const other = testStack();
    const { node } = made(other);
    expect(policy(other).open.filter((finding) => finding.includes('Watch'))).toEqual(CLEAN.open);
    expect(everyPack(node.findAll()[0])).toEqual(CLEAN);
  });
});

/** The expression of an alarm, and what each name in it stands for. */
function math(properties: Record<string, unknown>): Record<string, string> {
  const metrics = properties.Metrics as {
    Id: string;
    Expression?: string;
    MetricStat?: { Metric: { MetricName: string }; Stat: string; Period: number };
  }[];
  return Object.fromEntries(
    metrics.map(({ Id, Expression, MetricStat: stat }) =>
      stat ? [Id, `${stat.Metric.MetricName} ${stat.Stat} ${stat.Period}`] : ['expression', Expression ?? ''],
    ),
  );
}

describe('the alarms on a service whose releases shift traffic', () => {
  test('count the tasks of both target groups, of which one is empty', () => {
    const twice = testStack();
    const web = service(twice).service;
    const { vpc } = web.cluster;
    const group = (id: string) => new elbv2.ApplicationTargetGroup(twice, id, { vpc, port: 80, targetType: elbv2.TargetType.IP });
    const targets = [group('Blue'), group('Green')];
    const loadBalancer = new elbv2.ApplicationLoadBalancer(twice, 'Balancer', { vpc });
    loadBalancer.addListener('Listener', { port: 80, defaultTargetGroups: targets, open: false });
    const topic = new AlarmTopic(twice, 'Alarms');
    new ServiceAlarms(twice, 'Watch', { loadBalancer, targets, web: { service: web, minTasks: 2 }, alarmTopic: topic });
    const of = (metricName: string) =>
      Match.arrayWith([
        Match.objectLike({ Expression: 'FILL(group0, 0) + FILL(group1, 0)' }),
        Match.objectLike({ MetricStat: Match.objectLike({ Metric: Match.objectLike({ MetricName: metricName }) }) }),
      ]);
    const found = Template.fromStack(twice);
    found.hasResourceProperties(ALARM, { TreatMissingData: 'breaching', Threshold: 1, Metrics: of('HealthyHostCount') });
    found.hasResourceProperties(ALARM, { EvaluationPeriods: 10, Threshold: 0, Metrics: of('UnHealthyHostCount') });
  });
});
