import { Duration } from 'aws-cdk-lib';
import * as backup from 'aws-cdk-lib/aws-backup';
import * as events from 'aws-cdk-lib/aws-events';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { acknowledge } from '../operations/acknowledge';
import { checkDays, VaultLock } from './vault-lock';

/** How often a plan makes a backup. */
export class BackupRhythm {
  /** At five in the morning (UTC). */
  public static readonly DAILY = new BackupRhythm('Daily', events.Schedule.cron({ hour: '5', minute: '0' }));
  /** On Sunday at five in the morning (UTC). */
  public static readonly WEEKLY = new BackupRhythm('Weekly', events.Schedule.cron({ hour: '5', minute: '0', weekDay: 'SUN' }));
  /** On the first of the month at five in the morning (UTC). */
  public static readonly MONTHLY = new BackupRhythm('Monthly', events.Schedule.cron({ hour: '5', minute: '0', day: '1' }));

  private constructor(
    /** Name of the rule. */
    public readonly ruleName: string,
    /** When. */
    public readonly schedule: events.Schedule,
  ) {}
}

/** Properties of a VaultPlan. */
export interface VaultPlanProps {
  readonly vault: backup.IBackupVault;
  /** Lock of the vault, within whose bounds `retention` must be. @default VaultLock.governance() */
  readonly lock?: VaultLock;
  /** @default BackupRhythm.WEEKLY */
  readonly rhythm?: BackupRhythm;
  /** How long a backup is kept. @default Duration.days(35) - five weekly ones */
  readonly retention?: Duration;
  /**
   * A vault in another Region or account that gets a copy of each backup and keeps it as long. Its key must let this account in.
   * Between Regions 0.02 USD a GB, and storage there (AWS Backup pricing, us-east-1).
   * @default - no copies
   */
  readonly copyToVaultArn?: string;
}

/**
 * Backups into a vault, of what `protect` names by ARN: not by tags, which others set.
 *
 * The plan is free. A backup of Aurora costs 0.021 USD a GB and month, of a DynamoDB table 0.10, of a bucket 0.05 and its
 * requests (pricing of each in us-east-1): with weekly backups kept for 35 days about five times the size of the database.
 *
 * AWS Backup backs up Aurora only where the account has opted in for it in the Region (AWS Backup developer guide, assign
 * resources: Aurora and RDS share their ARNs), as accounts have by default: `aws backup describe-region-settings`. Not verified
 * against AWS.
 */
export class VaultPlan extends Construct {
  public readonly plan: backup.BackupPlan;
  /** With what AWS Backup reads what it backs up. */
  public readonly role: iam.Role;

  /** @throws if retention is outside the bounds of the lock */
  constructor(scope: Construct, id: string, props: VaultPlanProps) {
    super(scope, id);
    const { rhythm = BackupRhythm.WEEKLY, retention = Duration.days(35), lock = VaultLock.governance(), vault } = props;
    checkDays('retention', retention, lock.minRetention.toDays(), lock.maxRetention.toDays());
    const copyTo = props.copyToVaultArn;
    this.plan = new backup.BackupPlan(this, 'Plan', {
      backupVault: vault,
      backupPlanRules: [
        new backup.BackupPlanRule({
          ruleName: rhythm.ruleName,
          scheduleExpression: rhythm.schedule,
          startWindow: Duration.hours(1),
          completionWindow: Duration.hours(24),
          deleteAfter: retention,
          copyActions: copyTo
            ? [
                {
                  destinationBackupVault: backup.BackupVault.fromBackupVaultArn(this, 'CopyTo', copyTo),
                  deleteAfter: retention,
                },
              ]
            : undefined,
        }),
      ],
    });
    this.role = new iam.Role(this, 'Role', {
      description: 'Backs up the stores of the product',
      assumedBy: new iam.ServicePrincipal('backup.amazonaws.com'),
    });
    this.allow('AWSBackupServiceRolePolicyForBackup');
  }

  /** Backs up a resource. Its ARN may never change its text: selections are create-only. */
  public protect(id: string, resourceArn: string): backup.CfnBackupSelection {
    return new backup.CfnBackupSelection(this, id, {
      backupPlanId: this.plan.backupPlanId,
      backupSelection: { selectionName: id, iamRoleArn: this.role.roleArn, resources: [resourceArn] },
    });
  }

  /** Backs up a bucket, which must be versioned. AWS Backup turns events of the bucket on, which this library's buckets have. */
  public protectBucket(id: string, bucketArn: string): backup.CfnBackupSelection {
    this.allow('AWSBackupServiceRolePolicyForS3Backup');
    return this.protect(id, bucketArn);
  }

  private allow(policy: string): void {
    // The one for buckets has no path.
    const name = policy.includes('S3') ? policy : `service-role/${policy}`;
    this.role.addManagedPolicy(iam.ManagedPolicy.fromAwsManagedPolicyName(name));
    acknowledge(this.role, {
      id: `AwsSolutions::AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/${name}]`,
      reason:
        'AWS Backup documents this policy for its own role and extends it when a backup needs another call; a copy of ours would ' +
        'fall behind and stop the backups. Only AWS Backup can assume the role, and the selections name each resource.',
    });
  }
}
