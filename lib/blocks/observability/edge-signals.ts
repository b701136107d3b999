import { Duration } from 'aws-cdk-lib';
import type * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { type GoldenSignals, percentiles } from './golden-signals';

/** What a tier at the edge is made of. */
export interface EdgeSignalsProps {
  readonly distribution: cloudfront.IDistribution;
  /** Whether the distribution publishes CloudFront's additional metrics: what the origin takes to answer, and the cache's hits. */
  readonly additionalMetrics: boolean;
}

/**
 * The edge. CloudFront publishes its metrics in us-east-1 only, wherever the product is: a dashboard shows them from anywhere, an
 * alarm must be there (CloudFront developer guide, viewing metrics). CloudFront itself is never full: its saturation is what it does
 * not keep away from the application.
 */
export function edgeSignals({ distribution, additionalMetrics }: EdgeSignalsProps): GoldenSignals {
  const metric = (metricName: string, label: string, statistic: string = cloudwatch.Stats.AVERAGE) =>
    new cloudwatch.Metric({
      namespace: 'AWS/CloudFront',
      metricName,
      label,
      statistic,
      dimensionsMap: { DistributionId: distribution.distributionId, Region: 'Global' },
      period: Duration.minutes(5),
      region: 'us-east-1',
    });
  return {
    tier: 'Edge',
    latency: additionalMetrics
      ? { metrics: percentiles(metric('OriginLatency', 'origin')), unit: 'milliseconds until the origin answered' }
      : { unit: 'not measured: switch on the additional metrics of the distribution' },
    traffic: { metrics: [metric('Requests', 'requests', cloudwatch.Stats.SUM)], unit: 'requests in 5 minutes' },
    errors: { metrics: [metric('4xxErrorRate', '4xx'), metric('5xxErrorRate', '5xx')], unit: 'percent of the requests' },
    saturation: additionalMetrics
      ? { metrics: [metric('CacheHitRate', 'from the cache')], unit: 'percent of the requests' }
      : { metrics: [metric('BytesDownloaded', 'to the users', cloudwatch.Stats.SUM)], unit: 'bytes in 5 minutes' },
  };
}
