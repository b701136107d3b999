import type { FoundResource } from './found-resource';
import { knownFlag, knownNumber, knownText } from './known-values';

export const REPLICATION_GROUP = 'AWS::ElastiCache::ReplicationGroup';
export const GLOBAL_REPLICATION_GROUP = 'AWS::ElastiCache::GlobalReplicationGroup';

/** Replicas of each shard; undefined where that is not known. */
export function replicasOf({ properties }: FoundResource): number | undefined {
  const perShard = properties.ReplicasPerNodeGroup;
  if (perShard !== undefined) return knownNumber(perShard);
  // Each entry tells for its shard; without one, ElastiCache decides.
  if (properties.NodeGroupConfiguration !== undefined || isSharded(properties)) return undefined;
  const nodes = knownNumber(properties.NumCacheClusters, 1);
  return nodes === undefined ? undefined : nodes - 1;
}

/** Whether the data is spread over shards (cluster mode), as far as the properties say. */
export function isSharded(properties: Record<string, unknown>): boolean {
  const mode = knownText(properties.ClusterMode);
  if (mode !== undefined) return mode !== 'disabled';
  return properties.NumNodeGroups !== undefined && properties.NumNodeGroups !== 1;
}

/** Whether it is a secondary of a global datastore, which has most of its settings from there. */
export function isSecondary({ properties }: FoundResource): boolean {
  return properties.GlobalReplicationGroupId !== undefined;
}

/** Whether it logs every write. */
export function isDurable({ properties }: FoundResource): boolean {
  return ['sync', 'async'].includes(knownText(properties.Durability) ?? '');
}

/** Whether something is switched on for certain. */
export function isOn(value: unknown): boolean {
  return knownFlag(value) === true;
}
