import { Token } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { acknowledgeWildcards } from '../operations/acknowledge';
import type { AssetBucket } from './asset-bucket';

/** Properties of a BucketReplication. */
export interface BucketReplicationProps {
  /** Bucket to copy from. */
  readonly source: AssetBucket;
  /**
   * ARNs of the buckets to copy to, versioned and in the same account; values of other stacks are welcome. Order them once and
   * only append: the order gives each rule its priority.
   */
  readonly destinationBucketArns: string[];
}

/**
 * Copies every new version and every deletion of an AssetBucket to buckets elsewhere.
 *
 * Changes the source bucket in place. Files that were there before are **not** copied; that takes one run of S3 Batch Replication
 * (Amazon S3 user guide, replicating existing objects), or publishing the site once more.
 *
 * @throws if there is no destination, or one comes twice
 */
export class BucketReplication extends Construct {
  /** What Amazon S3 copies with. */
  public readonly role: iam.Role;

  constructor(scope: Construct, id: string, props: BucketReplicationProps) {
    super(scope, id);
    const destinations = props.destinationBucketArns;
    if (destinations.length === 0) {
      throw new Error('destinationBucketArns must name at least one bucket, got none: leave the replication out instead');
    }
    const twice = destinations.find((arn, index) => !Token.isUnresolved(arn) && destinations.indexOf(arn) !== index);
    if (twice) throw new Error(`destinationBucketArns must name every bucket once, got twice: ${twice}`);

    const sourceArn = props.source.bucket.bucketArn;
    // A role of our own: the one that CDK's `replicationRules` makes changes its name by a feature flag.
    this.role = new iam.Role(this, 'Role', { assumedBy: new iam.ServicePrincipal('s3.amazonaws.com') });
    // Not inline: auditors want policies that stand for themselves (NIST 800-53 AC-3, PCI DSS 7.1).
    const policy = new iam.ManagedPolicy(this, 'Policy', {
      description: 'Copies the static files to other Regions',
      roles: [this.role],
      statements: [
        new iam.PolicyStatement({ actions: ['s3:GetReplicationConfiguration', 's3:ListBucket'], resources: [sourceArn] }),
        new iam.PolicyStatement({
          actions: ['s3:GetObjectVersionForReplication', 's3:GetObjectVersionAcl', 's3:GetObjectVersionTagging'],
          resources: [`${sourceArn}/*`],
        }),
        new iam.PolicyStatement({
          actions: ['s3:ReplicateObject', 's3:ReplicateDelete', 's3:ReplicateTags'],
          resources: destinations.map((arn) => `${arn}/*`),
        }),
      ],
    });
    acknowledgeWildcards(
      policy,
      'Replication is asked to copy every object of one named bucket to named buckets, so the wildcards stand for object keys ' +
        'only; the actions are the eight that Amazon S3 documents for replication, without one on other buckets.',
      ...[sourceArn, ...destinations].map((arn) => `${arn}/*`),
    );

    (props.source.bucket.node.defaultChild as s3.CfnBucket).replicationConfiguration = {
      role: this.role.roleArn,
      rules: destinations.map((bucket, index) => ({
        id: `copy-${index + 1}`,
        priority: index + 1,
        status: 'Enabled',
        filter: { prefix: '' },
        deleteMarkerReplication: { status: 'Enabled' },
        destination: { bucket },
      })),
    };
  }
}
