import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as actions from 'aws-cdk-lib/aws-cloudwatch-actions';
import type * as sns from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';

/** Sends an alarm, and its end, to a topic, where there is one. */
export function tellTopic(alarm: cloudwatch.AlarmBase, topic: sns.ITopic | undefined): void {
  if (!topic) return;
  alarm.addAlarmAction(new actions.SnsAction(topic));
  alarm.addOkAction(new actions.SnsAction(topic));
}

/** An alarm on what is too high, unless the options say otherwise; silence is none. It is told to a topic, where there is one. */
export function toldAlarm(
  scope: Construct,
  id: string,
  topic: sns.ITopic | undefined,
  metric: cloudwatch.IMetric,
  options: cloudwatch.CreateAlarmOptions,
): cloudwatch.Alarm {
  const alarm = new cloudwatch.Alarm(scope, id, {
    metric,
    comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
    treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
    ...options,
  });
  tellTopic(alarm, topic);
  return alarm;
}
