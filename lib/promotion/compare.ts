import type { Assembly, AssemblyStack } from '../assembly/cloud-assembly';
import { serviceSpec } from '../assembly/service-spec';
import { holdsState, isStateful } from '../assembly/stateful-types';
import { acceptanceFor } from './acceptances';
import type { Acceptance, Finding, PromotionReport, ResourceChange, Verdict } from './change';
import { fateOfReplaced, looksAlike } from './judge';
import { Judgement } from './judgement';
import { DEPLOY_RULES } from './rules';
import { CONDITION_CHANGED } from './rules/identity';
import { goesWithIt } from './rules/losses';
import { finding, type ResourcePair, type StackPair } from './rules/rule';
import { pairStacks } from './stack-pairs';

/** How a comparison is judged. */
export interface CompareOptions {
  /** Losses that a person has accepted in writing. @default - none */
  readonly acceptances?: Acceptance[];
}

/** From harmless to worst. */
const SEVERITY: Verdict[] = ['kept', 'updated', 'added', 'own-deploy', 'refused', 'orphaned', 'replaced', 'destroyed'];

/**
 * Says what deploying one cloud assembly over another does to every resource.
 *
 * Mappings, conditions, pseudo parameters, and the values of other stacks and nested stacks are followed. Parameter defaults
 * are not: `cdk deploy` keeps the parameter values of a deployed stack.
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
    const acceptance = isProblem(change) ? acceptanceFor(change, acceptances, places(change, stacks)) : undefined;
    if (acceptance) {
      used.add(acceptance);
      return { ...change, acceptedBecause: acceptance.reason };
    }
    const leaving = retainedFirst(change, pair);
    const leave = leaving && acceptanceFor({ ...change, verdict: 'orphaned' }, acceptances, places(change, stacks));
    if (!leave) return change;
    used.add(leave);
    return leaving;
  });
  return {
    before: before.directory,
    after: after.directory,
    changes,
    safe: !changes.some(isProblem),
    unusedAcceptances: acceptances.filter((acceptance) => !used.has(acceptance)),
  };
}

/**
 * A removal that would destroy, with what makes it one that leaves behind: a deploy before it that sets Retain, because the
 * deployed policy decides.
 */
function retainedFirst(change: ResourceChange, { stack, before, after }: ResourcePair): ResourceChange | undefined {
  if (change.verdict !== 'destroyed' || !before || after || !stack.after || stack.isNested) return undefined;
  const { stackName, region, logicalId } = change;
  const value = { ...before, DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' };
  const holds = [{ stackName, region, logicalId, path: [], value }];
  return { ...change, findings: change.findings.map((found) => (found.verdict === 'destroyed' ? { ...found, holds } : found)) };
}

/** How many stacks bear the name of a change's stack. */
function places({ stackName }: ResourceChange, stacks: StackPair[]): number {
  return stacks.filter((stack) => stack.stackName === stackName).length;
}

/** Whether a change must not be deployed as it is: it loses state, fails, or needs a deploy of its own. */
export function isProblem(change: ResourceChange): boolean {
  if (change.acceptedBecause !== undefined) return false;
  if (change.verdict === 'refused' || change.verdict === 'own-deploy') return true;
  return change.stateful && SEVERITY.indexOf(change.verdict) > SEVERITY.indexOf('refused');
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
  const stateful =
    [before, after].some((side) => side !== undefined && isStateful(side.Type, side)) && !isJudgedInside(pair, found);
  const base: Verdict = !before ? 'added' : 'kept';
  const verdict = found.map((one) => one.verdict).reduce(worse, base);
  const move = moves.destinationOf(pair);
  const findings = found.map((one) => {
    if (one.verdict === 'replaced' && stateful && before) return { ...one, reason: `${one.reason}; ${fateOfReplaced(before)}` };
    return move ? { ...one, reason: `${one.reason}; ${move}` } : one;
  });
  findings.push(...goesWithIt(pair.type, verdict).map((rule) => finding(rule, verdict)));
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

/** What a nested stack holds is judged resource by resource, where its template is at hand; a condition decides on it whole. */
function isJudgedInside({ stack, logicalId, before, after }: ResourcePair, found: Finding[]): boolean {
  const [old, fresh] = [stack.before?.nested?.[logicalId], stack.after?.nested?.[logicalId]];
  if ((before && !old) || (after && !fresh)) return false;
  return !(old && holdsState(old) && found.some(({ ruleId }) => ruleId === CONDITION_CHANGED.id));
}

function worse(left: Verdict, right: Verdict): Verdict {
  return SEVERITY.indexOf(right) > SEVERITY.indexOf(left) ? right : left;
}
