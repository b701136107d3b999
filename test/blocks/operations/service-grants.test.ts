import { Template } from 'aws-cdk-lib/assertions';
import * as kms from 'aws-cdk-lib/aws-kms';
import { grantsByServicesOnly } from '../../../lib/blocks/operations/service-grants';
import { testStack } from '../../stacks';

test('a key gives grants to services of AWS, and to nobody who asks in another name', () => {
  const stack = testStack();
  new kms.Key(stack, 'Key').addToResourcePolicy(grantsByServicesOnly());
  const [{ Properties }] = Object.values(Template.fromStack(stack).findResources('AWS::KMS::Key'));
  expect(Properties.KeyPolicy.Statement[1]).toEqual({
    Sid: 'OnlyServicesCreateGrants',
    Effect: 'Deny',
    Action: 'kms:CreateGrant',
    Principal: { AWS: '*' },
    Resource: '*',
    Condition: { BoolIfExists: { 'kms:GrantIsForAWSResource': 'false', 'aws:PrincipalIsAWSService': 'false' } },
  });
});
