import { type Assembly, type AssemblyStack, UnusableAssemblyError } from '../assembly/cloud-assembly';
import { isSame, mayBeSame } from '../assembly/same-stack';
import type { StackPair } from './rules/rule';

/**
 * Pairs the stacks of two assemblies that are the same deployed stack: same name, region and account. An
 * environment-agnostic stack may be deployed anywhere, so it pairs with its namesake. Nested stacks pair below their parents.
 *
 * @throws UnusableAssemblyError where several stacks may be the deployed one
 */
export function pairStacks(before: Assembly, after: Assembly): StackPair[] {
  const left = new Set(before.stacks);
  const found = new Map<AssemblyStack, AssemblyStack>();
  for (const { stacks } of [before, after]) {
    for (const stack of stacks) {
      const namesakes = stacks.filter((other) => isSame(other, stack));
      if (namesakes.length > 1) throw ambiguous(namesakes);
    }
  }
  // Exact matches first, so that an environment-agnostic stack does not take another's counterpart.
  for (const matches of [isSame, mayBeSame]) {
    const open = after.stacks.filter((candidate) => !found.has(candidate));
    for (const stack of open) {
      const candidates = [...left].filter((other) => matches(other, stack));
      const old = candidates[0];
      if (!old) continue;
      const rivals = open.filter((other) => !found.has(other) && matches(old, other));
      if (candidates.length > 1 || rivals.length > 1) throw ambiguous(candidates.length > 1 ? candidates : rivals);
      left.delete(old);
      found.set(stack, old);
    }
  }
  const pairs = after.stacks.flatMap((stack) =>
    withNested({ stackName: stack.stackName, region: stack.region, before: found.get(stack), after: stack }),
  );
  for (const stack of left) pairs.push(...withNested({ stackName: stack.stackName, region: stack.region, before: stack }));
  return pairs;
}

function ambiguous(stacks: AssemblyStack[]): UnusableAssemblyError {
  const places = stacks.map(({ constructPath, artifactId, region }) => `${constructPath ?? artifactId} in ${region}`);
  return new UnusableAssemblyError(
    `${stacks.length} stacks are named ${stacks[0].stackName} (${places.join(', ')}) and any may be the deployed one: give one stage's folder, such as cdk.out/assembly-stage2, and every stack its account and region`,
  );
}

function withNested(pair: StackPair): StackPair[] {
  const ids = new Set([...Object.keys(pair.before?.nested ?? {}), ...Object.keys(pair.after?.nested ?? {})]);
  const nested = [...ids].flatMap((id) =>
    withNested({
      stackName: `${pair.stackName}/${id}`,
      region: pair.region,
      before: pair.before?.nested?.[id],
      after: pair.after?.nested?.[id],
      isNested: true,
    }),
  );
  return [pair, ...nested];
}
