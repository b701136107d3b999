import { isDurableNodeType, isNodeType } from '../template/cache-node-types';
import { isAtLeast } from '../template/engine-version';
import { at, type FoundResource, resourcesOf } from '../template/found-resource';
import { knownFlag, knownText } from '../template/known-values';
import { isDurable, REPLICATION_GROUP, replicasOf } from '../template/replication-groups';
import type { RuleFinding, TemplateRule } from './rule';

/** Caches that are to log every write, and cannot. */
export const cacheDurability: TemplateRule = {
  id: 'cache-durability',
  severity: 'error',
  sentence:
    'a durable cache runs Valkey 9.0 or later with shards, in several zones with a replica, encrypted at rest and in transit, without data tiering, on nodes that can: ElastiCache refuses the rest',
  source: 'Amazon ElastiCache User Guide, Durability in ElastiCache, Limitations',
  types: [REPLICATION_GROUP],
  find: (assembly) => resourcesOf(assembly, [REPLICATION_GROUP]).filter(isDurable).flatMap(findings),
};

function findings(cache: FoundResource): RuleFinding[] {
  const { properties } = cache;
  const [engine, version] = [knownText(properties.Engine), knownText(properties.EngineVersion)];
  const nodeType = knownText(properties.CacheNodeType);
  const objections: [property: string, isWrong: boolean, details: string][] = [
    ['Engine', engine !== undefined && engine !== 'valkey', `it is ${engine}`],
    ['EngineVersion', engine === 'valkey' && version !== undefined && !isAtLeast(version, '9.0'), `it is ${version}`],
    ['CacheNodeType', nodeType !== undefined && isNodeType(nodeType) && !isDurableNodeType(nodeType), `${nodeType} cannot`],
    ['MultiAZEnabled', knownFlag(properties.MultiAZEnabled) === false, 'it is in one zone'],
    ['ReplicasPerNodeGroup', replicasOf(cache) === 0, 'it has no replica'],
    ['AtRestEncryptionEnabled', properties.AtRestEncryptionEnabled === false, 'it is not encrypted at rest'],
    ['TransitEncryptionEnabled', knownFlag(properties.TransitEncryptionEnabled) === false, 'it is not encrypted in transit'],
    ['ClusterMode', knownText(properties.ClusterMode) === 'disabled', 'it has no shards'],
    ['DataTieringEnabled', knownFlag(properties.DataTieringEnabled) === true, 'it keeps part of its data on disks'],
  ];
  return objections.filter(([, isWrong]) => isWrong).map(([property, , details]) => at(cache, property, details));
}
