import type * as wafv2 from 'aws-cdk-lib/aws-wafv2';

/** What the price of a web ACL includes, in WCU (AWS WAF developer guide, web ACL capacity units). */
export const INCLUDED_CAPACITY = 1500;

/** What a web ACL holds at most, in WCU (AWS WAF quotas, fixed). */
export const MOST_CAPACITY = 5000;

/** What Shield Advanced's automatic response adds to a web ACL by itself, in WCU (AWS WAF developer guide, the Shield Advanced rule group). */
export const AUTOMATIC_RESPONSE_CAPACITY = 150;

/** WCU of the managed groups, by name. */
type GroupCapacities = { [name: string]: number };

/**
 * What rules take of a web ACL at most, in WCU. AWS WAF counts a transformation of the same text once where it can; this counts each,
 * so what passes here passes there (AWS WAF developer guide, the WCUs of each rule statement).
 */
export function capacityOf(rules: wafv2.CfnWebACL.RuleProperty[], groups: GroupCapacities): number {
  return rules.reduce((sum, { statement }) => sum + ofStatement(statement as wafv2.CfnWebACL.StatementProperty, groups), 0);
}

function ofStatement(statement: wafv2.CfnWebACL.StatementProperty | undefined, groups: GroupCapacities): number {
  if (!statement) return 0;
  const part = statement as { [kind: string]: Nested | undefined };
  const { byteMatchStatement: bytes, rateBasedStatement: rate, managedRuleGroupStatement: group } = part;
  const { ipSetReferenceStatement: addresses, notStatement: not, orStatement: or } = part;
  const inner = (nested: Nested) => ofStatement(nested.scopeDownStatement, groups);
  if (bytes) return 2 + transformations(bytes);
  if (addresses) return 1;
  if (not) return ofStatement(not.statement, groups);
  if (or) return (or.statements ?? []).reduce((sum, nested) => sum + ofStatement(nested, groups), 0);
  if (rate) return 2 + (rate.customKeys ?? []).reduce((sum, key) => sum + 30 + keyTransformations(key), 0) + inner(rate);
  if (group?.name !== undefined && groups[group.name] !== undefined) return groups[group.name] + inner(group);
  throw new Error(`the capacity of ${Object.keys(statement)} is not known`);
}

/** What is read of a statement, whatever its kind. */
interface Nested {
  readonly name?: string;
  readonly statement?: wafv2.CfnWebACL.StatementProperty;
  readonly statements?: wafv2.CfnWebACL.StatementProperty[];
  readonly scopeDownStatement?: wafv2.CfnWebACL.StatementProperty;
  readonly customKeys?: { [kind: string]: Nested | undefined }[];
  readonly textTransformations?: unknown[];
}

function transformations({ textTransformations = [] }: Nested): number {
  return 10 * textTransformations.length;
}

function keyTransformations(key: { [kind: string]: Nested | undefined }): number {
  return Object.values(key).reduce((sum, part) => sum + (part ? transformations(part) : 0), 0);
}
