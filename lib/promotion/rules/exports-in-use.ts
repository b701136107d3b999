import type { AssemblyStack } from '../../assembly/cloud-assembly';
import { referencesIn } from '../../assembly/references';
import { isObject, sameValue } from '../../assembly/values';
import { type Deploy, type DeployRule, finding, type Located, type ResourcePair, type Rule } from './rule';

const IN_USE: Rule = {
  id: 'export-in-use',
  sentence:
    'an export neither goes nor changes while another stack still imports it: keep it (exportValue of the CDK stack) until that stack is deployed without it',
  source:
    'CloudFormation errors "Export ... cannot be updated as it is in use by" and "cannot be deleted as it is in use by"; github aws/aws-cdk#7602',
};

/** Strong references between stacks: the producer deploys first, while its consumers still hold on to what it exported. */
export const EXPORTS_IN_USE: DeployRule[] = [
  {
    ...IN_USE,
    find: (deploy) =>
      deploy.resources
        .filter((pair) => pair.before && pair.stack.before)
        .flatMap((pair) => importsOf(pair).flatMap((name) => inUse(pair, name, deploy))),
  },
];

function importsOf({ before, stack }: ResourcePair): string[] {
  return referencesIn(before?.Properties, stack.before!).flatMap((reference) =>
    reference.kind === 'export' ? [reference.name] : [],
  );
}

function inUse(pair: ResourcePair, name: string, { before, after, resources }: Deploy): Located[] {
  const { stack } = pair;
  const old = exportsOf(before, stack.before!, name);
  const producer = resources.map((other) => other.stack).find((other) => other.before === old?.stack);
  // A stack that the app left behind keeps what it exports.
  if (!old || !producer?.after) return [];
  const fresh = exportsOf({ stacks: [producer.after] }, producer.after, name);
  if (fresh && sameValue(old.value, fresh.value)) return [];
  const letsGoFirst =
    stack.after !== undefined &&
    !Object.values(stack.after.template.Resources ?? {}).some((resource) =>
      referencesIn(resource.Properties, stack.after!).some((found) => found.kind === 'export' && found.name === name),
    ) &&
    after.stacks.indexOf(stack.after) < after.stacks.indexOf(producer.after);
  if (letsGoFirst) return [];
  const reason = `${IN_USE.sentence}: ${name} of ${producer.stackName} (${producer.region})`;
  return [{ resource: pair, finding: finding(IN_USE, 'refused', { reason }) }];
}

function exportsOf({ stacks }: { readonly stacks: AssemblyStack[] }, near: AssemblyStack, name: string) {
  for (const stack of stacks.filter(({ region, account }) => region === near.region && account === near.account)) {
    for (const { Export, Value } of Object.values(stack.template.Outputs ?? {})) {
      if (isObject(Export) && Export.Name === name) return { stack, value: Value };
    }
  }
  return undefined;
}
