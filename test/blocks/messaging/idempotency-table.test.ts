import type { Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import { IdempotencyTable } from '../../../lib/blocks/messaging/idempotency-table';
import { agnosticStack, testStack } from '../../stacks';
import { flagDependent, templateOf } from '../before-after';
import { everyPack } from '../every-pack';
import { nagFindings } from '../nag';

const table = (stack: Stack) => new IdempotencyTable(stack, 'Idempotency');

beforeAll(() => {
  // TableV2 itself uses two deprecated properties of its grants.
  jest.spyOn(console, 'warn').mockReturnValue();
});

describe('an idempotency table', () => {
  test('has the attributes of Powertools, forgets what expires, and is protected', () => {
    templateOf(table).hasResource('AWS::DynamoDB::GlobalTable', {
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
      Properties: {
        TableName: Match.absent(),
        BillingMode: 'PAY_PER_REQUEST',
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
        TimeToLiveSpecification: { AttributeName: 'expiration', Enabled: true },
        SSESpecification: { SSEEnabled: true, SSEType: 'KMS' },
        Replicas: [
          {
            Region: 'us-east-1',
            DeletionProtectionEnabled: true,
            PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
          },
        ],
      },
    });
  });

  test('lets a consumer do the four things it needs, on this table only', () => {
    const stack = testStack();
    const role = new iam.Role(stack, 'Role', { assumedBy: new iam.ServicePrincipal('ecs-tasks.amazonaws.com') });
    table(stack).grantUse(role);
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: [
          {
            Effect: 'Allow',
            Action: ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:DeleteItem'],
            Resource: { 'Fn::GetAtt': [Match.stringLikeRegexp('^IdempotencyTable'), 'Arn'] },
          },
        ],
      },
    });
  });

  test('is not changed by feature flags, works without an environment, and breaks no policy', () => {
    expect(flagDependent(table, 'AWS::DynamoDB::GlobalTable')).toEqual([]);
    const stack = agnosticStack();
    expect(everyPack(table(stack))).toEqual({ open: [], unused: [] });
    expect(nagFindings(stack)).toEqual([]);
  });
});
