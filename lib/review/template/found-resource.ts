import type { Assembly, TemplateResource } from '../../assembly/cloud-assembly';
import { resourcesBehind } from '../../assembly/references';
import type { RuleFinding } from '../rules/rule';
import { type DeployedResource, deployedResources } from './deployed-resources';
import { deployments } from './deployments';

/** A resource, and what may stand beside it. */
export interface FoundResource extends DeployedResource {
  /** The stacks that may stand beside its own. */
  readonly assembly: Assembly;
  /** As it stands in the template. */
  readonly resource: TemplateResource;
}

/** What was found in each deployment: of a resource there is one object only, so that two may be compared. */
const known = new WeakMap<Assembly, Map<DeployedResource, FoundResource>>();

/** The resources of some types; all if none is given. One resource is always the same object. */
export function resourcesOf(assembly: Assembly, types: string[] = []): FoundResource[] {
  // Taken apart once, a deployment stays in one piece.
  return (known.has(assembly) ? [assembly] : deployments(assembly)).flatMap((deployment) => {
    const found = known.get(deployment) ?? new Map<DeployedResource, FoundResource>();
    known.set(deployment, found);
    return deployedResources(deployment, ...types).map((resource) => {
      const one = found.get(resource) ?? foundResource(resource, deployment);
      found.set(resource, one);
      return one;
    });
  });
}

/** The resources of some types that a value leads to, through outputs and exports of other stacks too. */
export function behind(value: unknown, from: FoundResource, types: string[]): FoundResource[] {
  const sites = resourcesBehind(value, from.stack, from.assembly);
  if (sites.length === 0) return [];
  const candidates = resourcesOf(from.assembly, types);
  const led = sites.map(({ stack, logicalId }) => candidates.find((one) => one.stack === stack && one.logicalId === logicalId));
  return [...new Set(led)].filter((one) => one !== undefined);
}

/** A finding at a resource. */
export function at({ stack, logicalId }: FoundResource, property?: string, details?: string): RuleFinding {
  return { stack, logicalId, ...(property === undefined ? {} : { property }), ...(details === undefined ? {} : { details }) };
}

function foundResource(deployed: DeployedResource, assembly: Assembly): FoundResource {
  const resource = deployed.stack.template.Resources?.[deployed.logicalId] ?? { Type: deployed.type };
  return { ...deployed, assembly, resource };
}
