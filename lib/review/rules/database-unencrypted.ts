import { at, type FoundResource, resourcesOf } from '../template/found-resource';
import { isCopy } from '../template/global-databases';
import { knownFlag } from '../template/known-values';
import type { RuleFinding, TemplateRule } from './rule';

const TYPES = ['AWS::RDS::DBCluster', 'AWS::DocDB::DBCluster', 'AWS::Neptune::DBCluster'];

/** Clusters that do not ask for encryption. Instances without a cluster are seen by CloudFormation-Validate (W9008). */
export const databaseUnencrypted: TemplateRule = {
  id: 'database-unencrypted',
  severity: 'error',
  sentence:
    'a database cluster says StorageEncrypted: true, because encryption cannot be added later (the cluster is replaced), and what a cluster gets that does not say depends on when it is created',
  source: 'AWS::RDS::DBCluster StorageEncrypted; Amazon Aurora User Guide, Encrypting Amazon Aurora resources',
  types: TYPES,
  find: (assembly) => resourcesOf(assembly, TYPES).flatMap(findings),
};

function findings(cluster: FoundResource): RuleFinding[] {
  // A copy has the encryption of its original; a member of a global database is compared with the others.
  if (cluster.properties.StorageEncrypted === undefined && isCopy(cluster)) return [];
  if (knownFlag(cluster.properties.StorageEncrypted) !== false) return [];
  return [at(cluster, 'StorageEncrypted', cluster.properties.StorageEncrypted === undefined ? 'it is not set' : 'it is false')];
}
