import { isIntrinsic, isObject, items } from '../../assembly/values';
import { type DeployedResource, deployedResources } from '../template/deployed-resources';
import { knownFlag } from '../template/known-values';
import type { TemplateRule } from './rule';

const TYPES = ['AWS::Cognito::UserPool', 'AWS::DynamoDB::GlobalTable', 'AWS::DynamoDB::Table'];

export const deletionProtectionOff: TemplateRule = {
  id: 'deletion-protection-off',
  severity: 'warning',
  sentence:
    'a table and a directory of users have deletion protection: a retention policy holds CloudFormation only, and nobody brings back what a call of their API deletes',
  source: 'AWS Security Hub, Cognito.6 (user pools) and DynamoDB.6 (tables should have deletion protection enabled)',
  types: TYPES,
  find: (assembly) =>
    deployedResources(assembly, ...TYPES).flatMap((resource) =>
      switches(resource)
        .filter(({ value }) => isOff(value))
        .map(({ property }) => ({ stack: resource.stack, logicalId: resource.logicalId, property })),
    ),
};

function switches({ type, properties }: DeployedResource): { property: string; value: unknown }[] {
  if (type === 'AWS::Cognito::UserPool') return [{ property: 'DeletionProtection', value: properties.DeletionProtection }];
  const name = 'DeletionProtectionEnabled';
  if (type === 'AWS::DynamoDB::Table') return [{ property: name, value: properties[name] }];
  return items(properties.Replicas).flatMap((replica, index) =>
    isObject(replica) && !isIntrinsic(replica) ? [{ property: `Replicas.${index}.${name}`, value: replica[name] }] : [],
  );
}

function isOff(value: unknown): boolean {
  return value === 'INACTIVE' || knownFlag(value) === false;
}
