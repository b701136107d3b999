import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';

const MINUTE = Duration.minutes(1);
const { MAXIMUM, SUM } = cloudwatch.Stats;

/** Requests a minute below which a share or a percentile of them says nothing. */
const ENOUGH = 20;

/** Where a load balancer finds the tasks of a service. */
export interface Targets {
  /** What they belong to, or */
  readonly loadBalancer?: elbv2.IApplicationLoadBalancer;
  /** its name, where the load balancer is of another stack. */
  readonly loadBalancerFullName?: string;
  /** One target group, or two that take turns. */
  readonly groups: elbv2.IApplicationTargetGroup[];
}

/**
 * Healthy targets of a service, whichever of its target groups they are in: releases that shift traffic leave them in the one or the
 * other. A group without targets may tell nothing, which counts as none.
 */
export function healthyTargets(targets: Targets): cloudwatch.IMetric {
  return inAll(targets, 'healthy tasks', 'HealthyHostCount');
}

/** Unhealthy targets of a service, whichever of its target groups they are in. */
export function unhealthyTargets(targets: Targets): cloudwatch.IMetric {
  return inAll(targets, 'unhealthy tasks', 'UnHealthyHostCount');
}

/**
 * Percent of the requests that failed in the target group where most did; 0 where a group got fewer than 20 in a minute. Of a canary
 * that gets a tenth of the traffic, half the requests failing are a twentieth of all: so each group is looked at alone.
 */
export function worstFailedShare(targets: Targets): cloudwatch.IMetric {
  const usingMetrics: { [id: string]: cloudwatch.IMetric } = {};
  const shares = targets.groups.map((group, index) => {
    usingMetrics[`requests${index}`] = metricOf(targets, group, 'RequestCount', { statistic: SUM });
    usingMetrics[`failed${index}`] = metricOf(targets, group, 'HTTPCode_Target_5XX_Count', { statistic: SUM });
    return `IF(FILL(requests${index}, 0) >= ${ENOUGH}, 100 * FILL(failed${index}, 0) / FILL(requests${index}, 1), 0)`;
  });
  return largest('failed requests, percent', shares, usingMetrics);
}

/** Seconds that one request in twenty takes longer than, in the slower target group; 0 where a group got fewer than 20 in a minute. */
export function worstResponseTime(targets: Targets): cloudwatch.IMetric {
  const usingMetrics: { [id: string]: cloudwatch.IMetric } = {};
  const times = targets.groups.map((group, index) => {
    usingMetrics[`requests${index}`] = metricOf(targets, group, 'RequestCount', { statistic: SUM });
    usingMetrics[`time${index}`] = metricOf(targets, group, 'TargetResponseTime', { statistic: cloudwatch.Stats.percentile(95) });
    return `IF(FILL(requests${index}, 0) >= ${ENOUGH}, FILL(time${index}, 0), 0)`;
  });
  return largest('response time, seconds', times, usingMetrics);
}

function inAll(targets: Targets, label: string, metricName: string): cloudwatch.IMetric {
  const { groups } = targets;
  const most = { statistic: MAXIMUM, period: MINUTE };
  if (groups.length === 1) return groups[0].metrics.custom(metricName, most);
  const usingMetrics = Object.fromEntries(
    groups.map((group, index) => [`group${index}`, metricOf(targets, group, metricName, most)]),
  );
  const expression = Object.keys(usingMetrics)
    .map((id) => `FILL(${id}, 0)`)
    .join(' + ');
  return new cloudwatch.MathExpression({ expression, label, usingMetrics, period: MINUTE });
}

/**
 * With the name of the load balancer as it says it itself. A target group takes it out of the ARN of its listener, in thirty lines of a
 * template for each metric.
 */
function metricOf(
  { loadBalancer, loadBalancerFullName }: Targets,
  group: elbv2.IApplicationTargetGroup,
  metricName: string,
  options: cloudwatch.MetricOptions,
): cloudwatch.Metric {
  const own = loadBalancer instanceof elbv2.ApplicationLoadBalancer ? loadBalancer.loadBalancerFullName : undefined;
  const LoadBalancer = loadBalancerFullName ?? own;
  if (LoadBalancer === undefined || !(group instanceof elbv2.ApplicationTargetGroup)) {
    return group.metrics.custom(metricName, options);
  }
  const dimensionsMap = { TargetGroup: group.targetGroupFullName, LoadBalancer };
  return new cloudwatch.Metric({ namespace: 'AWS/ApplicationELB', metricName, dimensionsMap, ...options });
}

function largest(label: string, of: string[], usingMetrics: { [id: string]: cloudwatch.IMetric }): cloudwatch.IMetric {
  const expression = of.length === 1 ? of[0] : `MAX([${of.join(', ')}])`;
  return new cloudwatch.MathExpression({ expression, label, usingMetrics, period: MINUTE });
}
