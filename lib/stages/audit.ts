import { Duration } from 'aws-cdk-lib';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as logs from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { AssetBucket } from '../blocks/data/asset-bucket';
import type { AuroraDatabase } from '../blocks/data/aurora-database';
import type { DataArchive } from '../blocks/data/data-archive';
import { LockedVault } from '../blocks/data/locked-vault';
import type { AlarmTopic } from '../blocks/operations/alarm-topic';
import { letEventsPublish } from '../blocks/operations/event-notice';
import type { LogBucket } from '../blocks/operations/log-bucket';
import { serviceLog } from '../blocks/operations/service-log';
import { AuditBucket } from '../blocks/security/audit-bucket';
import { AuditStack } from './audit-stack';
import { ChildId } from './child-ids';
import type { ProductAudit } from './product-audit';
import type { RegionalProduct } from './regional-product';
import type { Specialties } from './specialties';

/** What is backed up and watched, and with what. */
export interface AuditedParts {
  readonly encryptionKey: kms.IKey;
  readonly alarms: AlarmTopic;
  readonly logs: LogBucket;
  readonly database: AuroraDatabase;
  readonly assets: AssetBucket;
  readonly specialties: Specialties;
  /** What archives rows. @default - nothing does */
  readonly archive?: DataArchive;
  /** The product in further Regions. @default - there is one Region */
  readonly regions?: RegionalProduct[];
}

/** Who did what, and what can be restored if it was the wrong thing. */
export class Audit {
  /** Where the backups are, apart from the stores. */
  public readonly backups: LockedVault;
  /** Where a trail writes; empty until there is one. */
  public readonly records: AuditBucket;
  /** The same records, where alarms find them. */
  public readonly recordsLog: logs.LogGroup;
  /** What holds nothing: backup plan, restore tests, trail, in a stack beside the product's. */
  public readonly beside: AuditStack;

  /** What holds state stays in the template whatever the product asks for: switching the rest on and off loses nothing. */
  constructor(stage: Construct, parts: AuditedParts, audit: ProductAudit = {}) {
    const { encryptionKey, alarms } = parts;
    this.backups = new LockedVault(stage, ChildId.BACKUPS, { encryptionKey, lock: audit.backupLock });
    this.records = new AuditBucket(stage, ChildId.AUDIT_RECORDS, {
      encryptionKey,
      // Decided once, before there is anything to lock: a lock cannot come later.
      lockedFor: Duration.days(365),
      accessLogBucket: parts.logs.bucket,
    });
    this.recordsLog = serviceLog(stage, ChildId.AUDIT_LOG, { encryptionKey });
    letEventsPublish(stage, alarms.topic);
    this.beside = new AuditStack(stage, audit, { ...parts, backups: this.backups, records: this.records, log: this.recordsLog });
  }
}
