import type * as kms from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { AppContract } from '../blocks/compute/app-contract';
import { Application } from '../blocks/compute/application';
import { ReleaseStrategy } from '../blocks/compute/release-strategy';
import type { ServerVolume } from '../blocks/compute/server-volume';
import { ServiceSize } from '../blocks/compute/service-size';
import type { SingleServer } from '../blocks/compute/single-server';
import { AssetBucket, AssetCopies } from '../blocks/data/asset-bucket';
import { AuroraDatabase } from '../blocks/data/aurora-database';
import { AuroraGlobalDatabase } from '../blocks/data/aurora-global-database';
import { BucketReplication } from '../blocks/data/bucket-replication';
import { CacheReplicationGroup } from '../blocks/data/cache-replication-group';
import { CacheSize } from '../blocks/data/cache-size';
import type { DataArchive } from '../blocks/data/data-archive';
import type { DataMove } from '../blocks/data/data-move';
import { DatabaseSize } from '../blocks/data/database-size';
import { GlobalCache } from '../blocks/data/global-cache';
import type { AccessLogQueries } from '../blocks/edge/access-log-queries';
import { FirewallRules } from '../blocks/edge/firewall-rules';
import type { OriginRecords } from '../blocks/edge/origin-records';
import type { OriginVerification } from '../blocks/edge/origin-verification';
import type { Site } from '../blocks/edge/site';
import type { SiteAddress } from '../blocks/edge/site-address';
import { EventStream } from '../blocks/messaging/event-stream';
import { JobQueue } from '../blocks/messaging/job-queue';
import { StreamSize } from '../blocks/messaging/stream-size';
import type { INetwork } from '../blocks/network/network';
import { AlarmTopic } from '../blocks/operations/alarm-topic';
import { LogBucket } from '../blocks/operations/log-bucket';
import { archiveRows } from './archive';
import { Audit } from './audit';
import { ChildId } from './child-ids';
import { checkFurtherRegions, type FurtherRegion, warnWithoutDomain } from './further-region';
import { lookFromAfar, type Observation, observeProduct, trace } from './observability';
import { originalServer } from './original-server';
import { primaryServices } from './primary-services';
import type { ProductServices } from './product-services';
import { publish } from './publication';
import { RegionalProduct } from './regional-product';
import { publishSignIn } from './sign-in';
import type { Stage3SpecializedProps } from './specialized-props';
import { Specialties, specialContract } from './specialties';
import {
  applicationProps,
  connectStores,
  connectStream,
  coreContract,
  dataKey,
  enterStage,
  layNetwork,
  requireThreeZones,
} from './stage-parts';
import { CACHE_TARGET, tendStores } from './tended-stores';

/** Properties of Stage4Global. */
export interface Stage4GlobalProps extends Stage3SpecializedProps {
  /** The Regions beside the stack's own, at least one. There is no safe default for where data lives. */
  readonly regions: FurtherRegion[];
}

/**
 * To 10,000,000 users: the product in several Regions. The primary Region is what it was at the stage before, with its stores
 * replicated; every further Region is a sibling stack that serves the users near it.
 *
 *     users -> DNS -> CloudFront + WAF -> DNS by latency or area -> primary Region:  application -> Aurora, Valkey, Kafka, ...
 *                                                    |                                     | replicate to
 *                                                    |-> further Regions: application -> Aurora (reads, forwards writes), Valkey, Kafka
 *
 * @throws if a prop is out of range, the stack has no concrete account and Region, or the Regions do not fit together
 */
export class Stage4Global extends Construct {
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
  public readonly globalDatabase: AuroraGlobalDatabase;
  /** Only where a further Region has a copy of the cache. */
  public readonly globalCache?: GlobalCache;
  public readonly eventStream: EventStream;
  /** The product in each further Region, in the order given. */
  public readonly regions: RegionalProduct[];
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
  /** Dashboard, saved queries. */
  public readonly observation: Observation;
  /** Backups in a locked vault, and records of who uses what the product keeps. */
  public readonly audit: Audit;
  /** The data volume of the server on which the product started. */
  public readonly serverVolume?: ServerVolume;
  /** The server on which the product started, until it is retired. */
  public readonly server?: SingleServer;
  /** What moves the data of that server, while it has them. */
  public readonly dataMove?: DataMove;

  constructor(scope: Construct, id: string, props: Stage4GlobalProps) {
    super(scope, id);
    enterStage(this, props);
    checkFurtherRegions(this, props);
    warnWithoutDomain(this, props);
    const replicaRegions = props.regions.map(({ region }) => region);
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
      size: sizes?.database ?? DatabaseSize.USERS_10M,
      readers: 2,
      reportingReader: true,
      dataApi: props.archive !== undefined,
      credentialReplicaRegions: replicaRegions,
    });
    this.cache = new CacheReplicationGroup(this, ChildId.CACHE, {
      ...data,
      size: sizes?.cache ?? CacheSize.USERS_10M,
    });
    this.jobs = new JobQueue(this, ChildId.JOBS, { encryptionKey, alarmTopic: this.alarms.topic });
    this.assets = new AssetBucket(this, ChildId.ASSETS, { accessLogBucket: this.logs.bucket, copies: AssetCopies.ELSEWHERE });
    this.specialties = new Specialties(this, {
      ...props,
      ...data,
      ...this,
      appSubnets: network.appSubnets,
      replicaRegions,
    });
    this.eventStream = new EventStream(this, ChildId.EVENT_STREAM, {
      ...data,
      size: sizes?.stream ?? StreamSize.USERS_10M,
      multiVpcConnectivity: true,
    });
    this.globalDatabase = new AuroraGlobalDatabase(this, ChildId.GLOBAL_DATABASE, { database: this.database });
    const copies = props.regions.filter(({ cacheCopy }) => cacheCopy !== false);
    this.globalCache = copies.length > 0 ? new GlobalCache(this, ChildId.GLOBAL_CACHE, { primary: this.cache }) : undefined;

    this.archive = archiveRows(this, props.archive, this);

    const original = originalServer(this, props, this);
    this.serverVolume = original.volume;
    this.server = original.server;
    this.dataMove = original.dataMove;
    this.application = new Application(this, ChildId.APPLICATION, {
      ...applicationProps(this, props, this),
      releases: props.releases ?? ReleaseStrategy.USERS_1M,
      workerStandsBy: original.siteAddress !== undefined,
      serviceSize: sizes?.service ?? ServiceSize.USERS_10M,
      contract: new AppContract({
        ...coreContract(this, props, this.specialties.databaseProxy),
        ...specialContract(this.specialties),
        eventStreamClusterArn: this.eventStream.clusterArn,
      }),
    });
    const { application } = this;
    const byArea = props.regions.some(({ serves }) => serves !== undefined);
    const routing = { healthOf: application.targets, servesTheRest: byArea };
    const published = publish(this, props, {
      ...this,
      original,
      firewall: props.firewall ?? FirewallRules.of(),
      routing,
      replicaRegions,
    });
    this.site = published.site;
    this.originVerification = published.originVerification;
    this.accessLogQueries = published.accessLogQueries;
    this.originRecords = published.originRecords;
    this.siteAddress = published.siteAddress;

    this.specialties.serve(application);
    publishSignIn(props, this.specialties.signIn, this);
    connectStores(application, this);
    connectStream(application, this.eventStream);
    tendStores(this, this, CACHE_TARGET);
    trace(application, props.tracing);
    this.services = primaryServices(this, props, this);
    this.observation = observeProduct(this, this, { climbs: false, afar: lookFromAfar(this, this.site, props) });

    this.regions = props.regions.map((region) => new RegionalProduct(this, region, props, this));
    new BucketReplication(this, ChildId.ASSET_REPLICATION, {
      source: this.assets,
      destinationBucketArns: this.regions.map((region) => region.assetsArnFor(this)),
    });
    this.audit = new Audit(this, this, props.audit);
  }
}
