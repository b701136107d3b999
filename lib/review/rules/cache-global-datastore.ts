import { isObject, items } from '../../assembly/values';
import { isGlobalNodeType, isNodeType } from '../template/cache-node-types';
import { isAtLeast } from '../template/engine-version';
import { at, behind, type FoundResource, resourcesOf } from '../template/found-resource';
import { knownText } from '../template/known-values';
import { GLOBAL_REPLICATION_GROUP, isDurable, REPLICATION_GROUP, replicasOf } from '../template/replication-groups';
import type { RuleFinding, TemplateRule } from './rule';

/** Regions that have global datastores (ElastiCache User Guide, Prerequisites and limitations, read 2026-11-22). */
const REGIONS = [
  ...[
    'af-south-1',
    'ap-east-1',
    'ap-south-2',
    'ap-southeast-3',
    'ap-southeast-5',
    'ap-southeast-4',
    'ap-south-1',
    'ap-northeast-3',
  ],
  ...['ap-northeast-2', 'ap-southeast-1', 'ap-southeast-2', 'ap-southeast-7', 'ap-northeast-1', 'ca-central-1', 'ca-west-1'],
  ...[
    'cn-north-1',
    'cn-northwest-1',
    'eu-central-1',
    'eu-west-2',
    'eu-west-1',
    'eu-south-1',
    'eu-west-3',
    'eu-south-2',
    'eu-north-1',
  ],
  ...['eu-central-2', 'us-gov-west-1', 'us-gov-east-1', 'il-central-1', 'me-south-1', 'me-central-1', 'us-east-1', 'us-east-2'],
  ...['us-west-1', 'us-west-2', 'mx-central-1', 'sa-east-1'],
];

/** What a secondary has from its primary. */
const INHERITED = [
  'AtRestEncryptionEnabled',
  'CacheNodeType',
  'CacheParameterGroupName',
  'Engine',
  'EngineVersion',
  'NumNodeGroups',
];

/** Global datastores. */
export const cacheGlobalDatastore: TemplateRule = {
  id: 'cache-global-datastore',
  severity: 'error',
  sentence:
    'a global datastore is made from a cache with a replica, without durability, on nodes of size large or above of an M5, M6g, M7g, R5, R6g, R6gd, R7g or C7gn family, spans at most three Regions that have it, and decides the settings of its secondaries: ElastiCache refuses the rest',
  source: 'Amazon ElastiCache User Guide, Global datastores, Prerequisites and limitations',
  types: [GLOBAL_REPLICATION_GROUP],
  find: (assembly) =>
    resourcesOf(assembly, [GLOBAL_REPLICATION_GROUP]).flatMap((link) => {
      const secondaries = resourcesOf(link.assembly, [REPLICATION_GROUP]).filter(
        (cache) => behind(cache.properties.GlobalReplicationGroupId, cache, [GLOBAL_REPLICATION_GROUP])[0] === link,
      );
      const primaries = items(link.properties.Members)
        .filter((member) => isObject(member) && member.Role !== 'SECONDARY')
        .flatMap((member) => behind(isObject(member) ? member.ReplicationGroupId : undefined, link, [REPLICATION_GROUP]));
      return [
        ...primaries.flatMap(primaryFindings),
        ...secondaries.flatMap(secondaryFindings),
        ...regionFindings(link, [...primaries, ...secondaries]),
      ];
    }),
};

function primaryFindings(cache: FoundResource): RuleFinding[] {
  const { properties } = cache;
  const nodeType = knownText(properties.CacheNodeType);
  const [engine, version] = [knownText(properties.Engine), knownText(properties.EngineVersion)];
  const found: RuleFinding[] = [];
  if (nodeType !== undefined && isNodeType(nodeType) && !isGlobalNodeType(nodeType)) {
    found.push(at(cache, 'CacheNodeType', `${nodeType} is not among them`));
  }
  if (engine === 'redis' && version !== undefined && !isAtLeast(version, '5.0.6')) {
    found.push(at(cache, 'EngineVersion', `Redis OSS ${version} is older than 5.0.6`));
  }
  if (isDurable(cache)) found.push(at(cache, 'Durability', 'it is durable'));
  if (replicasOf(cache) === 0) found.push(at(cache, 'ReplicasPerNodeGroup', 'it has no replica'));
  return found;
}

function secondaryFindings(cache: FoundResource): RuleFinding[] {
  return INHERITED.filter((name) => cache.properties[name] !== undefined).map((name) =>
    at(cache, name, `a secondary has the ${name} of its primary`),
  );
}

function regionFindings(link: FoundResource, caches: FoundResource[]): RuleFinding[] {
  const regions = [...new Set(caches.map(({ stack }) => stack.region))].filter((region) => region !== 'unknown-region');
  const lacking = caches.filter(({ stack }) => regions.includes(stack.region) && !REGIONS.includes(stack.region));
  return [
    ...(regions.length > 3 ? [at(link, undefined, `it spans ${regions.join(', ')}`)] : []),
    ...lacking.map((cache) => at(cache, undefined, `${cache.stack.region} has none`)),
  ];
}
