import type { Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import { AssetBucket } from '../../../lib/blocks/data/asset-bucket';
import { acknowledgeWildcards } from '../../../lib/blocks/operations/acknowledge';
import { agnosticStack, testStack } from '../../stacks';
import { nagFindings } from '../nag';

const REASON = 'A test that only has to be long enough.';

function reader(stack: Stack): { role: iam.Role; bucket: s3.Bucket } {
  const { bucket } = new AssetBucket(stack, 'Assets');
  const role = new iam.Role(stack, 'Role', { assumedBy: new iam.ServicePrincipal('ecs-tasks.amazonaws.com') });
  const resources = [bucket.arnForObjects('*'), stack.formatArn({ service: 'sqs', resource: 'jobs-*' })];
  role.addToPolicy(new iam.PolicyStatement({ actions: ['s3:GetObject'], resources }));
  return { role, bucket };
}

describe('acknowledging wildcards', () => {
  test.each([
    ['with', testStack],
    ['without', agnosticStack],
  ])('covers the resources it names, in a stack %s an environment', (_, make) => {
    const stack = make();
    const { role, bucket } = reader(stack);
    acknowledgeWildcards(role, REASON, bucket.arnForObjects('*'), stack.formatArn({ service: 'sqs', resource: 'jobs-*' }));
    expect(nagFindings(stack)).toEqual([]);
  });

  test('covers no other', () => {
    const stack = testStack();
    const { role, bucket } = reader(stack);
    acknowledgeWildcards(role, REASON, bucket.arnForObjects('*'));
    expect(nagFindings(stack)).toEqual([
      'AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:sqs:us-east-1:123456789012:jobs-*] Shop/Role/DefaultPolicy/Resource',
    ]);
  });
});
