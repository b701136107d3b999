import { isForAnyone, isNarrowed } from '../template/openness';
import { policyStatements } from '../template/policy-statements';
import type { TemplateRule } from './rule';

export const trustOpenToAnyone: TemplateRule = {
  id: 'trust-open-to-anyone',
  severity: 'error',
  sentence:
    'a role trusts somebody, or whoever is held to an account, an organization or a source: any AWS account can become one that trusts everybody',
  source: 'IAM User Guide, AWS JSON policy elements: Principal, All principals',
  types: ['AWS::IAM::Role'],
  find: (assembly) => {
    const all = policyStatements(assembly);
    return all
      .filter((statement) => statement.kind === 'trust' && isForAnyone(statement) && !isNarrowed(statement, all))
      .map(({ stack, logicalId, property }) => ({
        stack,
        logicalId,
        property: `${property}.Principal`,
        details: 'this one trusts everybody, and no condition holds them',
      }));
  },
};
