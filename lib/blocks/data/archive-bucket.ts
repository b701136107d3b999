import { Duration } from 'aws-cdk-lib';
import type * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { acknowledge, inPacks, sameReason } from '../operations/acknowledge';
import { keptBucket } from '../operations/kept-bucket';
import { type ArchivedTable, checkArchivedTables, fullName } from './archived-table';

/** How long what was overwritten, deleted or expired can still be had. */
const SECOND_THOUGHTS = Duration.days(30);

/** Properties of an ArchiveBucket. */
export interface ArchiveBucketProps {
  /** What is archived, which decides how long it is kept. */
  readonly tables: ArchivedTable[];
  /** Key of the archive; what was written before a change keeps its own. */
  readonly encryptionKey: kms.IKey;
  /** Bucket for the access logs; its policy must let `logging.s3.amazonaws.com` write. */
  readonly accessLogBucket: s3.IBucket;
  /**
   * Whether S3 Object Lock in compliance mode keeps every archived row for `keepFor`: nobody deletes it before, the root user included,
   * and privacy law may not allow that. Decide before the first deploy: a bucket cannot get or lose the lock.
   * @default false
   */
  readonly immutable?: boolean;
}

/**
 * Where archived rows are: `archive/SCHEMA.TABLE/day=2026-01-31/ID.jsonl.gz`, a row a line as JSON, private, encrypted, versioned, in S3
 * Glacier Instant Retrieval from the day after. `pending/` is what nobody may read yet.
 *
 * This resource is stateful: it is kept when it leaves the template, and after archiving it is the only place of those rows.
 *
 * @throws if a table does not fit
 */
export class ArchiveBucket extends Construct {
  public readonly bucket: s3.Bucket;
  public readonly tables: ArchivedTable[];
  public readonly immutable: boolean;

  constructor(scope: Construct, id: string, props: ArchiveBucketProps) {
    super(scope, id);
    const { encryptionKey, accessLogBucket, tables, immutable = false } = props;
    checkArchivedTables(tables, immutable);
    this.tables = tables;
    this.immutable = immutable;
    this.bucket = keptBucket(this, {
      encryptionKey,
      accessLogBucket,
      logFolder: 'archive',
      objectLockEnabled: immutable || undefined,
      lifecycleRules: [
        ...tables.map((table) => lifecycle(table)),
        { noncurrentVersionExpiration: SECOND_THOUGHTS, abortIncompleteMultipartUploadAfter: Duration.days(1) },
      ],
    });
    this.acknowledgePolicies();
  }

  private acknowledgePolicies(): void {
    acknowledge(
      this.bucket,
      ...sameReason(
        'The rules want what is stored to outlive the loss of a Region. Amazon S3 keeps the archive in three zones, versioned; a copy of ' +
          'personal data under other laws is a decision that no library can take. Add `replicationConfiguration` through the exposed ' +
          'bucket where it is taken.',
        ...inPacks('S3BucketReplicationEnabled', 'HIPAA.Security', 'NIST.800.53.R4', 'NIST.800.53.R5', 'PCI.DSS.321'),
      ),
      ...(this.immutable
        ? sameReason(
            'The rule looks for a lock that holds whatever is written. Here each archived object is locked by who writes it, for as long ' +
              'as the rule of its table says; a lock on the whole bucket would also hold what is pending and was given up.',
            ...inPacks('S3BucketDefaultLockEnabled', 'NIST.800.53.R4'),
          )
        : sameReason(
            'The rule guards records against being deleted before their time. Whoever writes the archive cannot delete from it, and what ' +
              'somebody else deletes is a version for 30 days more. A lock would also hold what a person asked to have deleted, which ' +
              'privacy law may not allow: the product chooses it by `immutable` before its first deploy.',
            ...inPacks('S3BucketDefaultLockEnabled', 'NIST.800.53.R4'),
            'ControlTower::CT.S3.PR.9',
          )),
    );
  }
}

/** S3 leaves objects under 128 KB where they are (S3 user guide, lifecycle transitions); a day's rows are mostly more. */
function lifecycle({ table, keepFor, deepArchiveAfter }: ArchivedTable): s3.LifecycleRule {
  return {
    prefix: `archive/${fullName(table)}/`,
    transitions: [
      { storageClass: s3.StorageClass.GLACIER_INSTANT_RETRIEVAL, transitionAfter: Duration.days(1) },
      ...(deepArchiveAfter ? [{ storageClass: s3.StorageClass.DEEP_ARCHIVE, transitionAfter: deepArchiveAfter }] : []),
    ],
    expiration: keepFor,
  };
}
