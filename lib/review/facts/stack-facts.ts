import type { Assembly, AssemblyStack } from '../../assembly/cloud-assembly';
import type { Places } from '../places/places';
import type { StackFacts } from '../review';
import { MOST_TEMPLATE_BYTES, templateBytes } from '../template/template-size';
import { landscapeOf } from './landscape';

/** What CloudFormation takes of one stack (CloudFormation User Guide, Understand CloudFormation quotas). */
const LIMITS = { resources: 500, outputs: 200, parameters: 200 };

/** How close every stack, nested ones included, is to CloudFormation's limits. */
export function stackFactsOf(assembly: Assembly, places: Places): StackFacts[] {
  return landscapeOf(assembly).stacks.map((stack) => {
    const { Resources, Outputs, Parameters } = stack.template;
    const templateFile = fileOf(stack, places);
    const count = (section: object | undefined, limit: number) => ({ value: Object.keys(section ?? {}).length, limit });
    return {
      stack: stack.constructPath ?? stack.stackName,
      stackName: stack.stackName,
      region: stack.region,
      account: stack.account,
      templateFile,
      resources: count(Resources, LIMITS.resources),
      templateBytes: { value: templateBytes(stack), limit: MOST_TEMPLATE_BYTES },
      outputs: count(Outputs, LIMITS.outputs),
      parameters: count(Parameters, LIMITS.parameters),
    };
  });
}

/** Places know the folder of a stage's stacks. */
function fileOf(stack: AssemblyStack, places: Places): string {
  const [logicalId] = Object.keys(stack.template.Resources ?? {});
  return logicalId === undefined ? stack.templateFile : places.place(stack, logicalId).templateFile;
}
