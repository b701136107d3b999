import { Duration, type Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { AssetBucket } from '../../../lib/blocks/data/asset-bucket';
import { LogBucket } from '../../../lib/blocks/operations/log-bucket';
import { ACCOUNT, agnosticStack, testStack } from '../../stacks';
import { flagDependent, losses, templateOf } from '../before-after';
import { CLEAN, policy } from '../compute/service-fixture';
import { acknowledgedIds, everyPack } from '../every-pack';

const logs = (stack: Stack) => new LogBucket(stack, 'Logs');

describe('a log bucket', () => {
  test('is private, encrypted, without a name, and stays', () => {
    const template = templateOf(logs);
    template.hasResource('AWS::S3::Bucket', { DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
    template.hasResourceProperties('AWS::S3::Bucket', {
      BucketName: Match.absent(),
      BucketEncryption: { ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }] },
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
    });
  });

  test('lets CloudFront write with an ACL, whatever the flags', () => {
    templateOf(logs).hasResourceProperties('AWS::S3::Bucket', {
      OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerPreferred' }] },
    });
    expect(flagDependent(logs, 'AWS::S3::Bucket', 'AWS::S3::BucketPolicy')).toEqual([]);
  });

  test('forgets after 90 days, or when told, and answers to queries after a week', () => {
    const expiring = (ExpirationInDays: number) => ({
      LifecycleConfiguration: {
        Rules: [
          {
            ExpirationInDays,
            NoncurrentVersionExpiration: { NoncurrentDays: 30 },
            AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
            Status: 'Enabled',
          },
          {
            Prefix: 'query-results/',
            ExpirationInDays: 7,
            NoncurrentVersionExpiration: { NoncurrentDays: 1 },
            Status: 'Enabled',
          },
        ],
      },
    });
    templateOf(logs).hasResourceProperties('AWS::S3::Bucket', expiring(90));
    const longer = (stack: Stack) => new LogBucket(stack, 'Logs', { retention: Duration.days(400) });
    templateOf(longer).hasResourceProperties('AWS::S3::Bucket', expiring(400));
    expect(losses(logs, longer)).toEqual([]);
  });

  test('keeps what somebody deletes for a month, and tells the event bus of it, without a function', () => {
    const template = templateOf(logs);
    template.hasResourceProperties('AWS::S3::Bucket', {
      VersioningConfiguration: { Status: 'Enabled' },
      NotificationConfiguration: { EventBridgeConfiguration: { EventBridgeEnabled: true } },
    });
    template.resourceCountIs('AWS::Lambda::Function', 0);
  });

  test.each([
    ['with', testStack, ACCOUNT],
    ['without', agnosticStack, undefined],
  ])(
    'lets load balancers and buckets of this account write, and nobody else, in a stack %s an environment',
    (_, make, account) => {
      const stack = make();
      logs(stack);
      const [found] = Object.values(Template.fromStack(stack).findResources('AWS::S3::BucketPolicy'));
      const arn = { 'Fn::GetAtt': [expect.stringMatching(/^LogsBucket/), 'Arn'] };
      const own = account ? [arn, `/*AWSLogs/${account}/*`] : [arn, '/*AWSLogs/', { Ref: 'AWS::AccountId' }, '/*'];
      expect(found.Properties.PolicyDocument.Statement).toEqual([
        expect.objectContaining({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
        {
          Sid: 'LoadBalancersOfThisAccount',
          Effect: 'Allow',
          Action: 's3:PutObject',
          Principal: { Service: 'logdelivery.elasticloadbalancing.amazonaws.com' },
          Resource: { 'Fn::Join': ['', own] },
        },
        {
          Sid: 'BucketsOfThisAccount',
          Effect: 'Allow',
          Action: 's3:PutObject',
          Principal: { Service: 'logging.s3.amazonaws.com' },
          Resource: { 'Fn::Join': ['', [arn, '/*']] },
          Condition: { StringEquals: { 'aws:SourceAccount': account ?? { Ref: 'AWS::AccountId' } } },
        },
      ]);
    },
  );

  test('passes AwsSolutions as soon as another bucket logs to it', () => {
    const stack = testStack();
    const { bucket } = logs(stack);
    expect(policy(stack).open).toEqual(['AwsSolutions::AwsSolutions-S1 at Shop/Logs/Bucket/Resource']);
    new AssetBucket(stack, 'Assets', { accessLogBucket: bucket });
    expect(policy(stack)).toEqual(CLEAN);
  });

  test('answers every pack as soon as another bucket logs to it', () => {
    const stack = testStack();
    const made = logs(stack);
    new AssetBucket(stack, 'Assets', { accessLogBucket: made.bucket });
    expect(everyPack(stack)).toEqual(CLEAN);
    expect(acknowledgedIds(made, 'ControlTower')).toEqual([2, 9, 10].map((number) => `ControlTower::CT.S3.PR.${number}`).sort());
    expect(acknowledgedIds(made, 'Checkov')).toEqual(['Checkov::CKV_AWS_18']);
  });
});
