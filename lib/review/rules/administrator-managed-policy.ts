import { items } from '../../assembly/values';
import { deployedResources } from '../template/deployed-resources';
import { writtenOut } from '../template/written-out';
import type { TemplateRule } from './rule';

const TYPES = [
  'AWS::IAM::Role',
  'AWS::IAM::User',
  'AWS::IAM::Group',
  'AWS::SSO::PermissionSet',
  'AWS::Serverless::Function',
  'AWS::Serverless::StateMachine',
];
/** By its ARN; the templates of AWS SAM know it by its name, too. */
const ADMINISTRATOR = /(?:^|:iam::aws:policy\/)(AdministratorAccess|PowerUserAccess|IAMFullAccess)$/;

export const administratorManagedPolicy: TemplateRule = {
  id: 'administrator-managed-policy',
  severity: 'error',
  sentence: 'nobody has a policy of AWS by which they can do everything, or give themselves everything',
  source: 'AWS Managed Policy Reference Guide, AdministratorAccess, PowerUserAccess and IAMFullAccess',
  types: TYPES,
  find: (assembly) =>
    deployedResources(assembly, ...TYPES).flatMap(({ stack, logicalId, properties }) =>
      ['ManagedPolicyArns', 'ManagedPolicies', 'Policies'].flatMap((name) =>
        items(properties[name]).flatMap((arn, index) => {
          const policy = ADMINISTRATOR.exec(writtenOut(arn))?.[1];
          return policy === undefined
            ? []
            : [{ stack, logicalId, property: `${name}.${index}`, details: `this one has ${policy}` }];
        }),
      ),
    ),
};
