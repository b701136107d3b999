import type { Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { DataKey } from '../../../lib/blocks/data/data-key';
import { ACCOUNT, agnosticStack, testStack } from '../../stacks';
import { flagDependent, templateOf } from '../before-after';
import { CLEAN, policy } from '../compute/service-fixture';

const key = (stack: Stack) => new DataKey(stack, 'DataKey');

describe('a data key', () => {
  test('is multi-Region from birth, turns by itself, and stays', () => {
    templateOf(key).hasResource('AWS::KMS::Key', {
      Properties: { MultiRegion: true, EnableKeyRotation: true, KeySpec: Match.absent(), KeyUsage: Match.absent() },
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
    });
  });

  test.each([
    ['with', testStack, ACCOUNT],
    ['without', agnosticStack, { Ref: 'AWS::AccountId' }],
  ])(
    'lets alarms, events and topics of its own account in and only services create grants, in a stack %s an environment',
    (_, make, account) => {
      const stack = make();
      key(stack);
      Template.fromStack(stack).hasResourceProperties('AWS::KMS::Key', {
        KeyPolicy: {
          Statement: [
            Match.objectLike({ Action: 'kms:*', Resource: '*' }),
            {
              Sid: 'NotifyingServicesOfThisAccount',
              Effect: 'Allow',
              Action: ['kms:Decrypt', 'kms:GenerateDataKey*'],
              Principal: { Service: ['cloudwatch.amazonaws.com', 'events.amazonaws.com', 'sns.amazonaws.com'] },
              Resource: '*',
              Condition: { StringEquals: { 'aws:SourceAccount': account } },
            },
            {
              Sid: 'OnlyServicesCreateGrants',
              Effect: 'Deny',
              Action: 'kms:CreateGrant',
              Principal: { AWS: '*' },
              Resource: '*',
              Condition: { BoolIfExists: { 'kms:GrantIsForAWSResource': 'false', 'aws:PrincipalIsAWSService': 'false' } },
            },
          ],
        },
      });
    },
  );

  test('is the same with no feature flag and with all recommended ones', () => {
    expect(flagDependent(key, 'AWS::KMS::Key')).toEqual([]);
  });

  test('can stand twice in one stack', () => {
    const stack = testStack();
    key(stack);
    new DataKey(stack, 'Second');
    Template.fromStack(stack).resourceCountIs('AWS::KMS::Key', 2);
  });

  test('passes AwsSolutions', () => {
    const stack = testStack();
    key(stack);
    expect(policy(stack)).toEqual(CLEAN);
  });
});
