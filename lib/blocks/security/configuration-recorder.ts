import { Aws } from 'aws-cdk-lib';
import * as config from 'aws-cdk-lib/aws-config';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { AuditBucket, configMayEncrypt } from './audit-bucket';

/** Properties of a ConfigurationRecorder. */
export interface ConfigurationRecorderProps {
  /**
   * Key for the history; the policy of a key made elsewhere must let AWS Config in.
   * @default - Amazon S3's own keys
   */
  readonly encryptionKey?: kms.IKey;
  /** Bucket for the access logs of the bucket here. Choose once. @default - a LogBucket of its own */
  readonly accessLogBucket?: s3.IBucket;
  /**
   * Whether the service-linked role of AWS Config is made too. An account has one, and keeps it: false where it is there already
   * (`aws iam get-role --role-name AWSServiceRoleForConfig`), or CloudFormation fails.
   * @default true
   */
  readonly createsServiceRole?: boolean;
  /**
   * Whether resources without a Region (IAM) are recorded; true in one Region of the account.
   * @default true
   */
  readonly recordsGlobalResources?: boolean;
}

/**
 * AWS Config of this account and Region: what every resource was like at every time, in a bucket of its own.
 *
 * An account has one recorder and one delivery channel a Region: where they are, CloudFormation fails, so leave this out. 0.003
 * USD for each recorded change (AWS Config pricing, aws-price-watcher, 2025-12-06): tasks that come and go are changes of network
 * interfaces, so a service that scales all day costs some USD a day; exclude `AWS::EC2::NetworkInterface` through the exposed
 * recorder then. Not verified against AWS.
 */
export class ConfigurationRecorder extends Construct {
  public readonly bucket: AuditBucket;
  public readonly recorder: config.CfnConfigurationRecorder;
  public readonly deliveryChannel: config.CfnDeliveryChannel;

  constructor(scope: Construct, id: string, props: ConfigurationRecorderProps = {}) {
    super(scope, id);
    const { encryptionKey, createsServiceRole = true, recordsGlobalResources = true } = props;
    encryptionKey?.addToResourcePolicy(configMayEncrypt(this));
    this.bucket = new AuditBucket(this, 'History', { encryptionKey, accessLogBucket: props.accessLogBucket });
    this.bucket.letConfigWrite();
    this.recorder = new config.CfnConfigurationRecorder(this, 'Recorder', {
      // Its own role, as the control Config.1 of Security Hub wants.
      roleArn: `arn:${Aws.PARTITION}:iam::${Aws.ACCOUNT_ID}:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig`,
      recordingGroup: { allSupported: true, includeGlobalResourceTypes: recordsGlobalResources },
    });
    if (createsServiceRole) {
      const role = new iam.CfnServiceLinkedRole(this, 'ServiceRole', { awsServiceName: 'config.amazonaws.com' });
      this.recorder.addDependency(role);
    }
    this.deliveryChannel = new config.CfnDeliveryChannel(this, 'DeliveryChannel', {
      s3BucketName: this.bucket.bucket.bucketName,
      s3KmsKeyArn: encryptionKey?.keyArn,
      configSnapshotDeliveryProperties: { deliveryFrequency: 'TwentyFour_Hours' },
    });
    // AWS Config tries the bucket when the channel is made.
    if (this.bucket.bucket.policy) this.deliveryChannel.node.addDependency(this.bucket.bucket.policy);
  }
}
