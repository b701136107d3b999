import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';

const MINUTE = Duration.minutes(1);
const { MAXIMUM, SUM } = cloudwatch.Stats;

/** Requests a minute below which a share or a percentile of them says nothing. */
const ENOUGH = 20;

/** Where a load balancer finds the tasks of a service. */
export interface Targets {
  readonly loadBalancer: elbv2.IApplicationLoadBalancer;
  /** One target group, or two that take turns. */
  readonly groups: elbv2.IApplicationTargetGroup[];
}

/**
 * Healthy targets of a service, whichever of its target groups they are in: releases that shift traffic leave them in the one or the
 * other. A group without targets may tell nothing, which counts as none.
 */
export function healthyTargets(targets: Targets): cloudwatch.IMetric {
  return inAll(targets, 'healthy tasks', ({ metrics }, of) =>
    metrics.healthyHostCount({ ...of, statistic: MAXIMUM, period: MINUTE }),
  );
}

/** Unhealthy targets of a service, whichever of its target groups they are in. */
export function unhealthyTargets(targets: Targets): cloudwatch.IMetric {
  return inAll(targets, 'unhealthy tasks', ({ metrics }, of) =>
    metrics.unhealthyHostCount({ ...of, statistic: MAXIMUM, period: MINUTE }),
  );
}

/**
 * Percent of the requests that failed in the target group where most did; 0 where a group got fewer than 20 in a minute. Of a canary
 * that gets a tenth of the traffic, half the requests failing are a twentieth of all: so each group is looked at alone.
 */
export function worstFailedShare(targets: Targets): cloudwatch.IMetric {
  const usingMetrics: { [id: string]: cloudwatch.IMetric } = {};
  const shares = targets.groups.map((group, index) => {
    const { metrics } = group;
    const of = dimensions(targets, group);
    usingMetrics[`requests${index}`] = metrics.requestCount({ ...of, statistic: SUM });
    usingMetrics[`failed${index}`] = metrics.httpCodeTarget(elbv2.HttpCodeTarget.TARGET_5XX_COUNT, { ...of, statistic: SUM });
    return `IF(FILL(requests${index}, 0) >= ${ENOUGH}, 100 * FILL(failed${index}, 0) / FILL(requests${index}, 1), 0)`;
  });
  return largest('failed requests, percent', shares, usingMetrics);
}

/** Seconds that one request in twenty takes longer than, in the slower target group; 0 where a group got fewer than 20 in a minute. */
export function worstResponseTime(targets: Targets): cloudwatch.IMetric {
  const usingMetrics: { [id: string]: cloudwatch.IMetric } = {};
  const times = targets.groups.map((group, index) => {
    const { metrics } = group;
    const of = dimensions(targets, group);
    usingMetrics[`requests${index}`] = metrics.requestCount({ ...of, statistic: SUM });
    usingMetrics[`time${index}`] = metrics.targetResponseTime({ ...of, statistic: cloudwatch.Stats.percentile(95) });
    return `IF(FILL(requests${index}, 0) >= ${ENOUGH}, FILL(time${index}, 0), 0)`;
  });
  return largest('response time, seconds', times, usingMetrics);
}

function inAll(
  targets: Targets,
  label: string,
  metricOf: (group: elbv2.IApplicationTargetGroup, of: cloudwatch.MetricOptions) => cloudwatch.Metric,
): cloudwatch.IMetric {
  const { groups } = targets;
  if (groups.length === 1) return metricOf(groups[0], {});
  const usingMetrics = Object.fromEntries(
    groups.map((group, index) => [`group${index}`, metricOf(group, dimensions(targets, group))]),
  );
  const expression = Object.keys(usingMetrics)
    .map((id) => `FILL(${id}, 0)`)
    .join(' + ');
  return new cloudwatch.MathExpression({ expression, label, usingMetrics, period: MINUTE });
}

/**
 * The name of the load balancer as it says it itself. A target group takes it out of the ARN of its listener, in thirty lines of a
 * template for each metric.
 */
function dimensions({ loadBalancer }: Targets, group: elbv2.IApplicationTargetGroup): cloudwatch.MetricOptions {
  if (!(loadBalancer instanceof elbv2.ApplicationLoadBalancer && group instanceof elbv2.ApplicationTargetGroup)) return {};
  return { dimensionsMap: { TargetGroup: group.targetGroupFullName, LoadBalancer: loadBalancer.loadBalancerFullName } };
}

function largest(label: string, of: string[], usingMetrics: { [id: string]: cloudwatch.IMetric }): cloudwatch.IMetric {
  const expression = of.length === 1 ? of[0] : `MAX([${of.join(', ')}])`;
  return new cloudwatch.MathExpression({ expression, label, usingMetrics, period: MINUTE });
}
