import { Duration, Token } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { toldAlarm } from '../operations/told-alarm';
import { AuroraSecondary } from './aurora-secondary';
import { DatabaseRole, type MeasuredDatabase } from './measured-database';

/** Properties of DatabaseAlarms. */
export interface DatabaseAlarmsProps {
  /** Database to watch. */
  readonly database: MeasuredDatabase;
  /** @default - nobody is told */
  readonly alarmTopic?: sns.ITopic;
}

const BYTES_PER_ACU = 2 * 1024 ** 3;
const ONE_MINUTE = Duration.minutes(1);

/** What an alarm waits for: so many of the last minutes. */
const MINUTES_5_OF_5 = { evaluationPeriods: 5, datapointsToAlarm: 5 };
const MINUTES_12_OF_15 = { evaluationPeriods: 15, datapointsToAlarm: 12 };

/**
 * Alarms on a database, each on the instance that is worst off: every instance reports once a minute, so the maximum (or minimum) of
 * a minute is one instance's, while an average over several would hide it.
 *
 * Silence is no alarm: a database that is gone shows at the service and the site, and one that sleeps at 0 ACU says nothing.
 * Thresholds are ours where no source is named. A missing backup has no alarm, because CloudWatch has no metric of it: Aurora backs up
 * without pause, and `LatestRestorableTime` of `aws rds describe-db-clusters` tells how far.
 *
 * 0.10 USD a month each at list price, six of them, seven with a reader.
 */
export class DatabaseAlarms extends Construct {
  /** An instance computes more than 80 % of what it could at its largest capacity. */
  public readonly cpu: cloudwatch.Alarm;
  /** An instance has grown to 95 % of its largest capacity: it cannot grow much more. */
  public readonly capacity: cloudwatch.Alarm;
  /** An instance has 80 % of the connections it takes; not where the capacity is not known yet. */
  public readonly connections?: cloudwatch.Alarm;
  /** An instance would have less than a tenth of its memory left even at its largest capacity; not where that is not known yet. */
  public readonly memory?: cloudwatch.Alarm;
  /** A reader is more than a second behind the writer, or a further Region more than ten; not without a reader. */
  public readonly lag?: cloudwatch.Alarm;
  /** More than about one deadlock a minute. */
  public readonly deadlocks: cloudwatch.Alarm;
  /** Half of the transaction ids are used up: a vacuum does not get through, and in the end PostgreSQL takes no writes. */
  public readonly transactionIds: cloudwatch.Alarm;

  constructor(scope: Construct, id: string, props: DatabaseAlarmsProps) {
    super(scope, id);
    const { database } = props;
    const { maxConnections } = database.capacity;
    const worst = { period: ONE_MINUTE, statistic: cloudwatch.Stats.MAXIMUM };
    this.cpu = this.alarm('Cpu', props, database.metricCpuUtilization(worst), {
      ...MINUTES_12_OF_15,
      alarmDescription:
        'An instance of the database computes more than 80 % of what it could: find the slow statements, or raise its size',
      threshold: 80,
    });
    this.capacity = this.alarm('Capacity', props, database.metricAcuUtilization(worst), {
      ...MINUTES_12_OF_15,
      alarmDescription: 'An instance of the database is at its largest capacity: raise its size',
      threshold: 95,
    });
    if (maxConnections !== undefined) {
      this.connections = this.alarm('Connections', props, database.metricDatabaseConnections(worst), {
        ...MINUTES_5_OF_5,
        alarmDescription: `More than 80 % of the ${maxConnections} connections of a database instance: use smaller pools, a proxy or a larger size`,
        threshold: Math.floor(0.8 * maxConnections),
      });
    }
    if (!Token.isUnresolved(database.capacity.maxCapacity)) {
      const least = { period: ONE_MINUTE, statistic: cloudwatch.Stats.MINIMUM };
      this.memory = this.alarm('Memory', props, database.metricFreeableMemory(least), {
        ...MINUTES_12_OF_15,
        alarmDescription: 'An instance of the database is short of memory even at its largest capacity: raise its size',
        threshold: 0.1 * database.capacity.maxCapacity * BYTES_PER_ACU,
        comparisonOperator: cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
      });
    }
    this.lag = this.lagAlarm(props);
    this.deadlocks = this.alarm(
      'Deadlocks',
      props,
      database.metricDeadlocks({ period: Duration.minutes(5) }, DatabaseRole.WRITER),
      {
        alarmDescription: 'Transactions of the product wait for one another: the log of the database names them',
        // Deadlocks a second.
        threshold: 1 / 60,
        evaluationPeriods: 3,
      },
    );
    this.transactionIds = this.alarm('TransactionIds', props, database.metricTransactionIdsUsed({ period: Duration.hours(1) }), {
      alarmDescription:
        'No vacuum gets through the database: look for an old transaction or a replication slot that nobody reads',
      // Of 2,147 million; PostgreSQL vacuums from 200 million on (autovacuum_freeze_max_age).
      threshold: 1_000_000_000,
      evaluationPeriods: 1,
    });
  }

  private lagAlarm(props: DatabaseAlarmsProps): cloudwatch.Alarm | undefined {
    const { database } = props;
    if (database instanceof AuroraSecondary) {
      return this.alarm('Lag', props, database.metricGlobalReplicationLag({ period: ONE_MINUTE }), {
        ...MINUTES_5_OF_5,
        alarmDescription: 'The database of this Region is more than 10 s behind the primary Region',
        threshold: 10_000,
      });
    }
    if (database.readers === 0) return undefined;
    return this.alarm('Lag', props, database.metricReplicaLag({ period: ONE_MINUTE }), {
      ...MINUTES_5_OF_5,
      // Usually much less than 100 ms (Aurora user guide, replication with Aurora).
      alarmDescription:
        'A reader of the database is more than a second behind the writer: it has too little capacity, or the writer too much to write',
      threshold: 1000,
    });
  }

  private alarm(
    id: string,
    { alarmTopic }: DatabaseAlarmsProps,
    metric: cloudwatch.Metric,
    options: cloudwatch.CreateAlarmOptions,
  ): cloudwatch.Alarm {
    return toldAlarm(this, id, alarmTopic, metric, options);
  }
}
