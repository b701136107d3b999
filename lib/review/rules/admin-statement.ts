import { policyStatements } from '../template/policy-statements';
import type { TemplateRule } from './rule';

export const adminStatement: TemplateRule = {
  id: 'admin-statement',
  severity: 'error',
  sentence: 'no policy allows every action on every resource: whoever has it is an administrator of the account',
  source: 'IAM User Guide, Security best practices in IAM, Apply least-privilege permissions',
  types: [],
  find: (assembly) =>
    policyStatements(assembly)
      .filter(({ kind, effect, actions, resources }) => {
        return kind === 'identity' && effect === 'Allow' && actions.some(isEvery) && resources.includes('*');
      })
      .map(({ stack, logicalId, property, conditions }) => ({
        stack,
        logicalId,
        property,
        details: conditions.length === 0 ? 'this one does' : 'this one does, under a condition',
      })),
};

function isEvery(action: unknown): boolean {
  return action === '*' || action === '*:*';
}
