import { Stack } from 'aws-cdk-lib';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import { ArchiveBucket } from '../blocks/data/archive-bucket';
import type { AuroraDatabase } from '../blocks/data/aurora-database';
import { DataArchive } from '../blocks/data/data-archive';
import type { DatabaseArchive } from '../blocks/data/database-archive';
import { siblingStackName } from '../blocks/network/sibling-stack-name';
import type { AlarmTopic } from '../blocks/operations/alarm-topic';
import type { LogBucket } from '../blocks/operations/log-bucket';
import { ChildId } from './child-ids';

/** What the archive stands on. */
export interface ArchiveSurroundings {
  readonly database: AuroraDatabase;
  readonly logs: LogBucket;
  readonly encryptionKey: kms.IKey;
  readonly alarms: AlarmTopic;
}

/** The archive's bucket, which is state, in the product's stack; what fills it in one beside it. */
export function archiveRows(
  stage: Construct,
  given: DatabaseArchive | undefined,
  around: ArchiveSurroundings,
): DataArchive | undefined {
  if (!given) return undefined;
  const { database, logs, encryptionKey, alarms } = around;
  const archive = new ArchiveBucket(stage, ChildId.DATABASE_ARCHIVE, { ...given, encryptionKey, accessLogBucket: logs.bucket });
  const { account, region } = Stack.of(stage);
  const beside = new Stack(stage, ChildId.DATABASE_ARCHIVER, {
    env: { account, region },
    stackName: siblingStackName(stage, 'Archive'),
    description: 'Archives old rows of the product database',
    terminationProtection: true,
  });
  return new DataArchive(beside, ChildId.DATABASE_ARCHIVE, { database, archive, runs: given.runs, alarmTopic: alarms.topic });
}
