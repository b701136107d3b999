import type { Assembly } from '../../assembly/cloud-assembly';
import { resourcesBehind } from '../../assembly/references';
import { items } from '../../assembly/values';
import { deployedResources } from './deployed-resources';
import { type PolicyStatement, policyStatements } from './policy-statements';

/** Somebody, and everything that the policies of the assembly say about what they may do. */
export interface PermissionHolder {
  /** For people: the logical id of the role, user or group, or of a policy that nobody of the assembly has. */
  readonly name: string;
  readonly statements: PolicyStatement[];
}

/** Roles, users and groups with the statements of all their policies. */
export function permissionHolders(assembly: Assembly): PermissionHolder[] {
  const holders = new Map<string, PermissionHolder>();
  for (const statement of policyStatements(assembly).filter(({ kind }) => kind === 'identity')) {
    for (const { key, name } of holdersOf(statement, assembly)) {
      const holder = holders.get(key);
      if (holder) holder.statements.push(statement);
      else holders.set(key, { name, statements: [statement] });
    }
  }
  return [...holders.values()];
}

function holdersOf({ stack, logicalId, type }: PolicyStatement, assembly: Assembly): { key: string; name: string }[] {
  const itself = { key: `${stack.artifactId} ${logicalId}`, name: logicalId };
  const policy = deployedResources(assembly, type).find((other) => other.stack === stack && other.logicalId === logicalId);
  const { Roles, Users, Groups, RoleName, UserName, GroupName } = policy?.properties ?? {};
  const isInline = ['AWS::IAM::Role', 'AWS::IAM::User', 'AWS::IAM::Group'].includes(type);
  const named = isInline ? [] : [...[Roles, Users, Groups].flatMap(items), RoleName, UserName, GroupName];
  const holders = named
    .filter((value) => value !== undefined)
    .map((value) => {
      const [site] = resourcesBehind(value, stack, assembly);
      if (site) return { key: `${site.stack.artifactId} ${site.logicalId}`, name: site.logicalId };
      return { key: `${stack.artifactId} ${JSON.stringify(value)}`, name: typeof value === 'string' ? value : logicalId };
    });
  return holders.length === 0 ? [itself] : holders;
}
