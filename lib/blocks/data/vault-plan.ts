import { Duration } from 'aws-cdk-lib';
import * as backup from 'aws-cdk-lib/aws-backup';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as events from 'aws-cdk-lib/aws-events';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { acknowledge } from '../operations/acknowledge';
import { tellTopic } from '../operations/told-alarm';
import { checkDays, VaultLock } from './vault-lock';

/** How often a plan makes a backup. */
export class BackupRhythm {
  /** At five in the morning (UTC). */
  public static readonly DAILY = new BackupRhythm('Daily', events.Schedule.cron({ hour: '5', minute: '0' }), 2);
  /** On Sunday at five in the morning (UTC). */
  public static readonly WEEKLY = new BackupRhythm('Weekly', events.Schedule.cron({ hour: '5', minute: '0', weekDay: 'SUN' }), 7);
  /** On the first of the month at five in the morning (UTC). */
  public static readonly MONTHLY = new BackupRhythm('Monthly', events.Schedule.cron({ hour: '5', minute: '0', day: '1' }));

  private constructor(
    /** Name of the rule. */
    public readonly ruleName: string,
    /** When. */
    public readonly schedule: events.Schedule,
    /** Days without a backup of which an alarm can tell: CloudWatch looks back over seven (API reference, PutMetricAlarm). */
    public readonly alarmDays?: number,
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
 * **AWS Backup backs up only types of resources for which the account has opted in in the Region**, Aurora among them, and where it has
 * not, a plan does nothing and says nothing: `aws backup describe-region-settings`, and the runbook of `AccountSecurity` opts in.
 * `watch` rings where no backup comes. Not verified against AWS.
 */
export class VaultPlan extends Construct {
  public readonly plan: backup.BackupPlan;
  /** With what AWS Backup reads what it backs up. */
  public readonly role: iam.Role;
  private readonly rhythm: BackupRhythm;
  private readonly vault: backup.IBackupVault;

  /** @throws if retention is outside the bounds of the lock */
  constructor(scope: Construct, id: string, props: VaultPlanProps) {
    super(scope, id);
    const { rhythm = BackupRhythm.WEEKLY, retention = Duration.days(35), lock = VaultLock.governance(), vault } = props;
    checkDays('retention', retention, lock.minRetention.toDays(), lock.maxRetention.toDays());
    this.rhythm = rhythm;
    this.vault = vault;
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

  /**
   * Rings when no backup of a type of resource was completed: for two days where the rhythm is daily, for seven where it is weekly. Where a
   * day is empty CloudWatch looks further back than it is told (user guide, missing data), so that a backup which takes an hour longer than
   * the last one does not ring. It rings from the first deploy until the first backup. That AWS Backup counts by vault and type at once is
   * not verified against AWS.
   *
   * @param resourceType as AWS Backup calls it: `Aurora`, `DynamoDB`, `S3`
   * @throws if the rhythm is monthly, which no alarm can watch
   */
  public watch(id: string, resourceType: string, alarmTopic?: sns.ITopic): cloudwatch.Alarm {
    const { ruleName, alarmDays } = this.rhythm;
    if (alarmDays === undefined) {
      throw new Error(
        `rhythm must be daily or weekly for an alarm to watch it, got ${ruleName}: an alarm looks back over a week at most`,
      );
    }
    const completed = new cloudwatch.Metric({
      namespace: 'AWS/Backup',
      metricName: 'NumberOfBackupJobsCompleted',
      dimensionsMap: { BackupVaultName: this.vault.backupVaultName, ResourceType: resourceType },
      statistic: cloudwatch.Stats.SUM,
      period: Duration.days(1),
    });
    const alarm = completed.createAlarm(this, id, {
      alarmDescription:
        `No backup of ${resourceType} was completed for ${alarmDays} days: look at the jobs of the plan; if there are none, at ` +
        '`aws backup describe-region-settings`. A new product has none before its first.',
      threshold: 1,
      comparisonOperator: cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
      evaluationPeriods: alarmDays,
      // AWS Backup counts nothing where nothing happens.
      treatMissingData: cloudwatch.TreatMissingData.BREACHING,
    });
    tellTopic(alarm, alarmTopic);
    return alarm;
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
