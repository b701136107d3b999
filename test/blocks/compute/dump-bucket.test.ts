import { Duration, type Stack } from 'aws-cdk-lib';
import { Match } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import { DumpBucket, type DumpBucketProps } from '../../../lib/blocks/compute/dump-bucket';
import { testStack } from '../../stacks';
import { flagDependent, losses, templateOf } from '../before-after';
import { everyPack } from '../every-pack';

const bucket = (props?: DumpBucketProps) => (stack: Stack) => new DumpBucket(stack, 'Dumps', props);
const DUMPS = { LoggingConfiguration: Match.objectLike({ LogFilePrefix: 'dumps/' }) };

describe('the bucket of the dumps', () => {
  test('is private, encrypted, versioned, logged, and kept when it leaves the template', () => {
    const template = templateOf(bucket());
    template.hasResource('AWS::S3::Bucket', {
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
      Properties: {
        ...DUMPS,
        BucketName: Match.absent(),
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        },
        BucketEncryption: {
          ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
        },
        OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
        VersioningConfiguration: { Status: 'Enabled' },
      },
    });
  });

  test('takes TLS only', () => {
    templateOf(bucket()).hasResourceProperties('AWS::S3::BucketPolicy', {
      Bucket: { Ref: Match.stringLikeRegexp('^DumpsBucket') },
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({ Effect: 'Deny', Action: 's3:*', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
        ]),
      },
    });
  });

  test.each([
    ['30 days', undefined, 30],
    ['as long as is said', { retention: Duration.days(90) }, 90],
  ])('keeps a dump for %s, and what was overwritten or deleted as long again', (_, props, days) => {
    templateOf(bucket(props)).hasResourceProperties('AWS::S3::Bucket', {
      ...DUMPS,
      LifecycleConfiguration: {
        Rules: [
          {
            Status: 'Enabled',
            ExpirationInDays: days,
            NoncurrentVersionExpiration: { NoncurrentDays: days },
            AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
          },
        ],
      },
    });
  });

  test('encrypts with the key given, which its writer may use', () => {
    const template = templateOf((stack) => {
      const dumps = new DumpBucket(stack, 'Dumps', { encryptionKey: new kms.Key(stack, 'Key') });
      dumps.grantDump(new iam.Role(stack, 'Role', { assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com') }));
    });
    template.hasResourceProperties('AWS::S3::Bucket', {
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [
          { BucketKeyEnabled: true, ServerSideEncryptionByDefault: Match.objectLike({ SSEAlgorithm: 'aws:kms' }) },
        ],
      },
    });
    template.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: { Statement: Match.arrayWith([Match.objectLike({ Action: ['kms:Decrypt', 'kms:GenerateDataKey'] })]) },
    });
  });

  test('lets its writer write and read below its prefix, and delete nothing', () => {
    const template = templateOf((stack) => {
      const role = new iam.Role(stack, 'Role', { assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com') });
      new DumpBucket(stack, 'Dumps').grantDump(role);
    });
    const [policy] = Object.values(template.findResources('AWS::IAM::Policy'));
    const statements = policy.Properties.PolicyDocument.Statement as { Action: string | string[]; Resource: object }[];
    expect(statements.flatMap(({ Action }) => Action).sort()).toEqual(['s3:GetObject', 's3:ListBucket', 's3:PutObject']);
    const objects = statements.find(({ Action }) => Action.includes('s3:PutObject'))!.Resource;
    expect(JSON.stringify(objects)).toContain('/dumps/*');
  });

  test.each([6, 3_651, 8.5])('refuses to keep a dump for %p days', (days) => {
    expect(() => bucket({ retention: Duration.hours(days * 24) })(testStack())).toThrow(
      new Error(`retention must be a whole number of days from 7 to 3650, got: ${days}`),
    );
  });

  test('is not replaced by another retention or a key', () => {
    const withKey = (stack: Stack) => bucket({ encryptionKey: new kms.Key(stack, 'Key') })(stack);
    expect(losses(bucket(), bucket({ retention: Duration.days(60) }))).toEqual([]);
    expect(losses(bucket(), withKey)).toEqual([]);
  });

  test('does not depend on feature flags', () => {
    expect(flagDependent(bucket(), 'AWS::S3::Bucket')).toEqual([]);
  });

  test.each([
    ['with', (stack: Stack) => bucket({ encryptionKey: new kms.Key(stack, 'Key', { enableKeyRotation: true }) })(stack)],
    ['without', bucket()],
  ])('answers every pack %s a key', (_, build) => {
    const stack = testStack();
    build(stack);
    expect(everyPack(stack)).toEqual({ open: [], unused: [] });
  });
});
