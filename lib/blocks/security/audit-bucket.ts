import { ArnFormat, Aws, Duration, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { acknowledge, inPacks, sameReason } from '../operations/acknowledge';
import { keptBucket } from '../operations/kept-bucket';
import { LogBucket } from '../operations/log-bucket';

/** Properties of an AuditBucket. */
export interface AuditBucketProps {
  /**
   * Key for the records; the policy of a key made elsewhere must let the writing services in, see `trailMayEncrypt`.
   * @default - Amazon S3's own keys
   */
  readonly encryptionKey?: kms.IKey;
  /**
   * How long records are kept, in whole days from 90 to 3,653.
   * @default Duration.days(400), a year (PCI DSS 10.7) and the time to notice
   */
  readonly retention?: Duration;
  /**
   * How long nobody can delete or overwrite a record, in whole days, at most `retention` (Object Lock in governance mode: only a
   * principal with `s3:BypassGovernanceRetention` can). Decide on the first deploy: CloudFormation replaces the bucket when a
   * lock comes later. AWS Config delivers to no bucket with a default lock (AWS Config developer guide, delivery channel).
   * @default - no lock, only versions
   */
  readonly lockedFor?: Duration;
  /**
   * Bucket for the access logs; its policy must let `logging.s3.amazonaws.com` write. Choose once.
   * @default - a LogBucket of its own
   */
  readonly accessLogBucket?: s3.IBucket;
}

/**
 * Who did what, for those who ask later: private, encrypted, versioned, logged, and written to by AWS services only.
 *
 * Costs 0.023 USD a GB and month (Amazon S3 pricing, us-east-1). This resource is stateful: it is kept when it leaves the
 * template.
 */
export class AuditBucket extends Construct {
  public readonly bucket: s3.Bucket;

  /** @throws if retention or lockedFor do not fit */
  constructor(scope: Construct, id: string, props: AuditBucketProps = {}) {
    super(scope, id);
    const { encryptionKey, lockedFor } = props;
    const retention = props.retention ?? Duration.days(400);
    checkDays('retention', retention, 90, 3_653);
    if (lockedFor) checkDays('lockedFor', lockedFor, 1, retention.toDays());
    const logs = props.accessLogBucket ?? new LogBucket(this, 'AccessLogs').bucket;
    this.bucket = keptBucket(this, {
      encryptionKey,
      accessLogBucket: logs,
      logFolder: 'audit',
      objectLockEnabled: lockedFor && true,
      objectLockDefaultRetention: lockedFor && s3.ObjectLockRetention.governance(lockedFor),
      lifecycleRules: [
        {
          expiration: retention,
          noncurrentVersionExpiration: Duration.days(30),
          abortIncompleteMultipartUploadAfter: Duration.days(1),
        },
      ],
    });
    this.acknowledgePolicies(props);
  }

  /** Lets the trail of this name, in this account and Region, write its records. */
  public letTrailWrite(trailName: string): void {
    const service = new iam.ServicePrincipal('cloudtrail.amazonaws.com');
    const source = { 'aws:SourceArn': trailArn(this, trailName) };
    this.admit('TrailReadsAcl', service, 's3:GetBucketAcl', this.bucket.bucketArn, source);
    this.admit('TrailWrites', service, 's3:PutObject', this.bucket.arnForObjects(`AWSLogs/${Stack.of(this).account}/*`), {
      ...source,
      's3:x-amz-acl': 'bucket-owner-full-control',
    });
  }

  /** Lets AWS Config of this account deliver its history and snapshots. */
  public letConfigWrite(): void {
    const { account } = Stack.of(this);
    const service = new iam.ServicePrincipal('config.amazonaws.com');
    const source = { 'aws:SourceAccount': account };
    this.admit('ConfigReadsAcl', service, 's3:GetBucketAcl', this.bucket.bucketArn, source);
    this.admit('ConfigLooksForBucket', service, 's3:ListBucket', this.bucket.bucketArn, source);
    this.admit('ConfigWrites', service, 's3:PutObject', this.bucket.arnForObjects(`AWSLogs/${account}/Config/*`), {
      ...source,
      's3:x-amz-acl': 'bucket-owner-full-control',
    });
  }

  private admit(
    sid: string,
    principal: iam.ServicePrincipal,
    action: string,
    resource: string,
    equals: { [key: string]: string },
  ): void {
    this.bucket.addToResourcePolicy(
      new iam.PolicyStatement({
        sid,
        actions: [action],
        principals: [principal],
        resources: [resource],
        conditions: { StringEquals: equals },
      }),
    );
  }

  private acknowledgePolicies({ encryptionKey, lockedFor }: AuditBucketProps): void {
    acknowledge(
      this.bucket,
      ...sameReason(
        'The rules want what is stored to outlive the loss of a Region. What these records tell of is in the event history of AWS ' +
          'CloudTrail for 90 days too, and an account that needs them elsewhere sends them to an account of its own for logs: another ' +
          'Region, perhaps under other laws, is a decision that no library can take. Add `replicationConfiguration` through the exposed ' +
          'bucket where it is taken.',
        ...inPacks('S3BucketReplicationEnabled', 'HIPAA.Security', 'NIST.800.53.R4', 'NIST.800.53.R5', 'PCI.DSS.321'),
      ),
      ...(lockedFor
        ? []
        : sameReason(
            'The rule guards records against being changed before their time. AWS Config, for whose history this bucket is, delivers to no ' +
              'bucket with a default lock (AWS Config developer guide, delivery channel). Versions bring back for a month what somebody ' +
              'deletes, nobody but the delivering service may write, and every change of the bucket is in the trail.',
            ...inPacks('S3BucketDefaultLockEnabled', 'NIST.800.53.R4'),
            'ControlTower::CT.S3.PR.9',
          )),
      ...(encryptionKey
        ? []
        : sameReason(
            'The rules want a key whose use the account controls. None was given to this block: Amazon S3 encrypts the records with its own ' +
              'keys (AES-256), no public access is possible, and the policy names each writer. Give it an encryptionKey to have it otherwise.',
            ...inPacks('S3DefaultEncryptionKMS', 'HIPAA.Security', 'NIST.800.53.R5', 'PCI.DSS.321'),
            'ControlTower::CT.S3.PR.10',
          )),
      {
        id: 'ScaleTiers::bucket-expires-objects',
        reason:
          'The rule guards against a lifecycle rule that deletes in silence what somebody wanted to keep. Records of who did what hold ' +
          'names and addresses and are meant to expire, after as many days as the props of this block say.',
      },
    );
  }
}

/** ARN of a trail of this account and Region, whose name is known before it is made. */
export function trailArn(scope: Construct, trailName: string): string {
  return Stack.of(scope).formatArn({
    partition: Aws.PARTITION,
    service: 'cloudtrail',
    resource: 'trail',
    resourceName: trailName,
    arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
  });
}

/** Lets the trail of this name encrypt its records with a key (AWS CloudTrail user guide, configure KMS key policies). */
export function trailMayEncrypt(scope: Construct, trailName: string): iam.PolicyStatement {
  return new iam.PolicyStatement({
    sid: 'AuditTrail',
    actions: ['kms:GenerateDataKey*', 'kms:DescribeKey'],
    principals: [new iam.ServicePrincipal('cloudtrail.amazonaws.com')],
    resources: ['*'],
    conditions: { StringEquals: { 'aws:SourceArn': trailArn(scope, trailName) } },
  });
}

/** Lets AWS Config of this account encrypt what it delivers (AWS Config developer guide, permissions for the KMS key). */
export function configMayEncrypt(scope: Construct): iam.PolicyStatement {
  return new iam.PolicyStatement({
    sid: 'ConfigOfThisAccount',
    actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
    principals: [new iam.ServicePrincipal('config.amazonaws.com')],
    resources: ['*'],
    conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(scope).account } },
  });
}

function checkDays(name: string, duration: Duration, least: number, most: number): void {
  if (duration.isUnresolved()) return;
  const days = duration.toDays({ integral: false });
  if (!Number.isInteger(days) || days < least || days > most) {
    throw new Error(`${name} must be a whole number of days from ${least} to ${most}, got ${days}: give another`);
  }
}
