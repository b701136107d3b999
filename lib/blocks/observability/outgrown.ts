import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as ecs from 'aws-cdk-lib/aws-ecs';
import { DatabaseRole, type MeasuredDatabase } from '../data/measured-database';
import { type ClimbSignal, SUSTAINED } from './climb-signals';
import type { IDistantLatency } from './distant-latency';

/** What one server tells about its size. */
export interface OutgrownServerProps {
  /** CPU that the database uses, in percent. */
  readonly databaseCpu: cloudwatch.Metric;
  /** What 19 of 20 requests took at most, in seconds. */
  readonly responseTime: cloudwatch.Metric;
}

/** When one server has become too small (seed: "Database CPU consistently > 50%", "Response times creeping over 1 second"). */
export function outgrownServer({ databaseCpu, responseTime }: OutgrownServerProps): ClimbSignal[] {
  return [
    {
      id: 'DatabaseCpu',
      description: 'the database used more than 50 % of the CPU; time for several servers and a managed database with a reader',
      metric: databaseCpu.with({ period: SUSTAINED, statistic: cloudwatch.Stats.AVERAGE }),
      threshold: 50,
    },
    {
      id: 'ResponseTime',
      description: 'one request in twenty took more than a second; time for several servers and a managed database with a reader',
      // Not the slowest five minutes of an hour: those of a deploy would do.
      metric: responseTime.with({ period: SUSTAINED, statistic: cloudwatch.Stats.AVERAGE }),
      threshold: 1,
    },
  ];
}

/**
 * When a database with readers has become too small (seed: "Read replica at capacity", "Single PostgreSQL instance hitting limits"; the
 * numbers are ours, those of the database's own alarms, which ring after minutes while these ring after hours).
 *
 * The readers count by their CPU, which Aurora gives in percent of the largest capacity (Aurora user guide, important metrics for
 * Aurora Serverless v2), and not by their capacity: one that may take over keeps the writer's, busy or not. The writer counts by its
 * capacity, which memory drives too.
 */
export function outgrownDatabase(database: MeasuredDatabase): ClimbSignal[] {
  const { WRITER, READER } = DatabaseRole;
  const hourly = { period: SUSTAINED, statistic: cloudwatch.Stats.AVERAGE };
  const { maxConnections } = database.capacity;
  const signals: ClimbSignal[] = [
    {
      id: 'WriterNearLimit',
      description:
        'the writer used more than 90 % of its largest capacity; raise its size, or take work off it at the next stage',
      metric: database.metricAcuUtilization(hourly, WRITER),
      threshold: 90,
    },
  ];
  if (database.readers > 0) {
    signals.unshift(
      {
        id: 'ReaderAtCapacity',
        description:
          'the readers used more than 80 % of their largest CPU; the next stage adds one, and a store for each kind of question',
        metric: database.metricCpuUtilization(hourly, READER),
        threshold: 80,
      },
      {
        id: 'ReplicaLag',
        description: 'the slowest reader was more than a second behind the writer; it does not keep up with what is written',
        metric: database.metricReplicaLag(hourly),
        threshold: 1000,
      },
    );
  }
  if (maxConnections !== undefined) {
    signals.push({
      id: 'Connections',
      description: `an instance had more than 80 % of its ${maxConnections} connections open; the next stage puts a proxy before them`,
      metric: database.metricDatabaseConnections({ ...hourly, statistic: cloudwatch.Stats.MAXIMUM }),
      threshold: Math.floor(0.8 * maxConnections),
    });
  }
  return signals;
}

/** The services of a product that has taken none out of its core but those of the seed: core, workers, and three beside them. */
const SERVICES_BEFORE = 5;

/** When there are so many services that they want a platform and its people (seed: "Need for more than 2-3 services"). */
export function outgrownTeam(cluster: ecs.ICluster): ClimbSignal {
  return {
    id: 'Services',
    description: `there were more than ${SERVICES_BEFORE} services, so more than three beside core and workers; time for a team that runs the platform`,
    // One of the metrics of a cluster itself (Container Insights, Amazon ECS metrics).
    metric: new cloudwatch.Metric({
      namespace: 'ECS/ContainerInsights',
      metricName: 'ServiceCount',
      dimensionsMap: { ClusterName: cluster.clusterName },
      statistic: cloudwatch.Stats.AVERAGE,
      period: SUSTAINED,
    }),
    threshold: SERVICES_BEFORE,
  };
}

/**
 * When one Region is too far from its users (seed: "Single region latency issues for global users"; the next stage is to answer everybody
 * in 100 ms, so three times that is the number here, which is ours).
 */
export function outgrownRegion(latency: IDistantLatency): ClimbSignal {
  return {
    id: 'FarUsers',
    description:
      'one continent waited more than 300 ms for an answer; if the access logs show users there, time for a Region near them',
    metric: latency.metricFarthest({ period: SUSTAINED }),
    threshold: 300,
  };
}
