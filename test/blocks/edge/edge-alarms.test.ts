import { Match, Template } from 'aws-cdk-lib/assertions';
import { EdgeAlarms } from '../../../lib/blocks/edge/edge-alarms';
import { Firewall } from '../../../lib/blocks/edge/firewall';
import { AlarmTopic } from '../../../lib/blocks/operations/alarm-topic';
import { testStack } from '../../stacks';
import { everyPack } from '../every-pack';

const ALARM = 'AWS::CloudWatch::Alarm';

function alarms(whole = true): Template {
  const stack = testStack();
  new EdgeAlarms(stack, 'EdgeAlarms', {
    distributionId: 'E1EXAMPLE',
    alarmTopic: new AlarmTopic(stack, 'Alarms'),
    ...(whole && { additionalMetrics: true, firewall: new Firewall(stack, 'Firewall') }),
  });
  return Template.fromStack(stack);
}

const metric = (Id: string, Namespace: string, MetricName: string, Stat: string, Period: number, dimension: object) =>
  Match.objectLike({
    Id,
    ReturnData: false,
    MetricStat: { Metric: { Namespace, MetricName, Dimensions: Match.arrayWith([dimension]) }, Period, Stat },
  });

describe('the alarms of the edge', () => {
  test('ring when the cache had less than 80 percent for three hours, where there were enough requests to tell', () => {
    const distribution = { Name: 'DistributionId', Value: 'E1EXAMPLE' };
    alarms().hasResourceProperties(ALARM, {
      AlarmDescription: Match.stringLikeRegexp('less than 80 %'),
      ComparisonOperator: 'LessThanThreshold',
      Threshold: 80,
      EvaluationPeriods: 3,
      TreatMissingData: 'notBreaching',
      Metrics: [
        // Without a third argument there is no value, and so no alarm.
        Match.objectLike({ Expression: 'IF(requests >= 1000, hits)' }),
        metric('requests', 'AWS/CloudFront', 'Requests', 'Sum', 3600, distribution),
        metric('hits', 'AWS/CloudFront', 'CacheHitRate', 'Average', 3600, { Name: 'Region', Value: 'Global' }),
      ],
    });
  });

  test('ring when many requests are refused, and they are many of all', () => {
    const template = alarms();
    const [acl] = Object.values(template.findResources('AWS::WAFv2::WebACL'));
    const { MetricName } = acl.Properties.VisibilityConfig;
    template.hasResourceProperties(ALARM, {
      ComparisonOperator: 'GreaterThanThreshold',
      Threshold: 20,
      EvaluationPeriods: 3,
      TreatMissingData: 'notBreaching',
      Metrics: [
        Match.objectLike({ Expression: 'IF(refused >= 1000, 100 * refused / (refused + FILL(passed, 0)))' }),
        metric('refused', 'AWS/WAFV2', 'BlockedRequests', 'Sum', 300, { Name: 'WebACL', Value: MetricName }),
        metric('passed', 'AWS/WAFV2', 'AllowedRequests', 'Sum', 300, { Name: 'Rule', Value: 'ALL' }),
      ],
    });
  });

  test('tell people, and tell them when it is over', () => {
    const topic = [{ Ref: Match.stringLikeRegexp('^AlarmsTopic') }];
    alarms().allResourcesProperties(ALARM, { AlarmActions: topic, OKActions: topic });
  });

  test('read no metric of another Region, which no alarm can', () => {
    expect(JSON.stringify(alarms().findResources(ALARM))).not.toContain('"Region":"');
  });

  test('are not there for what is not measured', () => {
    alarms(false).resourceCountIs(ALARM, 0);
  });

  test('leave no pack anything to say', () => {
    const stack = testStack();
    const made = new EdgeAlarms(stack, 'EdgeAlarms', {
      distributionId: 'E1EXAMPLE',
      alarmTopic: new AlarmTopic(stack, 'Alarms'),
      additionalMetrics: true,
    });
    expect(everyPack(made)).toEqual({ open: [], unused: [] });
  });
});
