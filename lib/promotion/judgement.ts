// The comparison of one resource: `fullDiff` also reads every policy in it, and throws on one that is not as it expects.
import { diffResource } from '@aws-cdk/cloudformation-diff/lib/diff';
import type { AssemblyStack, TemplateResource } from '../assembly/cloud-assembly';
import { type MarkedStack, markReplaced } from '../assembly/references';
import { resolvedTemplate } from '../assembly/resolved';
import { isStateful } from '../assembly/stateful-types';
import { sameValue } from '../assembly/values';
import type { Finding } from './change';
import { judgeAttribute, judgeCondition, judgeProperty, judgeRemoval, type Place, withFixedName } from './judge';
import { MADE_AT_DEPLOY, NESTED_UNREAD, STACK_LEFT_BEHIND, TYPE_CHANGE } from './rules/identity';
import { finding, type ResourcePair, type StackPair, stays } from './rules/rule';
import { markShifted, type ResolvedPair } from './shifted-values';

/** Attributes that CloudFormation does not act on when a resource exists; `Condition` is judged by what it says. */
const WITHOUT_EFFECT = ['Metadata', 'DependsOn', 'CreationPolicy', 'Type', 'Condition', 'Properties'];

/** Judges every resource by itself, and by what it refers to. */
export class Judgement {
  private readonly pairs: ResourcePair[];
  private readonly findings = new Map<ResourcePair, Finding[]>();
  /** The stacks that stay, worked out; references to what changes elsewhere are marked in the later ones. */
  private readonly resolved = new Map<StackPair, ResolvedPair>();
  private readonly marked: MarkedStack[] = [];

  constructor(stacks: StackPair[]) {
    for (const pair of stacks) {
      const { before, after } = pair;
      if (!after) continue;
      const environment = before && isAgnostic(after) ? before : after;
      const later = resolvedTemplate(after, environment);
      const marked: MarkedStack = { ...after, resources: { ...later.resources } };
      this.marked.push(marked);
      if (before) this.resolved.set(pair, { pair, before: resolvedTemplate(before, environment), after: later, marked });
    }
    this.pairs = stacks.flatMap((stack) => resourcePairs(stack));
  }

  public run(): Map<ResourcePair, Finding[]> {
    for (const pair of this.pairs) this.findings.set(pair, this.judgeExistence(pair));
    const replaced = new Set<ResourcePair>();
    const isReplaced = (stack: MarkedStack, logicalId: string) =>
      [...replaced].some((pair) => pair.logicalId === logicalId && this.resolved.get(pair.stack)?.marked === stack);
    markShifted([...this.resolved.values()], isReplaced);
    let stale = [...this.resolved.values()];
    while (stale.length > 0) {
      for (const stack of stale) this.judgeStack(stack);
      // What is replaced changes the value of every reference to it, which may replace more.
      const touched = new Set<AssemblyStack>();
      for (const pair of this.pairs.filter((candidate) => !replaced.has(candidate) && this.isReplaced(candidate))) {
        replaced.add(pair);
        const { marked } = this.resolved.get(pair.stack)!;
        for (const stack of markReplaced(this.marked, marked, pair.logicalId)) touched.add(stack);
      }
      for (const stack of markShifted([...this.resolved.values()], isReplaced)) touched.add(stack);
      stale = [...this.resolved.values()].filter(({ marked }) => touched.has(marked));
    }
    return this.findings;
  }

  private isReplaced(pair: ResourcePair): boolean {
    return this.resolved.has(pair.stack) && this.findings.get(pair)!.some(({ verdict }) => verdict === 'replaced');
  }

  private judgeExistence({ stack, before, after, logicalId }: ResourcePair): Finding[] {
    if (!before) return [];
    if (!stack.after && !stack.isNested) return [finding(STACK_LEFT_BEHIND, 'orphaned')];
    // What its condition kept out of the stack cannot leave it.
    if (this.resolved.get(stack)?.before.conditionOf(logicalId) === false) return [];
    if (!after) return [judgeRemoval(before)];
    if (before.Type === after.Type) return [];
    return [finding(TYPE_CHANGE, 'refused', { change: `${before.Type} -> ${after.Type}` })];
  }

  private judgeStack({ pair: stack, before, after, marked }: ResolvedPair): void {
    for (const pair of this.pairs.filter(stays).filter((candidate) => candidate.stack === stack)) {
      const { logicalId } = pair;
      const [old, fresh] = [before.resources[logicalId], marked.resources[logicalId]];
      const existence = judgeCondition(old, before.conditionOf(logicalId), after.conditionOf(logicalId));
      const place = { stackName: stack.stackName, region: stack.region, logicalId };
      const exists = before.conditionOf(logicalId) !== false;
      const findings = exists && !sameValue(old, fresh) ? judgeDifference(pair, old, fresh, place) : [];
      pair.changed.length = 0;
      pair.changed.push(...new Set(findings.map(({ property }) => (property ?? '').split('.')[0])));
      this.findings.set(pair, [...(Array.isArray(old) ? findings : withFixedName(old, fresh, findings)), ...existence]);
    }
  }
}

function isAgnostic({ region, account }: AssemblyStack): boolean {
  return region === 'unknown-region' || account === 'unknown-account';
}

function resourcePairs(stack: StackPair): ResourcePair[] {
  const left = stack.before?.template.Resources ?? {};
  const right = stack.after?.template.Resources ?? {};
  return [...new Set([...Object.keys(left), ...Object.keys(right)])].map((logicalId) => ({
    stack,
    logicalId,
    type: (right[logicalId] ?? left[logicalId]).Type ?? 'Fn::ForEach',
    before: left[logicalId],
    after: right[logicalId],
    changed: [],
  }));
}

function judgeDifference(pair: ResourcePair, before: TemplateResource, after: TemplateResource, place: Place): Finding[] {
  if (Array.isArray(before)) return [finding(MADE_AT_DEPLOY, 'replaced')];
  const difference = diffResource(before, after, place.logicalId);
  const [left, right] = [before.Properties ?? {}, after.Properties ?? {}];
  const properties = [...new Set([...Object.keys(left), ...Object.keys(right)])]
    .filter((name) => !sameValue(left[name], right[name]))
    .flatMap((name) => judgeProperty(before, after, name, difference.propertyUpdates[name], place));
  const attributes = Object.keys(difference.otherChanges)
    .filter((name) => !WITHOUT_EFFECT.includes(name))
    .flatMap((name) => judgeAttribute(name, before, after, isStateful(before.Type, before)));
  return [...properties, ...unreadFindings(pair, left, right), ...attributes];
}

/** What becomes of what a nested stack holds is judged resource by resource, unless its template is not at hand. */
function unreadFindings({ stack, logicalId, type }: ResourcePair, left: object, right: object): Finding[] {
  if (type !== 'AWS::CloudFormation::Stack') return [];
  if (stack.before?.nested?.[logicalId] && stack.after?.nested?.[logicalId]) return [];
  const inputs = [left, right].map((properties) => ({ ...properties, Tags: undefined, TimeoutInMinutes: undefined }));
  return sameValue(inputs[0], inputs[1]) ? [] : [finding(NESTED_UNREAD, 'replaced')];
}
