import { outputReferences } from '../template/output-references';
import type { TemplateRule } from './rule';

/** Outputs of stacks that are not here. */
export const stackOutputOfAStranger: TemplateRule = {
  id: 'stack-output-of-a-stranger',
  severity: 'note',
  sentence:
    'a stack that Fn::GetStackOutput takes a value from is in the same assembly: of others nobody here can tell whether they are there, and nothing keeps them',
  source: 'AWS CloudFormation Template Reference, Fn::GetStackOutput',
  types: [],
  find: (assembly) =>
    outputReferences(assembly).flatMap(({ assembly: { stacks }, stack, logicalId, reference }) => {
      if (reference.kind !== 'output') return [];
      const { stackName, region, outputName } = reference;
      if (stacks.some((other) => other.stackName === stackName && other.region === region)) return [];
      return [{ stack, logicalId, details: `it takes ${outputName} from ${stackName} in ${region}` }];
    }),
};
