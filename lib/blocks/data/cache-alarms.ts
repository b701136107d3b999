import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as actions from 'aws-cdk-lib/aws-cloudwatch-actions';
import type * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { MeasuredCache } from './measured-cache';

/** Properties of CacheAlarms. */
export interface CacheAlarmsProps {
  /** Cache to watch. */
  readonly cache: MeasuredCache;
  /** @default - nobody is told */
  readonly alarmTopic?: sns.ITopic;
}

/** Metrics of one alarm at most (CloudWatch user guide, alarms on metric math). */
const NODES_OF_AN_ALARM = 10;

/** Connections a node takes (ElastiCache user guide, quotas: parameter maxclients of Valkey). */
const MOST_CONNECTIONS = 65_000;

/**
 * Alarms on every node of a cache: a quarter of an hour of too little memory, evictions, too much computing, too many connections or a
 * replica behind. Silence is no alarm: an idle node reports zeros, and a cache that is gone shows at the service.
 *
 * CloudWatch puts up to ten nodes into one alarm and counts each as one: five metrics of every node at 0.10 USD a month, so 1 USD for
 * one shard with a replica.
 */
export class CacheAlarms extends Construct {
  /** A node is four fifths full. */
  public readonly memory: cloudwatch.Alarm[];
  /** Keys are thrown out for want of memory: sessions among them, if they share the cache. */
  public readonly evictions: cloudwatch.Alarm[];
  /** The engine's one core is four fifths busy; AWS advises to act at 90 % (ElastiCache user guide, which metrics should I monitor). */
  public readonly engineCpu: cloudwatch.Alarm[];
  /** A node has four fifths of the connections it takes. */
  public readonly connections: cloudwatch.Alarm[];
  /** A replica is ten seconds behind, which is what a failover would lose. */
  public readonly replicationLag: cloudwatch.Alarm[];

  constructor(scope: Construct, id: string, props: CacheAlarmsProps) {
    super(scope, id);
    const { cache } = props;
    this.memory = this.alarms('Memory', props, (nodes) => cache.metricHighestMemoryUsage({}, nodes), {
      alarmDescription: 'The cache is more than 80 % full: give keys a shorter life, or raise its size',
      threshold: 80,
    });
    this.evictions = this.alarms('Evictions', props, (nodes) => cache.metricAllEvictions({}, nodes), {
      alarmDescription: 'The cache throws keys out for want of memory, sessions too if it holds them: raise its size',
      threshold: 0,
    });
    this.engineCpu = this.alarms('EngineCpu', props, (nodes) => cache.metricHighestEngineCpuUtilization({}, nodes), {
      alarmDescription:
        'A node of the cache computes more than 80 % of what it can: look for slow commands and hot keys, or raise its size',
      threshold: 80,
    });
    this.connections = this.alarms('Connections', props, (nodes) => cache.metricHighestConnections({}, nodes), {
      alarmDescription: `More than 80 % of the ${MOST_CONNECTIONS} connections of a cache node: let every task keep its connections`,
      threshold: 0.8 * MOST_CONNECTIONS,
    });
    this.replicationLag = this.alarms('ReplicationLag', props, (nodes) => cache.metricHighestReplicationLag({}, nodes), {
      alarmDescription: 'A replica of the cache is more than 10 s behind: a failover now would lose that much',
      threshold: 10,
    });
  }

  private alarms(
    id: string,
    { cache, alarmTopic }: CacheAlarmsProps,
    metric: (nodes: string[]) => cloudwatch.MathExpression,
    options: { alarmDescription: string; threshold: number },
  ): cloudwatch.Alarm[] {
    return portions(cache.nodeIds()).map((nodes, index) => {
      const alarm = metric(nodes).createAlarm(this, index === 0 ? id : `${id}${index + 1}`, {
        comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
        evaluationPeriods: 3,
        treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
        ...options,
      });
      if (alarmTopic) {
        alarm.addAlarmAction(new actions.SnsAction(alarmTopic));
        alarm.addOkAction(new actions.SnsAction(alarmTopic));
      }
      return alarm;
    });
  }
}

function portions(nodes: string[]): string[][] {
  const count = Math.ceil(nodes.length / NODES_OF_AN_ALARM);
  return Array.from({ length: count }, (_, index) => nodes.slice(index * NODES_OF_AN_ALARM, (index + 1) * NODES_OF_AN_ALARM));
}
