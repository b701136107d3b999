import { matches } from '../template/action-patterns';
import { ESCALATION_METHODS, type EscalationMethod } from '../template/escalation-methods';
import { type PermissionHolder, permissionHolders } from '../template/permission-holders';
import type { PolicyStatement } from '../template/policy-statements';
import { writtenOut } from '../template/written-out';
import type { RuleFinding, TemplateRule } from './rule';

export const privilegeEscalation: TemplateRule = {
  id: 'privilege-escalation',
  severity: 'error',
  sentence:
    'nobody can give themselves what others may do: permissions that lead to more are held to single roles, policies and functions',
  source: 'Rhino Security Labs, AWS IAM Privilege Escalation - Methods and Mitigation',
  types: [],
  find: (assembly) => {
    const found = new Map<PolicyStatement, Map<string, Set<string>>>();
    for (const holder of permissionHolders(assembly)) {
      for (const method of ESCALATION_METHODS) {
        const statement = wayOf(holder, method);
        if (!statement) continue;
        const ways = found.get(statement) ?? new Map<string, Set<string>>();
        ways.set(holder.name, (ways.get(holder.name) ?? new Set()).add(inWords(method)));
        found.set(statement, ways);
      }
    }
    return [...found].flatMap(([statement, ways]) => [...ways].map(([name, words]) => finding(statement, name, [...words])));
  },
};

function finding({ stack, logicalId, property }: PolicyStatement, holder: string, ways: string[]): RuleFinding {
  const more = ways.length > 3 ? `, and has ${ways.length - 3} more ways` : '';
  return { stack, logicalId, property, details: `${holder} can ${ways.slice(0, 3).join('; ')}${more}` };
}

function inWords({ words, actions }: EscalationMethod): string {
  return `${words} (${actions.join(', ')})`;
}

/** The statement by which somebody has the first of the actions, if all of them are had. */
function wayOf({ statements }: PermissionHolder, method: EscalationMethod): PolicyStatement | undefined {
  const grants = method.actions.map((action) =>
    statements.some((statement) => denies(statement, action))
      ? undefined
      : statements.find((statement) => grantsBroadly(statement, action, method.passedTo)),
  );
  return grants.every((grant) => grant !== undefined) ? grants[0] : undefined;
}

function denies({ effect, actions, resources, conditions }: PolicyStatement, action: string): boolean {
  return effect === 'Deny' && conditions.length === 0 && resources.includes('*') && hasAction(actions, action);
}

/** A statement on everything has a rule of its own. */
function grantsBroadly(statement: PolicyStatement, action: string, passedTo?: string): boolean {
  const { effect, actions, resources, conditions } = statement;
  if (
    effect !== 'Allow' ||
    !hasAction(
      actions.filter((pattern) => pattern !== '*'),
      action,
    )
  )
    return false;
  // A service takes any role that may be passed to it, so holding the service down does not hold the role down.
  const held = conditions.filter(({ key, values }) => {
    const isService = key.toLowerCase() === 'iam:passedtoservice';
    return !isService || !values.some((value) => matches(writtenOut(value), passedTo ?? ''));
  });
  return held.length === 0 && resources.some((resource) => isBroad(writtenOut(resource)));
}

function hasAction(patterns: unknown[], action: string): boolean {
  return patterns.some((pattern) => typeof pattern === 'string' && matches(pattern, action));
}

/** All of an account, or all of a kind: `*`, `arn:aws:iam::123456789012:role/*`. */
function isBroad(resource: string): boolean {
  if (resource === '*') return true;
  const [, , , , , ...rest] = resource.split(':');
  const [kind, name] = rest.join(':').split(/[:/]/);
  return kind === '*' || name === '*';
}
