import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import type { DatabaseSize } from './database-size';

/** Which instances of a cluster a metric is of. */
export enum DatabaseRole {
  /** The one that takes writes. */
  WRITER = 'WRITER',
  /** All that only read. */
  READER = 'READER',
}

/**
 * What an Aurora cluster tells of itself (Aurora user guide, CloudWatch metrics for Amazon Aurora).
 *
 * Without a role a metric is of all instances together: its average hides one that suffers, its maximum does not.
 */
export abstract class MeasuredDatabase extends Construct {
  /** Value of the metric dimension `DBClusterIdentifier`. */
  public abstract readonly clusterIdentifier: string;
  /** How far every instance scales. */
  public abstract readonly capacity: DatabaseSize;
  /** Instances that only read. */
  public abstract readonly readers: number;

  /**
   * Processor use, percent of what an instance has at its largest capacity, average over 5 minutes.
   * @param role - of all instances if not given
   */
  public metricCpuUtilization(props?: cloudwatch.MetricOptions, role?: DatabaseRole): cloudwatch.Metric {
    return this.metric('CPUUtilization', 'Average', props, role);
  }

  /**
   * Client connections of an instance, average over 5 minutes.
   * @param role - of all instances if not given
   */
  public metricDatabaseConnections(props?: cloudwatch.MetricOptions, role?: DatabaseRole): cloudwatch.Metric {
    return this.metric('DatabaseConnections', 'Average', props, role);
  }

  /** Lag of the slowest reader of this Region behind the writer, milliseconds, maximum over 5 minutes. No data without a reader. */
  public metricReplicaLag(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('AuroraReplicaLagMaximum', 'Maximum', props);
  }

  /**
   * Capacity in use, ACU, average over 5 minutes.
   * @param role - of all instances if not given
   */
  public metricServerlessCapacity(props?: cloudwatch.MetricOptions, role?: DatabaseRole): cloudwatch.Metric {
    return this.metric('ServerlessDatabaseCapacity', 'Average', props, role);
  }

  /**
   * Capacity in use, percent of the largest, average over 5 minutes: at 100 an instance cannot grow any more.
   * @param role - of all instances if not given
   */
  public metricAcuUtilization(props?: cloudwatch.MetricOptions, role?: DatabaseRole): cloudwatch.Metric {
    return this.metric('ACUUtilization', 'Average', props, role);
  }

  /**
   * Memory that would be left at the largest capacity, bytes, minimum over 5 minutes.
   * @param role - of all instances if not given
   */
  public metricFreeableMemory(props?: cloudwatch.MetricOptions, role?: DatabaseRole): cloudwatch.Metric {
    return this.metric('FreeableMemory', 'Minimum', props, role);
  }

  /**
   * Local disk left for sorts, temporary tables and logs, bytes, minimum over 5 minutes. It grows with the capacity; the data is
   * elsewhere, in the cluster's storage.
   * @param role - of all instances if not given
   */
  public metricFreeLocalStorage(props?: cloudwatch.MetricOptions, role?: DatabaseRole): cloudwatch.Metric {
    return this.metric('FreeLocalStorage', 'Minimum', props, role);
  }

  /**
   * Deadlocks a second, average over 5 minutes.
   * @param role - of all instances if not given, and then readers, which have none, lower the average
   */
  public metricDeadlocks(props?: cloudwatch.MetricOptions, role?: DatabaseRole): cloudwatch.Metric {
    return this.metric('Deadlocks', 'Average', props, role);
  }

  /** Transaction ids used since the oldest row was frozen, maximum over 5 minutes: PostgreSQL stops writing near 2,147 million. */
  public metricTransactionIdsUsed(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('MaximumUsedTransactionIDs', 'Maximum', props);
  }

  /** Size of the data, bytes, average over 5 minutes. */
  public metricVolumeBytesUsed(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('VolumeBytesUsed', 'Average', props);
  }

  /**
   * Time a commit takes, milliseconds, average over 5 minutes.
   * @param role - of all instances if not given
   */
  public metricCommitLatency(props?: cloudwatch.MetricOptions, role?: DatabaseRole): cloudwatch.Metric {
    return this.metric('CommitLatency', 'Average', props, role);
  }

  private metric(
    metricName: string,
    statistic: string,
    props?: cloudwatch.MetricOptions,
    role?: DatabaseRole,
  ): cloudwatch.Metric {
    const dimensionsMap = { DBClusterIdentifier: this.clusterIdentifier, ...(role && { Role: role }) };
    return new cloudwatch.Metric({ namespace: 'AWS/RDS', metricName, dimensionsMap, statistic, ...props }).attachTo(this);
  }
}
