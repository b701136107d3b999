import type { Assembly, AssemblyStack } from '../../assembly/cloud-assembly';
import type { Places } from '../places/places';
import type { StatementFacts } from '../review';
import { type PolicyCondition, type PolicyStatement, type Principal, policyStatements } from '../template/policy-statements';
import { type Landscape, landscapeOf } from './landscape';
import { readable } from './readable';

/** Statements that a reviewer must read: with a wildcard, or open to another account or to anyone. */
export function statementsOf(assembly: Assembly, places: Places): StatementFacts[] {
  const landscape = landscapeOf(assembly);
  return policyStatements(assembly).flatMap((statement) => {
    const why = reasonsToRead(statement, landscape);
    if (why.length === 0) return [];
    const { stack, logicalId, effect, principals, notPrincipals, actions, notActions, resources, notResources, conditions } =
      statement;
    const read = (value: unknown) => readable(value, stack, landscape);
    return [
      {
        place: places.place(stack, logicalId),
        effect,
        principals: [
          ...principals.map((one) => principalText(one, read)),
          ...notPrincipals.map((one) => `all but ${principalText(one, read)}`),
        ],
        actions: [...actions.map(read), ...notActions.map((action) => `all but ${read(action)}`)],
        resources: [...resources.map(read), ...notResources.map((resource) => `all but ${read(resource)}`)],
        conditions: conditions.map((condition) => conditionText(condition, read)),
        why,
      },
    ];
  });
}

function principalText({ kind, value }: Principal, read: (value: unknown) => string): string {
  return kind === 'AWS' ? read(value) : `${kind} ${read(value)}`;
}

function conditionText({ operator, key, values }: PolicyCondition, read: (value: unknown) => string): string {
  return `${operator} ${key}: ${values.map(read).join(', ')}`;
}

/** What a statement takes away, or limits, opens nothing. */
function reasonsToRead(statement: PolicyStatement, landscape: Landscape): string[] {
  if (statement.effect === 'Deny' || statement.kind === 'limit') return [];
  const { stack, actions, notActions, resources, notResources, notPrincipals, principals, kind, conditions } = statement;
  const why: string[] = [];
  const patterns = actions.filter((action): action is string => typeof action === 'string' && /[*?]/.test(action));
  const whole = patterns.filter((action) => ['*', '*:*'].includes(action));
  if (whole.length > 0) why.push('every action of every service');
  const services = patterns.filter((action) => /^[^:*?]+:\*$/.test(action));
  if (services.length > 0) why.push(`every action of ${services.map((action) => action.split(':')[0]).join(', ')}`);
  const partial = patterns.filter((action) => !whole.includes(action) && !services.includes(action));
  if (partial.length > 0) why.push(`actions by pattern: ${partial.join(', ')}`);
  if (notActions.length > 0) why.push('every action but some (NotAction)');
  why.push(
    ...aboutResources(
      statement,
      resources.map((resource) => readable(resource, stack, landscape)),
    ),
  );
  if (notResources.length > 0) why.push('every resource but some (NotResource)');
  if (kind === 'identity') return why;
  if (notPrincipals.length > 0) why.push('everybody but some (NotPrincipal)');
  const asked = conditions.length > 0 ? ', on conditions' : '';
  for (const principal of principals) {
    const stranger = strangeness(principal, stack, landscape);
    if (stranger !== undefined && !why.includes(`${stranger}${asked}`)) why.push(`${stranger}${asked}`);
  }
  return why;
}

/** Policies that belong to a Region of an account, not to one resource. */
const ACCOUNT_WIDE = ['AWS::Logs::ResourcePolicy', 'AWS::XRay::ResourcePolicy', 'AWS::Organizations::ResourcePolicy'];

/** A pattern in the policy of a resource reaches no further than that resource. */
function aboutResources({ kind, type }: PolicyStatement, resources: string[]): string[] {
  if (kind !== 'identity' && !ACCOUNT_WIDE.includes(type)) return [];
  if (resources.includes('*')) return ['every resource'];
  const patterns = resources.filter((resource) => /[*?]/.test(resource));
  const contents = patterns.filter((resource) => IN_ONE_THING.test(resource));
  const wide = patterns.filter((resource) => !contents.includes(resource));
  return [
    ...(wide.length > 0 ? [`resources by pattern: ${wide.join(', ')}`] : []),
    ...(contents.length > 0 ? [`everything in ${contents.map((resource) => resource.replace(/[/:]\*$/, '')).join(', ')}`] : []),
  ];
}

/** What lies in one bucket, log group or table: `<Assets.Arn>/*`. */
const IN_ONE_THING = /^(<[^*?>]+>|arn:aws:s3:::[^*?/]+)[/:]\*$/;

/** Who does not belong to the account, in words; undefined for the account itself and services of AWS. */
function strangeness({ kind, value }: Principal, stack: AssemblyStack, landscape: Landscape): string | undefined {
  if (kind === 'Service') return undefined;
  const text = readable(value, stack, landscape);
  if (text === '*' || text === 'arn:aws:iam::*:root') return 'anyone may';
  if (kind === 'CanonicalUser') return `somebody by a canonical id may (${text})`;
  if (kind === 'Federated') return `users of ${text} may`;
  const account = /^arn:[^:]*:(?:iam|sts)::([^:]*):/.exec(text)?.[1] ?? /^(\d{12})$/.exec(text)?.[1];
  if (account === undefined)
    return belongsHere(value, stack, landscape) ? undefined : `somebody may who is known only to a deploy (${text})`;
  if (account === stack.account || account === '<account>' || account === '') return undefined;
  if (!/^\d{12}$/.test(account)) return `an account may that is known only to a deploy (${text})`;
  return stack.account === 'unknown-account'
    ? `account ${account} may, if it is not this one`
    : `account ${account} may, which is another one`;
}

/** A role or user of the same app, in the same account. */
function belongsHere(value: unknown, stack: AssemblyStack, landscape: Landscape): boolean {
  const found = landscape.behind(value, stack);
  return found.length > 0 && found.every((thing) => thing.stack.account === stack.account);
}
