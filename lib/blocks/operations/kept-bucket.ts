import type * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { retain } from './retain';

/** What tells one kept bucket from another. */
export interface KeptBucketProps {
  /** @default - S3's own keys */
  readonly encryptionKey?: kms.IKey;
  /** Receives who read and wrote what. */
  readonly accessLogBucket: s3.IBucket;
  /** Folder of these logs, without the slash. */
  readonly logFolder: string;
  readonly lifecycleRules: s3.LifecycleRule[];
  /** Can never be switched on later. @default - objects cannot be locked */
  readonly objectLockEnabled?: boolean;
  /** @default - an object is locked by who writes it, if at all */
  readonly objectLockDefaultRetention?: s3.ObjectLockRetention;
}

/** A bucket `Bucket` as every one of ours is: private, encrypted, TLS only, versioned, logged, heard of on the event bus, and kept. */
export function keptBucket(scope: Construct, props: KeptBucketProps): s3.Bucket {
  const { encryptionKey, accessLogBucket, logFolder, ...own } = props;
  const bucket = new s3.Bucket(scope, 'Bucket', {
    blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
    encryption: encryptionKey ? s3.BucketEncryption.KMS : s3.BucketEncryption.S3_MANAGED,
    encryptionKey,
    bucketKeyEnabled: encryptionKey && true,
    enforceSSL: true,
    objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
    versioned: true,
    ...own,
  });
  retain(bucket);
  const resource = bucket.node.defaultChild as s3.CfnBucket;
  // Neither by the L2: a feature flag of the user's decides how it lets the logs in, and EventBridge it sets by a Lambda function.
  resource.loggingConfiguration = { destinationBucketName: accessLogBucket.bucketName, logFilePrefix: `${logFolder}/` };
  resource.notificationConfiguration = { eventBridgeConfiguration: { eventBridgeEnabled: true } };
  return bucket;
}
