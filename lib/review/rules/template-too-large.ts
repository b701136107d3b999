import { everyStack } from '../../assembly/cloud-assembly';
import { largestResource, MOST_TEMPLATE_BYTES, templateBytes } from '../template/template-size';
import type { TemplateRule } from './rule';

/** Templates that do not fit. Numbers of resources, outputs and parameters are seen by CloudFormation-Validate (E3010, F0007 ...). */
export const templateTooLarge: TemplateRule = {
  id: 'template-too-large',
  severity: 'error',
  sentence: 'a template has at most 1 MB: CloudFormation refuses a larger one',
  source: 'AWS CloudFormation User Guide, Understand CloudFormation quotas',
  types: [],
  find: (assembly) =>
    everyStack(assembly)
      .map((stack) => ({ stack, bytes: templateBytes(stack) }))
      .filter(({ bytes }) => bytes > MOST_TEMPLATE_BYTES)
      .map(({ stack, bytes }) => ({ stack, logicalId: largestResource(stack), details: `the template has ${bytes} bytes` })),
};
