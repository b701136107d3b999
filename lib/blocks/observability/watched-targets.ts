import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';

/** The tasks of a service as a load balancer sees them, by the names that CloudWatch has for both. */
export interface WatchedTargets {
  /** As `app/NAME/ID`. */
  readonly loadBalancerFullName: string;
  /** As `targetgroup/NAME/ID`: one, or two that take turns. */
  readonly targetGroupFullNames: string[];
}

/**
 * A metric of one of the target groups. The L2's take the name of the load balancer out of an ARN, which another stack may only hand over
 * whole.
 */
export function targetMetric(
  { loadBalancerFullName, targetGroupFullNames }: WatchedTargets,
  index: number,
  metricName: string,
  options?: cloudwatch.MetricOptions,
): cloudwatch.Metric {
  return new cloudwatch.Metric({
    namespace: 'AWS/ApplicationELB',
    metricName,
    dimensionsMap: { LoadBalancer: loadBalancerFullName, TargetGroup: targetGroupFullNames[index] },
    ...options,
  });
}
