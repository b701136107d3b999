import { Duration, Names } from 'aws-cdk-lib';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as logs from 'aws-cdk-lib/aws-logs';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { acknowledge, inPacks, sameReason } from '../operations/acknowledge';
import { keptBucket } from '../operations/kept-bucket';
import { LogBucket } from '../operations/log-bucket';
import { serviceLog } from '../operations/service-log';

/** Below what the pipeline puts copies of the tables and changes that are on their way. */
export const FEED_EXPORTS = 'export';

/** Below what the pipeline puts documents that the domain refused. */
export const FEED_DEAD_LETTERS = 'dead-letters';

/** Properties of SearchFeedFiles. */
export interface SearchFeedFilesProps {
  /** Key for files and log, for they hold what the tables hold. */
  readonly encryptionKey: kms.IKey;
  /**
   * Bucket for the access logs. Choose once.
   * @default - a LogBucket of its own
   */
  readonly accessLogBucket?: s3.IBucket;
}

/**
 * What a `SearchPipeline` leaves behind: documents that were refused, and its log. It stays declared where there is no pipeline (any
 * more), so that switching one off and on again loses nothing. Costs nothing while it is empty.
 *
 * This resource is stateful: it is kept when it leaves the template.
 */
export class SearchFeedFiles extends Construct {
  public readonly bucket: s3.Bucket;
  public readonly logGroup: logs.LogGroup;

  constructor(scope: Construct, id: string, props: SearchFeedFilesProps) {
    super(scope, id);
    const { encryptionKey } = props;
    const accessLogs = props.accessLogBucket ?? new LogBucket(this, 'AccessLogs').bucket;
    this.bucket = keptBucket(this, {
      encryptionKey,
      accessLogBucket: accessLogs,
      logFolder: 'search-feed',
      lifecycleRules: [
        {
          prefix: `${FEED_EXPORTS}/`,
          // The pipeline deletes what it has read; this is for what a pipeline left that is gone.
          expiration: Duration.days(14),
          noncurrentVersionExpiration: Duration.days(1),
        },
        { noncurrentVersionExpiration: Duration.days(30), abortIncompleteMultipartUploadAfter: Duration.days(1) },
      ],
    });
    this.acknowledgePolicies();
    this.logGroup = serviceLog(this, 'Log', {
      encryptionKey,
      // OpenSearch Ingestion writes to no other names (API reference, CloudWatchLogDestination).
      logGroupName: `/aws/vendedlogs/OpenSearchIngestion/${Names.uniqueResourceName(this, { maxLength: 200, separator: '-' })}`,
    });
  }

  private acknowledgePolicies(): void {
    acknowledge(
      this.bucket,
      ...sameReason(
        'The rules want what is stored to outlive the loss of a Region. Nothing is here that the database has not: copies of its tables ' +
          'on their way to the search domain, and documents that the domain refused, which are made again from their rows.',
        ...inPacks('S3BucketReplicationEnabled', 'HIPAA.Security', 'NIST.800.53.R4', 'NIST.800.53.R5', 'PCI.DSS.321'),
      ),
      ...sameReason(
        'The rules want records that nobody can delete before their time. The pipeline has to delete what it has read, and a lock would ' +
          'hold what a person asked to have deleted, which privacy law may not allow. What somebody deletes of the refused documents is ' +
          'a version for another month.',
        ...inPacks('S3BucketDefaultLockEnabled', 'NIST.800.53.R4'),
        'ControlTower::CT.S3.PR.9',
      ),
    );
  }
}
