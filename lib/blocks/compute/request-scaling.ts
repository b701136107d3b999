import { Duration } from 'aws-cdk-lib';
import * as appscaling from 'aws-cdk-lib/aws-applicationautoscaling';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { Construct } from 'constructs';

/**
 * Keeps the requests that each task answers in a minute at a number.
 *
 * Of a service whose releases shift traffic, ALBRequestCountPerTarget sees one target group only, the one that may be empty since the
 * last release (ECS developer guide, target tracking: it is not supported for blue/green). So both are asked, and the busier counts.
 *
 * @param targets its target group, or the two that take turns
 * @param loadBalancer what they belong to, where that is known
 */
export function trackRequestsPerTask(
  scope: Construct,
  scalingTarget: appscaling.ScalableTarget,
  targets: elbv2.ApplicationTargetGroup[],
  requestsPerMinute: number,
  loadBalancer?: elbv2.IApplicationLoadBalancer,
): appscaling.TargetTrackingScalingPolicy {
  // Not `scaleOnRequestCount`, and not below the service, either of which depends on the listener twice (cfn-lint W3005).
  const policy = new appscaling.TargetTrackingScalingPolicy(scope, 'Requests', {
    scalingTarget,
    predefinedMetric: appscaling.PredefinedMetric.ALB_REQUEST_COUNT_PER_TARGET,
    resourceLabel: `${targets[0].firstLoadBalancerFullName}/${targets[0].targetGroupFullName}`,
    targetValue: requestsPerMinute,
    scaleInCooldown: Duration.minutes(5),
    scaleOutCooldown: Duration.minutes(1),
  });
  // The same resource either way, so that the change is an update in place; CDK's target tracking takes no metric math.
  if (targets.length > 1) {
    (policy.node.defaultChild as appscaling.CfnScalingPolicy).targetTrackingScalingPolicyConfiguration = {
      targetValue: requestsPerMinute,
      scaleInCooldown: 300,
      scaleOutCooldown: 60,
      customizedMetricSpecification: { metrics: busierOf(targets, nameOf(targets[0], loadBalancer)) },
    };
  }
  return policy;
}

/** As it says it itself: a target group takes it out of the ARN of its listener, in thirty lines of a template. */
function nameOf(targetGroup: elbv2.ApplicationTargetGroup, loadBalancer?: elbv2.IApplicationLoadBalancer): string {
  return loadBalancer instanceof elbv2.ApplicationLoadBalancer
    ? loadBalancer.loadBalancerFullName
    : targetGroup.firstLoadBalancerFullName;
}

function busierOf(
  targets: elbv2.ApplicationTargetGroup[],
  loadBalancerName: string,
): appscaling.CfnScalingPolicy.TargetTrackingMetricDataQueryProperty[] {
  return [
    ...targets.map((targetGroup, index) => ({
      id: `group${index}`,
      label: `Requests for each task in target group ${index + 1}`,
      returnData: false,
      metricStat: {
        stat: 'Sum',
        metric: {
          namespace: 'AWS/ApplicationELB',
          metricName: 'RequestCountPerTarget',
          dimensions: [
            { name: 'LoadBalancer', value: loadBalancerName },
            { name: 'TargetGroup', value: targetGroup.targetGroupFullName },
          ],
        },
      },
    })),
    {
      id: 'busier',
      label: 'Requests for each task in the busier target group',
      returnData: true,
      expression: `MAX([${targets.map((_, index) => `FILL(group${index}, 0)`).join(', ')}])`,
    },
  ];
}
