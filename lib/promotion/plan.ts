import type { Assembly, AssemblyStack } from '../assembly/cloud-assembly';
import { sameValue } from '../assembly/values';
import type { Finding, Hold, PromotionReport, ResourceChange, Verdict } from './change';
import { isProblem } from './compare';
import { applyHolds, HoldError } from './hold';

/** Compares two assemblies; `comparePromotion` with the user's options. */
export type Compare = (before: Assembly, after: Assembly) => PromotionReport;

/** Something that one deploy leaves for a later one. */
export interface HeldBack {
  readonly stackName: string;
  readonly region: string;
  readonly logicalId: string;
  readonly type: string;
  /** Construct path, where known. */
  readonly path?: string;
  /** The same without what all paths have in common, or the logical id. */
  readonly name: string;
  readonly property?: string;
  readonly ruleId: string;
  /** Why it needs a deploy of its own, in one sentence. */
  readonly reason: string;
  readonly source: string;
}

/** What a deploy does to one stack. */
export interface StackSummary {
  readonly stackName: string;
  readonly region: string;
  readonly added: number;
  readonly changed: number;
  readonly removed: number;
}

/** One deploy of a plan. */
export interface Deploy {
  /** From 1. */
  readonly number: number;
  /** What is deployed. The last deploy is the later assembly itself. */
  readonly assembly: Assembly;
  /** The comparison with what the deploy before it left; it is safe. */
  readonly report: PromotionReport;
  /** The stacks it changes, in the order they deploy. */
  readonly stacks: StackSummary[];
  /** The changes worth knowing, in a few words each: everything stateful, and what earlier deploys held back. */
  readonly notable: string[];
  /** What it leaves for later deploys, and why. Empty for the last. */
  readonly heldBack: HeldBack[];
  /** What must be true before the next deploy starts. Empty for the last. */
  readonly waitFor: string[];
}

/** How to get from one assembly to another. */
export interface Plan {
  readonly before: string;
  readonly after: string;
  /** The comparison of the two without a plan; safe only when one deploy is enough. */
  readonly jump: PromotionReport;
  /** The deploys in order; empty when `impossible`. */
  readonly deploys: Deploy[];
  /** Why no sequence of deploys is safe, in one sentence. */
  readonly impossible?: string;
}

/** The assembly before the first deploy. */
export const NOTHING: Assembly = { directory: 'nothing', stacks: [] };

/** Deploys that no product needs; a plan this long is a fault in a rule. */
const MOST_DEPLOYS = 50;

/** What a service is still doing when CloudFormation may already be done, or what makes the deploy long. */
const SERVICE_WAITS: Record<string, string> = {
  'AWS::DynamoDB::GlobalTable': 'the table and every replica ACTIVE (a new replica copies the whole table)',
  'AWS::MSK::Cluster': 'the Kafka cluster ACTIVE (turning on multi-VPC reboots its brokers one by one, 30 minutes or more)',
  'AWS::ElastiCache::ReplicationGroup': 'the cache available, its slots moved (online resharding copies the data between shards)',
  'AWS::RDS::GlobalCluster': 'the global database and all its clusters available',
};

class Impossible extends Error {}

/**
 * Finds the deploys that lead from one assembly to another, each of which passes the comparison.
 *
 * The findings say what must wait (`Finding.holds`). What waits is taken out of the later assembly until the rest is safe;
 * the rest is one deploy; from there it goes on until the later assembly itself is safe.
 */
export function planPromotion(before: Assembly, after: Assembly, compare: Compare): Plan {
  const jump = compare(before, after);
  const plan = { before: before.directory, after: after.directory, jump };
  const twice = jump.safe ? undefined : namesake(after);
  if (twice) {
    const where = `${twice.stackName} in ${twice.region}`;
    const impossible = `stacks of several accounts are named ${where}, and a plan cannot tell them apart: synthesize and plan each account by itself`;
    return { ...plan, deploys: [], impossible };
  }
  try {
    return { ...plan, deploys: findDeploys(before, after, jump, compare) };
  } catch (error) {
    if (!(error instanceof Impossible) && !(error instanceof HoldError)) throw error;
    return { ...plan, deploys: [], impossible: `no sequence of deploys is safe: ${error.message}` };
  }
}

/** Holds name a stack and a region. */
function namesake({ stacks }: Assembly): AssemblyStack | undefined {
  return stacks.find((stack, index) =>
    stacks.slice(0, index).some((other) => other.stackName === stack.stackName && other.region === stack.region),
  );
}

function findDeploys(before: Assembly, after: Assembly, jump: PromotionReport, compare: Compare): Deploy[] {
  const deploys: Deploy[] = [];
  let state = before;
  let report = jump;
  while (!report.safe) {
    if (deploys.length === MOST_DEPLOYS) throw new Impossible(`after ${MOST_DEPLOYS} deploys something still has to wait`);
    const step = nextStep(state, after, report, compare);
    deploys.push(describe(deploys.length + 1, state, step, deploys.at(-1)?.heldBack ?? []));
    state = step.assembly;
    report = compare(state, after);
  }
  deploys.push(describe(deploys.length + 1, state, { assembly: after, report, heldBack: [] }, deploys.at(-1)?.heldBack ?? []));
  return deploys;
}

interface Step {
  readonly assembly: Assembly;
  readonly report: PromotionReport;
  readonly heldBack: HeldBack[];
}

function nextStep(state: Assembly, after: Assembly, report: PromotionReport, compare: Compare): Step {
  const step = holdUntilSafe(state, after, report, compare);
  if (getsAnywhere(state, step)) return step;
  // All that is left wants a deploy of its own: one of them goes, the others wait.
  for (const change of report.changes.filter((candidate) => blockingFindings(candidate).length > 0)) {
    try {
      const alone = holdUntilSafe(state, after, report, compare, keyOf(change));
      if (getsAnywhere(state, alone)) return alone;
    } catch (error) {
      if (!(error instanceof Impossible) && !(error instanceof HoldError)) throw error;
    }
  }
  const { name, property, reason } = step.heldBack[0];
  throw new Impossible(`${[name, property].filter(Boolean).join(' ')} would have to wait for itself (${reason})`);
}

/** Takes back what must wait until the comparison is safe; `released` names a resource that need not wait. */
function holdUntilSafe(state: Assembly, after: Assembly, report: PromotionReport, compare: Compare, released?: string): Step {
  const heldBack: HeldBack[] = [];
  const name = namesOf(report.changes);
  let assembly = after;
  let current = report;
  while (!current.safe) {
    const blocking = current.changes.flatMap((change) => blockingFindings(change).map((finding) => ({ change, finding })));
    const holds: Hold[] = [];
    for (const { change, finding } of blocking) {
      // What cannot wait may become harmless when other things do.
      if (keyOf(change) === released || !finding.holds?.length) continue;
      holds.push(...finding.holds);
      const held = heldBackOf(change, finding, name(change));
      if (!heldBack.some((other) => sameValue(other, held))) heldBack.push(held);
    }
    const next = applyHolds(assembly, holds, state);
    if (sameValue(next.stacks, assembly.stacks)) {
      const stuck = blocking.find(({ finding }) => !finding.holds?.length) ?? blocking[0];
      throw new Impossible(
        stuck ? problemOf(stuck.change, stuck.finding) : 'the comparison is not safe, and no finding says why',
      );
    }
    assembly = next;
    current = compare(state, assembly);
  }
  return { assembly, report: current, heldBack };
}

/** The findings because of which a change must not be deployed as it is. */
function blockingFindings(change: ResourceChange): Finding[] {
  if (!isProblem(change)) return [];
  const blocking: Verdict[] = change.stateful ? [...STOPS, ...LOSSES] : STOPS;
  return change.findings.filter(({ verdict }) => blocking.includes(verdict));
}

const STOPS: Verdict[] = ['refused', 'own-deploy'];
const LOSSES: Verdict[] = ['replaced', 'destroyed', 'orphaned'];

/** Whether a step gets anywhere: a resource changes, or an output that a later step refers to appears. */
function getsAnywhere(state: Assembly, { assembly, report }: Step): boolean {
  if (report.changes.some((change) => change.verdict !== 'kept')) return true;
  return assembly.stacks.some((stack) => {
    const old = state.stacks.find(({ stackName, region }) => stackName === stack.stackName && region === stack.region);
    return !sameValue(old?.template.Outputs ?? {}, stack.template.Outputs ?? {});
  });
}

function heldBackOf(change: ResourceChange, finding: Finding, name: string): HeldBack {
  const { stackName, region, logicalId, type, path } = change;
  const { property, ruleId, reason, source } = finding;
  return { stackName, region, logicalId, type, path, name, property, ruleId, reason, source };
}

/** Names for people: construct paths without what they have in common. */
function namesOf(changes: ResourceChange[]): (change: ResourceChange) => string {
  const paths = changes
    // What goes has its path from before, perhaps in a CDK Stage of another name.
    .filter(({ type, verdict }) => type !== 'AWS::CDK::Metadata' && verdict !== 'destroyed' && verdict !== 'orphaned')
    .flatMap(({ path }) => (path ? [path.split('/')] : []));
  const [first = []] = paths;
  const differs = first.findIndex((segment, index) => paths.some((path) => path[index] !== segment));
  // A lone resource keeps the end of its path.
  const common = Math.min(differs < 0 ? first.length : differs, ...paths.map(({ length }) => length - 1));
  return ({ path, logicalId }) => path?.split('/').slice(common).join('/') || logicalId;
}

function keyOf({ stackName, region, logicalId }: { stackName: string; region: string; logicalId: string }): string {
  return `${stackName}|${region}|${logicalId}`;
}

function problemOf(change: ResourceChange, { property, verdict, reason, source }: Finding): string {
  const name = [change.path ?? change.logicalId, property].filter(Boolean).join(' ');
  return `${name} (${change.type}) is ${verdict}: ${reason} (${source})`;
}

function describe(number: number, state: Assembly, step: Step, released: HeldBack[]): Deploy {
  const { assembly, report, heldBack } = step;
  const changed = report.changes.filter((change) => change.verdict !== 'kept');
  const waited = new Set(released.map(keyOf));
  // One name for one resource through all deploys, whatever else a deploy changes.
  const name = namesOf(report.changes);
  // First what an earlier deploy promised, then what changes in place, then what is new.
  const rank = (change: ResourceChange) => (waited.has(keyOf(change)) ? 0 : change.verdict === 'added' ? 2 : 1);
  const notable = changed
    .filter((change) => change.stateful || waited.has(keyOf(change)))
    .sort((left, right) => rank(left) - rank(right));
  return {
    number,
    assembly,
    report,
    stacks: summarize(changed, assembly),
    notable: notable.map((change) => inFewWords(change, name(change), state, assembly)),
    heldBack,
    waitFor: heldBack.length > 0 ? waitsOf(changed, heldBack) : [],
  };
}

function summarize(changed: ResourceChange[], assembly: Assembly): StackSummary[] {
  const stacks = new Map<string, { stackName: string; region: string; added: number; changed: number; removed: number }>();
  const summaryOf = (stackName: string, region: string) => {
    const key = `${stackName}|${region}`;
    if (!stacks.has(key)) stacks.set(key, { stackName, region, added: 0, changed: 0, removed: 0 });
    return stacks.get(key)!;
  };
  // The order of the assembly is the order of deployment.
  for (const { stackName, region } of assembly.stacks) summaryOf(stackName, region);
  for (const change of changed) {
    const summary = summaryOf(change.stackName, change.region);
    if (change.verdict === 'added') summary.added++;
    else if (change.verdict === 'destroyed' || change.verdict === 'orphaned') summary.removed++;
    else summary.changed++;
  }
  return [...stacks.values()].filter(({ added, changed, removed }) => added + changed + removed > 0);
}

function inFewWords(change: ResourceChange, name: string, state: Assembly, assembly: Assembly): string {
  const type = change.type.replace(/^AWS::/, '');
  switch (change.verdict) {
    case 'added':
      return `+ ${name} (${type})`;
    case 'destroyed':
    case 'orphaned':
      return `- ${name} (${type}) ${change.verdict}`;
    case 'replaced':
      return `! ${name} (${type}) replaced`;
    default: {
      const sections = changedSections(resourceIn(state, change), resourceIn(assembly, change));
      const shown =
        sections.length > 4 ? `${sections.slice(0, 3).join(', ')} and ${sections.length - 3} more` : sections.join(', ');
      return `~ ${name}: ${shown || 'changed'}`;
    }
  }
}

type Resource = NonNullable<AssemblyStack['template']['Resources']>[string];

function resourceIn(assembly: Assembly, change: ResourceChange): Resource | undefined {
  const stack = assembly.stacks.find(({ stackName, region }) => stackName === change.stackName && region === change.region);
  return stack?.template.Resources?.[change.logicalId];
}

/** The properties and other attributes that differ. */
function changedSections(before: Resource | undefined, after: Resource | undefined): string[] {
  const flat = (resource: Resource | undefined): Record<string, unknown> => {
    const { Properties, Metadata, ...attributes } = resource ?? { Type: '' };
    return { ...attributes, ...Properties };
  };
  const [old, fresh] = [flat(before), flat(after)];
  const names = new Set([...Object.keys(old), ...Object.keys(fresh)]);
  return [...names].filter((name) => !sameValue(old[name], fresh[name])).sort();
}

/** What the next deploy builds on: the stacks, and what services do to the things that it goes on with. */
function waitsOf(changed: ResourceChange[], heldBack: HeldBack[]): string[] {
  const held = new Set(heldBack.map(keyOf));
  const busy = changed.filter((change) => change.verdict === 'updated' || held.has(keyOf(change)));
  const services = new Set(busy.map(({ type }) => SERVICE_WAITS[type]).filter((wait) => wait !== undefined));
  return ['every stack CREATE_COMPLETE or UPDATE_COMPLETE', ...services];
}
