import { at, behind, resourcesOf } from '../template/found-resource';
import { INSTANCE } from '../template/global-databases';
import { knownNumber } from '../template/known-values';
import type { TemplateRule } from './rule';

/** A source of read replicas that makes no backups. */
export const readReplicaWithoutBackups: TemplateRule = {
  id: 'read-replica-without-backups',
  severity: 'error',
  sentence:
    'an instance that read replicas are made from keeps backups: with a BackupRetentionPeriod of 0 RDS refuses the replica',
  source: 'AWS::RDS::DBInstance BackupRetentionPeriod',
  types: [INSTANCE],
  find: (assembly) =>
    resourcesOf(assembly, [INSTANCE]).flatMap((replica) =>
      behind(replica.properties.SourceDBInstanceIdentifier, replica, [INSTANCE])
        .filter((source) => knownNumber(source.properties.BackupRetentionPeriod, 1) === 0)
        .map((source) => at(replica, 'SourceDBInstanceIdentifier', `${source.logicalId} keeps none`)),
    ),
};
