import { Names } from 'aws-cdk-lib';
import * as backup from 'aws-cdk-lib/aws-backup';
import type * as kms from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { retain } from '../operations/retain';
import { VaultLock } from './vault-lock';

/** Properties of a LockedVault. */
export interface LockedVaultProps {
  /** Key of the backups whose own storage AWS Backup keeps; the others keep the key of what they are of. Create-only. */
  readonly encryptionKey: kms.IKey;
  /** @default VaultLock.governance() - a week to 400 days */
  readonly lock?: VaultLock;
}

/**
 * Where backups are safe from whoever takes over the product's roles: apart from the stores, nothing in it deleted before its
 * time.
 *
 * A restore to a point in time, which the stores have by themselves, goes with the store and with the right to change it; this
 * does not. An empty vault costs nothing. This resource is stateful: it is kept when it leaves the template.
 */
export class LockedVault extends Construct {
  public readonly vault: backup.BackupVault;
  public readonly lock: VaultLock;

  constructor(scope: Construct, id: string, props: LockedVaultProps) {
    super(scope, id);
    this.lock = props.lock ?? VaultLock.governance();
    this.vault = new backup.BackupVault(this, 'Vault', {
      // CloudFormation demands a name, and neither it nor the key can change.
      backupVaultName: Names.uniqueResourceName(this, { maxLength: 50, separator: '-' }),
      encryptionKey: props.encryptionKey,
      lockConfiguration: {
        minRetention: this.lock.minRetention,
        maxRetention: this.lock.maxRetention,
        changeableFor: this.lock.coolingOff,
      },
      // For everybody, administrators included: the lock lets those through that may take it off.
      blockRecoveryPointDeletion: true,
    });
    retain(this.vault);
  }
}
