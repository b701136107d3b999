import type { Construct } from 'constructs';
import type { Application } from '../blocks/compute/application';
import { AuroraDatabase } from '../blocks/data/aurora-database';
import { CacheAlarms } from '../blocks/data/cache-alarms';
import { DatabaseAlarms } from '../blocks/data/database-alarms';
import { DatabasePasswordRotation } from '../blocks/data/database-password-rotation';
import { DatabaseRestoreRunbook } from '../blocks/data/database-restore-runbook';
import type { MeasuredCache } from '../blocks/data/measured-cache';
import type { MeasuredDatabase } from '../blocks/data/measured-database';
import type { AlarmTopic } from '../blocks/operations/alarm-topic';
import { serviceLog } from '../blocks/operations/service-log';
import { ChildId } from './child-ids';
import { ServerOption } from './server-option';
import type { StageProps } from './stage-props';

/** The stores of a Region, who uses them, and who is told. */
export interface TendedStores {
  readonly application: Application;
  readonly database: MeasuredDatabase;
  readonly cache: MeasuredCache;
  readonly alarms: AlarmTopic;
  /** Services in stacks of their own, which may have the password too. @default - there are none */
  readonly services?: Construct;
}

/** What the cache has to reach. */
interface CacheTarget {
  readonly hitRateTarget?: number;
  readonly hotShard?: boolean;
}

/** The seeds' target of the application cache, from the stage on that shards it. */
export const CACHE_TARGET: CacheTarget = { hitRateTarget: 90, hotShard: true };

/**
 * Whether the password of the database changes on a schedule, where one Region has all tasks that know it. Not while the server on
 * which the product started still runs: after the move its containers know the password too, and ECS does not replace those.
 */
export function rotatesPassword({ rotateDatabasePassword = true, server = ServerOption.withDatabase() }: StageProps): boolean {
  return rotateDatabasePassword && !server.runs;
}

/** Tells people what becomes of the stores, restores the database for them, and changes the password of a database that expects it. All services must be there. */
export function tendStores(
  stage: Construct,
  { application, database, cache, alarms, services: elsewhere }: TendedStores,
  cacheTarget: CacheTarget = {},
): void {
  const alarmTopic = alarms.topic;
  new DatabaseAlarms(stage, ChildId.DATABASE_ALARMS, { database, alarmTopic });
  new CacheAlarms(stage, ChildId.CACHE_ALARMS, { cache, alarmTopic, ...cacheTarget });
  if (!(database instanceof AuroraDatabase)) return;
  new DatabaseRestoreRunbook(stage, ChildId.DATABASE_RESTORE, { database });
  // Apart from the rotation, which may be switched off: what it wrote stays declared.
  const logGroup = serviceLog(stage, ChildId.DATABASE_PASSWORD_LOGS, { encryptionKey: database.encryptionKey });
  if (!database.passwordRotates) return;
  const services = application.allServices().map(({ service }) => service);
  new DatabasePasswordRotation(stage, ChildId.DATABASE_PASSWORD, {
    ...{ database, services, logGroup, alarmTopic },
    cluster: elsewhere && application.cluster,
  });
}
