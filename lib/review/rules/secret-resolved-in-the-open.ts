import { valueAt } from '../../assembly/values';
import { deployedResources } from '../template/deployed-resources';
import { textsIn } from '../template/written-out';
import type { RuleFinding, TemplateRule } from './rule';

/** Where whoever may describe a resource reads the value, by type: the part of its properties. */
const OPEN: Record<string, string[]> = {
  'AWS::AppRunner::Service': ['SourceConfiguration'],
  'AWS::Batch::JobDefinition': ['ContainerProperties'],
  'AWS::CodeBuild::Project': ['Environment'],
  'AWS::ECS::TaskDefinition': ['ContainerDefinitions'],
  'AWS::EC2::Instance': ['UserData'],
  'AWS::EC2::LaunchTemplate': ['LaunchTemplateData', 'UserData'],
  'AWS::ElasticBeanstalk::Environment': ['OptionSettings'],
  'AWS::Lambda::Function': ['Environment'],
  'AWS::SSM::Parameter': ['Value'],
};

const SECRET = /\{\{resolve:(secretsmanager|ssm-secure):/;

export const secretResolvedInTheOpen: TemplateRule = {
  id: 'secret-resolved-in-the-open',
  severity: 'warning',
  sentence:
    'what needs a secret fetches it when it starts (or has ECS do so, by Secrets): CloudFormation puts the value of a dynamic reference into the resource, where whoever may describe it reads it, and it stays there when the secret is rotated',
  source:
    'CloudFormation User Guide, Get a secret or secret value from Secrets Manager; AWS Security Hub, ECS.8 (secrets should not be passed as container environment variables)',
  types: Object.keys(OPEN),
  find: (assembly) =>
    deployedResources(assembly, ...Object.keys(OPEN)).flatMap(({ stack, logicalId, type, properties }) =>
      textsIn(valueAt(properties, OPEN[type]), OPEN[type])
        .filter(({ text }) => SECRET.test(text))
        .map(({ path }): RuleFinding => ({ stack, logicalId, property: path.join('.') })),
    ),
};
