import type { Assembly, AssemblyStack, TemplateResource } from '../../assembly/cloud-assembly';
import { resolvedTemplate } from '../../assembly/resolved';
import { isObject, sameValue } from '../../assembly/values';

/** A resource that a deploy makes, with everything worked out that its template tells by itself. */
export interface DeployedResource {
  readonly stack: AssemblyStack;
  readonly logicalId: string;
  readonly type: string;
  /** Mappings, joins of constants, Region, account and `AWS::NoValue` are worked out; what is left is not known before a deploy. */
  readonly properties: Record<string, unknown>;
  /** True, or what is left of its condition. */
  readonly condition: unknown;
}

const known = new WeakMap<AssemblyStack, DeployedResource[]>();

/**
 * The resources of all stacks, nested ones included, without those whose condition is known to be false.
 *
 * @param types only these; all if none is given
 */
export function deployedResources(assembly: Assembly, ...types: string[]): DeployedResource[] {
  const all = withNested(assembly.stacks).flatMap(resourcesOf);
  return types.length === 0 ? all : all.filter(({ type }) => types.includes(type));
}

/** Whether a deploy may make both: they do not hang on different conditions. */
export function mayMeet(left: DeployedResource, right: DeployedResource): boolean {
  return left.condition === true || right.condition === true || sameValue(left.condition, right.condition);
}

/** Stacks and their nested stacks. */
function withNested(stacks: AssemblyStack[]): AssemblyStack[] {
  return stacks.flatMap((stack) => [stack, ...withNested(Object.values(stack.nested ?? {}))]);
}

function resourcesOf(stack: AssemblyStack): DeployedResource[] {
  let resources = known.get(stack);
  if (!resources) {
    resources = worked(stack);
    known.set(stack, resources);
  }
  return resources;
}

function worked(stack: AssemblyStack): DeployedResource[] {
  const { resources, conditionOf } = resolvedTemplate(stack, stack);
  return Object.entries(resources)
    .filter(([, resource]) => isResource(resource))
    .map(([logicalId, { Type, Properties }]) => {
      return { stack, logicalId, type: Type, properties: Properties ?? {}, condition: conditionOf(logicalId) };
    })
    .filter(({ condition }) => condition !== false);
}

/** An `Fn::ForEach` stands among the resources too. */
function isResource(resource: TemplateResource): boolean {
  return isObject(resource) && typeof resource.Type === 'string';
}
