import { at, type FoundResource, resourcesOf } from '../template/found-resource';
import { isUnknown } from '../template/known-values';
import { policyStatements } from '../template/policy-statements';
import { matches } from '../template/queues';
import type { TemplateRule } from './rule';

const KEYS = ['AWS::KMS::Key', 'AWS::KMS::ReplicaKey'];

/** Keys that nobody may ever change again. */
export const keyWithoutAdministrator: TemplateRule = {
  id: 'key-without-administrator',
  severity: 'error',
  sentence:
    'the policy of a key lets somebody change it (kms:PutKeyPolicy): KMS refuses a key without, or, told to bypass its check, makes one that only AWS Support can open',
  source: 'AWS::KMS::Key KeyPolicy, BypassPolicyLockoutSafetyCheck; AWS KMS Developer Guide, Default key policy',
  types: KEYS,
  find: (assembly) =>
    resourcesOf(assembly, KEYS)
      .filter(({ properties }) => properties.KeyPolicy !== undefined && !isUnknown(properties.KeyPolicy))
      .filter((key) => !hasAdministrator(key))
      .map((key) => at(key, 'KeyPolicy')),
};

function hasAdministrator(key: FoundResource): boolean {
  return policyStatements(key.assembly)
    .filter(({ stack, logicalId }) => stack === key.stack && logicalId === key.logicalId)
    .some(
      ({ effect, principals, actions, notActions }) =>
        effect !== 'Deny' &&
        principals.some(({ kind }) => kind === 'AWS') &&
        (notActions.length > 0 || actions.some((pattern) => matches(pattern, 'kms:PutKeyPolicy'))),
    );
}
