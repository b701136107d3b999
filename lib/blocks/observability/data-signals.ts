import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type { MeasuredCache } from '../data/measured-cache';
import { DatabaseRole, type MeasuredDatabase } from '../data/measured-database';
import { type GoldenSignals, percentiles } from './golden-signals';

const FIVE_MINUTES = { period: Duration.minutes(5) };

/** An Aurora cluster. Amazon RDS publishes averages of a minute and no percentiles, so average and slowest minute stand here. */
export function databaseSignals(database: MeasuredDatabase): GoldenSignals {
  const hasReaders = database.readers > 0;
  const { WRITER, READER } = DatabaseRole;
  const throughput = new cloudwatch.Metric({
    namespace: 'AWS/RDS',
    metricName: 'CommitThroughput',
    dimensionsMap: { DBClusterIdentifier: database.clusterIdentifier, Role: WRITER },
    label: 'commits a second',
    ...FIVE_MINUTES,
  });
  return {
    tier: 'Database',
    latency: {
      metrics: [
        database.metricCommitLatency({ label: 'commit, average' }, WRITER),
        database.metricCommitLatency({ label: 'commit, slowest minute', statistic: cloudwatch.Stats.MAXIMUM }, WRITER),
        ...(hasReaders ? [database.metricReplicaLag({ label: 'readers behind the writer' })] : []),
      ],
      unit: 'milliseconds',
    },
    traffic: {
      metrics: [throughput, database.metricDatabaseConnections({ label: 'connections' }, WRITER)],
      unit: 'commits a second, connections',
    },
    errors: { metrics: [database.metricDeadlocks({ label: 'deadlocks' })], unit: 'a second' },
    saturation: {
      metrics: [
        database.metricAcuUtilization({ label: 'capacity of the writer' }, WRITER),
        ...(hasReaders ? [database.metricCpuUtilization({ label: 'CPU of the readers' }, READER)] : []),
      ],
      limit: 80,
      unit: 'percent of the largest',
    },
  };
}

/**
 * A cache: its fullest and its busiest node, and the answers of the first shard's first node. Percentiles come from Valkey 7.2 on (AWS
 * database blog, monitor server-side latency for Amazon ElastiCache for Valkey).
 */
export function cacheSignals(cache: MeasuredCache): GoldenSignals {
  const metric = (metricName: string, label: string, statistic: string) =>
    new cloudwatch.Metric({
      namespace: 'AWS/ElastiCache',
      metricName,
      label,
      statistic,
      dimensionsMap: { CacheClusterId: cache.nodeId(1, 1) },
      ...FIVE_MINUTES,
    });
  const { SUM, AVERAGE } = cloudwatch.Stats;
  return {
    tier: 'Cache',
    latency: { metrics: percentiles(metric('SuccessfulReadRequestLatency', 'reads', AVERAGE)), unit: 'microseconds of a read' },
    traffic: {
      metrics: [metric('GetTypeCmds', 'reads', SUM), metric('SetTypeCmds', 'writes', SUM)],
      unit: 'commands in 5 minutes',
    },
    errors: {
      metrics: [cache.metricAllEvictions(), metric('AuthenticationFailures', 'logins refused', SUM)],
      unit: 'in 5 minutes',
    },
    saturation: {
      metrics: [cache.metricHighestMemoryUsage(), cache.metricHighestEngineCpuUtilization()],
      limit: 80,
      unit: 'percent',
    },
  };
}
