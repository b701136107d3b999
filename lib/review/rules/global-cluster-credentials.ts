import { at, type FoundResource } from '../template/found-resource';
import { CLUSTER, GLOBAL_CLUSTER, type GlobalDatabase, globalDatabases } from '../template/global-databases';
import { knownFlag } from '../template/known-values';
import type { RuleFinding, TemplateRule } from './rule';

/** Credentials where a global database takes none. */
export const globalClusterCredentials: TemplateRule = {
  id: 'global-cluster-credentials',
  severity: 'error',
  sentence:
    'a secondary cluster of a global database has no master user and no database name of its own, and no member lets RDS manage the password: RDS refuses them',
  source:
    'AWS::RDS::DBCluster MasterUsername; Amazon Aurora User Guide, Password management with Amazon Aurora and AWS Secrets Manager',
  types: [GLOBAL_CLUSTER, CLUSTER],
  find: (assembly) => globalDatabases(assembly).flatMap(findings),
};

const OWN = ['MasterUsername', 'MasterUserPassword', 'DatabaseName'];

function findings(database: GlobalDatabase): RuleFinding[] {
  const { source, members } = database;
  const all = source ? [source, ...members.filter((member) => member !== source)] : members;
  return [
    ...secondaries(database).flatMap((member) =>
      OWN.filter((name) => member.properties[name] !== undefined).map((name) =>
        at(member, name, `a secondary cluster has the ${name} of its primary`),
      ),
    ),
    ...all
      .filter(({ properties }) => knownFlag(properties.ManageMasterUserPassword) === true)
      .map((member) => at(member, 'ManageMasterUserPassword', 'RDS manages no password in a global database')),
  ];
}

function secondaries({ link, source, members }: GlobalDatabase): FoundResource[] {
  if (source || link.properties.SourceDBClusterIdentifier !== undefined) return members.filter((member) => member !== source);
  // A link that was made empty: the cluster with a master user next to it is its primary.
  const primary = members.find(({ stack, properties }) => stack === link.stack && properties.MasterUsername !== undefined);
  return primary ? members.filter((member) => member !== primary) : [];
}
