import { Duration } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { acknowledgeGrant, wildcardResource } from '../operations/acknowledge';
import { LogBucket } from '../operations/log-bucket';
import { retain } from '../operations/retain';

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
}

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
    this.bucket = new s3.Bucket(this, 'Bucket', {
      blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
      encryption: s3.BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
      versioned: true,
      lifecycleRules: [
        {
          noncurrentVersionExpiration: props.restorable ?? Duration.days(30),
          expiredObjectDeleteMarker: true,
          abortIncompleteMultipartUploadAfter: Duration.days(1),
        },
      ],
    });
    retain(this.bucket);
    const resource = this.bucket.node.defaultChild as s3.CfnBucket;
    // Not serverAccessLogsBucket: by a feature flag of the user's that writes an ACL instead of a policy.
    resource.loggingConfiguration = { destinationBucketName: logs.bucketName, logFilePrefix: 'assets/' };
    this.regionalArn = resource.attrArn;
    this.regionalName = resource.ref;
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
