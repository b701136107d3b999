import type * as kms from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { AppContract } from '../blocks/compute/app-contract';
import { Application } from '../blocks/compute/application';
import { ReleaseStrategy } from '../blocks/compute/release-strategy';
import type { ServerVolume } from '../blocks/compute/server-volume';
import { ServiceSize } from '../blocks/compute/service-size';
import type { SingleServer } from '../blocks/compute/single-server';
import { AssetBucket } from '../blocks/data/asset-bucket';
import { AuroraDatabase } from '../blocks/data/aurora-database';
import { CacheReplicationGroup } from '../blocks/data/cache-replication-group';
import { CacheSize } from '../blocks/data/cache-size';
import type { DataArchive } from '../blocks/data/data-archive';
import type { DataMove } from '../blocks/data/data-move';
import { DatabaseSize } from '../blocks/data/database-size';
import type { AccessLogQueries } from '../blocks/edge/access-log-queries';
import { FirewallRules } from '../blocks/edge/firewall-rules';
import type { OriginRecords } from '../blocks/edge/origin-records';
import type { OriginVerification } from '../blocks/edge/origin-verification';
import type { Site } from '../blocks/edge/site';
import type { SiteAddress } from '../blocks/edge/site-address';
import { JobQueue } from '../blocks/messaging/job-queue';
import type { INetwork } from '../blocks/network/network';
import { outgrownTeam } from '../blocks/observability/outgrown';
import { AlarmTopic } from '../blocks/operations/alarm-topic';
import { LogBucket } from '../blocks/operations/log-bucket';
import { archiveRows } from './archive';
import { Audit } from './audit';
import { ChildId } from './child-ids';
import { farUsers, lookFromAfar, type Observation, observeProduct, trace } from './observability';
import { originalServer } from './original-server';
import { primaryServices } from './primary-services';
import type { ProductServices } from './product-services';
import { publish } from './publication';
import { publishSignIn } from './sign-in';
import type { Stage3SpecializedProps } from './specialized-props';
import { Specialties, specialContract } from './specialties';
import { applicationProps, connectStores, coreContract, dataKey, enterStage, layNetwork, requireThreeZones } from './stage-parts';
import { CACHE_TARGET, rotatesPassword, tendStores } from './tended-stores';

/**
 * To 1,000,000 users: a firewall before the site, services taken out of the core, and a store for every kind of question.
 *
 *     users -> DNS -> CloudFront + WAF -> load balancer -> core, auth -> proxy -> Aurora writer, 2 readers -> zero-ETL -> warehouse
 *                        |                                   |-> sharded Valkey, search, shared table, user pool
 *                        |-> static files                    |-> job queue -> workers
 *                                                            |-> topic, event bus -> queue -> notification
 *
 * @throws if a prop is out of range, or there are fewer than three zones
 */
export class Stage3Specialized extends Construct {
  public readonly network: INetwork;
  /** Key of everything stateful. */
  public readonly encryptionKey: kms.IKey;
  public readonly alarms: AlarmTopic;
  public readonly logs: LogBucket;
  public readonly database: AuroraDatabase;
  public readonly cache: CacheReplicationGroup;
  public readonly jobs: JobQueue;
  public readonly assets: AssetBucket;
  /** Search, warehouse, events, users, shared table and database proxy. */
  public readonly specialties: Specialties;
  /** What moves old rows to where they cost little; only with `archive`. */
  public readonly archive?: DataArchive;
  public readonly application: Application;
  /** `api` and the product's own services, and the mesh that joins them with the core. */
  public readonly services: ProductServices;
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
  /** Backups in a locked vault, and records of who uses what the product keeps. */
  public readonly audit: Audit;
  /** The data volume of the server on which the product started. */
  public readonly serverVolume?: ServerVolume;
  /** The server on which the product started, until it is retired. */
  public readonly server?: SingleServer;
  /** What moves the data of that server, while it has them. */
  public readonly dataMove?: DataMove;

  constructor(scope: Construct, id: string, props: Stage3SpecializedProps) {
    super(scope, id);
    enterStage(this, props);
    const { sizes } = props;

    requireThreeZones(props);
    this.encryptionKey = dataKey(this, props);
    this.network = layNetwork(this, props, 3, this.encryptionKey);
    const { network, encryptionKey } = this;
    const data = { vpc: network.vpc, vpcSubnets: network.dataSubnets, encryptionKey };
    this.alarms = new AlarmTopic(this, ChildId.ALARMS, { encryptionKey });
    this.logs = new LogBucket(this, ChildId.LOGS);
    this.database = new AuroraDatabase(this, ChildId.DATABASE, {
      ...data,
      size: sizes?.database ?? DatabaseSize.USERS_1M,
      readers: 2,
      reportingReader: true,
      dataApi: props.archive !== undefined,
      passwordRotates: rotatesPassword(props),
    });
    this.cache = new CacheReplicationGroup(this, ChildId.CACHE, {
      ...data,
      size: sizes?.cache ?? CacheSize.USERS_1M,
    });
    this.jobs = new JobQueue(this, ChildId.JOBS, { encryptionKey, alarmTopic: this.alarms.topic });
    this.assets = new AssetBucket(this, ChildId.ASSETS, { accessLogBucket: this.logs.bucket });
    this.specialties = new Specialties(this, { ...props, ...data, ...this, appSubnets: network.appSubnets });

    this.archive = archiveRows(this, props.archive, this);

    const original = originalServer(this, props, this);
    this.serverVolume = original.volume;
    this.server = original.server;
    this.dataMove = original.dataMove;
    this.application = new Application(this, ChildId.APPLICATION, {
      ...applicationProps(this, props, this),
      releases: props.releases ?? ReleaseStrategy.USERS_1M,
      workerStandsBy: original.siteAddress !== undefined,
      serviceSize: sizes?.service ?? ServiceSize.USERS_1M,
      contract: new AppContract({
        ...coreContract(this, props, this.specialties.databaseProxy),
        ...specialContract(this.specialties),
      }),
    });
    const { application } = this;
    const published = publish(this, props, { ...this, original, firewall: props.firewall ?? FirewallRules.of() });
    this.site = published.site;
    this.originVerification = published.originVerification;
    this.accessLogQueries = published.accessLogQueries;
    this.originRecords = published.originRecords;
    this.siteAddress = published.siteAddress;

    this.specialties.serve(application);
    publishSignIn(props, this.specialties.signIn, this);
    connectStores(application, this);
    this.services = primaryServices(this, props, this);
    tendStores(this, this, CACHE_TARGET);
    trace(application, props.tracing);
    const afar = lookFromAfar(this, this.site, props);
    const signals = [outgrownTeam(application.cluster), ...farUsers(this, this.site, afar)];
    this.observation = observeProduct(this, this, { afar, signals });
    this.audit = new Audit(this, this, props.audit);
  }
}
