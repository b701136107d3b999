import { Names, Stack } from 'aws-cdk-lib';
import * as backup from 'aws-cdk-lib/aws-backup';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { acknowledge } from '../operations/acknowledge';

/** Properties of a RestoreTest. */
export interface RestoreTestProps {
  /** Vault whose newest backups are restored. */
  readonly vaultArn: string;
  /** How many hours what was restored stays for whoever wants to look into it, 0 to 168. @default 4 */
  readonly validationHours?: number;
}

/** A database cluster whose restore is tested, and where the restored one stands. */
export interface RestoredDatabase {
  readonly clusterArn: string;
  /** Subnet group of the restored cluster; without one AWS Backup takes the default VPC, which may not be there. */
  readonly subnetGroupName: string;
  /** Groups of the restored cluster. */
  readonly securityGroupIds: string[];
}

/**
 * Restores the newest backup of each store on the second of the month at seven (UTC), and deletes what it restored.
 *
 * AWS Backup restores a cluster without instances (AWS Backup developer guide, restoring an Aurora cluster): a test proves that
 * the backup can be restored, not that the rows are right; to read them add an instance within the validation window. Costs a fee
 * for each restored backup, which is not in the price lists at hand (AWS Backup pricing, restore testing), and storage for some
 * hours. Not verified against AWS.
 */
export class RestoreTest extends Construct {
  public readonly plan: backup.CfnRestoreTestingPlan;
  /** With what AWS Backup restores. */
  public readonly role: iam.Role;
  private readonly validationHours: number;

  /** @throws if validationHours does not fit */
  constructor(scope: Construct, id: string, props: RestoreTestProps) {
    super(scope, id);
    this.validationHours = props.validationHours ?? 4;
    if (!Number.isInteger(this.validationHours) || this.validationHours < 0 || this.validationHours > 168) {
      throw new Error(
        `validationHours must be a whole number from 0 to 168, got ${this.validationHours}: give another (AWS Backup)`,
      );
    }
    this.role = new iam.Role(this, 'Role', {
      description: 'Restores backups of the product to test them',
      assumedBy: new iam.ServicePrincipal('backup.amazonaws.com'),
    });
    this.allow('service-role/AWSBackupServiceRolePolicyForRestores');
    this.plan = new backup.CfnRestoreTestingPlan(this, 'Plan', {
      // Letters, digits and underscores only, and create-only.
      restoreTestingPlanName: this.name('Plan'),
      scheduleExpression: 'cron(0 7 2 * ? *)',
      startWindowHours: 4,
      recoveryPointSelection: {
        algorithm: 'LATEST_WITHIN_WINDOW',
        includeVaults: [props.vaultArn],
        recoveryPointTypes: ['SNAPSHOT'],
        selectionWindowDays: 31,
      },
    });
  }

  /** Tests the backups of a cluster of Aurora. */
  public testDatabase(id: string, database: RestoredDatabase): backup.CfnRestoreTestingSelection {
    return this.test(id, 'Aurora', database.clusterArn, {
      dbsubnetgroupname: database.subnetGroupName,
      vpcsecuritygroupids: Stack.of(this).toJsonString(database.securityGroupIds),
    });
  }

  /** Tests the backups of a DynamoDB table. */
  public testTable(id: string, tableArn: string): backup.CfnRestoreTestingSelection {
    return this.test(id, 'DynamoDB', tableArn);
  }

  private test(id: string, type: string, arn: string, overrides?: { [key: string]: string }): backup.CfnRestoreTestingSelection {
    return new backup.CfnRestoreTestingSelection(this, id, {
      restoreTestingPlanName: this.plan.ref,
      restoreTestingSelectionName: this.name(id),
      protectedResourceType: type,
      protectedResourceArns: [arn],
      iamRoleArn: this.role.roleArn,
      restoreMetadataOverrides: overrides,
      validationWindowHours: this.validationHours,
    });
  }

  private name(id: string): string {
    const prefix = Names.uniqueResourceName(this, { maxLength: 50 - id.length - 1 }).replace(/[^A-Za-z0-9]/g, '');
    return `${prefix}_${id}`;
  }

  private allow(name: string): void {
    this.role.addManagedPolicy(iam.ManagedPolicy.fromAwsManagedPolicyName(name));
    acknowledge(this.role, {
      id: `AwsSolutions::AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/${name}]`,
      reason:
        'AWS Backup documents this policy for its own role and extends it when a restore needs another call; a copy of ours would ' +
        'fall behind and fail the tests. Only AWS Backup can assume the role, and the plan restores from one vault.',
    });
  }
}
