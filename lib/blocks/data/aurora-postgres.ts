import * as rds from 'aws-cdk-lib/aws-rds';
import type { Construct } from 'constructs';
import { retain } from '../operations/retain';

/** Fixed from birth, so that every part of the product can name it without a reference to the cluster. */
export const POSTGRES_PORT = 5432;

/**
 * The newest 16 that aws-cdk-lib 2.262.1 and its validator know. Global write forwarding works on every 16 (Aurora User Guide,
 * aurora-global-database-write-forwarding-apg), auto-pause since 16.3 (aurora-serverless-v2-auto-pause). Not verified against AWS:
 * that zero-ETL takes it (we know of 16.4 and later, and could not confirm 17), and that every Region offers it.
 */
export const DEFAULT_ENGINE_VERSION = rds.AuroraPostgresEngineVersion.VER_16_13;

/** A statement slower than this many milliseconds is logged: the seeds' sign that a stage is too small ("response > 1 s"). */
const SLOW_STATEMENT_MS = 1000;

/** Sorts and hash tables that spill more than this many kilobytes to disk are logged. */
const LARGE_TEMPORARY_FILE_KB = 10_240;

/** A vacuum that takes longer than this many milliseconds is logged (Amazon RDS user guide, logging autovacuum: 1000 to 5000). */
const SLOW_VACUUM_MS = 5000;

/**
 * How long a session may do nothing in the middle of a transaction, in milliseconds. It holds locks and keeps every vacuum from
 * cleaning up meanwhile; Aurora's default is a day. Ours: no request takes a quarter of an hour, and a dump or a copy is never idle.
 *
 * Statements and waits for locks have no limit here, since migrations, dumps and vacuums run through the same parameters: a product
 * sets them for its own connections (docs/data.md).
 */
const IDLE_IN_TRANSACTION_MS = 15 * 60 * 1000;

/** Properties of a cluster parameter group. */
export interface AuroraParameterGroupProps {
  readonly engineVersion: rds.AuroraPostgresEngineVersion;
  readonly logicalReplication: boolean;
}

/**
 * The cluster parameter group: our own from birth, because moving from AWS's default group to one of one's own needs a restart.
 *
 * Logical replication is a static parameter: switching it on later restarts the database, switching it off breaks the slots in
 * use. The three `aurora.` values are what zero-ETL demands beside it (Aurora User Guide, zero-ETL setup, parameter groups).
 */
export function auroraParameterGroup(scope: Construct, id: string, props: AuroraParameterGroupProps): rds.ParameterGroup {
  const group = new rds.ParameterGroup(scope, id, {
    engine: rds.DatabaseClusterEngine.auroraPostgres({ version: props.engineVersion }),
    // A changed description replaces the group.
    description: 'Parameters of the product database',
    parameters: {
      'rds.force_ssl': '1',
      shared_preload_libraries: 'pg_stat_statements',
      log_min_duration_statement: String(SLOW_STATEMENT_MS),
      // What follows is dynamic, so that a database that runs already takes it without a restart.
      log_lock_waits: '1',
      log_temp_files: String(LARGE_TEMPORARY_FILE_KB),
      log_autovacuum_min_duration: String(SLOW_VACUUM_MS),
      track_io_timing: '1',
      idle_in_transaction_session_timeout: String(IDLE_IN_TRANSACTION_MS),
      ...(props.logicalReplication && {
        'rds.logical_replication': '1',
        'aurora.enhanced_logical_replication': '1',
        'aurora.logical_replication_backup': '0',
        'aurora.logical_replication_globaldb': '0',
      }),
    },
  });
  group.bindToCluster({});
  for (const resource of group.node.children) retain(resource);
  return group;
}

/** @throws if `count` is no whole number from `least` to `most` */
export function checkInstances(prop: string, count: number, least: number, most: number): void {
  if (Number.isInteger(count) && count >= least && count <= most) return;
  const remedy = count > most ? 'lower it (Aurora allows 15 readers a cluster)' : `give a whole number, ${least} at least`;
  throw new Error(`${prop} must be a whole number from ${least} to ${most}, got ${count}: ${remedy}`);
}
