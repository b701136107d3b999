import { Duration } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { acknowledge, acknowledgeGrant, inPacks, sameReason, wildcardResource } from '../operations/acknowledge';
import { keptBucket } from '../operations/kept-bucket';
import { LogBucket } from '../operations/log-bucket';

/** Where the dumps are in the bucket. */
const PREFIX = 'dumps/';

/** Properties of a DumpBucket. */
export interface DumpBucketProps {
  /**
   * How long a dump is kept: whole days, 7 to 3,650.
   * @default Duration.days(30)
   */
  readonly retention?: Duration;
  /**
   * Key for the dumps; in place at any time, what was written before keeps its own.
   * @default - Amazon S3's own keys
   */
  readonly encryptionKey?: kms.IKey;
  /**
   * Bucket for the access logs; its policy must let `logging.s3.amazonaws.com` write. Choose once.
   * @default - a LogBucket of its own
   */
  readonly accessLogBucket?: s3.IBucket;
}

/**
 * The nightly dumps of a database: private, encrypted, versioned. Whoever writes them can read them and delete none, so a machine in
 * strange hands takes no earlier dump along.
 *
 * This resource is stateful: it is kept when it leaves the template.
 */
export class DumpBucket extends Construct {
  public readonly bucket: s3.Bucket;

  /** @throws if retention does not fit */
  constructor(scope: Construct, id: string, props: DumpBucketProps = {}) {
    super(scope, id);
    const retention = props.retention ?? Duration.days(30);
    checkRetention(retention);
    const { encryptionKey } = props;
    const logs = props.accessLogBucket ?? new LogBucket(this, 'Logs').bucket;
    this.bucket = keptBucket(this, {
      encryptionKey,
      accessLogBucket: logs,
      logFolder: 'dumps',
      lifecycleRules: [
        {
          expiration: retention,
          // As long as the dumps: a machine in the wrong hands can overwrite each of them, and this is what is left then.
          noncurrentVersionExpiration: retention,
          abortIncompleteMultipartUploadAfter: Duration.days(1),
        },
      ],
    });
    this.acknowledgePolicies(encryptionKey !== undefined);
  }

  /** Lets a principal write dumps and read them; not delete them. */
  public grantDump(grantee: iam.IGrantable): iam.Grant {
    const objects = this.bucket.arnForObjects(`${PREFIX}*`);
    acknowledgeGrant(grantee, {
      id: wildcardResource(this.bucket, objects),
      reason:
        'Each dump is named by the moment it was made, so the wildcard stands for the keys below one prefix of this one bucket; only ' +
        'writing and reading are allowed, and what is overwritten stays as a version.',
    });
    iam.Grant.addToPrincipal({ grantee, actions: ['s3:ListBucket'], resourceArns: [this.bucket.bucketArn] });
    const encryptionKey = this.bucket.encryptionKey;
    if (encryptionKey) {
      iam.Grant.addToPrincipal({
        grantee,
        actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
        resourceArns: [encryptionKey.keyArn],
      });
    }
    return iam.Grant.addToPrincipal({ grantee, actions: ['s3:PutObject', 's3:GetObject'], resourceArns: [objects] });
  }

  private acknowledgePolicies(hasKey: boolean): void {
    acknowledge(
      this.bucket,
      ...(hasKey
        ? []
        : sameReason(
            'The rules want a key that the account controls. Such a key costs 1 USD a month and as much again after each of its first two ' +
              'rotations, which the 20 USD a month of the first stage do not hold. Amazon S3 encrypts the dumps with its own keys (AES-256), ' +
              'no public access is possible, and one role may read them. Give the product its encryptionKey to have it otherwise.',
            ...inPacks('S3DefaultEncryptionKMS', 'HIPAA.Security', 'NIST.800.53.R5', 'PCI.DSS.321'),
            'ControlTower::CT.S3.PR.10',
          )),
      ...sameReason(
        'The rules want what is stored to outlive the loss of a Region. The dumps are a second copy already, beside the daily backups of ' +
          'the volume and apart from them; a product that must outlive its Region has more than one, and a copy of personal data under ' +
          'other laws is a decision that no library can take. Add `replicationConfiguration` through the exposed bucket where it is taken.',
        ...inPacks('S3BucketReplicationEnabled', 'HIPAA.Security', 'NIST.800.53.R4', 'NIST.800.53.R5', 'PCI.DSS.321'),
      ),
      ...sameReason(
        'The rule guards records against being deleted before their time. The machine that writes the dumps cannot delete one, and what ' +
          'somebody overwrites or deletes is a version for as long again. A lock would also hold what a person asked to have deleted, ' +
          'which privacy law may not allow.',
        ...inPacks('S3BucketDefaultLockEnabled', 'NIST.800.53.R4'),
        'ControlTower::CT.S3.PR.9',
      ),
      {
        id: 'ScaleTiers::bucket-expires-objects',
        reason:
          'The rule guards against a lifecycle rule that deletes in silence what somebody wanted to keep. These dumps are a moving ' +
          'window, each night a new one of everything; they expire after as many days as the props of this block say.',
      },
    );
  }
}

function checkRetention(retention: Duration): void {
  if (retention.isUnresolved()) return;
  const days = retention.toDays({ integral: false });
  if (!Number.isInteger(days) || days < 7 || days > 3_650) {
    throw new Error(`retention must be a whole number of days from 7 to 3650, got: ${days}`);
  }
}
