import { isNodeType, sizesBeside } from '../template/cache-node-types';
import { at, resourcesOf } from '../template/found-resource';
import { knownText } from '../template/known-values';
import type { TemplateRule } from './rule';

// Of AWS::ElastiCache::CacheCluster, CloudFormation-Validate knows the types (E3647).
const TYPES = ['AWS::ElastiCache::ReplicationGroup', 'AWS::ElastiCache::GlobalReplicationGroup'];

/** Cache nodes that AWS does not have. */
export const cacheNodeType: TemplateRule = {
  id: 'cache-node-type',
  severity: 'error',
  sentence: 'the node type of a cache is one that ElastiCache has: it refuses others',
  source: 'AWS price list of ElastiCache, as packaged by cfn-lint 1.58.0; AWS::ElastiCache::ReplicationGroup CacheNodeType',
  types: TYPES,
  find: (assembly) =>
    resourcesOf(assembly, TYPES).flatMap((cache) => {
      const nodeType = knownText(cache.properties.CacheNodeType);
      if (nodeType === undefined || isNodeType(nodeType)) return [];
      const sizes = sizesBeside(nodeType);
      const known = sizes ? `its family has ${sizes.join(', ')}` : 'there is no such family';
      return [at(cache, 'CacheNodeType', `${nodeType} is none: ${known}`)];
    }),
};
