import type { VaultLock } from '../blocks/data/vault-lock';
import type { AuditedEvents } from './audited-events';

/** What is recorded of a product, and how its backups are kept and tested, where it shall be otherwise than as it comes. */
export interface ProductAudit {
  /**
   * Which data events a trail of the product records: 0.10 USD for 100,000 (AWS CloudTrail pricing), and 0.50 USD for each GB in
   * the log group, about 600,000 events. A Region holds five trails, those of other products and of the organization included,
   * and that cannot be raised (AWS CloudTrail quotas).
   * @default AuditedEvents.NONE - it costs by use, and a trail of the account may record them already
   */
  readonly events?: AuditedEvents;
  /**
   * Whether that trail records management events too, and the alarms of the CIS benchmark stand on it (1.40 USD a month and up to
   * 4.20 for their metrics). Only where the account has no other trail, such as that of `AccountSecurity`: a second one costs 2
   * USD for 100,000 events.
   * @default false
   */
  readonly managementEvents?: boolean;
  /**
   * Whether the newest backups are restored every month, to see that they can be (`RestoreTest`, which says what it costs).
   * @default true
   */
  readonly restoreTests?: boolean;
  /**
   * Whether files are backed up too: the static ones, which are versioned, and which a release can publish again; and with `archive`
   * the archived rows, **of which there is no other copy**. 0.05 USD a GB and month, twelve times what the archive itself costs,
   * and for the first backup of each object requests, and 0.03 USD a GB for reading it back (AWS Backup and Amazon S3 pricing,
   * us-east-1; not verified against AWS).
   * @default false
   */
  readonly fileBackups?: boolean;
  /**
   * How the vault keeps backups from being deleted. `VaultLock.compliance` can never be undone.
   * @default VaultLock.governance() - a week to 400 days
   */
  readonly backupLock?: VaultLock;
  /**
   * ARN of a vault in another Region or, better, another account that gets a copy of each backup: 0.02 USD a GB between Regions,
   * and storage there. Its key and policy must let this account in.
   * @default - no copies
   */
  readonly backupCopyVaultArn?: string;
}
