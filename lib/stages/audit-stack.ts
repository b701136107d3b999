import { ArnFormat, Aws, Stack, Token } from 'aws-cdk-lib';
import * as backup from 'aws-cdk-lib/aws-backup';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import type * as rds from 'aws-cdk-lib/aws-rds';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as sns from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import type { AssetBucket } from '../blocks/data/asset-bucket';
import type { AuroraDatabase } from '../blocks/data/aurora-database';
import type { DataArchive } from '../blocks/data/data-archive';
import type { LockedVault } from '../blocks/data/locked-vault';
import { RestoreTest } from '../blocks/data/restore-test';
import { VaultPlan } from '../blocks/data/vault-plan';
import { crossRegionValue } from '../blocks/network/cross-region-value';
import { siblingStackName } from '../blocks/network/sibling-stack-name';
import type { AlarmTopic } from '../blocks/operations/alarm-topic';
import { EventNotice } from '../blocks/operations/event-notice';
import { LogBucket } from '../blocks/operations/log-bucket';
import { AuditAlarms } from '../blocks/security/audit-alarms';
import { type AuditBucket, trailMayEncrypt } from '../blocks/security/audit-bucket';
import { AuditTrail } from '../blocks/security/audit-trail';
import { AuditedEvents } from './audited-events';
import { ChildId } from './child-ids';
import type { ProductAudit } from './product-audit';
import type { RegionalProduct } from './regional-product';
import type { Specialties } from './specialties';

/** What the stack reads of the product's. */
export interface RecordedParts {
  readonly encryptionKey: kms.IKey;
  readonly alarms: AlarmTopic;
  readonly database: AuroraDatabase;
  readonly assets: AssetBucket;
  readonly specialties: Specialties;
  /** What archives rows. @default - nothing does */
  readonly archive?: DataArchive;
  readonly backups: LockedVault;
  readonly records: AuditBucket;
  readonly log: logs.ILogGroup;
  /** The product in further Regions. @default - there is one Region */
  readonly regions?: RegionalProduct[];
}

type Take = (name: string, value: string) => string;

/** What holds nothing of the audit of a product: the backup plan, the restore tests, and the trail with its alarms. */
export class AuditStack extends Stack {
  public readonly backupPlan: VaultPlan;
  /** Not where the product wants none. */
  public readonly restoreTest?: RestoreTest;
  /** Only where the product asks for it. */
  public readonly trail?: AuditTrail;
  /** Only where that trail records management events. */
  public readonly trailAlarms?: AuditAlarms;

  constructor(stage: Construct, audit: ProductAudit, parts: RecordedParts) {
    const product = Stack.of(stage);
    super(stage, ChildId.AUDIT, {
      env: {
        account: Token.isUnresolved(product.account) ? undefined : product.account,
        region: Token.isUnresolved(product.region) ? undefined : product.region,
      },
      stackName: siblingStackName(stage, ChildId.AUDIT),
      description: `Backs up what ${product.stackName} keeps, and records who uses it`,
    });
    const take: Take = (name, value) => crossRegionValue(this, { producer: stage, name, value });
    const alarmTopic = sns.Topic.fromTopicArn(this, 'Alarms', take('AlarmTopicArn', parts.alarms.topic.topicArn));
    const { events = AuditedEvents.NONE, managementEvents = false, restoreTests = true } = audit;
    this.backupPlan = this.backUp(audit, parts, alarmTopic, take);
    if (restoreTests) this.restoreTest = this.testRestores(parts, alarmTopic, take);
    if (!managementEvents && !events.ofFiles) return;

    const trailName = siblingStackName(stage, 'Trail');
    parts.records.letTrailWrite(trailName);
    parts.encryptionKey.addToResourcePolicy(trailMayEncrypt(stage, trailName));
    const logGroup = logs.LogGroup.fromLogGroupName(this, 'Log', take('AuditLogName', parts.log.logGroupName));
    this.trail = new AuditTrail(this, 'Trail', {
      trailName,
      bucket: s3.Bucket.fromBucketName(this, 'Records', take('AuditRecordsName', parts.records.bucket.bucketName)),
      logGroup,
      encryptionKey: kms.Key.fromKeyArn(this, 'Key', take('AuditKeyArn', parts.encryptionKey.keyArn)),
      managementEvents,
      bucketArns: events.ofFiles ? this.buckets(stage, parts, take) : [],
      tableArns: events.ofItems ? this.tables(parts, take) : [],
      reads: events.reads,
    });
    if (managementEvents) {
      this.trailAlarms = new AuditAlarms(this, 'TrailAlarms', { logGroup, alarmTopic, namespace: trailName });
    }
  }

  private backUp(audit: ProductAudit, parts: RecordedParts, topic: sns.ITopic, take: Take): VaultPlan {
    const { backups, database, assets, specialties, archive } = parts;
    const vaultArn = take('BackupsArn', backups.vault.backupVaultArn);
    const plan = new VaultPlan(this, 'Backups', {
      vault: backup.BackupVault.fromBackupVaultName(this, 'Vault', take('BackupsName', backups.vault.backupVaultName)),
      lock: backups.lock,
      copyToVaultArn: audit.backupCopyVaultArn,
    });
    plan.protect('Database', take('DatabaseArn', clusterArn(database)));
    plan.protect('SharedTable', take('SharedTableArn', specialties.sharedTable.table.tableArn));
    if (audit.fileBackups) {
      plan.protectBucket('Assets', take('AssetsBucketArn', assets.bucket.bucketArn));
      if (archive) plan.protectBucket('Archive', take('ArchiveBucketArn', archive.files.bucket.bucketArn));
      plan.watch('NoFileBackup', 'S3', topic);
    }
    plan.watch('NoDatabaseBackup', 'Aurora', topic);
    plan.watch('NoTableBackup', 'DynamoDB', topic);
    new EventNotice(this, 'BackupFailures', {
      description: 'Backups of the product that failed, and copies of them',
      eventPattern: {
        source: ['aws.backup'],
        detailType: ['Backup Job State Change', 'Copy Job State Change'],
        detail: {
          state: ['ABORTED', 'EXPIRED', 'FAILED'],
          $or: [{ backupVaultArn: [vaultArn] }, { sourceBackupVaultArn: [vaultArn] }],
        },
      },
      topic,
    });
    return plan;
  }

  private testRestores({ database, specialties, backups }: RecordedParts, topic: sns.ITopic, take: Take): RestoreTest {
    const test = new RestoreTest(this, 'RestoreTest', { vaultArn: take('BackupsArn', backups.vault.backupVaultArn) });
    const subnetGroup = database.node.findChild('SubnetGroup') as rds.SubnetGroup;
    test.testDatabase('Database', {
      clusterArn: take('DatabaseArn', clusterArn(database)),
      subnetGroupName: take('DatabaseSubnetGroup', subnetGroup.subnetGroupName),
      securityGroupIds: database.connections.securityGroups.map((group, index) =>
        take(`DatabaseSecurityGroup${index + 1}`, group.securityGroupId),
      ),
    });
    test.testTable('SharedTable', take('SharedTableArn', specialties.sharedTable.table.tableArn));
    const failed = ['ABORTED', 'FAILED'];
    new EventNotice(this, 'RestoreFailures', {
      description: 'Restores of the backups of the product that failed',
      eventPattern: {
        source: ['aws.backup'],
        detailType: ['Restore Job State Change'],
        // Restore jobs tell a status where the others tell a state (AWS Backup developer guide, EventBridge).
        detail: { iamRoleArn: [test.role.roleArn], $or: [{ status: failed }, { state: failed }] },
      },
      topic,
    });
    return test;
  }

  /** The buckets of the product, and the copies of the static files. */
  private buckets(stage: Construct, parts: RecordedParts, take: Take): string[] {
    return [
      ...watchedBuckets(stage, parts).map(({ name, bucket }) => take(name, bucket.bucketArn)),
      ...(parts.regions ?? []).map(({ assets }) =>
        crossRegionValue(this, { producer: assets, name: 'Arn', value: assets.regionalArn }),
      ),
    ];
  }

  /** The shared table in each Region in which it has a copy. */
  private tables({ specialties, regions = [] }: RecordedParts, take: Take): string[] {
    const name = take('SharedTableName', specialties.sharedTable.table.tableName);
    return [this.region, ...regions.map(({ region }) => region)].map((region) =>
      this.formatArn({ partition: Aws.PARTITION, service: 'dynamodb', region, resource: 'table', resourceName: name }),
    );
  }
}

/** Every bucket of the product but those of logs, of which each delivery would be an event about an event. */
function watchedBuckets(stage: Construct, { records }: RecordedParts): { name: string; bucket: s3.Bucket }[] {
  return stage.node
    .findAll()
    .filter((construct): construct is s3.Bucket => construct instanceof s3.Bucket)
    .filter(
      (bucket) => Stack.of(bucket) === Stack.of(stage) && !(bucket.node.scope instanceof LogBucket) && bucket !== records.bucket,
    )
    .map((bucket) => {
      const path = bucket.node.scopes.slice(stage.node.scopes.length).map(({ node }) => node.id);
      return { name: `${path.join('').replace(/[^A-Za-z0-9]/g, '')}Arn`, bucket };
    });
}

/** The partition as a reference whatever a feature flag of the user's says: a selection is create-only, text and all. */
export function clusterArn({ databaseCluster, clusterIdentifier }: AuroraDatabase): string {
  return Stack.of(databaseCluster).formatArn({
    partition: Aws.PARTITION,
    service: 'rds',
    resource: 'cluster',
    resourceName: clusterIdentifier,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
}
