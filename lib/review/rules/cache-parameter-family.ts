import { majorOf } from '../template/engine-version';
import { at, behind, type FoundResource, resourcesOf } from '../template/found-resource';
import { knownText } from '../template/known-values';
import { REPLICATION_GROUP } from '../template/replication-groups';
import type { RuleFinding, TemplateRule } from './rule';

const GROUP = 'AWS::ElastiCache::ParameterGroup';

/** Parameter groups of another engine or major version. */
export const cacheParameterFamily: TemplateRule = {
  id: 'cache-parameter-family',
  severity: 'error',
  sentence:
    'the family of a cache parameter group is that of the engine and major version it is used with: ElastiCache refuses another one',
  source: 'AWS::ElastiCache::ParameterGroup CacheParameterGroupFamily; Amazon ElastiCache User Guide, Engine specific parameters',
  types: [GROUP],
  find: (assembly) =>
    resourcesOf(assembly, [
      REPLICATION_GROUP,
      'AWS::ElastiCache::CacheCluster',
      'AWS::ElastiCache::GlobalReplicationGroup',
    ]).flatMap(findings),
};

function findings(cache: FoundResource): RuleFinding[] {
  const expected = familyOf(cache);
  return behind(cache.properties.CacheParameterGroupName, cache, [GROUP]).flatMap((group) => {
    const family = knownText(group.properties.CacheParameterGroupFamily);
    if (family === undefined || expected === undefined || family === expected) return [];
    return [at(cache, 'CacheParameterGroupName', `${group.logicalId} is of family ${family}, the engine of ${expected}`)];
  });
}

function familyOf({ properties }: FoundResource): string | undefined {
  const [engine, version] = [knownText(properties.Engine), knownText(properties.EngineVersion)];
  if (engine === undefined || version === undefined) return undefined;
  const major = majorOf(version);
  if (engine === 'valkey') return `valkey${major}`;
  if (engine !== 'redis' || major < 4) return undefined;
  if (major === 6) return 'redis6.x';
  return major >= 7 ? `redis${major}` : `redis${major}.0`;
}
