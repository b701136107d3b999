import type { FoundResource } from '../template/found-resource';
import { at } from '../template/found-resource';
import { CLUSTER, GLOBAL_CLUSTER, type GlobalDatabase, globalDatabases } from '../template/global-databases';
import { knownFlag, knownText } from '../template/known-values';
import type { RuleFinding, TemplateRule } from './rule';

const ALIKE = ['Engine', 'EngineVersion', 'StorageEncrypted'];

/** Members of a global database that are not alike. */
export const globalClusterEngine: TemplateRule = {
  id: 'global-cluster-engine',
  severity: 'error',
  sentence:
    'the clusters of a global database have one engine, one version and one setting of encryption: RDS refuses a member that differs',
  source:
    'Amazon RDS API Reference, CreateGlobalCluster; Amazon Aurora User Guide, Adding an AWS Region to an Amazon Aurora global database',
  types: [GLOBAL_CLUSTER, CLUSTER],
  find: (assembly) => globalDatabases(assembly).flatMap((database) => ALIKE.flatMap((name) => differences(database, name))),
};

/** What a link is made from decides; one that is made empty says for itself. */
function differences({ link, source, members }: GlobalDatabase, name: string): RuleFinding[] {
  const model = source ?? link;
  const wanted = setting(model, name);
  const others = members.filter((member) => member !== model && setting(member, name) !== undefined);
  const different = others.filter((member) => setting(member, name) !== wanted);
  if (wanted === undefined || different.length === 0) return [];
  const [theirs] = different.map((member) => setting(member, name));
  // If several agree and the one they copy differs from all of them, the fault is likely there.
  const isOddOne =
    different.length > 1 && different.length === others.length && different.every((one) => setting(one, name) === theirs);
  if (isOddOne) return [at(model, name, `it is ${wanted} here and ${theirs} at all ${different.length} other members`)];
  return different.map((member) => at(member, name, `it is ${setting(member, name)} here and ${wanted} at ${model.logicalId}`));
}

function setting({ properties }: FoundResource, name: string): string | boolean | undefined {
  if (name !== 'StorageEncrypted') return knownText(properties[name]);
  // What a cluster without the property gets has changed over time (database-unencrypted asks for it).
  return properties.StorageEncrypted === undefined ? undefined : knownFlag(properties.StorageEncrypted);
}
