import { policyStatements } from '../template/policy-statements';
import type { TemplateRule } from './rule';

export const allowByExclusion: TemplateRule = {
  id: 'allow-by-exclusion',
  severity: 'warning',
  sentence:
    'a policy names what it allows: by NotAction, NotResource or NotPrincipal it allows what nobody has thought of, and every service to come',
  source: 'IAM User Guide, IAM JSON policy elements: NotAction, NotResource and NotPrincipal',
  types: [],
  find: (assembly) =>
    policyStatements(assembly)
      .filter(({ kind, effect }) => kind !== 'limit' && effect === 'Allow')
      .flatMap(({ stack, logicalId, property, notActions, notResources, notPrincipals }) => {
        const used = Object.entries({ NotAction: notActions, NotResource: notResources, NotPrincipal: notPrincipals })
          .filter(([, list]) => list.length > 0)
          .map(([name]) => name);
        return used.map((name) => ({ stack, logicalId, property: `${property}.${name}`, details: `this one has ${name}` }));
      }),
};
