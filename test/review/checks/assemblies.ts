import type { Assembly, AssemblyStack, Template } from '../../../lib/assembly/cloud-assembly';
import type { CheckRun } from '../../../lib/review/checks/check';
import type { Finding } from '../../../lib/review/finding';
import { ruleOf } from '../../../lib/review/rule-id';

/** An assembly of one stack, as it would be read from disk, without any construct paths. */
export function assemblyOf(template: Record<string, unknown>, more: Partial<AssemblyStack> = {}): Assembly {
  const stack: AssemblyStack = {
    artifactId: 'Shop',
    stackName: 'Shop',
    region: 'us-east-1',
    account: '123456789012',
    templateFile: 'Shop.template.json',
    template: template as Template,
    dependencies: [],
    paths: {},
    ...more,
  };
  return { directory: '/nowhere', stacks: [stack] };
}

/** An assembly with a stack for each template, by name. */
export function assemblyOfAll(templates: Record<string, Record<string, unknown>>): Assembly {
  const assemblies = Object.entries(templates).map(([stackName, template]) => assemblyOf(template, { stackName }));
  return { directory: '/nowhere', stacks: assemblies.flatMap(({ stacks }) => stacks) };
}

/** The findings of a run in one stack. */
export function inStack(run: CheckRun, stack: string): Finding[] {
  return run.findings.filter(({ place }) => place?.stack === stack);
}

/** Findings as `id at logical id`, sorted. */
export function hits({ findings }: CheckRun): string[] {
  return findings.map(({ id, place }) => `${id} at ${place?.logicalId}`).sort();
}

/** What became of the rules: the numbers of the page, if nothing were acknowledged. */
export function tally({ ruleIds = [], notApplicable = [], findings }: CheckRun) {
  const open = new Set(findings.map(({ id }) => ruleOf(id)));
  const passed = ruleIds.filter((id) => !open.has(id) && !notApplicable.includes(id)).length;
  return { run: ruleIds.length, passed, notApplicable: notApplicable.length, open: open.size };
}

/** Templates that no check may stumble over. */
export const ODD: Record<string, Record<string, unknown>> = {
  'without resources': { Description: 'nothing yet' },
  'with an empty section': { Resources: {} },
  'with types nobody knows': {
    Resources: { A: { Type: 'Acme::Cloud::Anvil', Properties: { Weight: { Ref: 'Nobody' } } }, B: { Type: 'Custom::Thing' } },
  },
  'with functions nobody knows': {
    Resources: {
      A: {
        Type: 'AWS::S3::Bucket',
        Properties: { BucketName: { 'Fn::GetTeapot': ['x', { Ref: 'A' }] }, Tags: { 'Fn::If': [1] } },
      },
      B: { Type: 'AWS::RDS::DBInstance', Properties: { StorageEncrypted: { 'Fn::GetStackOutput': { StackName: 'Other' } } } },
    },
  },
  'with references to nothing': {
    Resources: {
      A: {
        Type: 'AWS::SQS::Queue',
        Condition: 'Missing',
        DependsOn: ['Nobody'],
        Properties: {
          KmsMasterKeyId: { 'Fn::GetAtt': ['Nobody', 'Arn'] },
          DelaySeconds: { 'Fn::FindInMap': ['No', 'Such', 'Map'] },
        },
      },
    },
  },
  'with values of the wrong type': {
    Resources: {
      A: { Type: 'AWS::SQS::Queue', Properties: { SqsManagedSseEnabled: 'perhaps', DelaySeconds: [], Tags: 'none' } },
      B: { Type: 'AWS::CloudWatch::Alarm', Properties: { AlarmActions: 7 } },
      C: { Type: 'AWS::S3::Bucket', Properties: { BucketEncryption: null, VersioningConfiguration: [null] } },
      D: { Type: 'AWS::ECS::TaskDefinition', Properties: { ContainerDefinitions: {} } },
    },
  },
  'with properties that are no object': {
    Resources: {
      A: { Type: 'AWS::S3::Bucket', Properties: { 'Fn::Transform': { Name: 'Macro' } } },
      B: { Type: 'AWS::S3::Bucket', Properties: ['x'] },
    },
  },
  'with a loop': {
    Transform: 'AWS::LanguageExtensions',
    Resources: {
      'Fn::ForEach::Buckets': ['Name', ['A', 'B'], { ['Bucket$' + '{Name}']: { Type: 'AWS::S3::Bucket' } }],
      C: { Type: 'AWS::S3::Bucket' },
    },
  },
};
