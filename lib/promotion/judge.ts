import { type PropertyDifference, ResourceImpact } from '@aws-cdk/cloudformation-diff';
import type { TemplateResource } from '../assembly/cloud-assembly';
import { replacedReferenceIn, unmarked } from '../assembly/references';
import { resourceModel, specSource } from '../assembly/service-spec';
import { isObject, sameValue, shortly, valueAt } from '../assembly/values';
import type { Finding, Hold, Verdict } from './change';
import { nestedCreateOnlyChanges } from './create-only';
import { PROPERTY_RULES } from './rules';
import { CAUTIONS } from './rules/cautions';
import {
  CONDITION_CHANGED,
  CONDITIONAL,
  CREATE_ONLY,
  CREATE_ONLY_TAGS,
  FIXED_NAME,
  IN_PLACE,
  NESTED_CREATE_ONLY,
  POLICY_WEAKENED,
  REMOVED_DELETED,
  REMOVED_RETAINED,
  REMOVED_SNAPSHOT,
  REPLACED_REFERENCE,
  SHIFTED_VALUE,
  UNKNOWN_TO_SCHEMAS,
} from './rules/identity';
import { finding, type PropertyChange, type PropertyRule, type Rule } from './rules/rule';

/** Where a resource is. */
export type Place = Pick<Hold, 'stackName' | 'region' | 'logicalId'>;

/** What a changed top-level property of a resource means. */
export function judgeProperty(
  before: TemplateResource,
  after: TemplateResource,
  property: string,
  difference: PropertyDifference<unknown> | undefined,
  place: Place,
): Finding[] {
  const type = after.Type;
  const change: PropertyChange = {
    type,
    property,
    oldValue: before.Properties?.[property],
    newValue: after.Properties?.[property],
    before,
    after,
  };
  const judged = judgedByRules(change, difference, place);
  const cautions = cautionFindings(change);
  // A caution says all that there is to say about an update in place.
  return cautions.length > 0 ? [...judged.filter(({ ruleId }) => ruleId !== IN_PLACE.id), ...cautions] : judged;
}

function judgedByRules(change: PropertyChange, difference: PropertyDifference<unknown> | undefined, place: Place): Finding[] {
  const { type, property } = change;
  const decisive = ruleFor(change);
  if (decisive) return [underRule(decisive, change, place)];

  const nested = nestedRuleFindings(change, place);
  const model = resourceModel(type);
  const impact = difference?.changeImpact ?? IMPACTS[model?.properties[property]?.causesReplacement ?? 'no'];
  if (impact === ResourceImpact.WILL_REPLACE) {
    return [...nested, bySchema(property === tagProperty(type) ? CREATE_ONLY_TAGS : CREATE_ONLY, change)];
  }
  if (impact === ResourceImpact.MAY_REPLACE) return [...nested, bySchema(CONDITIONAL, change)];

  if (!model?.properties[property]) return [finding(UNKNOWN_TO_SCHEMAS, 'updated', { property, ...told(change) })];
  const covered = nested.map((found) => found.property);
  const below = nestedCreateOnlyChanges(model, property, change.oldValue, change.newValue)
    .filter(({ path }) => !covered.includes(path.join('.')))
    .map(({ path, certainty }) => bySchema(certainty === 'yes' ? NESTED_CREATE_ONLY : CONDITIONAL, deeper(change, path)));
  const findings = [...nested, ...below];
  if (findings.length > 0) return findings;
  return [finding(IN_PLACE, 'updated', { property, source: specSource(type, property), ...told(change) })];
}

/** For texts that `cloudformation-diff` takes for equal numbers, such as the names 010 and 10. */
const IMPACTS = { yes: ResourceImpact.WILL_REPLACE, maybe: ResourceImpact.MAY_REPLACE, no: ResourceImpact.WILL_UPDATE };

/** Cautions about a property or something below it; they come beside the verdict, not in its place. */
function cautionFindings(change: PropertyChange): Finding[] {
  const isBelow = (path: string) => path === change.property || path.startsWith(`${change.property}.`);
  return CAUTIONS.filter((rule) => rule.types.includes(change.type)).flatMap((rule) =>
    rule.properties
      .filter(isBelow)
      .map((path) => deeper(change, path.split('.')))
      .filter((part) => !sameValue(part.oldValue, part.newValue) && (rule.when?.(part) ?? true))
      .map((part) => finding(rule, rule.verdict, { property: part.property, ...told(part) })),
  );
}

function ruleFor(change: PropertyChange): PropertyRule | undefined {
  return PROPERTY_RULES.find(
    (rule) => rule.types.includes(change.type) && rule.properties.includes(change.property) && (rule.when?.(change) ?? true),
  );
}

/** Findings under rules about a property below this one. */
function nestedRuleFindings(change: PropertyChange, place: Place): Finding[] {
  const paths = PROPERTY_RULES.filter((rule) => rule.types.includes(change.type)).flatMap((rule) =>
    rule.properties.filter((property) => property.startsWith(`${change.property}.`)),
  );
  return [...new Set(paths)].flatMap((path) => {
    const nested = deeper(change, path.split('.'));
    if (sameValue(nested.oldValue, nested.newValue)) return [];
    const rule = ruleFor(nested);
    return rule ? [underRule(rule, nested, place)] : [];
  });
}

function deeper(change: PropertyChange, path: string[]): PropertyChange {
  return {
    ...change,
    property: path.join('.'),
    oldValue: valueAt(change.before.Properties, path),
    newValue: valueAt(change.after.Properties, path),
  };
}

function underRule(rule: PropertyRule, change: PropertyChange, place: Place): Finding {
  const reason = rule.verdict === 'updated' ? rule.sentence : `${rule.sentence}${becauseOfReference(change)}`;
  const path = ['Properties', ...change.property.split('.')];
  const holds = rule.meanwhile ? { holds: [{ ...place, path, value: rule.meanwhile(change) }] } : {};
  return finding(rule, rule.verdict, { property: change.property, reason, ...told(change), ...holds });
}

function bySchema(rule: Rule, change: PropertyChange): Finding {
  const source = specSource(change.type, change.property);
  const reference = replacedReferenceIn(change.newValue);
  if (reference?.why !== undefined && onlyThroughReference(change)) {
    return finding(SHIFTED_VALUE, 'replaced', {
      property: change.property,
      reason: `${SHIFTED_VALUE.sentence}: ${reference.why}`,
    });
  }
  if (reference && onlyThroughReference(change)) {
    const reason = `refers to ${reference.logicalId} (${reference.type}), which is itself replaced`;
    return finding(REPLACED_REFERENCE, 'replaced', { property: change.property, reason, source });
  }
  return finding(rule, 'replaced', { property: change.property, source, ...told(change) });
}

function becauseOfReference(change: PropertyChange): string {
  const reference = replacedReferenceIn(change.newValue);
  if (!reference || !onlyThroughReference(change)) return '';
  return ` (${reference.why ?? `it refers to ${reference.logicalId}, which is itself replaced`})`;
}

function onlyThroughReference(change: PropertyChange): boolean {
  return sameValue(change.oldValue, unmarked(change.newValue));
}

/** Old and new value, where they are short enough to help. */
function told({ oldValue, newValue }: PropertyChange): { change?: string } {
  const isPlain = (value: unknown) => value === undefined || (typeof value !== 'object' && String(value).length <= 40);
  if (!isPlain(oldValue) || !isPlain(newValue)) return {};
  return { change: `${shortly(oldValue)} -> ${shortly(newValue)}` };
}

function tagProperty(type: string): string {
  return resourceModel(type)?.tagInformation?.tagPropertyName ?? 'Tags';
}

/** What a changed attribute beside the properties means. */
export function judgeAttribute(
  attribute: string,
  before: TemplateResource,
  after: TemplateResource,
  stateful: boolean,
): Finding[] {
  switch (attribute) {
    case 'DeletionPolicy':
    case 'UpdateReplacePolicy': {
      const weaker = isKept(before[attribute]) && !isKept(after[attribute]);
      const details = { property: attribute, change: `${shortly(before[attribute])} -> ${shortly(after[attribute])}` };
      return [
        finding(stateful && weaker ? POLICY_WEAKENED : IN_PLACE, 'updated', { ...details, source: POLICY_WEAKENED.source }),
      ];
    }
    default:
      return [finding(IN_PLACE, 'updated', { property: attribute, source: `CloudFormation ${attribute} attribute` })];
  }
}

/**
 * What another condition on a resource means.
 *
 * @param was worked-out condition: true, false, or an expression whose outcome only the deploy knows
 */
export function judgeCondition(before: TemplateResource, was: unknown, is: unknown): Finding[] {
  if (sameValue(was, is)) return [];
  const property = 'Condition';
  if (is === true || was === false) return [finding(IN_PLACE, 'updated', { property, source: CONDITION_CHANGED.source })];
  return [finding(CONDITION_CHANGED, REMOVAL_VERDICTS[deletionPolicy(before)] ?? 'destroyed', { property })];
}

function isKept(policy: unknown): boolean {
  return policy === 'Retain' || policy === 'RetainExceptOnCreate';
}

const REMOVAL_VERDICTS: Record<string, Verdict> = { Retain: 'orphaned', RetainExceptOnCreate: 'orphaned' };

/** What CloudFormation does with a resource that leaves a template: the deployed policy decides. */
export function judgeRemoval(resource: TemplateResource): Finding {
  switch (deletionPolicy(resource)) {
    case 'Retain':
    case 'RetainExceptOnCreate':
      return finding(REMOVED_RETAINED, 'orphaned');
    case 'Snapshot':
      return finding(REMOVED_SNAPSHOT, 'destroyed');
    default:
      return finding(REMOVED_DELETED, 'destroyed');
  }
}

/** The policy in force; RDS clusters and stand-alone instances are snapshot where nothing is written. */
function deletionPolicy(resource: TemplateResource): string {
  if (resource.DeletionPolicy) return resource.DeletionPolicy;
  const snapshots =
    resource.Type === 'AWS::RDS::DBCluster' ||
    (resource.Type === 'AWS::RDS::DBInstance' && resource.Properties?.DBClusterIdentifier === undefined);
  return snapshots ? 'Snapshot' : 'Delete';
}

/** What becomes of the old one when a stateful resource is replaced. */
export function fateOfReplaced(resource: TemplateResource): string {
  switch (resource.UpdateReplacePolicy) {
    case 'Retain':
    case 'RetainExceptOnCreate':
      return 'the new one starts empty, the old one stays behind unmanaged';
    case 'Snapshot':
      return 'the new one starts empty, only a snapshot of the old one remains';
    default:
      return 'the new one starts empty, the old one is deleted';
  }
}

/** Types whose name belongs to something larger, so that two may bear it at once. */
const SHARED_NAMES = ['AWS::Route53::RecordSet', 'AWS::Route53::HostedZone', 'AWS::RDS::DBProxyTargetGroup'];

/** Turns a replacement into the refusal that it is for a resource with a fixed name. */
export function withFixedName(before: TemplateResource, after: TemplateResource, findings: Finding[]): Finding[] {
  if (!findings.some(({ verdict }) => verdict === 'replaced')) return findings;
  const name = nameProperties(after.Type).find((property) => {
    const value = after.Properties?.[property];
    return value !== undefined && sameValue(before.Properties?.[property], value);
  });
  if (name === undefined) return findings;
  const refused = findings.map((found) => (found.verdict === 'replaced' ? { ...found, verdict: 'refused' as const } : found));
  return [...refused, finding(FIXED_NAME, 'refused', { property: name })];
}

function nameProperties(type: string): string[] {
  if (SHARED_NAMES.includes(type)) return [];
  const short = (type.split('::')[2] ?? '').toLowerCase();
  return Object.entries(resourceModel(type)?.properties ?? {})
    .filter(([property, { causesReplacement }]) => {
      const stem = /^(.*)(Name|Identifier|Id)$/.exec(property)?.[1].toLowerCase();
      return causesReplacement === 'yes' && stem !== undefined && short.endsWith(stem);
    })
    .map(([property]) => property);
}

/** Name and policies aside, whether two resources are alike enough to be one that moved. */
export function looksAlike(left: TemplateResource, right: TemplateResource): boolean {
  const plain = (resource: TemplateResource) => (isObject(resource.Properties) ? resource.Properties : {});
  return left.Type === right.Type && Object.keys(plain(left)).length > 0 && sameValue(plain(left), plain(right));
}
