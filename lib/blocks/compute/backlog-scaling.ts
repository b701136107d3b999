import * as appscaling from 'aws-cdk-lib/aws-applicationautoscaling';
import type * as ecs from 'aws-cdk-lib/aws-ecs';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';

/** What the backlog per task is kept at, and of which service and queue. */
export interface BacklogScalingOptions {
  readonly service: ecs.FargateService;
  /** Scalable target of the service. */
  readonly scalingTarget: appscaling.IScalableTarget;
  readonly queue: sqs.IQueue;
  /** Waiting jobs for each running task. */
  readonly jobsPerTask: number;
}

/**
 * Keeps the waiting jobs for each running task at a number (Application Auto Scaling user guide, target tracking with metric math,
 * "Amazon SQS queue backlog per task"): a plain number of jobs would say too little at one task and too much at five.
 *
 * An L1, since CDK's target tracking takes no metric math. `RunningTaskCount` comes from Container Insights, which the cluster must
 * have on. Where no task runs, the backlog itself counts, so that a service which may go down to none comes back.
 */
export function trackBacklogPerTask(scope: Construct, id: string, options: BacklogScalingOptions): appscaling.CfnScalingPolicy {
  const { service, queue } = options;
  return new appscaling.CfnScalingPolicy(scope, id, {
    // Every scaling policy of this library is named after its logical id, by `nameScalingPolicies`.
    policyName: id,
    policyType: 'TargetTrackingScaling',
    scalingTargetId: options.scalingTarget.scalableTargetId,
    targetTrackingScalingPolicyConfiguration: {
      targetValue: options.jobsPerTask,
      // A job that has come counts at once; a worker that goes may come back in vain, so that takes its time.
      scaleOutCooldown: 60,
      scaleInCooldown: 300,
      customizedMetricSpecification: {
        metrics: [
          {
            id: 'waiting',
            label: 'Jobs that wait',
            returnData: false,
            metricStat: {
              stat: 'Maximum',
              metric: {
                namespace: 'AWS/SQS',
                metricName: 'ApproximateNumberOfMessagesVisible',
                dimensions: [{ name: 'QueueName', value: queue.queueName }],
              },
            },
          },
          {
            id: 'running',
            label: 'Tasks that run',
            returnData: false,
            metricStat: {
              stat: 'Average',
              metric: {
                namespace: 'ECS/ContainerInsights',
                metricName: 'RunningTaskCount',
                dimensions: [
                  { name: 'ClusterName', value: service.cluster.clusterName },
                  { name: 'ServiceName', value: service.serviceName },
                ],
              },
            },
          },
          {
            id: 'backlog',
            label: 'Jobs that wait for each task',
            returnData: true,
            expression: 'IF(FILL(running, 0) > 0, waiting / FILL(running, 0), waiting)',
          },
        ],
      },
    },
  });
}
