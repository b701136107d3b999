import { isObject, items, valueAt } from '../../../assembly/values';
import { labelOf } from '../labels';
import type { Landscape, Thing } from '../landscape';
import { readable } from '../readable';

/** Firewalls and shields in front of a resource, in words. */
export function shieldsOf(thing: Thing, landscape: Landscape): string[] {
  return [...firewallsOf(thing, landscape), ...protectionsOf(thing, landscape)];
}

function firewallsOf(thing: Thing, landscape: Landscape): string[] {
  const { DistributionConfig } = thing.properties;
  const own = isObject(DistributionConfig) ? DistributionConfig.WebACLId : thing.properties.WebACLId;
  const associated = landscape
    .ofType('AWS::WAFv2::WebACLAssociation', 'AWS::WAFRegional::WebACLAssociation')
    .filter(({ properties, stack }) => landscape.behind(properties.ResourceArn, stack).includes(thing));
  const acls: [unknown, Thing][] = associated.map((association) => [
    association.properties.WebACLArn ?? association.properties.WebACLId,
    association,
  ]);
  if (own !== undefined && own !== '') acls.push([own, thing]);
  return acls.map(([acl, owner]) => {
    const found = landscape.behind(acl, owner.stack).find(({ type }) => /^AWS::WAF.*::WebACL$/.test(type));
    return found ? `firewall ${labelOf(found)} (${rulesOf(found)})` : `firewall ${readable(acl, owner.stack, landscape)}`;
  });
}

/** A firewall that only counts stops nobody. */
function rulesOf({ properties: { Rules, DefaultAction } }: Thing): string {
  const rules = items(Rules).filter(isObject);
  const counting = rules.filter(
    ({ Action, OverrideAction }) =>
      (isObject(Action) && 'Count' in Action) || (isObject(OverrideAction) && 'Count' in OverrideAction),
  );
  const byDefault = isObject(DefaultAction) && 'Block' in DefaultAction ? ', blocks by default' : '';
  const count = `${rules.length} ${rules.length === 1 ? 'rule' : 'rules'}`;
  const headers = rules.flatMap(requiredHeader).map((header) => `, refuses without header ${header}`);
  return `${count}${counting.length > 0 ? `, ${counting.length} of them only counting` : ''}${byDefault}${headers.join('')}`;
}

/** The header that a rule asks for, if it blocks whatever has it not with one of some values. */
function requiredHeader({ Action, Statement }: Record<string, unknown>): string[] {
  if (!isObject(Action) || !('Block' in Action)) return [];
  const asked = valueAt(Statement, ['NotStatement', 'Statement']);
  const either = items(valueAt(asked, ['OrStatement', 'Statements']));
  const names = (either.length > 0 ? either : [asked]).map((one) =>
    valueAt(one, ['ByteMatchStatement', 'FieldToMatch', 'SingleHeader', 'Name']),
  );
  return typeof names[0] === 'string' && names.every((name) => name === names[0]) ? [names[0]] : [];
}

function protectionsOf(thing: Thing, landscape: Landscape): string[] {
  const isProtected = landscape.referrers(thing, 'AWS::Shield::Protection', 'ResourceArn').length > 0;
  return isProtected ? ['Shield Advanced'] : [];
}
