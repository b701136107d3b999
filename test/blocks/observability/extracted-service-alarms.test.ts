import { Match, Template } from 'aws-cdk-lib/assertions';
import * as sns from 'aws-cdk-lib/aws-sns';
import { ExtractedServiceAlarms } from '../../../lib/blocks/observability/extracted-service-alarms';
import type { WatchedTargets } from '../../../lib/blocks/observability/watched-targets';
import { testStack } from '../../stacks';
import { service } from '../compute/service-fixture';
import { everyPack } from '../every-pack';

const ALARM = 'AWS::CloudWatch::Alarm';
const ONE = ['targetgroup/a/1'];
const TWO = [...ONE, 'targetgroup/b/2'];

function alarms(targetGroupFullNames?: string[]): { readonly made: ExtractedServiceAlarms; readonly template: Template } {
  const stack = testStack();
  const targets: WatchedTargets | undefined = targetGroupFullNames && {
    loadBalancerFullName: 'app/front/1',
    targetGroupFullNames,
  };
  const made = new ExtractedServiceAlarms(stack, 'Watch', {
    service: service(stack).service,
    minTasks: 2,
    targets,
    alarmTopic: sns.Topic.fromTopicArn(stack, 'Topic', 'arn:aws:sns:us-east-1:123456789012:alarms'),
  });
  return { made, template: Template.fromStack(stack) };
}

describe('the alarms of a service beside the core', () => {
  test('tell people of tasks, and of requests where users reach it', () => {
    expect([alarms().made.alarms.length, alarms(ONE).made.alarms.length, alarms(TWO).made.alarms.length]).toEqual([3, 6, 6]);
    const { template } = alarms(TWO);
    const topic = ['arn:aws:sns:us-east-1:123456789012:alarms'];
    template.allResourcesProperties(ALARM, { AlarmActions: topic, OKActions: topic });
  });

  test('ask the one target group', () => {
    const { template } = alarms(ONE);
    const Dimensions = [
      { Name: 'LoadBalancer', Value: 'app/front/1' },
      { Name: 'TargetGroup', Value: 'targetgroup/a/1' },
    ];
    template.hasResourceProperties(ALARM, {
      MetricName: 'TargetResponseTime',
      ExtendedStatistic: 'p95',
      Period: 300,
      EvaluateLowSampleCountPercentile: 'ignore',
      Dimensions,
    });
    template.hasResourceProperties(ALARM, { MetricName: 'UnHealthyHostCount', Period: 60, EvaluationPeriods: 10, Dimensions });
  });

  test.each([
    [
      5,
      'MAX([IF(FILL(requests0, 0) >= 50, 100 * FILL(failed0, 0) / FILL(requests0, 1), 0), ' +
        'IF(FILL(requests1, 0) >= 50, 100 * FILL(failed1, 0) / FILL(requests1, 1), 0)])',
      ['RequestCount', 'HTTPCode_Target_5XX_Count', 'RequestCount', 'HTTPCode_Target_5XX_Count'],
    ],
    [
      1,
      'MAX([IF(FILL(requests0, 0) >= 50, FILL(time0, 0), 0), IF(FILL(requests1, 0) >= 50, FILL(time1, 0), 0)])',
      ['RequestCount', 'TargetResponseTime', 'RequestCount', 'TargetResponseTime'],
    ],
    [0, 'MAX([FILL(group0, 0), FILL(group1, 0)])', ['UnHealthyHostCount', 'UnHealthyHostCount']],
  ])('ask the worse of two target groups that take turns, above %d', (Threshold, Expression, names) => {
    alarms(TWO).template.hasResourceProperties(ALARM, {
      Threshold,
      EvaluateLowSampleCountPercentile: Match.absent(),
      Metrics: [
        Match.objectLike({ Expression, ReturnData: true }),
        ...names.map((MetricName) =>
          Match.objectLike({ MetricStat: Match.objectLike({ Metric: Match.objectLike({ MetricName }) }), ReturnData: false }),
        ),
      ],
    });
  });

  test('pass every pack', () => {
    expect(everyPack(alarms(TWO).made)).toEqual({ open: [], unused: [] });
  });
});
