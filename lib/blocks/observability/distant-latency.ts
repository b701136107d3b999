import { Stack, Token } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as route53 from 'aws-cdk-lib/aws-route53';
import { Construct, type IConstruct } from 'constructs';

/** Where Route 53 publishes what its checkers measure, wherever the site is (Route 53 developer guide, monitoring health checks). */
const METRICS_REGION = 'us-east-1';

/** All places from which Route 53 asks, by the continent they stand for; there is none in Africa (Route 53 API, HealthCheckConfig). */
const CHECKERS: { [continent: string]: string[] } = {
  'North America': ['us-east-1', 'us-west-1', 'us-west-2'],
  'South America': ['sa-east-1'],
  Europe: ['eu-west-1'],
  Asia: ['ap-northeast-1', 'ap-southeast-1'],
  Oceania: ['ap-southeast-2'],
};

/** Properties of a DistantLatency. */
export interface DistantLatencyProps {
  /** Name of the site. */
  readonly domainName: string;
  /**
   * Path to ask for; one that no cache answers, or the cache is what is measured.
   * @default /
   */
  readonly path?: string;
}

/** Latency from afar that is measured already. */
export interface IDistantLatency extends IConstruct {
  readonly healthCheckId: string;
  /** Milliseconds until the first byte of the answer, seen from each continent. */
  metricsByContinent(props?: cloudwatch.MetricOptions): cloudwatch.IMetric[];
  /** Milliseconds until the first byte of the answer, seen from the farthest continent. */
  metricFarthest(props?: cloudwatch.MetricOptions): cloudwatch.IMetric;
}

abstract class MeasuredFromAfar extends Construct implements IDistantLatency {
  public abstract readonly healthCheckId: string;

  /** Milliseconds until the first byte of the answer, seen from each continent, in the order of their names. */
  public metricsByContinent(props?: cloudwatch.MetricOptions): cloudwatch.IMetric[] {
    return Object.entries(CHECKERS).map(([label, regions]) => this.slowestOf(label, regions, props));
  }

  /** Milliseconds until the first byte of the answer, seen from the farthest continent. */
  public metricFarthest(props?: cloudwatch.MetricOptions): cloudwatch.IMetric {
    return this.slowestOf('farthest continent', Object.values(CHECKERS).flat(), props);
  }

  private slowestOf(label: string, regions: string[], props?: cloudwatch.MetricOptions): cloudwatch.IMetric {
    const metrics = regions.map((region) => this.metricFrom(region, props));
    if (metrics.length === 1) return metrics[0].with({ label });
    // One id for one metric, for all lines of a graph.
    const usingMetrics = Object.fromEntries(
      metrics.map((metric, index) => [`from_${regions[index].replaceAll('-', '_')}`, metric]),
    );
    return new cloudwatch.MathExpression({
      expression: `MAX([${Object.keys(usingMetrics).join(', ')}])`,
      usingMetrics,
      label,
      period: metrics[0].period,
      searchRegion: this.elsewhere,
    });
  }

  private metricFrom(checker: string, props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return new cloudwatch.Metric({
      namespace: 'AWS/Route53',
      metricName: 'TimeToFirstByte',
      dimensionsMap: { HealthCheckId: this.healthCheckId, Region: checker },
      statistic: cloudwatch.Stats.AVERAGE,
      region: this.elsewhere,
      ...props,
    });
  }

  /** A metric of the stack's own Region names none. */
  private get elsewhere(): string | undefined {
    const { region } = Stack.of(this);
    return Token.isUnresolved(region) || region !== METRICS_REGION ? METRICS_REGION : undefined;
  }
}

/**
 * How long the site takes to answer seen from every continent: a Route 53 health check that measures latency, asked from eight Regions
 * every 30 seconds, about half a request a second in all. 2.50 USD a month: 0.50 for the check, 1 each for HTTPS and latency, to an
 * endpoint in AWS (Amazon Route 53 pricing). It decides nothing: no record depends on it.
 *
 * It is a measure of the way and of the site, not of the users: whether anybody is there, the access logs say. Its metrics are in
 * us-east-1: a dashboard shows them from anywhere, an alarm must be there. Not verified against AWS.
 */
export class DistantLatency extends MeasuredFromAfar {
  /** Measurements of a health check that measures latency from every place, to be read in another stack. */
  public static fromHealthCheckId(scope: Construct, id: string, healthCheckId: string): IDistantLatency {
    class Known extends MeasuredFromAfar {
      public readonly healthCheckId = healthCheckId;
    }
    return new Known(scope, id);
  }

  public readonly healthCheck: route53.HealthCheck;
  public readonly healthCheckId: string;

  constructor(scope: Construct, id: string, props: DistantLatencyProps) {
    super(scope, id);
    this.healthCheck = new route53.HealthCheck(this, 'HealthCheck', {
      type: route53.HealthCheckType.HTTPS,
      fqdn: props.domainName,
      port: 443,
      resourcePath: props.path ?? '/',
      enableSNI: true,
      // Can never be switched on later (Route 53 developer guide, monitoring latency).
      measureLatency: true,
      regions: Object.values(CHECKERS).flat(),
    });
    this.healthCheckId = this.healthCheck.healthCheckId;
  }
}
