import { at } from '../template/found-resource';
import { GLOBAL_CLUSTER, type GlobalDatabase, globalDatabases } from '../template/global-databases';
import type { RuleFinding, TemplateRule } from './rule';

/** How a global database is put together. */
export const globalClusterLink: TemplateRule = {
  id: 'global-cluster-link',
  severity: 'error',
  sentence:
    'a global database takes its settings from the cluster it is made from, which does not name it in turn, and has one cluster a Region and at most ten secondaries: RDS refuses, or CloudFormation replaces, the rest',
  source:
    'AWS::RDS::GlobalCluster SourceDBClusterIdentifier; Amazon Aurora User Guide, Configuration requirements of an Amazon Aurora global database',
  types: [GLOBAL_CLUSTER],
  find: (assembly) => globalDatabases(assembly).flatMap(findings),
};

function findings({ link, source, members }: GlobalDatabase): RuleFinding[] {
  const found: RuleFinding[] = [];
  if (link.properties.SourceDBClusterIdentifier !== undefined) {
    for (const name of ['DatabaseName', 'Engine', 'EngineVersion', 'StorageEncrypted'].filter(
      (name) => name in link.properties,
    )) {
      found.push(at(link, name, `${name} comes from the source cluster and cannot be given with it`));
    }
  }
  if (source && members.includes(source)) {
    found.push(at(source, 'GlobalClusterIdentifier', `${link.logicalId} is made from this cluster: the two refer to each other`));
  }
  const secondaries = members.filter((member) => member !== source);
  const regions = new Map(source ? [[source.stack.region, source]] : []);
  for (const member of secondaries) {
    const { region } = member.stack;
    const other = regions.get(region);
    if (other && region !== 'unknown-region') {
      found.push(at(member, 'GlobalClusterIdentifier', `${other.logicalId} is in ${region} too`));
    }
    regions.set(region, member);
  }
  if (source && secondaries.length > 10) found.push(at(link, undefined, `it has ${secondaries.length} secondaries`));
  return found;
}
