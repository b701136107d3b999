import { existsSync, statSync } from 'node:fs';
import type { AssemblyStack } from '../../assembly/cloud-assembly';

/** Most bytes that CloudFormation takes (AWS CloudFormation User Guide, Understand CloudFormation quotas: 1 MB in S3). */
export const MOST_TEMPLATE_BYTES = 1_000_000;

/** Length of a template in bytes, whitespace included, which counts. */
export function templateBytes({ template, templatePath }: AssemblyStack): number {
  if (templatePath !== undefined && existsSync(templatePath)) return statSync(templatePath).size;
  // As the CDK writes it.
  return Buffer.byteLength(JSON.stringify(template, undefined, 1));
}

/** The resource that takes most of a template. */
export function largestResource({ template }: AssemblyStack): string {
  const sizes = Object.entries(template.Resources ?? {}).map(([id, resource]): [string, number] => [
    id,
    JSON.stringify(resource).length,
  ]);
  return sizes.sort(([, left], [, right]) => right - left)[0]?.[0] ?? '';
}
