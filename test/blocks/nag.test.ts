import * as s3 from 'aws-cdk-lib/aws-s3';
import { testStack } from '../stacks';
import { nagFindings } from './nag';

test('the policy check of these tests does find a bad bucket', () => {
  const stack = testStack();
  new s3.Bucket(stack, 'Bad');
  expect(nagFindings(stack)).toEqual(['AwsSolutions-S1 Shop/Bad/Resource', 'AwsSolutions-S10 Shop/Bad/Resource']);
});
