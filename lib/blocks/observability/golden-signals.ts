import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';

/** What one graph of a tier shows: metrics, or what a query finds in logs. */
export interface Signal {
  /**
   * Lines of the graph.
   * @default - none: a query, or only the text of `unit`
   */
  readonly metrics?: cloudwatch.IMetric[];
  /**
   * A CloudWatch Logs Insights query, drawn as lines over time. It reads the logs anew whenever somebody looks.
   * @default - none: metrics
   */
  readonly logQuery?: string;
  /**
   * Log groups the query reads.
   * @default - none
   */
  readonly logGroupNames?: string[];
  /**
   * Value from which on it gets tight, drawn as a line.
   * @default - none
   */
  readonly limit?: number;
  /** Unit of the values, such as `seconds` or `percent`; or why there is nothing to see. */
  readonly unit: string;
}

/** The four golden signals of one tier of a product: what to look at first when users complain. */
export interface GoldenSignals {
  /** Name of the tier, as people call it. */
  readonly tier: string;
  /** How long it takes. */
  readonly latency: Signal;
  /** How much is asked of it. */
  readonly traffic: Signal;
  /** How much fails. */
  readonly errors: Signal;
  /** How full it is. */
  readonly saturation: Signal;
}

/** Percentiles of a metric, as three lines: half of the requests, 19 of 20, 99 of 100. */
export function percentiles(metric: cloudwatch.Metric): cloudwatch.Metric[] {
  return ['p50', 'p95', 'p99'].map((statistic) => metric.with({ statistic, label: statistic }));
}
