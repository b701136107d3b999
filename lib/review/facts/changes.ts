import type { Assembly, AssemblyStack, TemplateResource } from '../../assembly/cloud-assembly';
import { resolvedTemplate } from '../../assembly/resolved';
import { isSame, mayBeSame } from '../../assembly/same-stack';
import { sameValue } from '../../assembly/values';
import type { Places } from '../places/places';
import type { ReviewChanges } from '../review';

/** The part of the changes that two assemblies tell by themselves. */
export type TemplateChanges = Pick<ReviewChanges, 'against' | 'added' | 'removed' | 'changed'>;

interface Pair {
  readonly before?: AssemblyStack;
  readonly after?: AssemblyStack;
}

/**
 * What became of every resource: by its logical id, in the stack of the same name, Region and account. What is only spelled
 * in another way is no change.
 *
 * @param places tell where things stand in both assemblies
 */
export function changesBetween(before: Assembly, after: Assembly, places: Places): TemplateChanges {
  const changes = { added: [], removed: [], changed: [] } as Mutable;
  for (const pair of pairs(before.stacks, after.stacks)) compare(pair, places, changes);
  return { against: before.directory, ...changes };
}

interface Mutable {
  readonly added: ReviewChanges['added'];
  readonly removed: ReviewChanges['removed'];
  readonly changed: ReviewChanges['changed'];
}

/** Stages of one app may hold the same stack several times: then those at one construct path are the same. */
function pairs(before: AssemblyStack[], after: AssemblyStack[]): Pair[] {
  const open = new Set(before);
  const found = new Map<AssemblyStack, AssemblyStack>();
  const tests = [
    (left: AssemblyStack, right: AssemblyStack) => isSame(left, right) && left.constructPath === right.constructPath,
    (left: AssemblyStack, right: AssemblyStack) => isSame(left, right) && isOnly(left, before) && isOnly(right, after),
    // An environment-agnostic stack may be the one that has since got its environment, or lost it.
    (left: AssemblyStack, right: AssemblyStack) => mayBeSame(left, right) && left.constructPath === right.constructPath,
  ];
  for (const isCounterpart of tests) {
    for (const stack of after) {
      if (found.has(stack)) continue;
      const counterpart = [...open].find((candidate) => isCounterpart(candidate, stack));
      if (!counterpart) continue;
      open.delete(counterpart);
      found.set(stack, counterpart);
    }
  }
  return [
    ...after.flatMap((stack) => withNested({ before: found.get(stack), after: stack })),
    ...[...open].flatMap((stack) => withNested({ before: stack })),
  ];
}

function isOnly(stack: AssemblyStack, stacks: AssemblyStack[]): boolean {
  return stacks.filter((other) => isSame(stack, other)).length === 1;
}

function withNested(pair: Pair): Pair[] {
  const ids = new Set([...Object.keys(pair.before?.nested ?? {}), ...Object.keys(pair.after?.nested ?? {})]);
  return [pair, ...[...ids].flatMap((id) => withNested({ before: pair.before?.nested?.[id], after: pair.after?.nested?.[id] }))];
}

function compare({ before, after }: Pair, places: Places, changes: Mutable): void {
  const left = before ? resolvedTemplate(before, before).resources : {};
  const right = after ? resolvedTemplate(after, after).resources : {};
  for (const [logicalId, resource] of Object.entries(right)) {
    if (resource.Type === 'AWS::CDK::Metadata') continue;
    const old = left[logicalId];
    if (old?.Type === resource.Type) {
      const properties = differences(old, resource);
      if (properties.length > 0) changes.changed.push({ place: places.place(after!, logicalId), properties });
    } else {
      changes.added.push(places.place(after!, logicalId));
      // Another type under the same logical id is another resource.
      if (old !== undefined) changes.removed.push(places.place(before!, logicalId));
    }
  }
  for (const [logicalId, resource] of Object.entries(left)) {
    if (resource.Type === 'AWS::CDK::Metadata' || logicalId in right) continue;
    changes.removed.push(places.place(before!, logicalId));
  }
}

/** Names of properties that differ, then of attributes beside them that decide about the resource's life. */
function differences(left: TemplateResource, right: TemplateResource): string[] {
  // An `Fn::ForEach` stands among the resources as a list.
  if (Array.isArray(left) || Array.isArray(right)) return sameValue(left, right) ? [] : ['Fn::ForEach'];
  const [before, after] = [left.Properties ?? {}, right.Properties ?? {}];
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  const properties = [...names].filter((name) => !sameValue(before[name], after[name]));
  const attributes = (['Condition', 'CreationPolicy', 'DeletionPolicy', 'UpdatePolicy', 'UpdateReplacePolicy'] as const).filter(
    (name) => !sameValue((left as unknown as Attributes)[name], (right as unknown as Attributes)[name]),
  );
  return [...properties.sort(), ...attributes];
}

type Attributes = Record<string, unknown>;
