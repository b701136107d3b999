import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';

/**
 * What the nodes of a cache tell of themselves (ElastiCache user guide, metrics for Valkey and Redis OSS).
 *
 * ElastiCache has no metric of a whole cache, so what is said of one is arithmetic over its nodes. Every one of them counts, since
 * a failover makes the replica of today the primary of tomorrow.
 */
export abstract class MeasuredCache extends Construct {
  /** Id of the replication group, which ElastiCache chose. */
  public abstract readonly replicationGroupId: string;
  public abstract readonly shards: number;
  public abstract readonly replicasPerShard: number;

  /** Memory in use at one node, percent, average over 5 minutes; the first node of the first shard unless `dimensionsMap` says otherwise. */
  public metricMemoryUsage(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('DatabaseMemoryUsagePercentage', 'Average', props);
  }

  /** Keys evicted at one node for want of memory, sum over 5 minutes; the first node of the first shard, as above. */
  public metricEvictions(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('Evictions', 'Sum', props);
  }

  /** Engine's processor use at one node, percent, average over 5 minutes; the first node of the first shard, as above. */
  public metricEngineCpuUtilization(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('EngineCPUUtilization', 'Average', props);
  }

  /** Client connections of one node, maximum over 5 minutes; the first node of the first shard, as above. */
  public metricConnections(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('CurrConnections', 'Maximum', props);
  }

  /** How far a replica is behind, seconds, maximum over 5 minutes; the first node of the first shard, as above. No data of a primary. */
  public metricReplicationLag(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('ReplicationLag', 'Maximum', props);
  }

  /**
   * Reads that found their key, percent of all reads, over 5 minutes. No data while nobody reads.
   * @param nodes - values of `nodeId`; all nodes if not given
   */
  public metricHitRate(props?: cloudwatch.MathExpressionOptions, nodes?: string[]): cloudwatch.MathExpression {
    const { usingMetrics, found, lost } = this.reads(nodes);
    const expression = `100 * ${found} / (${found} + ${lost})`;
    return new cloudwatch.MathExpression({ expression, usingMetrics, label: 'Hit rate, %', ...props });
  }

  /**
   * The same, but 100 while fewer than `leastReads` in 5 minutes: what nearly nobody reads is no sign.
   * @param nodes - values of `nodeId`; all nodes if not given
   */
  public metricHitRateOfMany(
    leastReads: number,
    props?: cloudwatch.MathExpressionOptions,
    nodes?: string[],
  ): cloudwatch.MathExpression {
    const { usingMetrics, found, lost } = this.reads(nodes);
    const expression = `IF(${found} + ${lost} >= ${leastReads}, 100 * ${found} / (${found} + ${lost}), 100)`;
    return new cloudwatch.MathExpression({ expression, usingMetrics, label: 'Hit rate, %', ...props });
  }

  /**
   * How far the busiest shard is above the average of shards: engine's processor use, percentage points, averages of 5 minutes. Of each
   * shard its busiest node counts.
   * @param nodes - values of `nodeId`, shard by shard, of whole shards; all nodes if not given
   */
  public metricShardImbalance(
    props?: cloudwatch.MathExpressionOptions,
    nodes: string[] = this.nodeIds(),
  ): cloudwatch.MathExpression {
    const usingMetrics = this.ofNodes('cpu', (dimensionsMap) => this.metricEngineCpuUtilization({ dimensionsMap }), nodes);
    const ids = Object.keys(usingMetrics);
    const size = 1 + this.replicasPerShard;
    const shards = Array.from({ length: Math.ceil(ids.length / size) }, (_, index) => {
      return `MAX([${ids.slice(index * size, (index + 1) * size).join(', ')}])`;
    });
    // Metric math knows no arrays in arrays.
    const expression = `MAX([${ids.join(', ')}]) - (${shards.join(' + ')}) / ${shards.length}`;
    return new cloudwatch.MathExpression({ expression, usingMetrics, label: 'Busiest shard above the average', ...props });
  }

  /**
   * Memory in use at the fullest node, percent, averages of 5 minutes.
   * @param nodes - values of `nodeId`; all nodes if not given
   */
  public metricHighestMemoryUsage(props?: cloudwatch.MathExpressionOptions, nodes?: string[]): cloudwatch.MathExpression {
    const metrics = this.ofNodes('memory', (dimensionsMap) => this.metricMemoryUsage({ dimensionsMap }), nodes);
    return over('MAX', metrics, { label: 'Memory of the fullest node, %', ...props });
  }

  /**
   * Keys evicted at all nodes for want of memory, in 5 minutes.
   * @param nodes - values of `nodeId`; all nodes if not given
   */
  public metricAllEvictions(props?: cloudwatch.MathExpressionOptions, nodes?: string[]): cloudwatch.MathExpression {
    const metrics = this.ofNodes('evicted', (dimensionsMap) => this.metricEvictions({ dimensionsMap }), nodes);
    return over('SUM', metrics, { label: 'Evictions', ...props });
  }

  /**
   * Engine's processor use at the busiest node, percent, averages of 5 minutes.
   * @param nodes - values of `nodeId`; all nodes if not given
   */
  public metricHighestEngineCpuUtilization(
    props?: cloudwatch.MathExpressionOptions,
    nodes?: string[],
  ): cloudwatch.MathExpression {
    const metrics = this.ofNodes('cpu', (dimensionsMap) => this.metricEngineCpuUtilization({ dimensionsMap }), nodes);
    return over('MAX', metrics, { label: 'Engine CPU of the busiest node, %', ...props });
  }

  /**
   * Client connections of the node that has most, maxima of 5 minutes.
   * @param nodes - values of `nodeId`; all nodes if not given
   */
  public metricHighestConnections(props?: cloudwatch.MathExpressionOptions, nodes?: string[]): cloudwatch.MathExpression {
    const metrics = this.ofNodes('clients', (dimensionsMap) => this.metricConnections({ dimensionsMap }), nodes);
    return over('MAX', metrics, { label: 'Connections of the node that has most', ...props });
  }

  /**
   * Lag of the slowest replica, seconds, maxima of 5 minutes.
   * @param nodes - values of `nodeId`; all nodes if not given
   */
  public metricHighestReplicationLag(props?: cloudwatch.MathExpressionOptions, nodes?: string[]): cloudwatch.MathExpression {
    const metrics = this.ofNodes('lag', (dimensionsMap) => this.metricReplicationLag({ dimensionsMap }), nodes);
    return over('MAX', metrics, { label: 'Lag of the slowest replica, s', ...props });
  }

  /** Value of the metric dimension `CacheClusterId` for a node; shards and nodes count from 1. ElastiCache has no metric of a whole cache. */
  public nodeId(shard: number, node: number): string {
    return `${this.replicationGroupId}-${String(shard).padStart(4, '0')}-${String(node).padStart(3, '0')}`;
  }

  /** `nodeId` of every node, shard by shard. */
  public nodeIds(): string[] {
    const shards = Array.from({ length: this.shards }, (_, index) => index + 1);
    const nodes = Array.from({ length: 1 + this.replicasPerShard }, (_, index) => index + 1);
    return shards.flatMap((shard) => nodes.map((node) => this.nodeId(shard, node)));
  }

  private reads(nodes?: string[]): { usingMetrics: { [id: string]: cloudwatch.Metric }; found: string; lost: string } {
    const hits = this.ofNodes('hit', (dimensionsMap) => this.metric('CacheHits', 'Sum', { dimensionsMap }), nodes);
    const misses = this.ofNodes('miss', (dimensionsMap) => this.metric('CacheMisses', 'Sum', { dimensionsMap }), nodes);
    const [found, lost] = [hits, misses].map((metrics) => `SUM([${Object.keys(metrics).join(', ')}])`) as [string, string];
    return { usingMetrics: { ...hits, ...misses }, found, lost };
  }

  /** Ids differ by what is measured, so that one graph can show it all. */
  private ofNodes(
    prefix: string,
    metric: (dimensionsMap: { CacheClusterId: string }) => cloudwatch.Metric,
    nodes: string[] = this.nodeIds(),
  ): { [id: string]: cloudwatch.Metric } {
    return Object.fromEntries(nodes.map((id, index) => [`${prefix}${index + 1}`, metric({ CacheClusterId: id })]));
  }

  private metric(metricName: string, statistic: string, props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    const dimensionsMap = { CacheClusterId: this.nodeId(1, 1) };
    return new cloudwatch.Metric({ namespace: 'AWS/ElastiCache', metricName, dimensionsMap, statistic, ...props }).attachTo(this);
  }
}

function over(
  aggregate: string,
  usingMetrics: { [id: string]: cloudwatch.IMetric },
  props: cloudwatch.MathExpressionOptions,
): cloudwatch.MathExpression {
  const expression = `${aggregate}([${Object.keys(usingMetrics).join(', ')}])`;
  return new cloudwatch.MathExpression({ expression, usingMetrics, ...props });
}
