import { Duration, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { acknowledge, inPacks, sameReason } from './acknowledge';
import { retain } from './retain';

/** Where in the bucket a load balancer writes. */
export const LOAD_BALANCER_LOGS = 'load-balancer';

/** Where in the bucket CloudFront writes. */
export const CONTENT_DELIVERY_LOGS = 'content-delivery';

/** Where in the bucket the answers to queries of the logs are. */
export const QUERY_RESULTS = 'query-results';

/** Properties of a LogBucket. */
export interface LogBucketProps {
  /**
   * How long access logs are kept.
   * @default Duration.days(90)
   */
  readonly retention?: Duration;
}

/**
 * One private bucket for the access logs of the load balancer, of CloudFront and of other buckets.
 *
 * cdk-nag takes it for a log bucket as soon as another bucket logs to it; before that it asks for logs of the log bucket
 * (AwsSolutions-S1).
 */
export class LogBucket extends Construct {
  public readonly bucket: s3.Bucket;
  /** How long access logs are kept. */
  public readonly retention: Duration;

  constructor(scope: Construct, id: string, props: LogBucketProps = {}) {
    super(scope, id);
    this.retention = props.retention ?? Duration.days(90);
    this.bucket = new s3.Bucket(this, 'Bucket', {
      blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
      // Load balancers write access logs only with S3's own keys (Elastic Load Balancing, access log bucket requirements).
      encryption: s3.BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      // CloudFront's standard logs are written with an ACL (CloudFront developer guide, access logs).
      objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_PREFERRED,
      // Nobody overwrites a log: what this keeps for a month is what somebody deleted.
      versioned: true,
      lifecycleRules: [
        {
          expiration: this.retention,
          noncurrentVersionExpiration: Duration.days(30),
          abortIncompleteMultipartUploadAfter: Duration.days(1),
        },
        // They hold what the logs hold, and asking again costs less than keeping.
        { prefix: `${QUERY_RESULTS}/`, expiration: Duration.days(7), noncurrentVersionExpiration: Duration.days(1) },
      ],
    });
    retain(this.bucket);
    const resource = this.bucket.node.defaultChild as s3.CfnBucket;
    // Says what is written and deleted to whoever asks for it on the default event bus. On the L1, because the L2 sets it by a Lambda
    // function.
    resource.notificationConfiguration = { eventBridgeConfiguration: { eventBridgeEnabled: true } };
    this.acknowledgePolicies();
    const { account } = Stack.of(this);
    // By path, as AWS documents it: no AWS document says that a load balancer's logs arrive with aws:SourceAccount, and a condition
    // on a key that is not there would lock them out (Elastic Load Balancing, enable access logs).
    this.letWrite('LoadBalancersOfThisAccount', 'logdelivery.elasticloadbalancing', `*AWSLogs/${account}/*`);
    this.letWrite('BucketsOfThisAccount', 'logging.s3', '*', { StringEquals: { 'aws:SourceAccount': account } });
  }

  private acknowledgePolicies(): void {
    acknowledge(
      this.bucket,
      ...sameReason(
        'The rules want a key whose use the account controls. A load balancer delivers its access logs to a bucket with keys of Amazon ' +
          'S3 only (Elastic Load Balancing, access log bucket requirements), and so does Amazon S3 itself (PutBucketLogging, ' +
          'TargetBucket). What is here is encrypted with AES-256, no public access is possible, and the policy names each writer.',
        ...inPacks('S3DefaultEncryptionKMS', 'HIPAA.Security', 'NIST.800.53.R5', 'PCI.DSS.321'),
        'ControlTower::CT.S3.PR.10',
      ),
      ...sameReason(
        'The rule guards data that cannot be made again against the loss of a Region. From these logs nothing is ever restored: they ' +
          'are looked at for some weeks after an incident and expire. They hold addresses of visitors, and to copy those to another ' +
          'Region, perhaps under other laws, is a decision that no library can take. Add `replicationConfiguration` through the exposed ' +
          'bucket where it is taken.',
        ...inPacks('S3BucketReplicationEnabled', 'HIPAA.Security', 'NIST.800.53.R4', 'NIST.800.53.R5', 'PCI.DSS.321'),
      ),
      ...sameReason(
        'The rule guards records against being changed before their time. Amazon S3 delivers access logs to no bucket with ' +
          'Object Lock (Amazon S3 user guide, Object Lock considerations), and locking an existing bucket would replace it. Versions ' +
          'bring back for a month what somebody deletes, and nobody but the delivering services may write.',
        ...inPacks('S3BucketDefaultLockEnabled', 'NIST.800.53.R4'),
        'ControlTower::CT.S3.PR.9',
      ),
      ...sameReason(
        'The rules want to know who read a bucket. This is the bucket that such logs go to; one that logs to itself writes a log about ' +
          'each log, without end (Amazon S3 user guide, server access logging). Data events of AWS CloudTrail, an option of the account, ' +
          'show who reads it.',
        'ControlTower::CT.S3.PR.2',
        'Checkov::CKV_AWS_18',
      ),
      {
        id: 'ScaleTiers::bucket-expires-objects',
        reason:
          'The rule guards against a lifecycle rule that deletes in silence what somebody wanted to keep. Logs are meant to expire, after ' +
          'as many days as the props of this block say; versions are there for a month against deletion by hand, not to keep logs.',
      },
    );
  }

  private letWrite(
    sid: string,
    service: string,
    keys: string,
    conditions: { [operator: string]: { [key: string]: string } } = {},
  ): void {
    this.bucket.addToResourcePolicy(
      new iam.PolicyStatement({
        sid,
        actions: ['s3:PutObject'],
        principals: [new iam.ServicePrincipal(`${service}.amazonaws.com`)],
        resources: [this.bucket.arnForObjects(keys)],
        conditions,
      }),
    );
  }
}
