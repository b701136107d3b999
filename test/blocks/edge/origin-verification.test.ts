import type { Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as kms from 'aws-cdk-lib/aws-kms';
import { headerValue, OriginVerification, type OriginVerificationProps } from '../../../lib/blocks/edge/origin-verification';
import { agnosticStack, testStack } from '../../stacks';
import { flagDependent, losses } from '../before-after';
import { CLEAN, policy } from '../compute/service-fixture';
import { everyPack } from '../every-pack';

const SECRET = 'AWS::SecretsManager::Secret';

function verification(stack: Stack, props?: OriginVerificationProps): OriginVerification {
  return new OriginVerification(stack, 'OriginVerification', props);
}

describe('the proof of where a request comes from', () => {
  test('is a long generated password that no template holds, kept', () => {
    const stack = testStack();
    verification(stack);
    Template.fromStack(stack).allResources(SECRET, {
      Properties: {
        GenerateSecretString: { PasswordLength: 64, ExcludePunctuation: true },
        SecretString: Match.absent(),
        Name: Match.absent(),
      },
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
    });
  });

  test('is sent as a reference that CloudFormation resolves', () => {
    const stack = testStack();
    const { sentValue, accepted } = verification(stack);
    const [id] = Object.keys(Template.fromStack(stack).findResources(SECRET));
    const reference = { 'Fn::Join': ['', ['{{resolve:secretsmanager:', { Ref: id }, ':SecretString:::}}']] };
    expect(stack.resolve(sentValue)).toEqual(reference);
    expect(stack.resolve(headerValue(accepted[0]))).toEqual(reference);
  });

  test('is accepted before it is sent: two are good at any time', () => {
    const ids = (generation?: number) => {
      const { secrets, accepted } = verification(testStack(), { generation });
      return [secrets, accepted].map((list) => list.map(({ node }) => node.id));
    };
    expect(ids()).toEqual([
      ['Password1', 'Password2'],
      ['Password1', 'Password2'],
    ]);
    expect(ids(2)).toEqual([
      ['Password1', 'Password2', 'Password3'],
      ['Password2', 'Password3'],
    ]);
  });

  test('rotates by a password more, and loses none', () => {
    expect(losses(verification, (stack) => verification(stack, { generation: 3 }))).toEqual([]);
  });

  test('goes to every Region with a load balancer, in place', () => {
    const stack = testStack();
    const far = { replicaRegions: ['eu-central-1', 'us-west-2'] };
    verification(stack, far);
    Template.fromStack(stack).allResourcesProperties(SECRET, {
      ReplicaRegions: [{ Region: 'eu-central-1' }, { Region: 'us-west-2' }],
    });
    expect(losses(verification, (at) => verification(at, far))).toEqual([]);
  });

  test('is encrypted with the key given', () => {
    const stack = testStack();
    verification(stack, { encryptionKey: new kms.Key(stack, 'Key') });
    Template.fromStack(stack).allResourcesProperties(SECRET, { KmsKeyId: Match.anyValue() });
  });

  test('is the same with no feature flag and with all recommended ones', () => {
    expect(flagDependent(verification, SECRET)).toEqual([]);
  });

  test.each([0, 1.5, -1])('has no generation %d', (generation) => {
    expect(() => verification(testStack(), { generation })).toThrow(
      new Error(`generation must be a whole number from 1, got ${generation}: add 1 to rotate`),
    );
  });

  test('passes every pack, in a stack with and without an environment', () => {
    for (const stack of [testStack(), agnosticStack()]) {
      const made = verification(stack, { encryptionKey: new kms.Key(stack, 'Key', { enableKeyRotation: true }) });
      expect(everyPack(made)).toEqual({ open: [], unused: [] });
      expect(policy(stack)).toEqual(CLEAN);
    }
  });
});
