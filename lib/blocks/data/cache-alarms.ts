import { Token } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { toldAlarm } from '../operations/told-alarm';
import type { MeasuredCache } from './measured-cache';

/** Properties of CacheAlarms. */
export interface CacheAlarmsProps {
  /** Cache to watch. */
  readonly cache: MeasuredCache;
  /**
   * Reads that should find their key, percent: the layer's target, which the seeds put at 90 for the application cache.
   * @default - no alarm on the hit rate
   */
  readonly hitRateTarget?: number;
  /**
   * Whether one shard that is much busier than the others rings; not with a single shard.
   * @default false
   */
  readonly hotShard?: boolean;
  /** @default - nobody is told */
  readonly alarmTopic?: sns.ITopic;
}

/** Metrics of one alarm at most (CloudWatch user guide, alarms on metric math). */
const METRICS_OF_AN_ALARM = 10;

/** Connections a node takes (ElastiCache user guide, quotas: parameter maxclients of Valkey). */
const MOST_CONNECTIONS = 65_000;

/** Reads in 5 minutes, ten a second, below which a hit rate says nothing: a cold night, a restart, the first day. */
const LEAST_READS = 3000;

/** Points of processor use above the average of shards: ours. */
const HOT = 30;

/**
 * Alarms on every node of a cache: a quarter of an hour of too little memory, evictions, too much computing, too many connections or a
 * replica behind. Silence is no alarm: an idle node reports zeros, and a cache that is gone shows at the service.
 *
 * CloudWatch puts up to ten nodes into one alarm and counts each as one: five metrics of every node at 0.10 USD a month, so 1 USD for
 * one shard with a replica. The hit rate counts ten at most, a hot shard one for each node.
 *
 * @throws if hitRateTarget does not fit
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
  /**
   * For an hour fewer reads found their key than should. Of the first shards, as many as one alarm takes: keys are spread by their hash,
   * so these stand for all.
   */
  public readonly hitRate?: cloudwatch.Alarm;
  /** One shard is far busier than the others: more shards would not help, since one key, or one hash tag, is behind it. */
  public readonly hotShard: cloudwatch.Alarm[];

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
    this.hitRate = this.hitRateAlarm(props);
    const perAlarm = Math.floor(METRICS_OF_AN_ALARM / (1 + cache.replicasPerShard)) * (1 + cache.replicasPerShard);
    const compared = props.hotShard
      ? portions(cache.nodeIds(), perAlarm).filter(({ length }) => length > 1 + cache.replicasPerShard)
      : [];
    this.hotShard = compared.map((nodes, index) => {
      return this.alarm(index === 0 ? 'HotShard' : `HotShard${index + 1}`, props, cache.metricShardImbalance({}, nodes), {
        alarmDescription: `A shard of the cache is ${HOT} points busier than the others: split the key that everybody reads, or keep it in the task`,
        threshold: HOT,
      });
    });
  }

  private hitRateAlarm(props: CacheAlarmsProps): cloudwatch.Alarm | undefined {
    const { cache, hitRateTarget } = props;
    if (hitRateTarget === undefined) return undefined;
    if (!Token.isUnresolved(hitRateTarget) && !(hitRateTarget >= 1 && hitRateTarget <= 99)) {
      throw new Error(`hitRateTarget must be 1 to 99 percent, got ${hitRateTarget}: choose one in that range, as in 90`);
    }
    // Two metrics a node.
    const nodes = cache.nodeIds().slice(0, METRICS_OF_AN_ALARM / 2);
    return this.alarm('HitRate', props, cache.metricHitRateOfMany(LEAST_READS, {}, nodes), {
      alarmDescription: `Fewer than ${hitRateTarget} % of reads find their key in the cache: look for keys that live too short or are never read twice`,
      threshold: hitRateTarget,
      comparisonOperator: cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
      evaluationPeriods: 12,
    });
  }

  private alarm(
    id: string,
    { alarmTopic }: CacheAlarmsProps,
    metric: cloudwatch.MathExpression,
    options: AlarmOptions,
  ): cloudwatch.Alarm {
    return toldAlarm(this, id, alarmTopic, metric, { evaluationPeriods: 3, ...options });
  }

  private alarms(
    id: string,
    props: CacheAlarmsProps,
    metric: (nodes: string[]) => cloudwatch.MathExpression,
    options: { alarmDescription: string; threshold: number },
  ): cloudwatch.Alarm[] {
    return portions(props.cache.nodeIds(), METRICS_OF_AN_ALARM).map((nodes, index) => {
      return this.alarm(index === 0 ? id : `${id}${index + 1}`, props, metric(nodes), options);
    });
  }
}

interface AlarmOptions {
  readonly alarmDescription: string;
  readonly threshold: number;
  readonly comparisonOperator?: cloudwatch.ComparisonOperator;
  readonly evaluationPeriods?: number;
}

function portions(nodes: string[], size: number): string[][] {
  const count = Math.ceil(nodes.length / size);
  return Array.from({ length: count }, (_, index) => nodes.slice(index * size, (index + 1) * size));
}
