import { Fn, type Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { ReplicaKey } from '../../../lib/blocks/data/replica-key';
import { ACCOUNT, agnosticStack, testStack } from '../../stacks';
import { flagDependent, templateOf } from '../before-after';
import { CLEAN, policy } from '../compute/service-fixture';

const PRIMARY = `arn:aws:kms:us-east-1:${ACCOUNT}:key/mrk-0123456789abcdef0123456789abcdef`;
const replica = (stack: Stack) => new ReplicaKey(stack, 'DataKey', { primaryKeyArn: PRIMARY });

describe('a replica key', () => {
  test('follows its primary key and stays', () => {
    templateOf(replica).hasResource('AWS::KMS::ReplicaKey', {
      Properties: { PrimaryKeyArn: PRIMARY, Description: 'Encrypts what the product stores' },
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
    });
  });

  test.each([
    ['with', testStack, ACCOUNT],
    ['without', agnosticStack, { Ref: 'AWS::AccountId' }],
  ])(
    'leaves the account in charge, lets its alarms, events and logs in and only services create grants, in a stack %s an environment',
    (_, make, account) => {
      const stack = make();
      replica(stack);
      Template.fromStack(stack).hasResourceProperties('AWS::KMS::ReplicaKey', {
        KeyPolicy: {
          Statement: [
            Match.objectLike({
              Sid: 'AccountDecidesByIdentityPolicies',
              Effect: 'Allow',
              Action: 'kms:*',
              Principal: { AWS: { 'Fn::Join': ['', Match.arrayWith([Match.stringLikeRegexp('^arn:|^:iam::|:root$')])] } },
              Resource: '*',
            }),
            Match.objectLike({
              Action: ['kms:Decrypt', 'kms:GenerateDataKey*'],
              Condition: { StringEquals: { 'aws:SourceAccount': account } },
            }),
            {
              Sid: 'OnlyServicesCreateGrants',
              Effect: 'Deny',
              Action: 'kms:CreateGrant',
              Principal: { AWS: '*' },
              Resource: '*',
              Condition: { BoolIfExists: { 'kms:GrantIsForAWSResource': 'false', 'aws:PrincipalIsAWSService': 'false' } },
            },
            Match.objectLike({
              Effect: 'Allow',
              Action: ['kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt', 'kms:GenerateDataKey*', 'kms:ReEncrypt*'],
              Condition: { ArnLike: { 'kms:EncryptionContext:aws:logs:arn': Match.anyValue() } },
            }),
          ],
        },
      });
    },
  );

  test('encrypts what stands beside it', () => {
    const stack = testStack({ env: { account: ACCOUNT, region: 'eu-central-1' } });
    new sqs.Queue(stack, 'Queue', { encryptionMasterKey: replica(stack).key });
    Template.fromStack(stack).hasResourceProperties('AWS::SQS::Queue', {
      KmsMasterKeyId: { 'Fn::GetAtt': [Match.stringLikeRegexp('^DataKey'), 'Arn'] },
    });
  });

  test('is granted by identity policies', () => {
    const stack = testStack();
    const role = new iam.Role(stack, 'Role', { assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com') });
    replica(stack).key.grantDecrypt(role);
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: [
          Match.objectLike({ Action: 'kms:Decrypt', Resource: { 'Fn::GetAtt': [Match.stringLikeRegexp('^DataKey'), 'Arn'] } }),
        ],
      },
    });
  });

  test('takes the ARN of its primary key from another stack', () => {
    const stack = testStack();
    const primaryKeyArn = Fn.getStackOutput('Shop', 'KeyArn', 'us-east-1');
    new ReplicaKey(stack, 'DataKey', { primaryKeyArn });
    Template.fromStack(stack).hasResourceProperties('AWS::KMS::ReplicaKey', {
      PrimaryKeyArn: { 'Fn::GetStackOutput': { StackName: 'Shop', OutputName: 'KeyArn', Region: 'us-east-1' } },
    });
  });

  test('is the same with no feature flag and with all recommended ones', () => {
    expect(flagDependent(replica, 'AWS::KMS::ReplicaKey')).toEqual([]);
  });

  test('passes AwsSolutions', () => {
    const stack = testStack();
    replica(stack);
    expect(policy(stack)).toEqual(CLEAN);
  });
});
