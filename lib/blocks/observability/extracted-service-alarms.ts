import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as actions from 'aws-cdk-lib/aws-cloudwatch-actions';
import type * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { type CountsRequests, failedShare, tooFewTasks } from './service-alarm-parts';
import type { WatchedService } from './service-alarms';

const FIVE_MINUTES = { period: Duration.minutes(5) };
const { GREATER_THAN_THRESHOLD } = cloudwatch.ComparisonOperator;
const { NOT_BREACHING } = cloudwatch.TreatMissingData;

/** The tasks of a service as a load balancer sees them, by the names that CloudWatch has for both. */
export interface WatchedTargets {
  /** As `app/NAME/ID`. */
  readonly loadBalancerFullName: string;
  /** As `targetgroup/NAME/ID`. */
  readonly targetGroupFullName: string;
}

/** Properties of ExtractedServiceAlarms. */
export interface ExtractedServiceAlarmsProps extends WatchedService {
  /** @default - no load balancer sends it requests */
  readonly targets?: WatchedTargets;
  readonly alarmTopic: sns.ITopic;
}

/**
 * Alarms on one service beside the core, which may share its load balancer and be of another stack: what it fails, how long it takes, how many
 * tasks it has, and what they use. Of a service that only others of the mesh call, Service Connect measures requests and errors
 * (namespace `AWS/ECS`, dimension `DiscoveryName`), which no alarm looks at here: how many are many depends on who calls.
 */
export class ExtractedServiceAlarms extends Construct {
  public readonly alarms: cloudwatch.Alarm[] = [];
  private readonly topic: sns.ITopic;

  constructor(scope: Construct, id: string, props: ExtractedServiceAlarmsProps) {
    super(scope, id);
    this.topic = props.alarmTopic;
    const { service, targets } = props;
    this.alarm('TooFewTasks', tooFewTasks(props));
    const lasting = { comparisonOperator: GREATER_THAN_THRESHOLD, evaluationPeriods: 3, treatMissingData: NOT_BREACHING };
    this.alarm('Cpu', {
      alarmDescription:
        'The service used more than 85 % of its CPU for a quarter of an hour, though it scales: allow it more tasks',
      metric: service.metricCpuUtilization({ ...FIVE_MINUTES, statistic: cloudwatch.Stats.AVERAGE }),
      threshold: 85,
      ...lasting,
    });
    this.alarm('Memory', {
      alarmDescription: 'A task used more than 85 % of its memory for a quarter of an hour; at 100 % it is killed: give it more',
      metric: service.metricMemoryUtilization({ ...FIVE_MINUTES, statistic: cloudwatch.Stats.MAXIMUM }),
      threshold: 85,
      ...lasting,
    });
    if (targets) this.watchRequests(targets);
  }

  private watchRequests(targets: WatchedTargets): void {
    this.alarm('Errors', {
      alarmDescription: 'The service failed more than 5 % of the requests in ten of fifteen minutes: see its log',
      metric: failedShare(requestsOf(targets), 50, FIVE_MINUTES),
      threshold: 5,
      comparisonOperator: GREATER_THAN_THRESHOLD,
      evaluationPeriods: 3,
      datapointsToAlarm: 2,
      treatMissingData: NOT_BREACHING,
    });
    this.alarm('Slow', {
      alarmDescription: 'One request in twenty took longer than a second for a quarter of an hour: see the log of the service',
      metric: metric(targets, 'TargetResponseTime', { ...FIVE_MINUTES, statistic: cloudwatch.Stats.percentile(95) }),
      threshold: 1,
      comparisonOperator: GREATER_THAN_THRESHOLD,
      evaluationPeriods: 3,
      // Of a handful of requests at night, one slow one is the 95th percentile.
      evaluateLowSampleCountPercentile: 'ignore',
      treatMissingData: NOT_BREACHING,
    });
    this.alarm('UnhealthyTasks', {
      alarmDescription:
        'A task has failed its health checks for ten minutes and is not replaced: see its log, or the last deploy',
      metric: metric(targets, 'UnHealthyHostCount', { period: Duration.minutes(1), statistic: cloudwatch.Stats.MAXIMUM }),
      threshold: 0,
      comparisonOperator: GREATER_THAN_THRESHOLD,
      // A task that scaling or a deploy has just started may fail a few.
      evaluationPeriods: 10,
      treatMissingData: NOT_BREACHING,
    });
  }

  private alarm(id: string, props: cloudwatch.AlarmProps): void {
    const alarm = new cloudwatch.Alarm(this, id, props);
    alarm.addAlarmAction(new actions.SnsAction(this.topic));
    alarm.addOkAction(new actions.SnsAction(this.topic));
    this.alarms.push(alarm);
  }
}

function requestsOf(targets: WatchedTargets): CountsRequests {
  return {
    requestCount: (options) => metric(targets, 'RequestCount', options),
    httpCodeTarget: (code, options) => metric(targets, code, options),
  };
}

/** The L2's metrics of a target group take its load balancer's name out of an ARN, which another stack may only hand over whole. */
function metric(targets: WatchedTargets, metricName: string, options?: cloudwatch.MetricOptions): cloudwatch.Metric {
  return new cloudwatch.Metric({
    namespace: 'AWS/ApplicationELB',
    metricName,
    dimensionsMap: { LoadBalancer: targets.loadBalancerFullName, TargetGroup: targets.targetGroupFullName },
    ...options,
  });
}
