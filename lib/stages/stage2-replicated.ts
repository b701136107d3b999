import type * as kms from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { AppContract } from '../blocks/compute/app-contract';
import { Application } from '../blocks/compute/application';
import type { ServerVolume } from '../blocks/compute/server-volume';
import { ServiceSize } from '../blocks/compute/service-size';
import type { SingleServer } from '../blocks/compute/single-server';
import { AssetBucket } from '../blocks/data/asset-bucket';
import { AuroraDatabase } from '../blocks/data/aurora-database';
import { CacheReplicationGroup } from '../blocks/data/cache-replication-group';
import { CacheSize } from '../blocks/data/cache-size';
import type { DataMove } from '../blocks/data/data-move';
import { DatabaseSize } from '../blocks/data/database-size';
import type { AccessLogQueries } from '../blocks/edge/access-log-queries';
import type { OriginRecords } from '../blocks/edge/origin-records';
import type { OriginVerification } from '../blocks/edge/origin-verification';
import type { Site } from '../blocks/edge/site';
import type { SiteAddress } from '../blocks/edge/site-address';
import { JobQueue } from '../blocks/messaging/job-queue';
import type { INetwork } from '../blocks/network/network';
import { AlarmTopic } from '../blocks/operations/alarm-topic';
import { LogBucket } from '../blocks/operations/log-bucket';
import { ChildId } from './child-ids';
import { type Observation, observeProduct, trace } from './observability';
import { originalServer } from './original-server';
import { publish } from './publication';
import { applicationProps, connectStores, coreContract, dataKey, enterStage, layNetwork } from './stage-parts';
import type { StageProps } from './stage-props';
import { rotatesPassword, tendStores } from './tended-stores';

/**
 * To 100,000 users: several application servers behind a CDN and a load balancer, a database with a reader, a shared cache and a
 * job queue, for about 400 USD a month at 50,000 users (seed; docs/costs.md adds it up).
 *
 *     users -> DNS -> CloudFront -> load balancer -> 2-5 tasks -> Aurora writer, reader
 *                        |                             |-> Valkey with a replica
 *                        |-> static files              |-> job queue -> workers
 *
 * @throws if a prop is out of range
 */
export class Stage2Replicated extends Construct {
  public readonly network: INetwork;
  /** Key of everything stateful. */
  public readonly encryptionKey: kms.IKey;
  public readonly alarms: AlarmTopic;
  public readonly logs: LogBucket;
  public readonly database: AuroraDatabase;
  public readonly cache: CacheReplicationGroup;
  public readonly jobs: JobQueue;
  public readonly assets: AssetBucket;
  public readonly application: Application;
  public readonly site: Site;
  /** What tells the product's distribution from everybody else's. */
  public readonly originVerification: OriginVerification;
  /** The access logs as tables, and questions to them. */
  public readonly accessLogQueries: AccessLogQueries;
  /** The record under which CloudFront finds the load balancer; only with a domain. */
  public readonly originRecords?: OriginRecords;
  /** The record of the site; only with a domain. */
  public readonly siteAddress?: SiteAddress;
  /** Dashboard, saved queries and what says that it is time to climb. */
  public readonly observation: Observation;
  /** The data volume of the server on which the product started. */
  public readonly serverVolume?: ServerVolume;
  /** The server on which the product started, until it is retired. */
  public readonly server?: SingleServer;
  /** What moves the data of that server, while it has them. */
  public readonly dataMove?: DataMove;

  constructor(scope: Construct, id: string, props: StageProps) {
    super(scope, id);
    enterStage(this, props);
    const { sizes } = props;

    this.encryptionKey = dataKey(this, props);
    this.network = layNetwork(this, props, 1, this.encryptionKey);
    const { network, encryptionKey } = this;
    const data = { vpc: network.vpc, vpcSubnets: network.dataSubnets, encryptionKey };
    this.alarms = new AlarmTopic(this, ChildId.ALARMS, { encryptionKey });
    this.logs = new LogBucket(this, ChildId.LOGS);
    this.database = new AuroraDatabase(this, ChildId.DATABASE, {
      ...data,
      size: sizes?.database ?? DatabaseSize.USERS_100K,
      readers: 1,
      passwordRotates: rotatesPassword(props),
    });
    this.cache = new CacheReplicationGroup(this, ChildId.CACHE, {
      ...data,
      size: sizes?.cache ?? CacheSize.USERS_100K,
    });
    this.jobs = new JobQueue(this, ChildId.JOBS, { encryptionKey, alarmTopic: this.alarms.topic });
    this.assets = new AssetBucket(this, ChildId.ASSETS, { accessLogBucket: this.logs.bucket });

    const original = originalServer(this, props, this);
    this.serverVolume = original.volume;
    this.server = original.server;
    this.dataMove = original.dataMove;
    this.application = new Application(this, ChildId.APPLICATION, {
      ...applicationProps(this, props, this),
      workerStandsBy: original.siteAddress !== undefined,
      serviceSize: sizes?.service ?? ServiceSize.USERS_100K,
      contract: new AppContract(coreContract(this, props)),
    });
    const { application } = this;
    const published = publish(this, props, { ...this, original });
    this.site = published.site;
    this.originVerification = published.originVerification;
    this.accessLogQueries = published.accessLogQueries;
    this.originRecords = published.originRecords;
    this.siteAddress = published.siteAddress;

    connectStores(application, this);
    tendStores(this, this);
    trace(application, props.tracing);
    this.observation = observeProduct(this, this);
  }
}
