import { Duration, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { retain } from './retain';

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

  constructor(scope: Construct, id: string, props: LogBucketProps = {}) {
    super(scope, id);
    this.bucket = new s3.Bucket(this, 'Bucket', {
      blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
      // Load balancers write access logs only with S3's own keys (Elastic Load Balancing, access log bucket requirements).
      encryption: s3.BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      // CloudFront's standard logs are written with an ACL (CloudFront developer guide, access logs).
      objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_PREFERRED,
      lifecycleRules: [
        { expiration: props.retention ?? Duration.days(90), abortIncompleteMultipartUploadAfter: Duration.days(1) },
      ],
    });
    retain(this.bucket);
    const { account } = Stack.of(this);
    // By path, as AWS documents it: no AWS document says that a load balancer's logs arrive with aws:SourceAccount, and a condition
    // on a key that is not there would lock them out (Elastic Load Balancing, enable access logs).
    this.letWrite('LoadBalancersOfThisAccount', 'logdelivery.elasticloadbalancing', `*AWSLogs/${account}/*`);
    this.letWrite('BucketsOfThisAccount', 'logging.s3', '*', { StringEquals: { 'aws:SourceAccount': account } });
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
