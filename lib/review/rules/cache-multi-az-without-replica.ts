import { at, type FoundResource, resourcesOf } from '../template/found-resource';
import { knownFlag } from '../template/known-values';
import { isOn, isSecondary, isSharded, REPLICATION_GROUP, replicasOf } from '../template/replication-groups';
import type { RuleFinding, TemplateRule } from './rule';

/** Caches that are to fail over, and have nothing to fail over to. */
export const cacheMultiAzWithoutReplica: TemplateRule = {
  id: 'cache-multi-az-without-replica',
  severity: 'error',
  sentence:
    'a cache with automatic failover or in several zones has a replica in each shard, several zones need automatic failover, and so do shards: ElastiCache refuses the rest',
  source:
    'AWS::ElastiCache::ReplicationGroup AutomaticFailoverEnabled, NumCacheClusters; Amazon ElastiCache User Guide, Minimizing downtime by using Multi-AZ',
  types: [REPLICATION_GROUP],
  find: (assembly) => resourcesOf(assembly, [REPLICATION_GROUP]).flatMap(findings),
};

function findings(cache: FoundResource): RuleFinding[] {
  const { properties } = cache;
  const replicas = replicasOf(cache);
  const failover = knownFlag(properties.AutomaticFailoverEnabled);
  const property = properties.ReplicasPerNodeGroup === undefined ? 'NumCacheClusters' : 'ReplicasPerNodeGroup';
  const found: RuleFinding[] = [];
  if (replicas === 0 && isOn(properties.MultiAZEnabled)) {
    found.push(at(cache, property, 'it is in several zones, and has no replica'));
  } else if (replicas === 0 && failover === true && !isShardedAtLeast(properties)) {
    found.push(at(cache, property, 'it fails over, and has no replica'));
  }
  if (failover === false && !isSecondary(cache)) {
    if (isOn(properties.MultiAZEnabled))
      found.push(at(cache, 'AutomaticFailoverEnabled', 'it is in several zones, and fails over to none'));
    else if (isSharded(properties)) found.push(at(cache, 'AutomaticFailoverEnabled', 'it has shards, and does not fail over'));
  }
  return found;
}

/** With cluster mode, failover is required even where there is no replica. */
function isShardedAtLeast(properties: Record<string, unknown>): boolean {
  return (
    properties.NumNodeGroups !== undefined ||
    properties.ReplicasPerNodeGroup !== undefined ||
    properties.ClusterMode !== undefined
  );
}
