import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { toldAlarm } from '../operations/told-alarm';
import type { DatabaseProxy } from './database-proxy';

/** Properties of ProxyAlarms. */
export interface ProxyAlarmsProps {
  /** Proxy to watch. */
  readonly proxy: DatabaseProxy;
  /** @default - nobody is told */
  readonly alarmTopic?: sns.ITopic;
}

/** Microseconds, in which RDS Proxy measures: a tenth of a second, ours. */
const SLOW_BORROW = 100_000;

/**
 * Alarms on a connection pool: a quarter of an hour with too few free connections, too many that are pinned, or waiting for one. Silence
 * is no alarm. Metrics and dimension as in the Aurora user guide (monitoring RDS Proxy); not verified against AWS.
 *
 * 0.10 USD a month for each metric, five of them.
 */
export class ProxyAlarms extends Construct {
  /** Four fifths of the connections that the proxy may open are in use. */
  public readonly use: cloudwatch.Alarm;
  /** Half of them are pinned, each to one client: it pools no more. */
  public readonly pinned: cloudwatch.Alarm;
  /** Clients wait more than a tenth of a second for a connection. */
  public readonly borrowLatency: cloudwatch.Alarm;

  constructor(scope: Construct, id: string, props: ProxyAlarmsProps) {
    super(scope, id);
    const { proxy } = props;
    this.use = this.alarm(props, proxy.metricPoolUse(), 'Use', {
      alarmDescription:
        'More than 80 % of the connections to the database are in use: shorten transactions, or raise the size of the database',
      threshold: 80,
    });
    this.pinned = this.alarm(props, proxy.metricPinnedShare(), 'Pinned', {
      alarmDescription:
        'Half of the connections to the database are pinned to one client each: its proxy log says which statements do it (SET, temporary tables, advisory locks)',
      threshold: 50,
    });
    this.borrowLatency = this.alarm(props, proxy.metricBorrowLatency(), 'BorrowLatency', {
      alarmDescription: 'Requests wait for a connection to the database: look for slow statements and pinned connections',
      threshold: SLOW_BORROW,
    });
  }

  private alarm(
    { alarmTopic }: ProxyAlarmsProps,
    metric: cloudwatch.Metric | cloudwatch.MathExpression,
    id: string,
    options: { alarmDescription: string; threshold: number },
  ): cloudwatch.Alarm {
    return toldAlarm(this, id, alarmTopic, metric, { evaluationPeriods: 3, ...options });
  }
}
