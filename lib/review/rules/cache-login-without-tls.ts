import { at, resourcesOf } from '../template/found-resource';
import { knownFlag, knownList } from '../template/known-values';
import { isSecondary, REPLICATION_GROUP } from '../template/replication-groups';
import type { TemplateRule } from './rule';

/** Passwords that would travel in the clear. */
export const cacheLoginWithoutTls: TemplateRule = {
  id: 'cache-login-without-tls',
  severity: 'error',
  sentence:
    'a cache with a password or users encrypts what travels: ElastiCache takes AuthToken and UserGroupIds only with TransitEncryptionEnabled',
  source: 'AWS::ElastiCache::ReplicationGroup AuthToken; Amazon ElastiCache User Guide, Role-Based Access Control (RBAC)',
  types: [REPLICATION_GROUP],
  find: (assembly) =>
    resourcesOf(assembly, [REPLICATION_GROUP])
      .filter((cache) => !isSecondary(cache) && knownFlag(cache.properties.TransitEncryptionEnabled) === false)
      .filter(({ properties }) => properties.AuthToken !== undefined || knownList(properties.UserGroupIds)?.length !== 0)
      .map((cache) => at(cache, 'TransitEncryptionEnabled')),
};
