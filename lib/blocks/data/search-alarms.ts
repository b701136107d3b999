import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { toldAlarm } from '../operations/told-alarm';
import type { ISearchDomain } from './existing-search-domain';

/** Properties of SearchAlarms. */
export interface SearchAlarmsProps {
  /** Domain to watch; its size must be known. */
  readonly domain: ISearchDomain;
  /** @default - nobody is told */
  readonly alarmTopic?: sns.ITopic;
}

const MASTERS = 3;
const ONE_MINUTE = Duration.minutes(1);
const FIVE_MINUTES = Duration.minutes(5);
const { GREATER_THAN_OR_EQUAL_TO_THRESHOLD, LESS_THAN_OR_EQUAL_TO_THRESHOLD, LESS_THAN_THRESHOLD } =
  cloudwatch.ComparisonOperator;

/**
 * Alarms on a search domain, with the thresholds that AWS recommends (OpenSearch Service developer guide, recommended CloudWatch
 * alarms) for its nodes. 0.10 USD a month each at list price, thirteen of them.
 */
export class SearchAlarms extends Construct {
  /** A primary shard is on no node: part of an index neither answers nor takes documents. */
  public readonly red: cloudwatch.Alarm;
  /** A copy of a shard has been missing for a quarter of an hour. */
  public readonly yellow: cloudwatch.Alarm;
  /** A node has less than a quarter of its disk left. */
  public readonly freeStorage: cloudwatch.Alarm;
  /** No document is taken any more, for want of disk or memory. */
  public readonly writesBlocked: cloudwatch.Alarm;
  /** Fewer nodes than there should be, for an hour. */
  public readonly nodes: cloudwatch.Alarm;
  /** A node cannot reach the master. */
  public readonly masterUnreachable: cloudwatch.Alarm;
  /** The hourly snapshot failed. */
  public readonly snapshotFailure: cloudwatch.Alarm;
  /** The data nodes compute more than 80 % of what they can. */
  public readonly cpu: cloudwatch.Alarm;
  /** The data nodes run out of heap. */
  public readonly jvmPressure: cloudwatch.Alarm;
  /** The master nodes compute more than half of what they can. */
  public readonly masterCpu: cloudwatch.Alarm;
  /** The master nodes run out of heap. */
  public readonly masterJvmPressure: cloudwatch.Alarm;
  /** The key of the domain cannot be used. */
  public readonly key: cloudwatch.Alarm;
  /** More than a tenth of all requests failed. */
  public readonly serverErrors: cloudwatch.Alarm;

  constructor(scope: Construct, id: string, props: SearchAlarmsProps) {
    super(scope, id);
    const { domain } = props;
    const max = (name: string, period = ONE_MINUTE) => domain.metric(name, { period, statistic: cloudwatch.Stats.MAXIMUM });
    const min = (name: string, period = ONE_MINUTE) => domain.metric(name, { period, statistic: cloudwatch.Stats.MINIMUM });
    const atLeast = (name: string, metric: cloudwatch.IMetric, threshold: number, times: number, alarmDescription: string) =>
      this.alarm(name, props, metric, {
        threshold,
        evaluationPeriods: times,
        alarmDescription,
        comparisonOperator: GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      });
    this.red = atLeast(
      'Red',
      max('ClusterStatus.red'),
      1,
      1,
      'A part of a search index is on no node: restore it from a snapshot',
    );
    this.yellow = atLeast(
      'Yellow',
      max('ClusterStatus.yellow'),
      1,
      15,
      'A copy of a search index has been missing for 15 minutes: look for a lost node or a full disk',
    );
    this.freeStorage = this.alarm('FreeStorage', props, min('FreeStorageSpace'), {
      // Megabytes of the node with the least.
      threshold: 0.25 * domain.size.volumeGiB * 1024,
      evaluationPeriods: 1,
      comparisonOperator: LESS_THAN_OR_EQUAL_TO_THRESHOLD,
      alarmDescription: `A search node has less than a quarter of its ${domain.size.volumeGiB} GiB left: delete old indexes, or raise volumeGiB`,
    });
    this.writesBlocked = atLeast(
      'WritesBlocked',
      max('ClusterIndexWritesBlocked', FIVE_MINUTES),
      1,
      1,
      'The search domain takes no documents: it lacks disk or memory',
    );
    const expected = domain.dataNodes + MASTERS;
    this.nodes = this.alarm('Nodes', props, min('Nodes', Duration.minutes(15)), {
      threshold: expected,
      evaluationPeriods: 4,
      comparisonOperator: LESS_THAN_THRESHOLD,
      alarmDescription: `The search domain has had fewer than its ${expected} nodes for an hour`,
    });
    this.masterUnreachable = this.alarm('MasterUnreachable', props, max('MasterReachableFromNode', ONE_MINUTE), {
      threshold: 1,
      evaluationPeriods: 5,
      comparisonOperator: LESS_THAN_THRESHOLD,
      alarmDescription: 'A node of the search domain cannot reach the master: nothing of the cluster can be changed',
    });
    this.snapshotFailure = atLeast(
      'SnapshotFailure',
      max('AutomatedSnapshotFailure'),
      1,
      1,
      'The search domain could not be saved: a red index is the usual cause',
    );
    this.cpu = atLeast(
      'Cpu',
      max('CPUUtilization', Duration.minutes(15)),
      80,
      3,
      'The search nodes compute more than 80 % of what they can: find slow queries in the search log, or raise the size',
    );
    this.jvmPressure = atLeast(
      'JvmPressure',
      max('JVMMemoryPressure'),
      95,
      3,
      'The search nodes run out of memory: use fewer shards, or raise the size',
    );
    this.masterCpu = atLeast(
      'MasterCpu',
      max('MasterCPUUtilization', Duration.minutes(15)),
      50,
      3,
      'The master nodes of the search domain have too much to do: use fewer shards, or raise masterNodeType',
    );
    this.masterJvmPressure = atLeast(
      'MasterJvmPressure',
      max('MasterJVMMemoryPressure'),
      95,
      3,
      'The master nodes of the search domain run out of memory: use fewer shards, or raise masterNodeType',
    );
    this.key = this.alarm(
      'Key',
      props,
      new cloudwatch.MathExpression({
        expression: 'MAX([failing, gone])',
        label: 'Key not usable',
        period: ONE_MINUTE,
        usingMetrics: { failing: max('KMSKeyError'), gone: max('KMSKeyInaccessible') },
      }),
      {
        threshold: 1,
        evaluationPeriods: 1,
        comparisonOperator: GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        alarmDescription:
          'The key of the search domain cannot be used: enable it again, for after a week without it the domain is lost',
      },
    );
    const sum = (name: string) => domain.metric(name, { period: FIVE_MINUTES, statistic: cloudwatch.Stats.SUM });
    this.serverErrors = this.alarm(
      'ServerErrors',
      props,
      new cloudwatch.MathExpression({
        expression: 'IF(requests > 0, 100 * errors / requests, 0)',
        label: 'Requests that failed, percent',
        period: FIVE_MINUTES,
        usingMetrics: { errors: sum('5xx'), requests: sum('OpenSearchRequests') },
      }),
      {
        threshold: 10,
        evaluationPeriods: 3,
        comparisonOperator: GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        alarmDescription: 'A tenth of all requests to the search domain fails: it has too much to do',
      },
    );
  }

  private alarm(
    id: string,
    { alarmTopic }: SearchAlarmsProps,
    metric: cloudwatch.IMetric,
    options: cloudwatch.CreateAlarmOptions,
  ): cloudwatch.Alarm {
    // Silence is no alarm: a domain that is gone shows at the services that ask it.
    return toldAlarm(this, id, alarmTopic, metric, options);
  }
}
