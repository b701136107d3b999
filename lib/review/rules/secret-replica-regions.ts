import { isObject } from '../../assembly/values';
import { at, type FoundResource, resourcesOf } from '../template/found-resource';
import { knownList, knownText } from '../template/known-values';
import type { RuleFinding, TemplateRule } from './rule';

const SECRET = 'AWS::SecretsManager::Secret';

/** Copies of a secret. */
export const secretReplicaRegions: TemplateRule = {
  id: 'secret-replica-regions',
  severity: 'error',
  sentence: 'a secret is copied to each Region once, and not to its own: Secrets Manager refuses it otherwise',
  source: 'AWS Secrets Manager API Reference, ReplicateSecretToRegions; AWS::SecretsManager::Secret ReplicaRegions',
  types: [SECRET],
  find: (assembly) => resourcesOf(assembly, [SECRET]).flatMap(findings),
};

function findings(secret: FoundResource): RuleFinding[] {
  const replicas = knownList(secret.properties.ReplicaRegions) ?? [];
  const regions = replicas.map((replica) => (isObject(replica) ? knownText(replica.Region) : undefined));
  const twice = regions.filter((region, index) => region !== undefined && regions.indexOf(region) !== index);
  return [
    ...(regions.includes(secret.stack.region) ? [at(secret, 'ReplicaRegions', `${secret.stack.region} is its own Region`)] : []),
    ...[...new Set(twice)].map((region) => at(secret, 'ReplicaRegions', `${region} is listed twice`)),
  ];
}
