import { at, type FoundResource, resourcesOf } from '../template/found-resource';
import { knownNumber } from '../template/known-values';
import type { RuleFinding, TemplateRule } from './rule';

const TYPES = ['AWS::RDS::DBCluster', 'AWS::DocDB::DBCluster', 'AWS::Neptune::DBCluster'];

/** Clusters whose backups are gone before anybody notices. */
export const databaseBackupsTooShort: TemplateRule = {
  id: 'database-backups-too-short',
  severity: 'warning',
  sentence:
    'a database cluster keeps its backups for at least 7 days: a mistake of Friday is often seen on Monday, and the default is one day',
  source:
    'AWS Security Hub, Amazon DocumentDB controls [DocumentDB.2], Amazon Neptune controls [Neptune.5], Amazon RDS controls [RDS.11]',
  types: TYPES,
  find: (assembly) => resourcesOf(assembly, TYPES).flatMap(findings),
};

function findings(cluster: FoundResource): RuleFinding[] {
  const days = knownNumber(cluster.properties.BackupRetentionPeriod, 1);
  if (days === undefined || days >= 7) return [];
  const written = cluster.properties.BackupRetentionPeriod === undefined ? 'it is not set, which means one day' : `it is ${days}`;
  return [at(cluster, 'BackupRetentionPeriod', written)];
}
