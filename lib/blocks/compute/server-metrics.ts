import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';

/** Namespace of what the server reports about itself. */
export const METRIC_NAMESPACE = 'ScaleTiers';

/** What the server reports about itself each five minutes (watch.sh), named by its volume, which outlives every machine. */
export class ServerMetrics {
  constructor(private readonly volumeId: string) {}

  /** Share of the minutes in which the health check path answered: 0 to 1. */
  public up(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('Up', cloudwatch.Stats.AVERAGE, props);
  }

  /** Seconds within which 95 of 100 requests of five minutes were answered; nothing when nobody asked. */
  public responseTime(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('ResponseTime', cloudwatch.Stats.MAXIMUM, props);
  }

  /** How full the fuller of the data volume and the system's disk is, in percent. */
  public dataVolumeUsed(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('DataVolumeUsed', cloudwatch.Stats.MAXIMUM, props);
  }

  /** Memory in use, in percent. */
  public memoryUsed(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('MemoryUsed', cloudwatch.Stats.AVERAGE, props);
  }

  /** What PostgreSQL uses of all the processors, in percent. */
  public databaseCpu(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('DatabaseCpu', cloudwatch.Stats.AVERAGE, props);
  }

  /** Hours since the last dump that was read back whole. */
  public backupAge(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('BackupAge', cloudwatch.Stats.MAXIMUM, props);
  }

  /** Days until the certificate ends; 0 while there is none. */
  public certificateDays(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('CertificateDays', cloudwatch.Stats.MAXIMUM, props);
  }

  private metric(metricName: string, statistic: string, props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return new cloudwatch.Metric({
      namespace: METRIC_NAMESPACE,
      metricName,
      dimensionsMap: { Volume: this.volumeId },
      period: Duration.minutes(5),
      statistic,
      ...props,
    });
  }
}
