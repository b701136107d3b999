import { Duration } from 'aws-cdk-lib';
import * as appscaling from 'aws-cdk-lib/aws-applicationautoscaling';
import type { Construct } from 'constructs';
import type { WatchedTargets } from '../observability/watched-targets';

/**
 * Keeps the requests that each task answers in a minute at a number.
 *
 * Of a service whose releases shift traffic, ALBRequestCountPerTarget sees one target group only, the one that may be empty since the
 * last release (ECS developer guide, target tracking: it is not supported for blue/green). So both are asked, and the busier counts.
 *
 * @param watched its target group, or the two that take turns
 */
export function trackRequestsPerTask(
  scope: Construct,
  scalingTarget: appscaling.ScalableTarget,
  watched: WatchedTargets,
  requestsPerMinute: number,
): appscaling.TargetTrackingScalingPolicy {
  // Not `scaleOnRequestCount`, and not below the service, either of which depends on the listener twice (cfn-lint W3005).
  const policy = new appscaling.TargetTrackingScalingPolicy(scope, 'Requests', {
    scalingTarget,
    predefinedMetric: appscaling.PredefinedMetric.ALB_REQUEST_COUNT_PER_TARGET,
    resourceLabel: `${watched.loadBalancerFullName}/${watched.targetGroupFullNames[0]}`,
    targetValue: requestsPerMinute,
    scaleInCooldown: Duration.minutes(5),
    scaleOutCooldown: Duration.minutes(1),
  });
  // The same resource either way, so that the change is an update in place; CDK's target tracking takes no metric math.
  if (watched.targetGroupFullNames.length > 1) {
    (policy.node.defaultChild as appscaling.CfnScalingPolicy).targetTrackingScalingPolicyConfiguration = {
      targetValue: requestsPerMinute,
      scaleInCooldown: 300,
      scaleOutCooldown: 60,
      customizedMetricSpecification: { metrics: busierOf(watched) },
    };
  }
  return policy;
}

function busierOf({
  loadBalancerFullName,
  targetGroupFullNames,
}: WatchedTargets): appscaling.CfnScalingPolicy.TargetTrackingMetricDataQueryProperty[] {
  return [
    ...targetGroupFullNames.map((targetGroup, index) => ({
      id: `group${index}`,
      label: `Requests for each task in target group ${index + 1}`,
      returnData: false,
      metricStat: {
        stat: 'Sum',
        metric: {
          namespace: 'AWS/ApplicationELB',
          metricName: 'RequestCountPerTarget',
          dimensions: [
            { name: 'LoadBalancer', value: loadBalancerFullName },
            { name: 'TargetGroup', value: targetGroup },
          ],
        },
      },
    })),
    {
      id: 'busier',
      label: 'Requests for each task in the busier target group',
      returnData: true,
      expression: `MAX([${targetGroupFullNames.map((_, index) => `FILL(group${index}, 0)`).join(', ')}])`,
    },
  ];
}
