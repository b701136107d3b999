import { outputReferences } from '../template/output-references';
import type { TemplateRule } from './rule';

/** Outputs that no stack has. */
export const stackOutputMissing: TemplateRule = {
  id: 'stack-output-missing',
  severity: 'error',
  sentence: 'an output that Fn::GetStackOutput takes is one that the named stack has: otherwise the deploy fails',
  source: 'AWS CloudFormation Template Reference, Fn::GetStackOutput',
  types: [],
  find: (assembly) =>
    outputReferences(assembly).flatMap(({ assembly: { stacks }, stack, logicalId, reference }) => {
      if (reference.kind !== 'output') return [];
      const { stackName, region, outputName } = reference;
      const producers = stacks.filter((other) => other.stackName === stackName && other.region === region);
      if (producers.length === 0 || producers.some(({ template }) => outputName in (template.Outputs ?? {}))) return [];
      return [{ stack, logicalId, details: `${stackName} in ${region} has no output ${outputName}` }];
    }),
};
