import type { Assembly, AssemblyStack } from '../../assembly/cloud-assembly';
import { resourcesBehind } from '../../assembly/references';
import { deployments } from './deployments';
import { writtenOut } from './written-out';

/** Region of an ARN as text; undefined where it has none or it is not known. */
export function regionOfArn(value: unknown): string | undefined {
  const region = /^arn:[^:]*:[^:]*:([^:]*):/.exec(writtenOut(value))?.[1];
  return region === undefined || region === '' || region.includes('$') ? undefined : region;
}

/**
 * The Region in which a thing lies, by its ARN or by the stack that makes it.
 *
 * @param type its CloudFormation type
 */
export function regionOf(value: unknown, stack: AssemblyStack, assembly: Assembly, type: string): string | undefined {
  if (typeof value === 'string') return regionOfArn(value);
  const site = makersOf(value, stack, assembly, type)[0];
  return site === undefined || site.stack.region === 'unknown-region' ? undefined : site.stack.region;
}

/** The resources of a type that a value leads to, in stacks that may stand beside its own. */
export function makersOf(value: unknown, stack: AssemblyStack, assembly: Assembly, type: string) {
  const deployment = deployments(assembly).find(({ stacks }) => stacks.some((other) => isWithin(stack, other))) ?? assembly;
  return resourcesBehind(value, stack, deployment).filter(
    (site) => site.stack.template.Resources?.[site.logicalId]?.Type === type,
  );
}

function isWithin(stack: AssemblyStack, other: AssemblyStack): boolean {
  return stack === other || Object.values(other.nested ?? {}).some((nested) => isWithin(stack, nested));
}
