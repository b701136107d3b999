import { Match, Template } from 'aws-cdk-lib/assertions';
import * as kms from 'aws-cdk-lib/aws-kms';
import { ImageRepository } from '../../../lib/blocks/delivery/image-repository';
import { testStack } from '../../stacks';
import { flagDependent } from '../before-after';

describe('an image repository', () => {
  test('has tags that never move, scans what is pushed, is encrypted, and stays', () => {
    const stack = testStack();
    new ImageRepository(stack, 'Images');
    Template.fromStack(stack).hasResource('AWS::ECR::Repository', {
      Properties: {
        ImageTagMutability: 'IMMUTABLE',
        ImageScanningConfiguration: { ScanOnPush: true },
        EncryptionConfiguration: { EncryptionType: 'KMS', KmsKey: Match.absent() },
        RepositoryName: Match.absent(),
        EmptyOnDelete: Match.absent(),
      },
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
    });
  });

  test('keeps the last 50 images, or as many as said, and what has no tag for a week', () => {
    const rules = (keptImages?: number) => {
      const stack = testStack();
      new ImageRepository(stack, 'Images', { keptImages });
      const [found] = Object.values(Template.fromStack(stack).findResources('AWS::ECR::Repository'));
      return JSON.parse(found.Properties.LifecyclePolicy.LifecyclePolicyText).rules.map(
        (rule: { selection: object }) => rule.selection,
      );
    };
    expect(rules()).toEqual([
      { tagStatus: 'untagged', countType: 'sinceImagePushed', countNumber: 7, countUnit: 'days' },
      { tagStatus: 'any', countType: 'imageCountMoreThan', countNumber: 50 },
    ]);
    expect(rules(200)[1].countNumber).toBe(200);
  });

  test('takes a key of the account from the first day', () => {
    const stack = testStack();
    new ImageRepository(stack, 'Images', { encryptionKey: new kms.Key(stack, 'Key') });
    Template.fromStack(stack).hasResourceProperties('AWS::ECR::Repository', {
      EncryptionConfiguration: { EncryptionType: 'KMS', KmsKey: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Key'), 'Arn'] } },
    });
  });

  test.each([9, 1001, 10.5])('refuses to keep %s images', (keptImages) => {
    expect(() => new ImageRepository(testStack(), 'Images', { keptImages })).toThrow(
      `keptImages must be a whole number from 10 to 1000, got: ${keptImages}, keep as many as you may go back to`,
    );
  });

  test('is not changed by feature flags', () => {
    expect(flagDependent((stack) => new ImageRepository(stack, 'Images'), 'AWS::ECR::Repository')).toEqual([]);
  });
});
