import { at, behind, type FoundResource, resourcesOf } from '../template/found-resource';
import { knownFlag } from '../template/known-values';
import type { RuleFinding, TemplateRule } from './rule';

const REPLICA = 'AWS::KMS::ReplicaKey';

/** Replicas of keys that cannot have any. */
export const replicaKeyPrimary: TemplateRule = {
  id: 'replica-key-primary',
  severity: 'error',
  sentence:
    'a replica key belongs to a key with MultiRegion in another Region: KMS refuses it otherwise, and a key that exists cannot be made MultiRegion',
  source: 'AWS::KMS::ReplicaKey PrimaryKeyArn; AWS::KMS::Key MultiRegion',
  types: [REPLICA],
  find: (assembly) =>
    resourcesOf(assembly, [REPLICA]).flatMap((replica) =>
      behind(replica.properties.PrimaryKeyArn, replica, ['AWS::KMS::Key']).flatMap((key) => findings(replica, key)),
    ),
};

function findings(replica: FoundResource, key: FoundResource): RuleFinding[] {
  const isHere = key.stack.region === replica.stack.region && key.stack.region !== 'unknown-region';
  return [
    ...(knownFlag(key.properties.MultiRegion) === false
      ? [at(key, 'MultiRegion', `${replica.logicalId} is to be its replica`)]
      : []),
    ...(isHere ? [at(replica, 'PrimaryKeyArn', `both are in ${key.stack.region}`)] : []),
  ];
}
