import { Duration } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { acknowledge, acknowledgeGrant, inPacks, sameReason, wildcardResource } from '../operations/acknowledge';
import { keptBucket } from '../operations/kept-bucket';
import { LogBucket } from '../operations/log-bucket';

/** Properties of an AssetBucket. */
export interface AssetBucketProps {
  /**
   * Bucket for the access logs; its policy must let `logging.s3.amazonaws.com` write. Choose once: giving one later leaves the
   * bucket's own LogBucket behind.
   * @default - a LogBucket of its own
   */
  readonly accessLogBucket?: s3.IBucket;
  /**
   * How long an overwritten or deleted file can be brought back.
   * @default Duration.days(30)
   */
  readonly restorable?: Duration;
  /**
   * Whether the files are also elsewhere. It changes nothing of the bucket, only what the policy report says of it.
   * @default AssetCopies.NONE
   */
  readonly copies?: AssetCopies;
}

/** Where the files of an AssetBucket are besides. */
export enum AssetCopies {
  /** Nowhere: they are published from the product's build. */
  NONE = 'none',
  /** In other buckets, to which a BucketReplication copies them. */
  ELSEWHERE = 'elsewhere',
  /** In the bucket that a BucketReplication copies here. */
  HERE = 'here',
}

/** Why no second bucket has the files, by what the bucket is. */
const NOT_REPLICATED = {
  [AssetCopies.NONE]:
    'The rules want what is stored to outlive the loss of a Region. The files are made by the build of the product and can be ' +
    'published once more at any time, and the application answers for every file that the bucket has not; a file overwritten or ' +
    'deleted by mistake is restored from its earlier version. A product in several Regions copies the files to each.',
  [AssetCopies.HERE]:
    'The rules want what is stored to outlive the loss of a Region. This bucket is the copy that outlives it: its files come from ' +
    "the bucket of the primary Region by replication, and copying them back would undo that bucket's own changes.",
};

/**
 * The product's static files, private: a content delivery network reads them, nobody else.
 *
 * Versioned from birth, since replication needs it. Encrypted with Amazon S3's own keys: the files are published anyway, and for a
 * key of the account CloudFront needs a key policy that names a distribution which itself waits for the bucket.
 */
export class AssetBucket extends Construct {
  /** The bucket, for grants, and as an origin. */
  public readonly bucket: s3.Bucket;
  /**
   * ARN of the bucket as a plain attribute, for stacks of other Regions: reading `bucket.bucketArn` there makes CDK refuse, or
   * give the bucket a physical name, which replaces it.
   */
  public readonly regionalArn: string;
  /** Name of the bucket as a plain attribute, for stacks of other Regions. */
  public readonly regionalName: string;

  constructor(scope: Construct, id: string, props: AssetBucketProps = {}) {
    super(scope, id);
    const logs = props.accessLogBucket ?? new LogBucket(this, 'Logs').bucket;
    this.bucket = keptBucket(this, {
      accessLogBucket: logs,
      logFolder: 'assets',
      lifecycleRules: [
        {
          noncurrentVersionExpiration: props.restorable ?? Duration.days(30),
          expiredObjectDeleteMarker: true,
          abortIncompleteMultipartUploadAfter: Duration.days(1),
        },
      ],
    });
    this.acknowledgePolicies(props.copies ?? AssetCopies.NONE);
    const resource = this.bucket.node.defaultChild as s3.CfnBucket;
    this.regionalArn = resource.attrArn;
    this.regionalName = resource.ref;
  }

  private acknowledgePolicies(copies: AssetCopies): void {
    acknowledge(
      this.bucket,
      ...sameReason(
        'The rules want a key that the account can withdraw from whoever comes by the stored data. These files are published: ' +
          'CloudFront hands each to anybody who asks, so a key would keep nothing secret, while every publisher and CloudFront would ' +
          'need it and a mistake in its policy would take the site down. Amazon S3 encrypts them with its own keys (AES-256), and the ' +
          'bucket lets only CloudFront and named publishers in, over TLS, with each access logged.',
        ...inPacks('S3DefaultEncryptionKMS', 'HIPAA.Security', 'NIST.800.53.R5', 'PCI.DSS.321'),
        'ControlTower::CT.S3.PR.10',
      ),
      ...sameReason(
        'The rules want records that nobody can delete before their time. These files are no records: each release replaces them, ' +
          'and one that must not be published has to be deleted at once, which a lock would refuse. Versioning keeps what was ' +
          'overwritten or deleted restorable for as long as the lifecycle rule says. CloudFormation would also replace a bucket to ' +
          'lock it.',
        ...inPacks('S3BucketDefaultLockEnabled', 'NIST.800.53.R4'),
        'ControlTower::CT.S3.PR.9',
      ),
    );
    if (copies === AssetCopies.ELSEWHERE) return;
    const rules = inPacks('S3BucketReplicationEnabled', 'HIPAA.Security', 'NIST.800.53.R4', 'NIST.800.53.R5', 'PCI.DSS.321');
    acknowledge(this.bucket, ...sameReason(NOT_REPLICATED[copies], ...rules));
  }

  /** Lets a principal, such as the pipeline that publishes the site, write, replace and delete files. */
  public grantPublish(grantee: iam.IGrantable): iam.Grant {
    return grantPublish(this.bucket, grantee);
  }
}

/** Lets a principal publish to a bucket, wherever that is. */
export function grantPublish(bucket: s3.IBucket, grantee: iam.IGrantable): iam.Grant {
  const objects = bucket.arnForObjects('*');
  acknowledgeGrant(grantee, {
    id: wildcardResource(bucket, objects),
    reason:
      'The product publishes files under names of its own choosing, so the wildcard stands for the object keys of this one bucket; ' +
      'the four actions on it are named one by one.',
  });
  // Not bucket.grantReadWrite, which allows actions by wildcard.
  iam.Grant.addToPrincipal({ grantee, actions: ['s3:ListBucket'], resourceArns: [bucket.bucketArn] });
  return iam.Grant.addToPrincipal({
    grantee,
    actions: ['s3:GetObject', 's3:PutObject', 's3:DeleteObject', 's3:AbortMultipartUpload'],
    resourceArns: [objects],
  });
}
