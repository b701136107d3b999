import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { tellTopic } from '../operations/told-alarm';

/** Properties of a ReplicationSlotAlarm. */
export interface ReplicationSlotAlarmProps {
  /** Identifier of the Aurora PostgreSQL cluster. */
  readonly clusterIdentifier: string;
  /**
   * GiB of log that may wait for the slowest reader of a replication slot, from 1 to 1000.
   * @default 10
   */
  readonly maxLagGiB?: number;
  /** @default - nobody is told */
  readonly alarmTopic?: sns.ITopic;
}

/**
 * Rings when somebody follows the log of a database too slowly, or not at all any more: a zero-ETL integration, a search pipeline. The
 * database keeps its log for every replication slot that exists, so a slot whose reader was deleted makes storage, and the
 * bill, grow without end. It stays when the reader goes, for that is when it is needed.
 *
 * What to do with a slot that nobody reads: `SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE NOT active`,
 * after a look at each of them.
 *
 * @throws if maxLagGiB is out of range
 */
export class ReplicationSlotAlarm extends Construct {
  public readonly alarm: cloudwatch.Alarm;

  constructor(scope: Construct, id: string, props: ReplicationSlotAlarmProps) {
    super(scope, id);
    const { clusterIdentifier, maxLagGiB = 10, alarmTopic } = props;
    if (!Number.isInteger(maxLagGiB) || maxLagGiB < 1 || maxLagGiB > 1000) {
      throw new Error(`maxLagGiB must be a whole number from 1 to 1000, got: ${maxLagGiB}`);
    }
    // Bytes (Aurora user guide, instance-level metrics, Aurora PostgreSQL).
    const lag = new cloudwatch.Metric({
      namespace: 'AWS/RDS',
      metricName: 'OldestReplicationSlotLag',
      dimensionsMap: { DBClusterIdentifier: clusterIdentifier },
      statistic: cloudwatch.Stats.MAXIMUM,
      period: Duration.minutes(5),
    });
    this.alarm = lag.createAlarm(this, 'Alarm', {
      alarmDescription: `More than ${maxLagGiB} GiB of the database's log wait for the reader of a replication slot: find out which (pg_replication_slots), and drop the slot if its reader is gone`,
      threshold: maxLagGiB * 1024 ** 3,
      comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: 3,
      // Without a slot there is no metric.
      treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
    });
    tellTopic(this.alarm, alarmTopic);
  }
}
