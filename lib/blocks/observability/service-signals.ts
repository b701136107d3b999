import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as ecs from 'aws-cdk-lib/aws-ecs';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { type GoldenSignals, percentiles, type Signal } from './golden-signals';
import { targetMetric, type WatchedTargets } from './watched-targets';

const FIVE_MINUTES = { period: Duration.minutes(5) };

/** A service behind a load balancer. */
export interface ServiceSignalsProps {
  readonly loadBalancer: elbv2.IApplicationLoadBalancer;
  readonly service: ecs.FargateService;
}

/** A load balancer and the service behind it. */
export function serviceSignals({ loadBalancer, service }: ServiceSignalsProps): GoldenSignals {
  const { metrics } = loadBalancer;
  const count = (metric: cloudwatch.Metric, label: string) =>
    metric.with({ statistic: cloudwatch.Stats.SUM, label, ...FIVE_MINUTES });
  return {
    tier: 'Load balancer and service',
    latency: { metrics: percentiles(metrics.targetResponseTime(FIVE_MINUTES)), limit: 1, unit: 'seconds' },
    traffic: { metrics: [count(metrics.requestCount(), 'requests')], unit: 'requests in 5 minutes' },
    errors: {
      metrics: [
        count(metrics.httpCodeTarget(elbv2.HttpCodeTarget.TARGET_5XX_COUNT), 'of the service'),
        count(metrics.httpCodeElb(elbv2.HttpCodeElb.ELB_5XX_COUNT), 'of the load balancer'),
        count(metrics.rejectedConnectionCount(), 'connections rejected'),
      ],
      unit: 'in 5 minutes',
    },
    saturation: fullness(service),
  };
}

/** A service beside the core. */
export interface ExtractedServiceSignalsProps {
  /** As people call it. */
  readonly name: string;
  readonly service: ecs.FargateService;
  /** @default - no load balancer sends it requests */
  readonly targets?: WatchedTargets;
}

/** A service beside the core: what users ask of it, in one target group or two that take turns, and its tasks. */
export function extractedServiceSignals({ name, service, targets }: ExtractedServiceSignalsProps): GoldenSignals {
  const count = (metricName: string): cloudwatch.Metric[] => {
    const groups = targets?.targetGroupFullNames ?? [];
    const label = (index: number) => (groups.length === 1 ? 'requests' : `target group ${index + 1}`);
    return groups.map((_, index) =>
      targetMetric(targets!, index, metricName, { statistic: cloudwatch.Stats.SUM, label: label(index), ...FIVE_MINUTES }),
    );
  };
  const times = targets?.targetGroupFullNames.flatMap((_, index) =>
    percentiles(targetMetric(targets, index, 'TargetResponseTime', FIVE_MINUTES)),
  );
  const none = 'no user reaches it through the load balancer';
  return {
    tier: `Service ${name}`,
    latency: targets ? { metrics: times, limit: 1, unit: 'seconds' } : { unit: none },
    traffic: targets ? { metrics: count('RequestCount'), unit: 'requests in 5 minutes' } : { unit: none },
    errors: targets ? { metrics: count('HTTPCode_Target_5XX_Count'), unit: 'in 5 minutes' } : { unit: none },
    saturation: fullness(service),
  };
}

function fullness(service: ecs.FargateService): Signal {
  return {
    metrics: [
      service.metricCpuUtilization({ ...FIVE_MINUTES, label: 'CPU' }),
      service.metricMemoryUtilization({ ...FIVE_MINUTES, label: 'memory' }),
    ],
    limit: 85,
    unit: 'percent',
  };
}

/** What works off a queue. */
export interface WorkerSignalsProps {
  /** @default 'Workers and queue' */
  readonly tier?: string;
  /** @default - the workers are on the server */
  readonly service?: ecs.FargateService;
  readonly queue: sqs.IQueue;
  /** Where jobs go that failed too often. */
  readonly deadLetterQueue: sqs.IQueue;
}

/** The workers and their queue: waiting is their latency, the backlog their saturation. */
export function workerSignals({ tier, service, queue, deadLetterQueue }: WorkerSignalsProps): GoldenSignals {
  const greatest = { statistic: cloudwatch.Stats.MAXIMUM, ...FIVE_MINUTES };
  return {
    tier: tier ?? 'Workers and queue',
    latency: {
      metrics: [queue.metricApproximateAgeOfOldestMessage({ ...greatest, label: 'oldest job' })],
      unit: 'seconds',
    },
    traffic: {
      metrics: [
        queue.metricNumberOfMessagesSent({ statistic: cloudwatch.Stats.SUM, ...FIVE_MINUTES, label: 'arrived' }),
        queue.metricNumberOfMessagesDeleted({ statistic: cloudwatch.Stats.SUM, ...FIVE_MINUTES, label: 'done' }),
      ],
      unit: 'jobs in 5 minutes',
    },
    errors: {
      metrics: [deadLetterQueue.metricApproximateNumberOfMessagesVisible({ ...greatest, label: 'failed for good' })],
      unit: 'jobs',
    },
    saturation: {
      metrics: [
        queue.metricApproximateNumberOfMessagesVisible({ ...greatest, label: 'waiting jobs' }),
        ...(service ? [service.metricCpuUtilization({ ...FIVE_MINUTES, label: 'CPU of the workers, percent' })] : []),
      ],
      unit: service ? 'jobs, percent' : 'jobs',
    },
  };
}
