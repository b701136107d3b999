import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import type { AlarmTopic } from '../operations/alarm-topic';
import type { Firewall } from './firewall';

/** Properties of EdgeAlarms. */
export interface EdgeAlarmsProps {
  readonly distributionId: string;
  /**
   * Whether the distribution counts cache hits; without, there is no alarm on them.
   * @default false
   */
  readonly additionalMetrics?: boolean;
  /**
   * The firewall before it, in the same stack or another of us-east-1.
   * @default - no alarm on what is refused
   */
  readonly firewall?: Firewall;
  readonly alarmTopic: AlarmTopic;
}

/** Percent of the requests that a content delivery network should answer by itself (seed: CDN hit rate over 80 %). */
const HIT_RATE = 80;

/** Requests an hour, below which a rate says little. */
const ENOUGH_REQUESTS = 1000;

/** Requests in five minutes, refused, below which nobody is called: scanners come by every day. */
const MANY_REFUSED = 1000;

/** Percent refused, above which it is an attack, or a rule that stops the product's own users. */
const REFUSED_RATE = 20;

/**
 * Alarms on what happens at the edge. In us-east-1 only, where the metrics of CloudFront and of its firewalls are.
 *
 * The hit rate is that of everything that could be cached, answers of the application among it; a product whose answers are all
 * made for one user lowers the threshold: `(cacheHitRate.node.defaultChild as CfnAlarm).threshold`.
 */
export class EdgeAlarms extends Construct {
  /** For three hours the edge had less than 80 percent of what it was asked for. */
  public readonly cacheHitRate?: cloudwatch.Alarm;
  /** For 15 minutes more than 20 percent of many requests were refused. */
  public readonly refusals?: cloudwatch.Alarm;

  constructor(scope: Construct, id: string, { distributionId, additionalMetrics, firewall, alarmTopic }: EdgeAlarmsProps) {
    super(scope, id);
    const ofDistribution = (metricName: string, statistic: string) =>
      new cloudwatch.Metric({
        namespace: 'AWS/CloudFront',
        metricName,
        dimensionsMap: { DistributionId: distributionId, Region: 'Global' },
        statistic,
        period: Duration.hours(1),
      });
    if (additionalMetrics) {
      this.cacheHitRate = new cloudwatch.MathExpression({
        expression: `IF(requests >= ${ENOUGH_REQUESTS}, hits)`,
        usingMetrics: {
          requests: ofDistribution('Requests', cloudwatch.Stats.SUM),
          hits: ofDistribution('CacheHitRate', cloudwatch.Stats.AVERAGE),
        },
        label: 'from the cache',
        period: Duration.hours(1),
      }).createAlarm(this, 'CacheHitRate', {
        alarmDescription: `CloudFront has less than ${HIT_RATE} % of what it is asked for: see which paths miss, and what Cache-Control they send`,
        comparisonOperator: cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
        threshold: HIT_RATE,
        evaluationPeriods: 3,
        treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
      });
      alarmTopic.notify(this.cacheHitRate);
    }
    if (!firewall) return;
    const period = Duration.minutes(5);
    // The metrics' own Region is the alarm's.
    const here = { period, region: undefined };
    this.refusals = new cloudwatch.MathExpression({
      expression: `IF(refused >= ${MANY_REFUSED}, 100 * refused / (refused + FILL(passed, 0)))`,
      usingMetrics: { refused: firewall.metricBlockedRequests(here), passed: firewall.metricAllowedRequests(here) },
      label: 'refused',
      period,
    }).createAlarm(this, 'Refusals', {
      alarmDescription: `The firewall refuses more than ${REFUSED_RATE} % of the requests: see its metrics by rule whether they are an attack or users`,
      threshold: REFUSED_RATE,
      comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: 3,
      treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
    });
    alarmTopic.notify(this.refusals);
  }
}
