import type { Assembly, AssemblyStack } from '../../assembly/cloud-assembly';
import { type Reference, referencesIn } from '../../assembly/references';
import { resourceModel } from '../../assembly/service-spec';
import { type Deploy, type DeployRule, finding, type Located, type ResourcePair, type Rule } from './rule';

const TOO_EARLY: Rule = {
  id: 'reference-before-its-output',
  sentence: 'a weak reference is resolved when its stack deploys, and the output it names comes into being only afterwards',
  source: 'CloudFormation Fn::GetStackOutput; aws-cdk-lib README, Reference strength',
};

const NOWHERE: Rule = {
  id: 'reference-without-output',
  sentence: 'the stack that this reference names has no such output',
  source: 'CloudFormation Fn::GetStackOutput',
};

/** Stacks that refer to one another both ways: somebody has to go first, without the reference. */
export const WEAK_REFERENCES: DeployRule[] = [TOO_EARLY, NOWHERE].map((rule) => ({
  ...rule,
  find: (deploy) =>
    deploy.resources.flatMap((pair) => references(pair, deploy)).filter(({ finding }) => finding.ruleId === rule.id),
}));

type OutputReference = Extract<Reference, { kind: 'output' }>;

function references(pair: ResourcePair, deploy: Deploy): Located[] {
  return Object.keys(pair.after?.Properties ?? {}).flatMap((property) => referencesOf(pair, property, deploy));
}

function referencesOf(pair: ResourcePair, property: string, { before, after }: Deploy): Located[] {
  const consumer = pair.stack.after;
  if (!consumer) return [];
  const outputs = referencesIn(pair.after?.Properties?.[property], consumer).filter(
    (reference): reference is OutputReference => reference.kind === 'output',
  );
  for (const reference of outputs) {
    const producer = stackOf(after, reference);
    // An output of a stack outside this app: whoever deploys that one has to know.
    if (!producer) continue;
    const what = `${reference.outputName} of ${reference.stackName} (${reference.region})`;
    if (!producer.template.Outputs?.[reference.outputName]) {
      return [{ resource: pair, finding: finding(NOWHERE, 'refused', { property, reason: `${NOWHERE.sentence}: ${what}` }) }];
    }
    if (stackOf(before, reference)?.template.Outputs?.[reference.outputName]) continue;
    if (after.stacks.indexOf(producer) <= after.stacks.indexOf(consumer)) continue;
    const { stackName, region } = pair.stack;
    const at = { stackName, region, logicalId: pair.logicalId };
    const old = pair.before?.Properties?.[property];
    const wholeWaits = !pair.before && resourceModel(pair.type)?.properties[property]?.required === true;
    return [
      {
        resource: pair,
        finding: finding(TOO_EARLY, 'own-deploy', {
          property,
          reason: `${TOO_EARLY.sentence}: ${what}`,
          holds: [
            wholeWaits
              ? { ...at, path: [] }
              : { ...at, path: ['Properties', property], ...(old === undefined ? {} : { value: old }) },
          ],
        }),
      },
    ];
  }
  return [];
}

function stackOf(assembly: Assembly, reference: OutputReference): AssemblyStack | undefined {
  return assembly.stacks.find(({ stackName, region }) => stackName === reference.stackName && region === reference.region);
}
