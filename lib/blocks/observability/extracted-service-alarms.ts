import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { tellTopic } from '../operations/told-alarm';
import type { ReleaseAlarms } from './release-alarms';
import { tooFewTasks } from './service-alarm-parts';
import type { WatchedService } from './service-alarms';
import { targetMetric, type WatchedTargets } from './watched-targets';

const FIVE_MINUTES = { period: Duration.minutes(5) };
const { GREATER_THAN_THRESHOLD } = cloudwatch.ComparisonOperator;
const { NOT_BREACHING } = cloudwatch.TreatMissingData;

/** Properties of ExtractedServiceAlarms. */
export interface ExtractedServiceAlarmsProps extends WatchedService {
  /** @default - no load balancer sends it requests */
  readonly targets?: WatchedTargets;
  /** What ends its releases, and tells people here too. @default - its releases roll */
  readonly releases?: ReleaseAlarms;
  readonly alarmTopic: sns.ITopic;
}

/**
 * Alarms on one service beside the core, which may share its load balancer and be of another stack: what it fails, how long it takes, how many
 * tasks it has, and what they use. Of two target groups that take turns, the worse counts. What others of the mesh ask of it no alarm
 * looks at here, since how many errors are many depends on who calls: `meshSignals` shows it.
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
    const { releases } = props;
    for (const alarm of releases ? [releases.errors, releases.slow] : []) this.tell(alarm);
  }

  private watchRequests(targets: WatchedTargets): void {
    this.alarm('Errors', {
      alarmDescription: 'The service failed more than 5 % of the requests in ten of fifteen minutes: see its log',
      metric: failedShare(targets),
      threshold: 5,
      comparisonOperator: GREATER_THAN_THRESHOLD,
      evaluationPeriods: 3,
      datapointsToAlarm: 2,
      treatMissingData: NOT_BREACHING,
    });
    this.alarm('Slow', {
      alarmDescription: 'One request in twenty took longer than a second for a quarter of an hour: see the log of the service',
      ...slowness(targets),
      threshold: 1,
      comparisonOperator: GREATER_THAN_THRESHOLD,
      evaluationPeriods: 3,
      treatMissingData: NOT_BREACHING,
    });
    this.alarm('UnhealthyTasks', {
      alarmDescription:
        'A task has failed its health checks for ten minutes and is not replaced: see its log, or the last deploy',
      metric: unhealthyTasks(targets),
      threshold: 0,
      comparisonOperator: GREATER_THAN_THRESHOLD,
      // A task that scaling or a deploy has just started may fail a few.
      evaluationPeriods: 10,
      treatMissingData: NOT_BREACHING,
    });
  }

  private alarm(id: string, props: cloudwatch.AlarmProps): void {
    this.tell(new cloudwatch.Alarm(this, id, props));
  }

  private tell(alarm: cloudwatch.Alarm): void {
    tellTopic(alarm, this.topic);
    this.alarms.push(alarm);
  }
}

/** Requests in five minutes below which a share of them says nothing. */
const ENOUGH = 50;

/** Percent of the requests that the service itself failed, in the target group where most did. */
function failedShare(targets: WatchedTargets): cloudwatch.IMetric {
  const usingMetrics: { [id: string]: cloudwatch.IMetric } = {};
  const sum = { ...FIVE_MINUTES, statistic: cloudwatch.Stats.SUM };
  const shares = targets.targetGroupFullNames.map((_, index) => {
    usingMetrics[`requests${index}`] = targetMetric(targets, index, 'RequestCount', sum);
    usingMetrics[`failed${index}`] = targetMetric(targets, index, 'HTTPCode_Target_5XX_Count', sum);
    // The group whose turn it is not tells nothing.
    return `IF(FILL(requests${index}, 0) >= ${ENOUGH}, 100 * FILL(failed${index}, 0) / FILL(requests${index}, 1), 0)`;
  });
  return largest(shares, usingMetrics, { ...FIVE_MINUTES, label: 'failed requests, percent' });
}

/** Seconds that one request in twenty takes longer than: of a handful at night, one slow request would be that one. */
function slowness(targets: WatchedTargets): Pick<cloudwatch.AlarmProps, 'metric' | 'evaluateLowSampleCountPercentile'> {
  const time = { ...FIVE_MINUTES, statistic: cloudwatch.Stats.percentile(95) };
  const { targetGroupFullNames } = targets;
  if (targetGroupFullNames.length === 1) {
    return { metric: targetMetric(targets, 0, 'TargetResponseTime', time), evaluateLowSampleCountPercentile: 'ignore' };
  }
  const usingMetrics: { [id: string]: cloudwatch.IMetric } = {};
  const times = targetGroupFullNames.map((_, index) => {
    const sum = { ...FIVE_MINUTES, statistic: cloudwatch.Stats.SUM };
    usingMetrics[`requests${index}`] = targetMetric(targets, index, 'RequestCount', sum);
    usingMetrics[`time${index}`] = targetMetric(targets, index, 'TargetResponseTime', time);
    return `IF(FILL(requests${index}, 0) >= ${ENOUGH}, FILL(time${index}, 0), 0)`;
  });
  return { metric: largest(times, usingMetrics, { ...FIVE_MINUTES, label: 'response time, seconds' }) };
}

function unhealthyTasks(targets: WatchedTargets): cloudwatch.IMetric {
  const period = Duration.minutes(1);
  const metrics = targets.targetGroupFullNames.map((_, index) =>
    targetMetric(targets, index, 'UnHealthyHostCount', { period, statistic: cloudwatch.Stats.MAXIMUM }),
  );
  if (metrics.length === 1) return metrics[0];
  const usingMetrics = Object.fromEntries(metrics.map((metric, index) => [`group${index}`, metric]));
  const filled = Object.keys(usingMetrics).map((id) => `FILL(${id}, 0)`);
  return largest(filled, usingMetrics, { period, label: 'unhealthy tasks' });
}

function largest(
  of: string[],
  usingMetrics: { [id: string]: cloudwatch.IMetric },
  options: { readonly period: Duration; readonly label: string },
): cloudwatch.IMetric {
  const expression = of.length === 1 ? of[0] : `MAX([${of.join(', ')}])`;
  return new cloudwatch.MathExpression({ expression, usingMetrics, ...options });
}
