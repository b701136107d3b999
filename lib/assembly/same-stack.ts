import type { AssemblyStack } from './cloud-assembly';

/** Whether two stacks are the same deployed one: name, Region and account. */
export function isSame(left: AssemblyStack, right: AssemblyStack): boolean {
  return left.stackName === right.stackName && left.region === right.region && left.account === right.account;
}

/** Whether they may be: an environment-agnostic stack may be deployed anywhere. */
export function mayBeSame(left: AssemblyStack, right: AssemblyStack): boolean {
  const matches = (a: string, b: string, unknown: string) => a === b || a === unknown || b === unknown;
  return (
    left.stackName === right.stackName &&
    matches(left.region, right.region, 'unknown-region') &&
    matches(left.account, right.account, 'unknown-account')
  );
}
