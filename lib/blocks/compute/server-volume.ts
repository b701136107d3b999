import { Aws, Duration, Names, RemovalPolicy, type Size, Tags } from 'aws-cdk-lib';
import * as backup from 'aws-cdk-lib/aws-backup';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as events from 'aws-cdk-lib/aws-events';
import type * as kms from 'aws-cdk-lib/aws-kms';
import { Construct, type IConstruct } from 'constructs';
import { acknowledge, sameReason } from '../operations/acknowledge';
import { retain } from '../operations/retain';
import { checkVolumeSize, ServerSize } from './server-size';

/** A data volume that a server can attach. */
export interface IServerVolume extends IConstruct {
  /** Id of the volume, such as `vol-049df61146c4d7901`. */
  readonly volumeId: string;
  /** Zone of the volume; its server has to be in the same one. */
  readonly availabilityZone: string;
  /** Key of the volume; absent when it is the AWS managed one. */
  readonly encryptionKey?: kms.IKey;
  /** Vault of its daily backups; absent when its owner makes them elsewhere. */
  readonly backupVaultName?: string;
}

/** What must be known of a volume made elsewhere, for example restored from a backup. */
export interface ServerVolumeAttributes {
  /** Id of the volume. */
  readonly volumeId: string;
  /** Zone of the volume. */
  readonly availabilityZone: string;
  /** @default - the AWS managed key for EBS */
  readonly encryptionKey?: kms.IKey;
  /** @default - no backup is watched */
  readonly backupVaultName?: string;
}

/** Properties of a ServerVolume. */
export interface ServerVolumeProps {
  /** Zone of the volume. It can never change: EBS refuses the update. */
  readonly availabilityZone: string;
  /**
   * Whole GiB, 1 to 16,384. It grows in place (the server stretches the file system within a minute); EBS refuses to shrink
   * it and, after a change, refuses the next one for six hours.
   * @default - 20 GiB, that of ServerSize.USERS_1K
   */
  readonly size?: Size;
  /**
   * Key of the volume and its backups. Decide on the first deploy: EBS refuses another key, or none, later. Volumes under the
   * AWS managed key cannot be shared with another account.
   * @default - the AWS managed key for EBS, because an own one costs 1 USD a month of a 20 USD server
   */
  readonly encryptionKey?: kms.IKey;
  /**
   * How long a daily backup is kept: whole days, 1 to 36,500.
   * @default Duration.days(7)
   */
  readonly backupRetention?: Duration;
}

/**
 * Everything of a server that must last: one encrypted volume with the database, the cache's log and the certificates, and a
 * backup of it each day.
 *
 * Apart from the server on purpose: the server may leave the template one day, this stays. Everything being on one volume makes
 * a snapshot of the running server usable: it shows one moment, and PostgreSQL starts from it as after a power cut.
 *
 * This resource is stateful: volume and vault are kept when they leave the template.
 */
export class ServerVolume extends Construct implements IServerVolume {
  /**
   * A volume that is declared elsewhere or was restored from a backup. Backing it up is left to its owner.
   */
  public static fromServerVolumeAttributes(scope: Construct, id: string, attrs: ServerVolumeAttributes): IServerVolume {
    class Import extends Construct implements IServerVolume {
      public readonly volumeId = attrs.volumeId;
      public readonly availabilityZone = attrs.availabilityZone;
      public readonly encryptionKey = attrs.encryptionKey;
      public readonly backupVaultName = attrs.backupVaultName;
    }
    return new Import(scope, id);
  }

  public readonly volumeId: string;
  public readonly availabilityZone: string;
  public readonly encryptionKey?: kms.IKey;
  public readonly backupVaultName?: string;
  /** The volume itself. */
  public readonly volume: ec2.Volume;
  /** Where the backups are. */
  public readonly vault: backup.BackupVault;
  /** When they are made and how long they are kept. */
  public readonly plan: backup.BackupPlan;

  /** @throws if availabilityZone is empty, or size or backupRetention do not fit */
  constructor(scope: Construct, id: string, props: ServerVolumeProps) {
    super(scope, id);
    const size = props.size ?? ServerSize.USERS_1K.dataVolume;
    const retention = props.backupRetention ?? Duration.days(7);
    if (props.availabilityZone === '') {
      throw new Error("availabilityZone must name a zone of the VPC such as us-east-1a, got: ''");
    }
    checkVolumeSize('size', size);
    checkRetention(retention);

    this.availabilityZone = props.availabilityZone;
    this.encryptionKey = props.encryptionKey;
    this.volume = new ec2.Volume(this, 'Volume', {
      availabilityZone: props.availabilityZone,
      size,
      encrypted: true,
      encryptionKey: props.encryptionKey,
      volumeType: ec2.EbsDeviceVolumeType.GP3,
      autoEnableIo: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    retain(this.volume);
    Tags.of(this.volume).add('Name', `${Aws.STACK_NAME} data`);
    acknowledge(
      this.volume,
      ...sameReason(
        'The zone is given by the caller, not a constant of the library: it must be the zone of the subnet of the server and can ' +
          'never change, so a zone that AWS picks at a later deploy would cut the server off from its data.',
        'CloudFormation-Validate::W3010',
        'cfn-lint::W3010',
      ),
    );
    this.volumeId = this.volume.volumeId;

    this.vault = new backup.BackupVault(this, 'Vault', {
      // CloudFormation demands a name, and neither it nor the key can change.
      backupVaultName: Names.uniqueResourceName(this, { maxLength: 50, separator: '-' }),
      encryptionKey: props.encryptionKey,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    retain(this.vault);
    this.backupVaultName = this.vault.backupVaultName;
    if (!props.encryptionKey) this.acknowledgeVault();
    this.plan = new backup.BackupPlan(this, 'Plan', {
      backupVault: this.vault,
      backupPlanRules: [
        new backup.BackupPlanRule({
          ruleName: 'Daily',
          scheduleExpression: events.Schedule.cron({ hour: '3', minute: '0' }),
          startWindow: Duration.hours(1),
          completionWindow: Duration.hours(6),
          deleteAfter: retention,
        }),
      ],
    });
    const selection = this.plan.addSelection('Selection', {
      resources: [backup.BackupResource.fromArn(this.arn())],
    });
    acknowledge(selection, {
      id: 'AwsSolutions::AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForBackup]',
      reason:
        'AWS Backup documents this policy for its own role and extends it when a backup needs another call; a copy of ours would ' +
        'fall behind and stop the backups. Only AWS Backup can assume the role, and the selection names one volume.',
    });
  }

  private acknowledgeVault(): void {
    acknowledge(this.vault, {
      id: 'Checkov::CKV_AWS_166',
      reason:
        'The rule wants a key whose use the account controls. A key of the account costs 1 USD a month, and 1 USD more after each of ' +
        'its first two yearly rotations, which the 20 USD a month of the first stage do not hold; and neither vault nor volume can ever ' +
        'change its key, so later stages keep this one. The backups are encrypted with the AWS managed key for AWS Backup. Give the ' +
        'product its encryptionKey on the first deploy to have it otherwise.',
    });
  }

  private arn(): string {
    // The partition as a reference whatever a feature flag of the user's says: the selection is create-only, text and all.
    const { stack, volumeId } = this.volume;
    return stack.formatArn({ partition: Aws.PARTITION, service: 'ec2', resource: 'volume', resourceName: volumeId });
  }
}

function checkRetention(retention: Duration): void {
  if (retention.isUnresolved()) return;
  const days = retention.toDays({ integral: false });
  if (!Number.isInteger(days) || days < 1 || days > 36_500) {
    throw new Error(`backupRetention must be a whole number of days from 1 to 36500, got: ${days}`);
  }
}
