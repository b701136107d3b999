import { Stack, Token } from 'aws-cdk-lib';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import type { AppContractProps, DatabaseContract } from '../blocks/compute/app-contract';
import type { Application, ApplicationProps } from '../blocks/compute/application';
import { ServiceSize } from '../blocks/compute/service-size';
import { type AssetBucket, grantPublish } from '../blocks/data/asset-bucket';
import type { AuroraDatabase } from '../blocks/data/aurora-database';
import type { CacheReplicationGroup } from '../blocks/data/cache-replication-group';
import { DataKey } from '../blocks/data/data-key';
import type { DatabaseProxy } from '../blocks/data/database-proxy';
import { siteCertificate } from '../blocks/edge/product-domain';
import type { EventStream } from '../blocks/messaging/event-stream';
import type { JobQueue } from '../blocks/messaging/job-queue';
import { letIn } from '../blocks/network/let-in';
import { type INetwork, Network } from '../blocks/network/network';
import type { LogBucket } from '../blocks/operations/log-bucket';
import { ChildId } from './child-ids';
import { checkStageProps, DEFAULT_PORT, type StageProps } from './stage-props';

/** Version of this library, for the lock file. */
const VERSION: string = require('../../package.json').version;

/** Checks the props and marks the stack with the stage, where the lock file reads it. */
export function enterStage(stage: Construct, props: StageProps): void {
  checkStageProps(props);
  const options = Stack.of(stage).templateOptions;
  options.metadata = { ...options.metadata, 'cdk-scale-tiers': { stage: stage.constructor.name, version: VERSION } };
}

/**
 * The given VPC, or one laid out for every stage.
 * @throws if the given VPC has no place for the product
 */
export function layNetwork(stage: Construct, props: StageProps, natGateways: number, encryptionKey?: kms.IKey): INetwork {
  if (!props.vpc) {
    const { vpcCidr: cidr, availabilityZones } = props;
    return new Network(stage, ChildId.NETWORK, { cidr, availabilityZones, natGateways, encryptionKey });
  }
  if (props.vpc.publicSubnets.length === 0) {
    throw new Error('vpc must have public subnets, got none: give it some (the server and the load balancer stand there)');
  }
  if (natGateways > 0 && props.vpc.privateSubnets.length === 0) {
    throw new Error('vpc must have private subnets with a way out, got none: give it some (the containers run there)');
  }
  return Network.fromVpc(props.vpc);
}

/**
 * Refuses two zones, before a network is laid out in them.
 * @throws if there are fewer than three
 */
export function requireThreeZones({ vpc, availabilityZones = [] }: StageProps): void {
  if (vpc) {
    const zones = vpc.availabilityZones;
    // Until the CLI has looked a VPC up, two made-up zones stand in for its own.
    if (zones.length >= 3 || Token.isUnresolved(zones) || vpc.selectSubnets({ subnets: [] }).isPendingLookup) return;
    throw new Error(
      `vpc must have subnets in three zones from Stage3Specialized on, got ${zones.length}: give it a third (Redshift Serverless needs three)`,
    );
  }
  // Any other number is refused at every stage.
  if (availabilityZones.length !== 2) return;
  throw new Error(
    'availabilityZones must name three zones from Stage3Specialized on, got 2: append a third (Redshift Serverless needs three; its addresses are reserved, nothing moves)',
  );
}

/** The given key, or one of the product's own. */
export function dataKey(stage: Construct, props: StageProps): kms.IKey {
  return props.encryptionKey ?? new DataKey(stage, ChildId.DATA_KEY).key;
}

/** What the application of a Region stands on. */
export interface ApplicationSurroundings {
  readonly network: INetwork;
  readonly jobs: JobQueue;
  readonly logs: LogBucket;
  readonly encryptionKey: kms.IKey;
}

/** The application's props that follow from the product's. */
export function applicationProps(
  stage: Construct,
  props: StageProps,
  around: ApplicationSurroundings,
): Omit<ApplicationProps, 'contract' | 'serviceSize'> {
  const { network } = around;
  return {
    vpc: network.vpc,
    publicSubnets: network.publicSubnets,
    appSubnets: network.appSubnets,
    image: props.image,
    port: props.port ?? DEFAULT_PORT,
    healthCheckPath: props.healthCheckPath ?? '/',
    jobs: around.jobs,
    workerSize: props.sizes?.worker ?? ServiceSize.WORKER,
    logBucket: around.logs,
    encryptionKey: around.encryptionKey,
    certificate: props.domain && (props.domain.certificate ?? siteCertificate(stage, ChildId.CERTIFICATE, props.domain)),
  };
}

/** The stores that every replicated product has. */
export interface CoreParts {
  readonly database: AuroraDatabase;
  readonly cache: CacheReplicationGroup;
  readonly jobs: JobQueue;
  readonly assets: AssetBucket;
}

/** What every service of an application is let into. */
export interface Stores {
  readonly database: Construct & ec2.IConnectable;
  readonly cache: Construct & ec2.IConnectable;
  readonly assets: AssetBucket;
}

/** Opens the stores to every service. */
export function connectStores(application: Application, stores: Stores, assets: s3.IBucket = stores.assets.bucket): void {
  if (application.migration) {
    letIn(stores.database, application.migration, 'Migration of the product');
    letIn(stores.cache, application.migration, 'Migration of the product');
  }
  for (const service of application.allServices()) {
    letIn(stores.database, service, 'Service of the product');
    // A task that starts before its database would fail its health check, and the circuit breaker the whole deploy.
    service.service.node.addDependency(stores.database, stores.cache);
    letIn(stores.cache, service, 'Service of the product');
    grantPublish(assets, service);
  }
}

/** Lets every service produce and consume events. */
export function connectStream(application: Application, stream: EventStream): void {
  for (const service of application.allServices()) {
    letIn(stream, service, 'Service of the product');
    stream.grantProduce(service);
    stream.grantConsume(service);
  }
  stream.grantManageTopics(application.service);
}

/** What the containers are told of the parts that every replicated product has. */
export function coreContract(parts: CoreParts, props: StageProps, proxy?: DatabaseProxy): AppContractProps {
  const { database, cache, jobs, assets } = parts;
  return {
    port: props.port ?? DEFAULT_PORT,
    database: databaseContract(database, proxy),
    cache: { host: cache.host, port: String(cache.port), secret: cache.secret },
    jobQueueUrl: jobs.queue.queueUrl,
    jobTimeoutSeconds: jobs.jobTimeout.toSeconds(),
    assetsBucketName: assets.bucket.bucketName,
  };
}

/** The database for the app contract, through a proxy where there is one. */
export function databaseContract(database: AuroraDatabase, proxy?: DatabaseProxy): DatabaseContract {
  return {
    writerHost: (proxy ?? database).writerHost,
    readerHost: (proxy ?? database).readerHost,
    // Past the proxy, which has no way to tell one reader from another.
    reportingHost: proxy && database.reportingHost,
    port: String(database.port),
    name: database.databaseName,
    secret: database.secret,
  };
}
