import { Duration, type Stack } from 'aws-cdk-lib';
import { Match } from 'aws-cdk-lib/assertions';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as sns from 'aws-cdk-lib/aws-sns';
import { DataKey } from '../../../lib/blocks/data/data-key';
import { serviceLog } from '../../../lib/blocks/operations/service-log';
import { AuditAlarms } from '../../../lib/blocks/security/audit-alarms';
import { AuditBucket, type AuditBucketProps, trailMayEncrypt } from '../../../lib/blocks/security/audit-bucket';
import { AuditTrail, type AuditTrailProps } from '../../../lib/blocks/security/audit-trail';
import { testStack } from '../../stacks';
import { flagDependent, losses, templateOf } from '../before-after';
import { everyPack } from '../every-pack';
import { nagFindings } from '../nag';

const NAME = 'shop-trail';

const bucket = (props?: AuditBucketProps) => (stack: Stack) => new AuditBucket(stack, 'It', props);

/** A trail with everything around it, in a stack without a product. */
const trail =
  (props: Partial<AuditTrailProps> = {}) =>
  (stack: Stack) => {
    const encryptionKey = new DataKey(stack, 'Key').key;
    encryptionKey.addToResourcePolicy(trailMayEncrypt(stack, NAME));
    const records = new AuditBucket(stack, 'Records', { encryptionKey, lockedFor: Duration.days(365) });
    records.letTrailWrite(NAME);
    const logGroup = serviceLog(stack, 'Log', { encryptionKey });
    return new AuditTrail(stack, 'It', { trailName: NAME, bucket: records.bucket, logGroup, encryptionKey, ...props });
  };

const TRAIL_ARN = {
  'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':cloudtrail:us-east-1:123456789012:trail/shop-trail']],
};

describe('the trail', () => {
  test('watches objects and items of what it is told, by ARN, and only what changes them', () => {
    const props = {
      managementEvents: false,
      bucketArns: ['arn:aws:s3:::files'],
      tableArns: ['arn:aws:dynamodb:us-east-1:1:table/t'],
    };
    templateOf(trail(props)).hasResourceProperties('AWS::CloudTrail::Trail', {
      AdvancedEventSelectors: [
        {
          Name: 'Objects',
          FieldSelectors: [
            { Field: 'eventCategory', Equals: ['Data'] },
            { Field: 'resources.type', Equals: ['AWS::S3::Object'] },
            { Field: 'resources.ARN', StartsWith: ['arn:aws:s3:::files/'] },
            { Field: 'readOnly', Equals: ['false'] },
          ],
        },
        {
          Name: 'Items',
          FieldSelectors: [
            { Field: 'eventCategory', Equals: ['Data'] },
            { Field: 'resources.type', Equals: ['AWS::DynamoDB::Table'] },
            { Field: 'resources.ARN', Equals: ['arn:aws:dynamodb:us-east-1:1:table/t'] },
            { Field: 'readOnly', Equals: ['false'] },
          ],
        },
      ],
    });
  });

  test('watches reads too where somebody pays for it', () => {
    const template = templateOf(trail({ bucketArns: ['arn:aws:s3:::files'], reads: true }));
    expect(JSON.stringify(template.findResources('AWS::CloudTrail::Trail'))).not.toContain('readOnly');
  });

  test('writes to the streams of its log group only, and encrypts for itself only', () => {
    const template = templateOf(trail());
    template.hasResourceProperties('AWS::IAM::Role', {
      AssumeRolePolicyDocument: {
        Statement: [
          Match.objectLike({
            Principal: { Service: 'cloudtrail.amazonaws.com' },
            // AWS documents no condition for this role.
            Condition: Match.absent(),
          }),
        ],
      },
    });
    template.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: [
          Match.objectLike({
            Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
            Resource: { 'Fn::Join': ['', Match.arrayWith([':log-stream:', '_CloudTrail_'])] },
          }),
        ],
      },
    });
    template.hasResourceProperties('AWS::KMS::Key', {
      KeyPolicy: {
        Statement: Match.arrayWith([
          Match.objectLike({
            Sid: 'AuditTrail',
            Action: ['kms:GenerateDataKey*', 'kms:DescribeKey'],
            Condition: { StringEquals: { 'aws:SourceArn': TRAIL_ARN } },
          }),
        ]),
      },
    });
  });

  test('says what is wrong with it', () => {
    expect(() => templateOf(trail({ managementEvents: false }))).toThrow(
      'managementEvents must be true where no bucketArns and tableArns are given, got false: a trail records something',
    );
    expect(() => templateOf(trail({ trailName: 'a b' }))).toThrow(
      "trailName must be 3 to 128 letters, digits, dots, underscores and hyphens, got 'a b': give another (AWS CloudTrail)",
    );
  });

  test('leaves no finding of any pack open', () => {
    const stack = testStack();
    trail({ bucketArns: ['arn:aws:s3:::files'] })(stack);
    expect(everyPack(stack)).toEqual({ open: [], unused: [] });
    expect(nagFindings(stack)).toEqual([]);
  });
});

describe('its bucket', () => {
  test('is private, encrypted, versioned, logged, locked for a year if told so, and kept', () => {
    const template = templateOf((stack) =>
      bucket({ encryptionKey: new kms.Key(stack, 'Key'), lockedFor: Duration.days(365) })(stack),
    );
    template.hasResource('AWS::S3::Bucket', {
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
      Properties: {
        BucketName: Match.absent(),
        ObjectLockEnabled: true,
        ObjectLockConfiguration: { ObjectLockEnabled: 'Enabled', Rule: { DefaultRetention: { Days: 365, Mode: 'GOVERNANCE' } } },
        VersioningConfiguration: { Status: 'Enabled' },
        LoggingConfiguration: Match.objectLike({ LogFilePrefix: 'audit/' }),
        LifecycleConfiguration: {
          Rules: [Match.objectLike({ ExpirationInDays: 400, NoncurrentVersionExpiration: { NoncurrentDays: 30 } })],
        },
        BucketEncryption: {
          ServerSideEncryptionConfiguration: [
            Match.objectLike({
              BucketKeyEnabled: true,
              ServerSideEncryptionByDefault: Match.objectLike({ SSEAlgorithm: 'aws:kms' }),
            }),
          ],
        },
      },
    });
  });

  test('lets in one trail, with the ACL that gives the owner what it wrote', () => {
    templateOf(trail()).hasResourceProperties('AWS::S3::BucketPolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({
            Action: 's3:GetBucketAcl',
            Principal: { Service: 'cloudtrail.amazonaws.com' },
            Condition: { StringEquals: { 'aws:SourceArn': TRAIL_ARN } },
          }),
          Match.objectLike({
            Action: 's3:PutObject',
            Resource: { 'Fn::Join': ['', [{ 'Fn::GetAtt': [Match.anyValue(), 'Arn'] }, '/AWSLogs/123456789012/*']] },
            Condition: { StringEquals: { 'aws:SourceArn': TRAIL_ARN, 's3:x-amz-acl': 'bucket-owner-full-control' } },
          }),
        ]),
      },
    });
  });

  test('is not replaced when it is kept for longer, or when its key comes later', () => {
    const build = (props: AuditBucketProps) => (stack: Stack) => {
      const key = new kms.Key(stack, 'Key');
      bucket({ ...props, encryptionKey: props.retention && key })(stack);
    };
    const change = losses(
      build({ lockedFor: Duration.days(90) }),
      build({ lockedFor: Duration.days(90), retention: Duration.days(800) }),
    );
    expect(change).toEqual([]);
  });

  test.each([
    [{ retention: Duration.days(30) }, 'retention must be a whole number of days from 90 to 3653, got 30: give another'],
    [{ lockedFor: Duration.days(401) }, 'lockedFor must be a whole number of days from 1 to 400, got 401: give another'],
  ])('refuses %j', (props, message) => {
    expect(() => templateOf(bucket(props))).toThrow(message);
  });

  test('leaves no finding of any pack open without key and lock', () => {
    const stack = testStack();
    bucket()(stack);
    expect(everyPack(stack)).toEqual({ open: [], unused: [] });
    expect(nagFindings(stack)).toEqual([]);
  });

  test('does not depend on the feature flags of the user', () => {
    const types = ['AWS::S3::Bucket', 'AWS::Logs::LogGroup', 'AWS::CloudTrail::Trail'];
    expect(flagDependent(trail(), ...types)).toEqual([]);
  });
});

describe('its alarms', () => {
  const alarms = (stack: Stack) => {
    const logGroup = serviceLog(stack, 'Log');
    new AuditAlarms(stack, 'It', { logGroup, alarmTopic: new sns.Topic(stack, 'Topic'), namespace: 'shop' });
  };

  test('ring for what the CIS benchmark names', () => {
    const template = templateOf(alarms);
    const names = Object.values(template.findResources('AWS::CloudWatch::Alarm')).map(({ Properties }) => Properties.MetricName);
    expect(names.sort()).toEqual([
      'BucketPolicyChanged',
      'ConfigurationRecorderChanged',
      'ConsoleLoginFailed',
      'ConsoleWithoutMfa',
      'GatewayChanged',
      'KeyDisabled',
      'NetworkAclChanged',
      'PermissionsChanged',
      'RootUsed',
      'RouteChanged',
      'SecurityGroupChanged',
      'TrailChanged',
      'UnauthorizedCalls',
      'VpcChanged',
    ]);
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      MetricName: 'RootUsed',
      Namespace: 'shop',
      Threshold: 1,
      AlarmActions: [{ Ref: Match.stringLikeRegexp('^Topic') }],
      TreatMissingData: 'notBreaching',
    });
  });

  test('look for them with filters that CloudWatch Logs takes: at most 1,024 characters, braces that close', () => {
    const filters = Object.values(templateOf(alarms).findResources('AWS::Logs::MetricFilter'));
    for (const { Properties } of filters) {
      const pattern: string = Properties.FilterPattern;
      expect(pattern.length).toBeLessThanOrEqual(1_024);
      expect(pattern).toMatch(/^\{ .* \}$/);
      expect(pattern.split('(').length).toBe(pattern.split(')').length);
    }
  });
});
