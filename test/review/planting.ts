import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { App, Stage } from 'aws-cdk-lib';
import { REFERENCE } from '../../bin/app';
import { buildProduct } from '../../bin/product/build-product';
import { type Assembly, type AssemblyStack, everyStack, readAssembly } from '../../lib/assembly/cloud-assembly';
import type { Check } from '../../lib/review/checks/check';
import type { Finding } from '../../lib/review/finding';
import { BreakableTemplate } from './breakable-template';
import type { PlantedFault } from './planted-faults';

/** Faults that can be looked for together, because each is about a resource of its own. */
export interface Bed {
  /** The assembly with the faults in it. */
  readonly assembly: Assembly;
  /** The same without. */
  readonly healthy: Assembly;
  readonly faults: { readonly fault: PlantedFault; readonly logicalId: string; readonly stack: string }[];
}

/** A fault and the rules that report it where it stands. */
export interface Caught {
  readonly fault: PlantedFault;
  readonly ids: string[];
}

/** The reference product at a stage, on disk. */
export function referenceAssembly(stage: 1 | 2 | 3 | 4): Assembly {
  const outdir = mkdtempSync(join(tmpdir(), 'reference-'));
  const app = new App({ outdir, analyticsReporting: false, context: JSON.parse(readFileSync('cdk.json', 'utf8')).context });
  // Two further Regions are enough to tell which of the members of a global database is the odd one.
  const furtherRegions = REFERENCE.furtherRegions?.slice(0, 2);
  buildProduct(new Stage(app, `stage${stage}`), { ...REFERENCE, stage, furtherRegions });
  return readAssembly(app.synth().getNestedAssembly(`assembly-stage${stage}`).directory);
}

/** Plants all faults, as many into one assembly as do not touch one another. */
export function bedsOf(faults: PlantedFault[]): Bed[] {
  return ([1, 2, 3, 4] as const).flatMap((stage) => {
    const own = faults.filter((fault) => fault.stage === stage);
    return own.length === 0 ? [] : beds(referenceAssembly(stage), own);
  });
}

function beds(healthy: Assembly, faults: PlantedFault[]): Bed[] {
  const found: Bed[] = [];
  let left = faults;
  while (left.length > 0) {
    const template = JSON.parse(JSON.stringify(homeOf(healthy).template));
    const planted = new Map<string, PlantedFault>();
    const later: PlantedFault[] = [];
    for (const fault of left) {
      const trial = new BreakableTemplate(JSON.parse(JSON.stringify(template)));
      const touched = changes(template, trial, fault);
      if (touched.some((logicalId) => planted.has(logicalId))) {
        later.push(fault);
        continue;
      }
      for (const logicalId of touched) planted.set(logicalId, fault);
      Object.assign(template, trial.template);
    }
    found.push(written(healthy, template, planted));
    left = later;
  }
  return found;
}

/** What a fault changes, the resource that it is about first. */
function changes(before: { Resources: Record<string, unknown> }, trial: BreakableTemplate, fault: PlantedFault): string[] {
  const about = fault.plant(trial);
  const after = trial.template.Resources ?? {};
  const ids = new Set([...Object.keys(before.Resources), ...Object.keys(after)]);
  const changed = [...ids].filter((id) => JSON.stringify(before.Resources[id]) !== JSON.stringify(after[id]));
  return [about, ...changed.filter((id) => id !== about)];
}

function written(healthy: Assembly, template: unknown, planted: Map<string, PlantedFault>): Bed {
  const home = homeOf(healthy);
  const directory = join(mkdtempSync(join(tmpdir(), 'planted-')), basename(healthy.directory));
  cpSync(healthy.directory, directory, { recursive: true });
  writeFileSync(join(directory, basename(home.templateFile)), `${JSON.stringify(template, undefined, 1)}\n`);
  const stack = home.constructPath ?? home.stackName;
  const faults: Bed['faults'] = [];
  // The first resource of a fault is the one it is about.
  for (const [logicalId, fault] of planted)
    if (!faults.some((one) => one.fault === fault)) faults.push({ fault, logicalId, stack });
  return { assembly: readAssembly(directory), healthy, faults };
}

/** The stack that faults are planted into. */
function homeOf({ stacks }: Assembly): AssemblyStack {
  const home = stacks.find(({ constructPath, stackName }) => basename(constructPath ?? stackName) === 'Shop');
  if (!home) throw new Error('the reference product has no stack Shop');
  return home;
}

/**
 * Who reports which fault: new findings at the very resource that a fault is about. All beds are judged at once, beside what they were
 * before: every check starts an engine of its own, which takes longer than most templates.
 */
export async function caughtBy(beds: Bed[], checks: (assembly: Assembly) => Promise<Check[]>): Promise<Caught[]> {
  const healthy = [...new Set(beds.map((bed) => bed.healthy))];
  const everything = together([...healthy, ...beds.map(({ assembly }) => assembly)]);
  const found = await findingsOf(everything, await checks(everything));
  const of = (number: number, stack: string) => found.filter(({ place }) => place?.stack === pathIn(number, stack));
  return beds.flatMap((bed, index) =>
    bed.faults.map(({ fault, logicalId, stack }) => {
      const before = new Set(of(healthy.indexOf(bed.healthy), stack).map(key));
      const here = of(healthy.length + index, stack).filter(({ place }) => place?.logicalId === logicalId);
      const fresh = here.filter((finding) => !before.has(key(finding)));
      return { fault, ids: [...new Set(fresh.map(({ id }) => id))].sort() };
    }),
  );
}

/** Several assemblies as one, in which the stacks of each stand below its number: none of them is deployed beside another's. */
function together(assemblies: Assembly[]): Assembly {
  const stacks = assemblies.flatMap((assembly, number) =>
    assembly.stacks.map((stack) => ({
      ...stack,
      constructPath: pathIn(number, stack.constructPath ?? stack.stackName),
      artifactId: pathIn(number, stack.artifactId),
      dependencies: stack.dependencies.map((id) => pathIn(number, id)),
    })),
  );
  // Below it every template has a path of its own, by which a tool's report is read.
  return { directory: tmpdir(), stacks };
}

function pathIn(number: number, stack: string): string {
  return `${number}/${stack}`;
}

async function findingsOf(assembly: Assembly, checks: Check[]): Promise<Finding[]> {
  const found: Finding[] = [];
  for (const check of checks) {
    const { findings, notRun } = await check.run(assembly);
    if (notRun) throw new Error(`${check.pack} did not run: ${notRun}`);
    found.push(...findings);
  }
  return found;
}

function key({ id, place, message }: Finding): string {
  return JSON.stringify([id, place?.logicalId, message]);
}

/** Where an assembly's templates lie, nested ones included. */
export function templatesOf(assembly: Assembly): string[] {
  return everyStack(assembly).map(({ templatePath }) => templatePath!);
}
