import { Duration, type Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { AssetBucket, AssetCopies, grantPublish } from '../../../lib/blocks/data/asset-bucket';
import { LogBucket } from '../../../lib/blocks/operations/log-bucket';
import { agnosticStack, testStack } from '../../stacks';
import { flagDependent, losses, templateOf } from '../before-after';
import { nagFindings } from '../nag';

const assets = (stack: Stack) => new AssetBucket(stack, 'Assets');
const OWN = Match.stringLikeRegexp('^AssetsBucket');

describe('an asset bucket', () => {
  test('is private, versioned, without a name, and stays', () => {
    const template = templateOf(assets);
    template.allResources('AWS::S3::Bucket', { DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
    template.hasResourceProperties('AWS::S3::Bucket', {
      BucketName: Match.absent(),
      ObjectLockEnabled: Match.absent(),
      VersioningConfiguration: { Status: 'Enabled' },
      OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
      BucketEncryption: { ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }] },
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
    });
    template.hasResourceProperties('AWS::S3::BucketPolicy', {
      Bucket: { Ref: OWN },
      PolicyDocument: {
        Statement: [Match.objectLike({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } })],
      },
    });
  });

  test('keeps old versions for as long as told', () => {
    const stack = testStack();
    new AssetBucket(stack, 'Assets', { restorable: Duration.days(7) });
    Template.fromStack(stack).hasResourceProperties('AWS::S3::Bucket', {
      LifecycleConfiguration: { Rules: [Match.objectLike({ NoncurrentVersionExpiration: { NoncurrentDays: 7 } })] },
    });
  });

  test('logs who reads it, by a policy and not by an ACL, whatever the flags', () => {
    const template = templateOf(assets);
    template.hasResourceProperties('AWS::S3::Bucket', {
      LoggingConfiguration: { DestinationBucketName: { Ref: Match.stringLikeRegexp('^AssetsLogs') }, LogFilePrefix: 'assets/' },
    });
    template.allResourcesProperties('AWS::S3::Bucket', { AccessControl: Match.absent() });
    expect(flagDependent(assets, 'AWS::S3::Bucket')).toEqual([]);
  });

  test('logs into a bucket that is there already', () => {
    const template = templateOf((stack) => {
      new AssetBucket(stack, 'Assets', { accessLogBucket: new LogBucket(stack, 'Logs').bucket });
    });
    template.resourceCountIs('AWS::S3::Bucket', 2);
    template.hasResourceProperties('AWS::S3::Bucket', {
      LoggingConfiguration: { DestinationBucketName: { Ref: Match.stringLikeRegexp('^LogsBucket') } },
    });
  });

  test('tells the event bus of the account what is published, without a custom resource', () => {
    const template = templateOf(assets);
    template.hasResourceProperties('AWS::S3::Bucket', {
      NotificationConfiguration: { EventBridgeConfiguration: { EventBridgeEnabled: true } },
      VersioningConfiguration: { Status: 'Enabled' },
    });
    template.resourceCountIs('AWS::Lambda::Function', 0);
  });

  test.each([AssetCopies.NONE, AssetCopies.ELSEWHERE, AssetCopies.HERE])('is the same bucket with copies %s', (copies) => {
    const bucket = (stack: Stack) => new AssetBucket(stack, 'Assets', { copies });
    expect(templateOf(bucket).toJSON()).toEqual(templateOf(assets).toJSON());
  });

  test('tells other Regions its ARN and name as plain attributes', () => {
    const stack = testStack();
    const bucket = assets(stack);
    expect(stack.resolve(bucket.regionalArn)).toEqual({ 'Fn::GetAtt': [expect.stringMatching(/^AssetsBucket/), 'Arn'] });
    expect(stack.resolve(bucket.regionalName)).toEqual({ Ref: expect.stringMatching(/^AssetsBucket/) });
  });

  test('takes other lifecycles in place', () => {
    expect(losses(assets, (stack) => new AssetBucket(stack, 'Assets', { restorable: Duration.days(365) }))).toEqual([]);
  });

  test('lets a pipeline publish', () => {
    const stack = testStack();
    assets(stack).grantPublish(
      new iam.Role(stack, 'Pipeline', { assumedBy: new iam.ServicePrincipal('codebuild.amazonaws.com') }),
    );
    expect(JSON.stringify(Template.fromStack(stack).findResources('AWS::IAM::Policy'))).toContain('s3:PutObject');
  });

  test('lets others publish to a bucket of another Region, to nothing else in it, and breaks no policy', () => {
    const stack = testStack();
    const role = new iam.Role(stack, 'Role', { assumedBy: new iam.ServicePrincipal('ecs-tasks.amazonaws.com') });
    grantPublish(s3.Bucket.fromBucketName(stack, 'Published', 'files'), role);
    const arn = (path: string) => ({ 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, `:s3:::files${path}`]] });
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: [
          { Effect: 'Allow', Action: 's3:ListBucket', Resource: arn('') },
          {
            Effect: 'Allow',
            Action: ['s3:GetObject', 's3:PutObject', 's3:DeleteObject', 's3:AbortMultipartUpload'],
            Resource: arn('/*'),
          },
        ],
      },
    });
    expect(nagFindings(stack)).toEqual([]);
  });

  test('works in a stack without an environment, and breaks no policy', () => {
    const stack = agnosticStack();
    assets(stack);
    expect(nagFindings(stack)).toEqual([]);
  });
});
