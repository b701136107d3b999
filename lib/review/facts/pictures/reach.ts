import type { Assembly } from '../../../assembly/cloud-assembly';
import { isObject } from '../../../assembly/values';
import { policyStatements } from '../../template/policy-statements';
import type { Landscape, Thing } from '../landscape';
import type { Boxes } from './folds';

/** What a box reads of its own properties to find others: the rest is network and wiring. */
const TELLING: Record<string, string[]> = {
  'AWS::ECS::Service': ['TaskDefinition'],
  'AWS::AutoScaling::AutoScalingGroup': ['LaunchTemplate', 'LaunchConfigurationName', 'MixedInstancesPolicy'],
  'AWS::EC2::Instance': ['UserData', 'IamInstanceProfile', 'Volumes', 'LaunchTemplate'],
  'AWS::Lambda::Function': ['Environment', 'Role', 'FileSystemConfigs', 'DeadLetterConfig', 'Code'],
  'AWS::Serverless::Function': ['Environment', 'Role', 'Policies', 'DeadLetterQueue'],
  'AWS::StepFunctions::StateMachine': ['DefinitionString', 'DefinitionSubstitutions', 'Definition', 'RoleArn'],
  'AWS::AppRunner::Service': ['SourceConfiguration', 'InstanceConfiguration'],
  'AWS::KinesisFirehose::DeliveryStream': [
    'ExtendedS3DestinationConfiguration',
    'S3DestinationConfiguration',
    'RedshiftDestinationConfiguration',
    'AmazonopensearchserviceDestinationConfiguration',
  ],
  'AWS::Glue::Job': ['Command', 'DefaultArguments', 'Role'],
  'AWS::Cognito::UserPool': ['LambdaConfig'],
  'AWS::Transfer::Server': ['IdentityProviderDetails'],
};

/** Resources that only stand between a box and another. */
const PASSED = new Set([
  'AWS::ECS::TaskDefinition',
  'AWS::EC2::LaunchTemplate',
  'AWS::AutoScaling::LaunchConfiguration',
  'AWS::SSM::Parameter',
  'AWS::SecretsManager::Secret',
  'AWS::SecretsManager::SecretTargetAttachment',
  'AWS::IAM::Role',
  'AWS::IAM::InstanceProfile',
  'AWS::EFS::AccessPoint',
  'AWS::Cognito::UserPoolClient',
]);

/** The boxes that a box calls, reads or writes, as far as its settings, its secrets and its role tell. */
export function reachOf(box: Thing, assembly: Assembly, landscape: Landscape, boxes: Boxes): Thing[] {
  const found = new Set<Thing>();
  const seen = new Set<Thing>();
  const visit = (value: unknown, from: Thing) => {
    for (const thing of landscape.behind(value, from.stack)) {
      const other = boxes.boxOf(thing);
      if (other && other !== box) found.add(other);
      if (!PASSED.has(thing.type) || seen.has(thing)) continue;
      seen.add(thing);
      visit(thing.type === 'AWS::IAM::Role' ? grantsOf(thing, assembly, landscape) : withoutLogs(thing.properties), thing);
    }
  };
  const telling = TELLING[box.type];
  if (telling)
    visit(
      telling.map((property) => box.properties[property]),
      box,
    );
  return [...found];
}

/** Where containers log to is not what they work with. */
function withoutLogs(properties: Record<string, unknown>): unknown {
  const { ContainerDefinitions, ...rest } = properties;
  if (!Array.isArray(ContainerDefinitions)) return properties;
  return [
    rest,
    ContainerDefinitions.map((container) => (isObject(container) ? { ...container, LogConfiguration: undefined } : container)),
  ];
}

/** What a role may touch; who may become it says nothing about that. */
function grantsOf(role: Thing, assembly: Assembly, landscape: Landscape): unknown[] {
  const policies = landscape
    .ofType('AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy', 'AWS::IAM::RolePolicy')
    .filter(({ properties, stack }) => landscape.behind([properties.Roles, properties.RoleName], stack).includes(role));
  const owners = [role, ...policies];
  return policyStatements(assembly)
    .filter(
      ({ stack, logicalId, effect }) =>
        effect === 'Allow' && owners.some((owner) => owner.stack === stack && owner.logicalId === logicalId),
    )
    .flatMap(({ resources }) => resources);
}
