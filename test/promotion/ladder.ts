import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack, type StackProps, Stage } from 'aws-cdk-lib';
import { type Assembly, readAssembly } from '../../lib/assembly/cloud-assembly';
import { referencesIn } from '../../lib/assembly/references';
import { isStateful } from '../../lib/assembly/stateful-types';
import type { PromotionReport, ResourceChange } from '../../lib/promotion/change';
import { comparePromotion } from '../../lib/promotion/compare';
import { type Plan, planPromotion } from '../../lib/promotion/plan';
import { ACCOUNT } from '../stacks';
import { type AnyStageProps, addStage, IMAGE, synthStage, withoutTraces } from '../synth-stages';

/** A way up the ladder, from one stage to a later one. */
export type Climb = readonly [from: number, to: number];

export const CLIMBS: Climb[] = [
  [1, 2],
  [2, 3],
  [3, 4],
  [1, 3],
  [1, 4],
  [2, 4],
];

/** Verdicts by which something stateful is lost. */
export const LOSSES = ['replaced', 'destroyed', 'orphaned'];

const references = new Map<number, Assembly>();

/** A stage of the reference product, synthesized once a test file. */
export function referenceStage(stage: number): Assembly {
  const known = references.get(stage);
  if (known) return known;
  const made = readAssembly(synthStage(stage));
  references.set(stage, made);
  return made;
}

/** The stack of an assembly that holds the product itself. */
export function productStack({ stacks }: Assembly): Assembly['stacks'][number] {
  return stacks.find(({ stackName }) => stackName === 'Shop')!;
}

/** How a stage is synthesized for a comparison; nothing that only people read is written. */
export interface StageSynthesis {
  readonly props: (stack: Stack) => Omit<AnyStageProps, 'image'>;
  readonly env?: StackProps['env'];
  /** Feature flags. @default - none */
  readonly flags?: Record<string, unknown>;
}

/** Synthesizes a stage with any props, reads it and leaves nothing behind. */
export function stageWith(stage: number, options: StageSynthesis): Assembly {
  return synthesized((app) => {
    // An environment-agnostic stack has none, not the tests' own.
    const env = 'env' in options ? options.env : { account: ACCOUNT, region: 'us-east-1' };
    const stack = new Stack(new Stage(app, `stage${stage}`), 'Shop', { stackName: 'Shop', env });
    addStage(stack, stage, { image: IMAGE, ...options.props(stack) });
  }, options.flags);
}

/** Synthesizes what `build` puts into an app, reads it and leaves nothing behind. */
export function synthesized(build: (app: App) => void, flags: Record<string, unknown> = {}): Assembly {
  const outdir = mkdtempSync(join(tmpdir(), 'ladder-'));
  // Stack traces, warnings, the construct tree and the usage report take a quarter of the time, and no comparison reads them.
  const withoutPrint = {
    'aws:cdk:disable-stack-trace': true,
    'aws:cdk:disable-metadata-stack-trace': true,
    '@aws-cdk/core:annotationsInValidationReport': false,
  };
  try {
    return withoutTraces(() => {
      const app = new App({ outdir, context: { ...flags, ...withoutPrint }, treeMetadata: false, analyticsReporting: false });
      build(app);
      app.synth();
      return readAssembly(outdir);
    });
  } finally {
    rmSync(outdir, { recursive: true });
  }
}

/** What a report finds wrong, in one line each. */
export function problemsOf({ changes }: PromotionReport, isProblem: (change: ResourceChange) => boolean = isLoss): string[] {
  return changes
    .filter(isProblem)
    .map(({ stackName, logicalId, type, verdict, findings }) =>
      [verdict, stackName, logicalId, type, ...findings.map(({ ruleId, property }) => `${ruleId}:${property ?? ''}`)].join(' '),
    );
}

export function isLoss({ stateful, verdict }: ResourceChange): boolean {
  return stateful && LOSSES.includes(verdict);
}

function stops(change: ResourceChange): boolean {
  return isLoss(change) || change.verdict === 'refused' || change.verdict === 'own-deploy';
}

/**
 * What is wrong with a plan; empty where every deploy is safe, is a valid template, and loses nothing. Each deploy brings its own
 * comparison with the one before; matrix.test.ts makes sure that it is the right one.
 */
export function faultsOfPlan(before: Assembly, after: Assembly, plan: Plan): string[] {
  if (plan.impossible !== undefined) return [plan.impossible];
  const faults = problemsOf(plan.jump).map((loss) => `the jump loses: ${loss}`);
  let state = before;
  for (const { number, assembly, report } of plan.deploys) {
    const found = [
      ...problemsOf(report, stops),
      ...(report.safe ? [] : ['the comparison is not safe']),
      ...lostWithoutTheGuard(state, assembly),
      ...brokenReferences(assembly),
    ];
    faults.push(...found.map((fault) => `deploy ${number}: ${fault}`));
    state = assembly;
  }
  if (state !== after) faults.push('the last deploy is not the later assembly');
  if (plan.jump.safe !== (plan.deploys.length === 1)) faults.push('the jump is safe, yet takes several deploys, or the reverse');
  return faults;
}

/** Plans a climb and judges the plan. */
export function planClimb(before: Assembly, after: Assembly): { plan: Plan; faults: string[] } {
  const plan = planPromotion(before, after, comparePromotion);
  return { plan, faults: faultsOfPlan(before, after, plan) };
}

/**
 * A second opinion, without the guard's own rules: whatever is stateful keeps its stack, logical id, type, name and the
 * properties that decide which physical resource it is.
 */
export function lostWithoutTheGuard(before: Assembly, after: Assembly): string[] {
  return before.stacks.flatMap((stack) => {
    const next = after.stacks.find(({ stackName, region }) => stackName === stack.stackName && region === stack.region);
    return Object.entries(stack.template.Resources ?? {})
      .filter(([, resource]) => isStateful(resource.Type, resource))
      .flatMap(([id, old]) => {
        const fresh = next?.template.Resources?.[id];
        if (fresh?.Type !== old.Type) return [`${stack.stackName} ${id} (${old.Type}) is gone`];
        // A log gets its key at any time, for what is written from then on (CloudWatch Logs user guide, encrypt log data).
        const identity = old.Type === 'AWS::Logs::LogGroup' ? IDENTITY.filter((name) => name !== 'KmsKeyId') : IDENTITY;
        return identity
          .filter((name) => JSON.stringify(old.Properties?.[name]) !== JSON.stringify(fresh.Properties?.[name]))
          .map((name) => `${stack.stackName} ${id} (${old.Type}) gets another ${name}`);
      });
  });
}

/** Properties that no stateful type of ours may change, whatever its schema says. */
const IDENTITY = [
  'AvailabilityZone',
  'AliasAttributes',
  'AtRestEncryptionEnabled',
  'BackupVaultName',
  'BucketName',
  'CacheSubnetGroupName',
  'ClusterName',
  'DatabaseName',
  'DBSubnetGroupName',
  'DomainName',
  'Encrypted',
  'EncryptionAtRestOptions',
  'EncryptionKeyArn',
  'Engine',
  'FifoQueue',
  'FifoTopic',
  'GlobalClusterIdentifier',
  'KeySchema',
  'KmsKeyId',
  'LogGroupName',
  'MasterUsername',
  'MultiRegion',
  'Name',
  'NamespaceName',
  'PrimaryKeyArn',
  'SourceDBClusterIdentifier',
  'StorageEncrypted',
  'UsernameAttributes',
  'UsernameConfiguration',
];

/** References that lead nowhere, and circles: CloudFormation refuses a template with one. */
export function brokenReferences({ stacks }: Assembly): string[] {
  return stacks.flatMap((stack) => {
    const { Resources = {}, Outputs = {}, Parameters = {} } = stack.template;
    const known = (id: string) => id in Resources || id in Parameters || id.startsWith('AWS::');
    const edges = new Map<string, string[]>();
    const faults: string[] = [];
    for (const [id, resource] of Object.entries(Resources)) {
      const targets = [resource.DependsOn ?? []].flat();
      for (const reference of referencesIn(resource.Properties, stack)) {
        if (reference.kind === 'resource') targets.push(reference.logicalId);
        else if (reference.kind === 'export') faults.push(`${id} imports ${reference.name}, which locks the exporting stack`);
        else {
          const producer = stacks.find((one) => one.stackName === reference.stackName && one.region === reference.region);
          if (producer?.template.Outputs?.[reference.outputName]) continue;
          // An environment-agnostic product finds its outputs in the region where it is deployed.
          if (stacks.some(({ template, region }) => region === 'unknown-region' && template.Outputs?.[reference.outputName]))
            continue;
          faults.push(`${id} reads ${reference.outputName} of ${reference.stackName}, which has no such output`);
        }
      }
      faults.push(...targets.filter((target) => !known(target)).map((target) => `${id} refers to ${target}, which is not there`));
      edges.set(
        id,
        [...new Set(targets)].filter((target) => target in Resources),
      );
    }
    for (const reference of referencesIn(Outputs, stack)) {
      if (reference.kind === 'resource' && !known(reference.logicalId)) faults.push(`an output refers to ${reference.logicalId}`);
    }
    return [...faults, ...circle(edges)].map((fault) => `${stack.stackName} ${fault}`);
  });
}

function circle(edges: Map<string, string[]>): string[] {
  const done = new Set<string>();
  const visit = (id: string, path: string[]): string[] => {
    if (path.includes(id)) return [`circle: ${[...path.slice(path.indexOf(id)), id].join(' -> ')}`];
    if (done.has(id)) return [];
    done.add(id);
    for (const target of edges.get(id) ?? []) {
      const found = visit(target, [...path, id]);
      if (found.length > 0) return found;
    }
    return [];
  };
  for (const id of edges.keys()) {
    const found = visit(id, []);
    if (found.length > 0) return found;
  }
  return [];
}
