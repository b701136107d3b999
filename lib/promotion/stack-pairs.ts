import type { Assembly, AssemblyStack } from '../assembly/cloud-assembly';
import type { StackPair } from './rules/rule';

/**
 * Pairs the stacks of two assemblies that are the same deployed stack: same name, region and account. An
 * environment-agnostic stack may be deployed anywhere, so it pairs with its namesake. Nested stacks pair below their parents.
 */
export function pairStacks(before: Assembly, after: Assembly): StackPair[] {
  const left = new Set(before.stacks);
  const found = new Map<AssemblyStack, AssemblyStack>();
  // Exact matches first, so that an environment-agnostic stack does not take another's counterpart.
  for (const matches of [isSame, mayBeSame]) {
    for (const stack of after.stacks.filter((candidate) => !found.has(candidate))) {
      const old = [...left].find((other) => matches(other, stack));
      if (!old) continue;
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

function isSame(left: AssemblyStack, right: AssemblyStack): boolean {
  return left.stackName === right.stackName && left.region === right.region && left.account === right.account;
}

function mayBeSame(left: AssemblyStack, right: AssemblyStack): boolean {
  const matches = (a: string, b: string, unknown: string) => a === b || a === unknown || b === unknown;
  return (
    left.stackName === right.stackName &&
    matches(left.region, right.region, 'unknown-region') &&
    matches(left.account, right.account, 'unknown-account')
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
