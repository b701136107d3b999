import { fullDiff, type ResourceDifference } from '@aws-cdk/cloudformation-diff';
import type { Assembly, AssemblyStack, TemplateResource } from '../assembly/cloud-assembly';
import { acceptanceFor } from './acceptances';
import type { Acceptance, Finding, PromotionReport, ResourceChange, Verdict } from './change';
import { fateOfReplaced, judgeAttribute, judgeProperty, judgeRemoval, looksAlike, type Place, withFixedName } from './judge';
import { type MarkedStack, markReplaced } from './references';
import { DEPLOY_RULES } from './rules';
import { STACK_LEFT_BEHIND, TYPE_CHANGE } from './rules/identity';
import { finding, type ResourcePair, type StackPair, stays } from './rules/rule';
import { serviceSpec } from './service-spec';
import { pairStacks } from './stack-pairs';
import { isStateful } from './stateful-types';
import { sameValue } from './values';

/** How a comparison is judged. */
export interface CompareOptions {
  /** Losses that a person has accepted in writing. @default - none */
  readonly acceptances?: Acceptance[];
}

/** From harmless to worst. */
const SEVERITY: Verdict[] = ['kept', 'updated', 'added', 'own-deploy', 'refused', 'orphaned', 'replaced', 'destroyed'];

/** Attributes that CloudFormation does not act on when a resource exists. */
const WITHOUT_EFFECT = ['Metadata', 'DependsOn', 'CreationPolicy', 'Type'];

/**
 * Says what deploying one cloud assembly over another does to every resource.
 *
 * Parameter defaults and mappings are not resolved: CloudFormation keeps the parameter values of a deployed stack, and a
 * mapping that changes below an unchanged `Fn::FindInMap` is not seen.
 *
 * @param before what is deployed
 * @param after what would be deployed over it
 */
export function comparePromotion(before: Assembly, after: Assembly, options: CompareOptions = {}): PromotionReport {
  serviceSpec();
  const stacks = pairStacks(before, after);
  const judged = new Judgement(stacks).run();
  const resources = [...judged.keys()];
  for (const rule of DEPLOY_RULES) {
    for (const located of rule.find({ before, after, resources })) judged.get(located.resource)!.push(located.finding);
  }
  const moves = new Moves(resources);
  const acceptances = options.acceptances ?? [];
  const used = new Set<Acceptance>();
  const changes = resources.map((pair): ResourceChange => {
    const change = changeOf(pair, judged.get(pair)!, moves);
    const acceptance = isProblem(change) ? acceptanceFor(change, acceptances) : undefined;
    if (!acceptance) return change;
    used.add(acceptance);
    return { ...change, acceptedBecause: acceptance.reason };
  });
  return {
    before: before.directory,
    after: after.directory,
    changes,
    safe: !changes.some(isProblem),
    unusedAcceptances: acceptances.filter((acceptance) => !used.has(acceptance)),
  };
}

/** Whether a change must not be deployed as it is: it loses state, fails, or needs a deploy of its own. */
export function isProblem(change: ResourceChange): boolean {
  if (change.acceptedBecause !== undefined) return false;
  if (change.verdict === 'refused' || change.verdict === 'own-deploy') return true;
  return change.stateful && SEVERITY.indexOf(change.verdict) > SEVERITY.indexOf('refused');
}

/** Judges every resource by itself, and by what it refers to. */
class Judgement {
  private readonly pairs: ResourcePair[];
  private readonly findings = new Map<ResourcePair, Finding[]>();
  /** Later stacks, in which references to replaced resources are marked. */
  private readonly marked = new Map<AssemblyStack, MarkedStack>();

  constructor(private readonly stacks: StackPair[]) {
    for (const { after } of stacks) {
      if (after) this.marked.set(after, { ...after, resources: { ...after.template.Resources } });
    }
    this.pairs = stacks.flatMap((stack) => resourcePairs(stack));
  }

  public run(): Map<ResourcePair, Finding[]> {
    for (const pair of this.pairs) this.findings.set(pair, judgeExistence(pair));
    const replaced = new Set<ResourcePair>();
    let stale = this.stacks;
    while (stale.length > 0) {
      for (const stack of stale) this.judgeStack(stack);
      // What is replaced changes the value of every reference to it, which may replace more.
      const touched = new Set<AssemblyStack>();
      for (const pair of this.pairs.filter((candidate) => !replaced.has(candidate) && this.isReplaced(candidate))) {
        replaced.add(pair);
        const stacks = markReplaced([...this.marked.values()], this.marked.get(pair.stack.after!)!, pair.logicalId);
        for (const stack of stacks) touched.add(stack);
      }
      stale = this.stacks.filter(({ after }) => after !== undefined && touched.has(this.marked.get(after)!));
    }
    return this.findings;
  }

  private isReplaced(pair: ResourcePair): boolean {
    const findings = this.findings.get(pair)!;
    return pair.stack.after !== undefined && findings.some(({ verdict }) => verdict === 'replaced');
  }

  private judgeStack(stack: StackPair): void {
    if (!stack.before || !stack.after) return;
    const { resources } = this.marked.get(stack.after)!;
    const stayed = this.pairs.filter(stays).filter((pair) => pair.stack === stack);
    // `fullDiff` copies and walks what it is given several times, so it is given what differs.
    const differing = stayed.filter(({ before, logicalId }) => !sameValue(before, resources[logicalId]));
    const { changes } = fullDiff(
      { Resources: Object.fromEntries(differing.map(({ logicalId, before }) => [logicalId, before])) },
      { Resources: Object.fromEntries(differing.map(({ logicalId }) => [logicalId, resources[logicalId]])) },
    ).resources;
    for (const pair of stayed) {
      const difference = changes[pair.logicalId];
      const after = resources[pair.logicalId];
      const place = { stackName: stack.stackName, region: stack.region, logicalId: pair.logicalId };
      const findings = difference ? judgeDifference(pair.before, after, difference, place) : [];
      pair.changed.length = 0;
      pair.changed.push(...new Set(findings.map(({ property }) => (property ?? '').split('.')[0])));
      this.findings.set(pair, [...withFixedName(pair.before, after, findings), ...conditionFindings(pair)]);
    }
  }
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

function judgeExistence({ stack, before, after }: ResourcePair): Finding[] {
  if (!before) return [];
  if (!stack.after && !stack.isNested) return [finding(STACK_LEFT_BEHIND, 'orphaned')];
  if (!after) return [judgeRemoval(before)];
  if (before.Type === after.Type) return [];
  return [finding(TYPE_CHANGE, 'refused', { change: `${before.Type} -> ${after.Type}` })];
}

function judgeDifference(
  before: TemplateResource,
  after: TemplateResource,
  difference: ResourceDifference,
  place: Place,
): Finding[] {
  const properties = Object.entries(difference.propertyUpdates)
    // `fullDiff` follows references of what *it* takes for replaced, false alarms included; ours are in the template already.
    .filter(([name]) => !sameValue(before.Properties?.[name], after.Properties?.[name]))
    .flatMap(([name, change]) => judgeProperty(before, after, name, change, place));
  const attributes = Object.keys(difference.otherChanges)
    .filter((name) => !WITHOUT_EFFECT.includes(name))
    .flatMap((name) => judgeAttribute(name, before, after, isStateful(before.Type, before)));
  return [...properties, ...attributes];
}

/** A condition of the same name may say something else now. */
function conditionFindings({ stack, before, after }: ResourcePair): Finding[] {
  const name = before?.Condition;
  if (!before || !after || name === undefined || name !== after.Condition) return [];
  const [left, right] = [stack.before, stack.after].map(
    (side) => side?.template.Conditions as Record<string, unknown> | undefined,
  );
  return sameValue(left?.[name], right?.[name]) ? [] : judgeAttribute('Condition', before, after, true);
}

/** Resources that leave one place and appear in another. */
class Moves {
  private readonly added: ResourcePair[];

  constructor(resources: ResourcePair[]) {
    this.added = resources.filter((pair) => !pair.before);
  }

  public destinationOf(pair: ResourcePair): string | undefined {
    const old = pair.before;
    if (!old || pair.after) return undefined;
    const candidates = this.added.filter(({ type }) => type === old.Type);
    const tail = tailOf(pair.stack.before, pair.logicalId);
    const found =
      candidates.find((other) => tail !== undefined && tail === tailOf(other.stack.after, other.logicalId)) ??
      candidates.find((other) => other.stack !== pair.stack && other.logicalId === pair.logicalId) ??
      candidates.find((other) => other.after && looksAlike(old, other.after));
    if (!found) return undefined;
    const place = found.stack === pair.stack ? 'under this id' : `in stack ${found.stack.stackName} (${found.stack.region})`;
    return `${found.logicalId} looks like it and appears ${place}: a move between stacks or ids does not carry anything over`;
  }
}

/** Construct path below the stack. */
function tailOf(stack: AssemblyStack | undefined, logicalId: string): string | undefined {
  const path = stack?.paths[logicalId];
  if (!stack || path === undefined) return undefined;
  const prefix = stack.constructPath ? `${stack.constructPath}/` : '';
  return path.startsWith(prefix) && prefix !== '' ? path.slice(prefix.length) : path.split('/').slice(1).join('/');
}

function changeOf(pair: ResourcePair, found: Finding[], moves: Moves): ResourceChange {
  const { stack, logicalId, before, after } = pair;
  // What a nested stack holds is judged resource by resource, where its template could be read.
  const isRead = stack.before?.nested?.[logicalId] !== undefined || stack.after?.nested?.[logicalId] !== undefined;
  const stateful = !isRead && [before, after].some((side) => side !== undefined && isStateful(side.Type, side));
  const base: Verdict = !before ? 'added' : 'kept';
  const verdict = found.map((one) => one.verdict).reduce(worse, base);
  const move = moves.destinationOf(pair);
  const findings = found.map((one) => {
    if (one.verdict === 'replaced' && stateful && before) return { ...one, reason: `${one.reason}; ${fateOfReplaced(before)}` };
    return move ? { ...one, reason: `${one.reason}; ${move}` } : one;
  });
  const path = stack.after?.paths[logicalId] ?? stack.before?.paths[logicalId];
  return {
    stackName: stack.stackName,
    region: stack.region,
    logicalId,
    type: before?.Type ?? pair.type,
    ...(path === undefined ? {} : { path }),
    stateful,
    verdict,
    findings,
  };
}

function worse(left: Verdict, right: Verdict): Verdict {
  return SEVERITY.indexOf(right) > SEVERITY.indexOf(left) ? right : left;
}
