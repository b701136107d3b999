import type * as kms from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import type { DumpBucket } from '../blocks/compute/dump-bucket';
import type { ServerVolume } from '../blocks/compute/server-volume';
import type { SingleServer } from '../blocks/compute/single-server';
import { AuroraDatabase } from '../blocks/data/aurora-database';
import { DatabaseSize } from '../blocks/data/database-size';
import { SiteAddress } from '../blocks/edge/site-address';
import { JobQueue } from '../blocks/messaging/job-queue';
import { type INetwork, Network } from '../blocks/network/network';
import { AlarmTopic } from '../blocks/operations/alarm-topic';
import { ChildId } from './child-ids';
import { type Observation, observeServer } from './observability';
import { originalServer } from './original-server';
import { ServerOption } from './server-option';
import { dataKey, enterStage, layNetwork } from './stage-parts';
import type { StageProps } from './stage-props';
import { acknowledgeNoKey } from './without-key';

/**
 * To 1,000 users: one Arm server with everything on it, for about 20 USD a month (seed; docs/costs.md adds it up).
 *
 *     users -> DNS -> server (nginx, product, worker, PostgreSQL, Redis) -> data volume -> daily backups
 *                        |-> nightly dumps
 *                        |-> job queue
 *
 * With `ServerOption.withoutDatabase()` the database is Aurora Serverless v2 from the first day, paused while nobody asks.
 *
 * @throws if a prop is out of range
 */
export class Stage1Single extends Construct {
  public readonly network: INetwork;
  public readonly alarms: AlarmTopic;
  public readonly jobs: JobQueue;
  /** The data volume and its backups. */
  public readonly serverVolume: ServerVolume;
  /** The nightly dumps of database and cache. */
  public readonly serverDumps: DumpBucket;
  public readonly server: SingleServer;
  /** The database, where it is not on the server. */
  public readonly database?: AuroraDatabase;
  /** Dashboard, saved queries and what says that it is time to climb. */
  public readonly observation: Observation;
  /** The record of the site; only with a domain. */
  public readonly siteAddress?: SiteAddress;

  constructor(scope: Construct, id: string, props: StageProps) {
    super(scope, id);
    enterStage(this, props);
    const option = props.server ?? ServerOption.withDatabase();
    if (!option.worksOffJobs) {
      throw new Error(
        'server must be ServerOption.withDatabase() or ServerOption.withoutDatabase() at Stage1Single, where nothing else serves the product: leave it out, or use a later stage',
      );
    }

    // Aurora needs a key, which then costs nothing more for the rest; without Aurora it would not fit the 20 USD a month.
    const encryptionKey = option.holdsDatabase ? props.encryptionKey : dataKey(this, props);
    this.network = layNetwork(this, props, 0, encryptionKey);
    this.alarms = new AlarmTopic(this, ChildId.ALARMS, { encryptionKey });
    this.jobs = new JobQueue(this, ChildId.JOBS, { encryptionKey, alarmTopic: this.alarms.topic });
    this.database = option.holdsDatabase ? undefined : this.pausingDatabase(props, encryptionKey);

    const { network, jobs, alarms, database } = this;
    const original = originalServer(this, props, { network, jobs, alarms, database, encryptionKey });
    this.serverVolume = original.volume!;
    this.serverDumps = original.dumps!;
    this.server = original.server!;
    if (!encryptionKey) {
      const flowLog = network instanceof Network ? [network.flowLogGroup] : [];
      acknowledgeNoKey(alarms.topic, [...flowLog, this.server.logGroup], [jobs.queue, jobs.deadLetterQueue]);
    }
    this.siteAddress =
      props.domain && new SiteAddress(this, ChildId.SITE_ADDRESS, { domain: props.domain, serverAddress: this.server.publicIp });
    this.observation = observeServer(this, this);
  }

  private pausingDatabase(props: StageProps, encryptionKey?: kms.IKey): AuroraDatabase {
    return new AuroraDatabase(this, ChildId.DATABASE, {
      vpc: this.network.vpc,
      vpcSubnets: this.network.dataSubnets,
      encryptionKey,
      size: props.sizes?.database ?? DatabaseSize.USERS_1K,
      // Logical replication keeps a database awake (Aurora user guide, auto-pause).
      logicalReplication: false,
    });
  }
}
