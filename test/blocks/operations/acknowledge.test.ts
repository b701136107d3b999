import { Lazy, type Stack, Token } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import {
  acknowledge,
  acknowledgeGrant,
  acknowledgeWildcards,
  wildcardAction,
  wildcardResource,
} from '../../../lib/blocks/operations/acknowledge';
import { testStack } from '../../stacks';
import { CLEAN, policy } from '../compute/service-fixture';
import { nagFindings } from '../nag';

const REASON = 'A test that only has to be long enough.';
const S1 = 'AwsSolutions::AwsSolutions-S1';

function role(stack: Stack, ...statements: iam.PolicyStatementProps[]): iam.Role {
  const made = new iam.Role(stack, 'Role', { assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com') });
  for (const statement of statements) made.addToPolicy(new iam.PolicyStatement(statement));
  return made;
}

const bucket = (stack: Stack) => new s3.Bucket(stack, 'Bucket', { enforceSSL: true });

describe('acknowledging a rule', () => {
  test('silences it, in the report and in our own count', () => {
    const stack = testStack();
    acknowledge(bucket(stack), { id: S1, reason: REASON });
    expect(policy(stack)).toEqual(CLEAN);
    expect(nagFindings(stack)).toEqual([]);
  });

  test('silences no other rule', () => {
    const stack = testStack();
    acknowledge(bucket(stack), { id: 'AwsSolutions::AwsSolutions-S2', reason: REASON });
    expect(policy(stack)).toEqual({
      open: [`${S1} at Shop/Bucket/Resource`],
      unused: ['AwsSolutions::AwsSolutions-S2 at Shop/Bucket'],
    });
  });

  test('covers what is below the construct and nothing beside it', () => {
    const stack = testStack();
    acknowledge(bucket(stack), { id: S1, reason: REASON });
    new s3.Bucket(stack, 'BucketBeside', { enforceSSL: true });
    expect(policy(stack).open).toEqual([`${S1} at Shop/BucketBeside/Resource`]);
  });

  test.each(['AwsSolutions-S1', 'S1', '', '::AwsSolutions-S1', 'AwsSolutions::', 'AwsSolutions:: S1'])(
    "is refused under the id '%s', which names no pack or no rule",
    (id) => {
      expect(() => acknowledge(testStack(), { id, reason: REASON })).toThrow(
        new Error(`id '${id}' names no policy pack, write it as PACK::RULE, such as AwsSolutions::AwsSolutions-S1`),
      );
    },
  );

  test.each(['', '   ', 'not needed', 'we do not need it'])("is refused for the reason '%s'", (reason) => {
    expect(() => acknowledge(testStack(), { id: S1, reason })).toThrow(
      new Error(`reason '${reason}' for ${S1} is too short to sign, say why the rule does not apply and what compensates`),
    );
  });
});

describe('acknowledging one finding', () => {
  const arns = (stack: Stack): [string, string][] => {
    const files = bucket(stack);
    const queue = new sqs.Queue(stack, 'Queue', { enforceSSL: true });
    return [
      ['a literal', 'arn:aws:sqs:us-east-1:123456789012:jobs-*'],
      ['a literal with pseudo parameters', stack.formatArn({ service: 'sqs', resource: 'jobs-*' })],
      ['an attribute in front', files.arnForObjects('*')],
      ['a reference within', `arn:aws:s3:::${files.bucketName}/x/*`],
      ['two attributes', `${queue.queueArn}/${queue.queueName}/*`],
    ];
  };

  test.each([0, 1, 2, 3, 4])('covers exactly that resource, however it is written (%d)', (index) => {
    const stack = testStack();
    const [, arn] = arns(stack)[index];
    const reader = role(stack, { actions: ['s3:GetObject'], resources: [arn] });
    const finding = wildcardResource(stack, arn);
    expect(policy(stack).open).toContain(`${finding} at Shop/Role/DefaultPolicy/Resource`);
    acknowledge(reader, { id: finding, reason: REASON });
    expect(policy(stack).open).not.toContain(`${finding} at Shop/Role/DefaultPolicy/Resource`);
    expect(policy(stack).unused).toEqual([]);
  });

  test('silences the report, although the id holds another ::', () => {
    const stack = testStack();
    const files = s3.Bucket.fromBucketName(stack, 'Bucket', 'files').arnForObjects('*');
    const reader = role(stack, { actions: ['s3:GetObject'], resources: [files] });
    acknowledge(reader, { id: wildcardResource(stack, files), reason: REASON });
    expect(nagFindings(stack)).toEqual([]);
  });

  test('covers an action by wildcard', () => {
    const stack = testStack();
    const arn = 'arn:aws:s3:::files/one';
    acknowledge(role(stack, { actions: ['s3:Get*'], resources: [arn] }), { id: wildcardAction('s3:Get*'), reason: REASON });
    expect(policy(stack)).toEqual(CLEAN);
  });

  test('covers a whole list of resources at once, and no other', () => {
    const stack = testStack();
    const [first, second, third] = ['a', 'b', 'c'].map((name) => `arn:aws:s3:::${name}/*`);
    const reader = role(stack, { actions: ['s3:GetObject'], resources: [first, second, third] });
    acknowledgeWildcards(reader, REASON, first, second);
    expect(policy(stack)).toEqual({
      open: [`${wildcardResource(stack, third)} at Shop/Role/DefaultPolicy/Resource`],
      unused: [],
    });
  });

  test('names any value without crashing', () => {
    const stack = testStack();
    const late = Lazy.string({ produce: () => 'arn:aws:s3:::late/*' });
    expect(wildcardResource(stack, late)).toBe('AwsSolutions::AwsSolutions-IAM5[Resource::arn:aws:s3:::late/*]');
    expect(() => wildcardResource(stack, Token.asString({ 'Fn::ImportValue': 'Theirs' }))).not.toThrow();
  });
});

describe('acknowledging a grant', () => {
  const finding = { id: wildcardAction('s3:Get*'), reason: REASON };

  test('is written at the role that got it', () => {
    const stack = testStack();
    const reader = role(stack, { actions: ['s3:Get*'], resources: ['arn:aws:s3:::files/one'] });
    acknowledgeGrant(reader, finding);
    expect(policy(stack)).toEqual(CLEAN);
  });

  test('is not needed where the grantee is no construct of the app', () => {
    expect(() => acknowledgeGrant(new iam.ServicePrincipal('ec2.amazonaws.com'), finding)).not.toThrow();
  });
});
