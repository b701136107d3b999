import type { AssemblyStack, TemplateResource } from '../../lib/assembly/cloud-assembly';

/** Longest line before a value is broken over several. */
const WIDTH = 150;

/**
 * A stack as text, for snapshots: one block a resource, in the order of the ids, references as `<ID>`, without what changes for
 * no reason of ours (metadata, hashes and places of assets, versions of the library, CDK's own parameters and rules).
 */
export function normalised({ stackName, region, template }: AssemblyStack): string {
  const resources = Object.entries(template.Resources ?? {})
    .filter(([, { Type }]) => Type !== 'AWS::CDK::Metadata')
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([logicalId, resource]) => block(logicalId, resource));
  const outputs = Object.entries(template.Outputs ?? {})
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([id, { Value }]) => `  ${id}: ${inline(plain(Value))}`);
  return [`# ${stackName} in ${region}`, ...resources, ...(outputs.length > 0 ? [['outputs', ...outputs].join('\n')] : [])].join(
    '\n\n',
  );
}

function block(logicalId: string, { Type, Properties = {}, Metadata: _, ...attributes }: TemplateResource): string {
  const { DependsOn, ...rest } = attributes;
  const kept = Object.entries(rest).map(([name, value]) => `${name} ${inline(plain(value))}`);
  // Routes of subnets are waited for by everything in a VPC, a dozen ids a time.
  const first = [DependsOn ?? []].flat().filter((id) => !/DefaultRoute|RouteTableAssociation/.test(id));
  const waits = first.length === 0 ? [] : [`waits for ${first.sort().join(', ')}`];
  return [
    [`${logicalId}: ${Type}`, ...kept].join(' | '),
    ...lines(plain(withoutUserData(Properties)) as object, '  '),
    ...waits.map((line) => `  ${line}`),
  ].join('\n');
}

/** The user data is a script of hundreds of lines that has tests of its own. */
function withoutUserData(properties: Record<string, unknown>): unknown {
  return JSON.parse(JSON.stringify(properties, (key, value) => (key === 'UserData' ? '(user data)' : value)));
}

function lines(value: object, indent: string): string[] {
  return Object.entries(value).flatMap(([key, child]) => {
    const label = Array.isArray(value) ? '-' : `${key}:`;
    const text = `${indent}${label} ${inline(child)}`;
    if (text.length <= WIDTH || typeof child !== 'object' || child === null) return [text];
    return [`${indent}${label}`, ...lines(child, `${indent}  `)];
  });
}

function inline(value: unknown): string {
  return typeof value === 'string' ? value.replaceAll('\n', '\\n') : JSON.stringify(value);
}

/** A value with references as text, and without hashes. */
function plain(value: unknown): unknown {
  if (typeof value === 'string') return value.replace(/\b[0-9a-f]{64}\b/g, '(hash)').replace(/cdk-hnb659fds-[\w-]+/g, '(assets)');
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(plain);
  const entries = Object.entries(value);
  if (entries.length === 1) {
    const [[name, argument]] = entries;
    if (name === 'Ref') return `<${argument}>`;
    if (name === 'Fn::GetAtt') return `<${[argument].flat().join('.')}>`;
    if (name === 'Fn::GetStackOutput') return `<${argument.StackName}.${argument.OutputName} in ${argument.Region}>`;
    if (name === 'Fn::Join') {
      const parts = (argument[1] as unknown[]).map(plain);
      if (parts.every((part) => typeof part === 'string')) return parts.join(argument[0]);
    }
  }
  return Object.fromEntries(entries.map(([key, child]) => [key, plain(child)]));
}
