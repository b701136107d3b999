import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as ecs from 'aws-cdk-lib/aws-ecs';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';

/** A service in a cluster with Container Insights, and the fewest tasks that scaling leaves running. */
interface Watched {
  readonly service: ecs.FargateService;
  readonly minTasks: number;
}

/** What a deploy that cannot start its tasks looks like until the circuit breaker rolls it back, and Spot that has none to give. */
export function tooFewTasks({ service, minTasks }: Watched): cloudwatch.AlarmProps {
  return {
    alarmDescription:
      'Fewer tasks than the least that scaling leaves ran for ten minutes: see in the events of the service why they stop',
    metric: new cloudwatch.Metric({
      namespace: 'ECS/ContainerInsights',
      metricName: 'RunningTaskCount',
      dimensionsMap: { ClusterName: service.cluster.clusterName, ServiceName: service.serviceName },
      statistic: cloudwatch.Stats.AVERAGE,
      period: Duration.minutes(1),
    }),
    threshold: minTasks,
    comparisonOperator: cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
    evaluationPeriods: 10,
    // A service that tells nothing runs nothing.
    treatMissingData: cloudwatch.TreatMissingData.BREACHING,
  };
}

/** The part of a load balancer's metrics, or of a target group's, that counts requests. */
export type CountsRequests = Pick<elbv2.IApplicationLoadBalancerMetrics, 'requestCount' | 'httpCodeTarget'>;

/** Percent of the requests that the service itself failed; 0 while there are fewer requests than `least` in a period. */
export function failedShare(
  metrics: CountsRequests,
  least: number,
  { period }: { readonly period: Duration },
): cloudwatch.MathExpression {
  return new cloudwatch.MathExpression({
    expression: `IF(requests >= ${least}, 100 * FILL(failed, 0) / requests, 0)`,
    label: 'failed requests, percent',
    usingMetrics: {
      requests: metrics.requestCount({ statistic: cloudwatch.Stats.SUM }),
      failed: metrics.httpCodeTarget(elbv2.HttpCodeTarget.TARGET_5XX_COUNT, { statistic: cloudwatch.Stats.SUM }),
    },
    period,
  });
}
