import { type AssemblyStack, everyStack } from '../../assembly/cloud-assembly';
import { largestResource, MOST_TEMPLATE_BYTES, templateBytes } from '../template/template-size';
import type { RuleFinding, TemplateRule } from './rule';

/** CloudFormation's limits, and from where on it gets tight. */
const LIMITS = [
  { section: 'Resources', near: 400, limit: 500, name: 'resources' },
  { section: 'Outputs', near: 160, limit: 200, name: 'outputs' },
  { section: 'Parameters', near: 160, limit: 200, name: 'parameters' },
] as const;

/** Templates that soon do not fit. */
export const templateNearLimits: TemplateRule = {
  id: 'template-near-limits',
  severity: 'warning',
  sentence:
    'a template stays below four fifths of what CloudFormation takes (500 resources, 1 MB, 200 outputs, 200 parameters): moving resources to another stack later replaces them',
  source: 'AWS CloudFormation User Guide, Understand CloudFormation quotas',
  types: [],
  find: (assembly) => everyStack(assembly).flatMap(findings),
};

/** The first one too many stands for all: a stack itself has no place in its template. */
function findings(stack: AssemblyStack): RuleFinding[] {
  const counts = LIMITS.flatMap(({ section, near, limit, name }) => {
    const ids = Object.keys(stack.template[section] ?? {});
    if (ids.length <= near || ids.length > limit) return [];
    return [{ stack, logicalId: ids[near], details: `the template has ${ids.length} of ${limit} ${name}` }];
  });
  const bytes = templateBytes(stack);
  if (bytes <= 0.8 * MOST_TEMPLATE_BYTES || bytes > MOST_TEMPLATE_BYTES) return counts;
  const details = `the template has ${bytes} of ${MOST_TEMPLATE_BYTES} bytes`;
  return [...counts, { stack, logicalId: largestResource(stack), details }];
}
