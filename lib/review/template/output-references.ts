import type { Assembly, AssemblyStack } from '../../assembly/cloud-assembly';
import { type Reference, referencesIn } from '../../assembly/references';
import { valueAt } from '../../assembly/values';
import { deployments } from './deployments';
import { resourcesOf } from './found-resource';

/** A place that takes a value from another stack. */
export interface OutputReference {
  /** The stacks beside the one it stands in. */
  readonly assembly: Assembly;
  readonly stack: AssemblyStack;
  /** The resource or output that takes it. */
  readonly logicalId: string;
  readonly reference: Exclude<Reference, { kind: 'resource' }>;
}

/** Everything that resources and outputs take from other stacks; each value once for each of them. */
export function outputReferences(assembly: Assembly): OutputReference[] {
  return deployments(assembly).flatMap((deployment) => {
    const outputs = deployment.stacks.flatMap((stack) =>
      Object.entries(stack.template.Outputs ?? {}).map(([logicalId, output]) => ({
        stack,
        logicalId,
        value: valueAt(output, ['Value']),
      })),
    );
    const resources = resourcesOf(deployment).map(({ stack, logicalId, properties }) => ({
      stack,
      logicalId,
      value: properties as unknown,
    }));
    return [...resources, ...outputs].flatMap(({ stack, logicalId, value }) => {
      const references = new Map(referencesIn(value, stack).map((reference) => [JSON.stringify(reference), reference]));
      return [...references.values()]
        .filter((reference) => reference.kind !== 'resource')
        .map((reference) => ({ assembly: deployment, stack, logicalId, reference }));
    });
  });
}

/** Stacks with an export of a name. */
export function exporters(name: string, assembly: Assembly): AssemblyStack[] {
  return assembly.stacks.filter(({ template }) =>
    Object.values(template.Outputs ?? {}).some((output) => name === valueAt(output, ['Export', 'Name'])),
  );
}
