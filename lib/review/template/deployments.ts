import type { Assembly, AssemblyStack } from '../../assembly/cloud-assembly';

const known = new WeakMap<Assembly, Assembly[]>();

/**
 * Takes apart what an assembly holds of one product at several times: its stages 1, 2, 3 and 4 are the same stack, of which
 * only one is ever deployed. Within each of the results every stack may stand beside every other.
 */
export function deployments(assembly: Assembly): Assembly[] {
  let result = known.get(assembly);
  if (!result) {
    result = takenApart(assembly);
    known.set(assembly, result);
  }
  return result;
}

function takenApart({ directory, stacks }: Assembly): Assembly[] {
  const stages = new Map<string, AssemblyStack[]>();
  for (const stack of stacks) {
    const stage = (stack.constructPath ?? stack.artifactId).split('/')[0];
    stages.set(stage, [...(stages.get(stage) ?? []), stack]);
  }
  const results: AssemblyStack[][] = [];
  for (const stage of stages.values()) {
    const free = results.find((result) => !result.some((other) => stage.some((stack) => isSameDeployed(stack, other))));
    if (free) free.push(...stage);
    else results.push([...stage]);
  }
  return results.map((result) => ({ directory, stacks: result }));
}

function isSameDeployed(left: AssemblyStack, right: AssemblyStack): boolean {
  return left.stackName === right.stackName && left.region === right.region && left.account === right.account;
}
