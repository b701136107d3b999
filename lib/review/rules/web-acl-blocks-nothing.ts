import { isIntrinsic, isObject, items, valueAt } from '../../assembly/values';
import { deployedResources } from '../template/deployed-resources';
import type { TemplateRule } from './rule';

const WEB_ACL = 'AWS::WAFv2::WebACL';

export const webAclBlocksNothing: TemplateRule = {
  id: 'web-acl-blocks-nothing',
  severity: 'warning',
  sentence: 'a web ACL refuses somebody: where it allows by default and every rule only counts, or allows, it is no firewall',
  source: 'AWS WAF Developer Guide, How AWS WAF handles rule and rule group actions; Overriding rule group actions',
  types: [WEB_ACL],
  find: (assembly) =>
    deployedResources(assembly, WEB_ACL).flatMap(({ stack, logicalId, properties: { DefaultAction, Rules } }) => {
      const isKnown = (Rules === undefined || Array.isArray(Rules)) && isObject(DefaultAction) && !isIntrinsic(DefaultAction);
      if (!isKnown || !('Allow' in DefaultAction)) return [];
      const rules = items(Rules);
      if (rules.some(mayRefuse)) return [];
      const details = rules.length === 0 ? 'this one has no rule' : `this one has ${rules.length}, and none does`;
      return [{ stack, logicalId, property: 'Rules', details }];
    }),
};

/** What only a deploy knows may refuse. */
function mayRefuse(rule: unknown): boolean {
  if (!isObject(rule) || isIntrinsic(rule)) return true;
  const action = rule.OverrideAction ?? rule.Action;
  const group =
    valueAt(rule, ['Statement', 'ManagedRuleGroupStatement']) ?? valueAt(rule, ['Statement', 'RuleGroupReferenceStatement']);
  if (isObject(action) && !isIntrinsic(action))
    return group === undefined ? !('Count' in action || 'Allow' in action) : !('Count' in action);
  return true;
}
