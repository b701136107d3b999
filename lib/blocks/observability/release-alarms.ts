import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Construct } from 'constructs';
import type { AlarmTopic } from '../operations/alarm-topic';
import { worstFailedShare, worstResponseTime } from '../operations/target-metrics';

/** Properties of ReleaseAlarms. */
export interface ReleaseAlarmsProps {
  /** Name of their load balancer, as `app/NAME/ID`. */
  readonly loadBalancerFullName: string;
  /** The target groups between which a release shifts the traffic. */
  readonly targets: elbv2.IApplicationTargetGroup[];
}

/**
 * What ends a release and sends everybody back to the old tasks: requests of one service that fail or are slow, old tasks and new ones
 * looked at apart. They hang on the target groups and not on the service, which hangs on them.
 *
 * They tell from 20 requests a minute on, for the new tasks too: a canary of 10 % is judged where the service gets 200 a minute.
 */
export class ReleaseAlarms extends Construct {
  /** More than one request in twenty failed, in two of three minutes (the share at which the site's own alarm rings). */
  public readonly errors: cloudwatch.Alarm;
  /** One request in twenty took more than a second, for three minutes (seed: over one second is a reason to climb). */
  public readonly slow: cloudwatch.Alarm;

  constructor(scope: Construct, id: string, { loadBalancerFullName, targets: groups }: ReleaseAlarmsProps) {
    super(scope, id);
    const targets = { loadBalancerFullName, groups };
    const common = {
      comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
      treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
    };
    this.errors = new cloudwatch.Alarm(this, 'Errors', {
      ...common,
      alarmDescription: 'Old or new tasks of a service fail more than 5 % of their requests: a release under way goes back',
      metric: worstFailedShare(targets),
      threshold: 5,
      evaluationPeriods: 3,
      datapointsToAlarm: 2,
    });
    this.slow = new cloudwatch.Alarm(this, 'Slow', {
      ...common,
      alarmDescription:
        'One request in twenty to old or new tasks of a service takes over a second: a release under way goes back',
      metric: worstResponseTime(targets),
      threshold: 1,
      evaluationPeriods: 3,
    });
  }

  /** Tells people, too. */
  public notify(alarmTopic: AlarmTopic): void {
    alarmTopic.notify(this.errors);
    alarmTopic.notify(this.slow);
  }
}
