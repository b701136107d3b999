import type { Assembly, AssemblyStack } from '../assembly/cloud-assembly';
import { type Reference, referencesIn } from '../assembly/references';
import { isObject, sameValue } from '../assembly/values';
import type { Hold } from './change';
import { pairStacks } from './stack-pairs';

/** What waits cannot be taken back so that a deployable template remains. The message is meant for the user. */
export class HoldError extends Error {}

type JsonObject = Record<string, unknown>;

/** A template under alteration. */
interface Draft {
  Resources: Record<string, JsonObject>;
  Outputs: Record<string, JsonObject>;
  [section: string]: unknown;
}

interface DraftStack extends Omit<AssemblyStack, 'template'> {
  readonly template: Draft;
}

/** What is deployed of each stack now. */
type Formers = Map<DraftStack, AssemblyStack | undefined>;

/** Something that left a draft; references to it have to go. */
interface Left {
  readonly stack: DraftStack;
  readonly target: Reference;
}

/**
 * Takes parts of the later assembly back, so that the rest can be deployed first.
 *
 * A held property path gets the hold's value, or is left out. A resource that waits as a whole keeps its deployed form where
 * it is already deployed, and is left out where it is not. What refers to a resource that is left out gives way:
 *
 * - an entry of `DependsOn` goes (it only orders);
 * - in an `Allow` statement of a policy document, the mention goes: its `Resource` entry, or the statement. The rest of the
 *   policy is needed meanwhile, and a smaller `Allow` only permits less. A `Deny` is never cut;
 * - a resource or output that is already deployed keeps the deployed value of each property that mentions what waits;
 * - a resource or output that is not yet deployed waits too, with everything that refers to it in turn. It is not created in
 *   half, because the missing half may be of a kind that cannot be added later;
 * - a new stack that is left without resources is left out.
 *
 * Where a deployed form that is kept refers to something the later assembly drops, that waits too: it stays.
 *
 * @param after the later assembly, perhaps with earlier holds applied
 * @param holds what waits
 * @param deployed what is deployed now
 * @throws HoldError if a hold names a stack or resource that neither assembly has
 */
export function applyHolds(after: Assembly, holds: Hold[], deployed: Assembly): Assembly {
  const stacks = after.stacks.map(draftOf);
  const pairs = pairStacks(deployed, { ...after, stacks: stacks.map(asStack) });
  const formers: Formers = new Map(pairs.map((pair) => [pair.after as unknown as DraftStack, pair.before]));
  const waiting: Left[] = [];
  for (const hold of holds) {
    const stack = stacks.find(({ stackName, region }) => stackName === hold.stackName && region === hold.region);
    if (!stack) {
      throw new HoldError(`${hold.logicalId} must wait, but the later assembly has no stack ${hold.stackName} (${hold.region})`);
    }
    const left = applyHold(stack, hold, formers.get(stack));
    if (left) waiting.push({ stack, target: { kind: 'resource', logicalId: hold.logicalId } });
  }
  const kept = new Set(stacks);
  while (waiting.length > 0) {
    const { stack: owner, target } = waiting.shift()!;
    for (const stack of stacks) waiting.push(...release(stack, owner, target, formers.get(stack)));
    for (const stack of kept) {
      if (hasResources(stack) || formers.get(stack)) continue;
      kept.delete(stack);
      waiting.push(...Object.entries(stack.template.Outputs).flatMap(([name, output]) => outputTargets(stack, name, output)));
    }
  }
  keepWhatIsMentioned([...kept], formers);
  return { directory: after.directory, stacks: [...kept].map((stack) => withoutGoneDependencies(stack, kept, stacks)) };
}

/** Carries one hold out; true if the resource left the template. */
function applyHold(stack: DraftStack, hold: Hold, deployed: AssemblyStack | undefined): boolean {
  const { Resources } = stack.template;
  const former = deployed?.template.Resources?.[hold.logicalId];
  if (hold.path.length === 0) {
    if (hold.value !== undefined) Resources[hold.logicalId] = structuredClone(hold.value as JsonObject);
    else if (former) Resources[hold.logicalId] = structuredClone(former) as unknown as JsonObject;
    else return delete Resources[hold.logicalId];
    return false;
  }
  if (!Resources[hold.logicalId]) {
    if (!former) throw new HoldError(`${hold.logicalId} of stack ${hold.stackName} must wait, but neither assembly has it`);
    Resources[hold.logicalId] = structuredClone(former) as unknown as JsonObject;
  }
  setPath(Resources[hold.logicalId], hold.path, hold.value);
  return false;
}

function setPath(root: JsonObject, path: string[], value: unknown): void {
  let container: JsonObject | unknown[] = root;
  for (const segment of path.slice(0, -1)) {
    const next: unknown = (container as JsonObject)[segment];
    if (!isContainer(next)) {
      if (value === undefined) return;
      (container as JsonObject)[segment] = {};
    }
    container = (container as JsonObject)[segment] as JsonObject | unknown[];
  }
  const last = path[path.length - 1];
  if (value !== undefined) (container as JsonObject)[last] = structuredClone(value);
  else if (Array.isArray(container)) container.splice(Number(last), 1);
  else delete container[last];
}

/** Makes a stack let go of a target that left; returns what leaves with it. */
function release(stack: DraftStack, owner: DraftStack, target: Reference, deployed: AssemblyStack | undefined): Left[] {
  if (target.kind === 'resource' && stack !== owner) return [];
  const mentioned = (value: unknown) => referencesIn(value, asStack(stack)).some((found) => sameValue(found, target));
  const left: Left[] = [];

  for (const [logicalId, resource] of Object.entries(stack.template.Resources)) {
    if (target.kind === 'resource') removeDependency(resource, target.logicalId);
    const former = deployed?.template.Resources?.[logicalId] as unknown as JsonObject | undefined;
    if (!releaseAttributes(resource, former, mentioned)) {
      delete stack.template.Resources[logicalId];
      left.push({ stack, target: { kind: 'resource', logicalId } });
    }
  }
  for (const [name, output] of Object.entries(stack.template.Outputs)) {
    if (!mentioned(output)) continue;
    const former = deployed?.template.Outputs?.[name];
    if (former) {
      stack.template.Outputs[name] = structuredClone(former);
      continue;
    }
    delete stack.template.Outputs[name];
    left.push(...outputTargets(stack, name, output));
  }
  return left;
}

function outputTargets(stack: DraftStack, name: string, output: JsonObject): Left[] {
  const left: Left[] = [
    { stack, target: { kind: 'output', stackName: stack.stackName, region: stack.region, outputName: name } },
  ];
  const exported = isObject(output.Export) ? output.Export.Name : undefined;
  if (typeof exported === 'string') left.push({ stack, target: { kind: 'export', name: exported } });
  return left;
}

/** Takes the mentions out of a resource; false if it must wait instead. */
function releaseAttributes(
  resource: JsonObject,
  former: JsonObject | undefined,
  mentioned: (value: unknown) => boolean,
): boolean {
  for (const section of Object.keys(resource)) {
    if (section === 'DependsOn' || !mentioned(resource[section])) continue;
    if (section !== 'Properties') {
      if (!former) return false;
      restore(resource, former, section);
      continue;
    }
    const properties = resource.Properties as JsonObject;
    for (const name of Object.keys(properties)) {
      if (!mentioned(properties[name])) continue;
      properties[name] = withSmallerPolicies(properties[name], mentioned);
      if (!mentioned(properties[name])) continue;
      if (!former) return false;
      restore(properties, (former.Properties ?? {}) as JsonObject, name);
    }
  }
  return true;
}

function restore(target: JsonObject, former: JsonObject, key: string): void {
  if (key in former) target[key] = structuredClone(former[key]);
  else delete target[key];
}

/** The value with every `Allow` statement that mentions something cut down, as long as a statement remains. */
function withSmallerPolicies(value: unknown, mentioned: (value: unknown) => boolean): unknown {
  if (Array.isArray(value)) return value.map((item) => withSmallerPolicies(item, mentioned));
  if (!isObject(value)) return value;
  if (!Array.isArray(value.Statement)) {
    return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, withSmallerPolicies(child, mentioned)]));
  }
  const statements = value.Statement.flatMap((statement: unknown) => smallerStatement(statement, mentioned));
  return statements.length > 0 ? { ...value, Statement: statements } : value;
}

function smallerStatement(statement: unknown, mentioned: (value: unknown) => boolean): unknown[] {
  if (!isObject(statement) || statement.Effect !== 'Allow' || !mentioned(statement)) return [statement];
  const { Resource, ...rest } = statement;
  if (mentioned(rest) || !Array.isArray(Resource)) return [];
  const left = Resource.filter((entry) => !mentioned(entry));
  return left.length > 0 ? [{ ...statement, Resource: left }] : [];
}

function removeDependency(resource: JsonObject, id: string): void {
  const { DependsOn } = resource;
  if (DependsOn === undefined) return;
  const left = [DependsOn].flat().filter((other) => other !== id);
  if (left.length === 0) delete resource.DependsOn;
  else if (Array.isArray(DependsOn)) resource.DependsOn = left;
}

/** Puts back from the deployed templates what is mentioned and missing. */
function keepWhatIsMentioned(stacks: DraftStack[], formers: Formers): void {
  for (let changed = true; changed; ) {
    changed = false;
    for (const stack of stacks) {
      const { Resources, Outputs } = stack.template;
      const dependencies = Object.values(Resources).flatMap(({ DependsOn }) => (DependsOn ?? []) as string | string[]);
      const targets = [
        ...referencesIn([Resources, Outputs], asStack(stack)),
        ...dependencies.map((id): Reference => ({ kind: 'resource', logicalId: id })),
      ];
      for (const target of targets) changed = putBack(stacks, stack, target, formers) || changed;
    }
  }
}

function putBack(stacks: DraftStack[], from: DraftStack, target: Reference, formers: Formers): boolean {
  if (target.kind !== 'resource') return putOutputBack(stacks, target, formers);
  const { template } = from;
  const former = formers.get(from)?.template;
  if (target.logicalId in template.Resources || !former) return false;
  if (former.Resources?.[target.logicalId]) {
    template.Resources[target.logicalId] = structuredClone(former.Resources[target.logicalId]) as unknown as JsonObject;
    for (const name of ['Parameters', 'Conditions', 'Mappings']) {
      if (former[name]) template[name] = { ...section(former, name), ...section(template, name) };
    }
    return true;
  }
  return false;
}

function putOutputBack(stacks: DraftStack[], target: Reference, formers: Formers): boolean {
  let changed = false;
  for (const stack of stacks) {
    for (const [name, former] of Object.entries(formers.get(stack)?.template.Outputs ?? {})) {
      if (name in stack.template.Outputs) continue;
      if (!outputTargets(stack, name, former).some((left) => sameValue(left.target, target))) continue;
      stack.template.Outputs[name] = structuredClone(former);
      changed = true;
    }
  }
  return changed;
}

/** A draft is a template, only not read-only. */
function asStack(draft: DraftStack): AssemblyStack {
  return draft as unknown as AssemblyStack;
}

function draftOf(stack: AssemblyStack): DraftStack {
  const template = structuredClone(stack.template);
  return {
    ...stack,
    template: { ...template, Resources: section(template, 'Resources'), Outputs: section(template, 'Outputs') },
  };
}

function section(template: { readonly [section: string]: unknown }, name: string): Record<string, JsonObject> {
  return (template[name] ?? {}) as Record<string, JsonObject>;
}

/** CloudFormation wants at least one resource; CDK's own metadata resource is not worth a stack. */
function hasResources(stack: DraftStack): boolean {
  return Object.values(stack.template.Resources).some((resource) => resource.Type !== 'AWS::CDK::Metadata');
}

/** What depended on a stack that left depends on what that depended on: the order of the rest stays. */
function withoutGoneDependencies(stack: DraftStack, kept: Set<DraftStack>, all: DraftStack[]): AssemblyStack {
  const left = (ids: string[]): string[] =>
    ids.flatMap((id) => {
      const other = all.find(({ artifactId }) => artifactId === id);
      return other === undefined || kept.has(other) ? [id] : left(other.dependencies);
    });
  const { Outputs, ...template } = stack.template;
  return {
    ...stack,
    template: { ...template, ...(Object.keys(Outputs).length > 0 ? { Outputs } : {}) } as unknown as AssemblyStack['template'],
    dependencies: [...new Set(left(stack.dependencies))],
  };
}

function isContainer(value: unknown): value is JsonObject | unknown[] {
  return typeof value === 'object' && value !== null;
}
