import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { toldAlarm } from '../operations/told-alarm';
import type { WarehouseSize } from './warehouse-size';

/** Properties of WarehouseAlarms. */
export interface WarehouseAlarmsProps {
  /** Name of the workgroup. */
  readonly workgroupName: string;
  /** Name of the namespace. */
  readonly namespaceName: string;
  /** Size of the warehouse, with its limit for a day. */
  readonly size: WarehouseSize;
  /**
   * Id of the zero-ETL integration, the last part of its ARN.
   * @default - nothing is known of lag and tables
   */
  readonly integrationId?: string;
  /**
   * How far the warehouse may be behind the database.
   * @default Duration.minutes(30)
   */
  readonly maxLag?: Duration;
  /**
   * Data in GiB above which somebody shall look.
   * @default 1000 - 24 USD a month in us-east-1
   */
  readonly maxStorageGiB?: number;
  /** @default - nobody is told */
  readonly alarmTopic?: sns.ITopic;
}

/**
 * Alarms on a warehouse and on what feeds it (Amazon Redshift management guide: monitoring Redshift Serverless, metrics for zero-ETL
 * integrations). 0.10 USD a month each at list price, six of them. Thresholds are ours. Not verified against AWS.
 */
export class WarehouseAlarms extends Construct {
  /** Four fifths of what a day may compute are used: at all of it queries are refused. */
  public readonly dailyUse: cloudwatch.Alarm;
  /** The warehouse has worked at its largest for an hour. */
  public readonly capacity: cloudwatch.Alarm;
  /** Queries wait for others to end. */
  public readonly queued: cloudwatch.Alarm;
  /** There is more data than expected. */
  public readonly storage: cloudwatch.Alarm;
  /** The warehouse is behind the database. */
  public readonly lag?: cloudwatch.Alarm;
  /** A table could not be copied. */
  public readonly failedTables?: cloudwatch.Alarm;

  constructor(scope: Construct, id: string, props: WarehouseAlarmsProps) {
    super(scope, id);
    const { size, integrationId, maxLag = Duration.minutes(30), maxStorageGiB = 1000 } = props;
    const { MAXIMUM, SUM, MINIMUM } = cloudwatch.Stats;
    const metric = (namespace: string, dimensionsMap: { [name: string]: string }) => {
      return (metricName: string, statistic: string, period: Duration) =>
        new cloudwatch.Metric({ namespace, metricName, dimensionsMap, statistic, period });
    };
    const ofWorkgroup = metric('AWS/Redshift-Serverless', { Workgroup: props.workgroupName });
    const ofNamespace = metric('AWS/Redshift-Serverless', { Namespace: props.namespaceName });
    this.dailyUse = this.alarm('DailyUse', props, ofWorkgroup('ComputeSeconds', SUM, Duration.days(1)), {
      threshold: 0.8 * size.rpuHoursADay * 3600,
      evaluationPeriods: 1,
      alarmDescription: `The warehouse has used 80 % of its ${size.rpuHoursADay} RPU hours of a day; at 100 % it refuses queries until tomorrow: look for the query, or raise the limit`,
    });
    this.capacity = this.alarm('Capacity', props, ofWorkgroup('ComputeCapacity', MINIMUM, Duration.minutes(30)), {
      threshold: size.maxRpus,
      evaluationPeriods: 2,
      comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      alarmDescription: `The warehouse has worked at its largest, ${size.maxRpus} RPU, for an hour: look for the query, or raise maxRpus`,
    });
    this.queued = this.alarm('Queued', props, ofWorkgroup('QueriesQueued', MINIMUM, Duration.minutes(5)), {
      threshold: 0,
      evaluationPeriods: 3,
      alarmDescription: 'Queries to the warehouse have been waiting for others for a quarter of an hour',
    });
    this.storage = this.alarm('Storage', props, ofNamespace('DataStorage', MAXIMUM, Duration.hours(6)), {
      // Megabytes.
      threshold: maxStorageGiB * 1024,
      evaluationPeriods: 1,
      alarmDescription: `The warehouse holds more than ${maxStorageGiB} GiB: copy fewer tables, or raise maxStorageGiB`,
    });
    if (integrationId === undefined) return;
    const ofIntegration = metric('AWS/Redshift', { IntegrationId: integrationId });
    this.lag = this.alarm('Lag', props, ofIntegration('IntegrationLag', MAXIMUM, Duration.minutes(5)), {
      threshold: maxLag.toSeconds(),
      evaluationPeriods: 3,
      alarmDescription: `The warehouse is more than ${maxLag.toMinutes()} minutes behind the database: read the state of the zero-ETL integration`,
    });
    const failed = ofIntegration('IntegrationNumTablesFailedReplication', MAXIMUM, Duration.minutes(5));
    this.failedTables = this.alarm('FailedTables', props, failed, {
      threshold: 0,
      evaluationPeriods: 3,
      alarmDescription:
        'A table is not copied to the warehouse: SVV_INTEGRATION_TABLE_STATE says why (a missing primary key is the usual cause)',
    });
  }

  private alarm(
    id: string,
    { alarmTopic }: WarehouseAlarmsProps,
    metric: cloudwatch.Metric,
    options: cloudwatch.CreateAlarmOptions,
  ): cloudwatch.Alarm {
    // A warehouse that nobody asks sleeps and says nothing.
    return toldAlarm(this, id, alarmTopic, metric, options);
  }
}
