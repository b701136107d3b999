import { Aws, Fn, Stack } from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import type * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import { AppContract } from '../blocks/compute/app-contract';
import { Application } from '../blocks/compute/application';
import { ReleaseStrategy } from '../blocks/compute/release-strategy';
import { ServiceSize } from '../blocks/compute/service-size';
import { AssetBucket, AssetCopies } from '../blocks/data/asset-bucket';
import type { AuroraDatabase } from '../blocks/data/aurora-database';
import { AuroraGlobalDatabase } from '../blocks/data/aurora-global-database';
import { AuroraSecondary } from '../blocks/data/aurora-secondary';
import { CacheReplicationGroup } from '../blocks/data/cache-replication-group';
import { CacheSecondary } from '../blocks/data/cache-secondary';
import { CacheSize } from '../blocks/data/cache-size';
import { DatabaseSize } from '../blocks/data/database-size';
import { GlobalCache } from '../blocks/data/global-cache';
import { ReplicaKey } from '../blocks/data/replica-key';
import { AccessLogQueries } from '../blocks/edge/access-log-queries';
import { LoadBalancerFirewall } from '../blocks/edge/load-balancer-firewall';
import { OriginRecords } from '../blocks/edge/origin-records';
import { headerValue, type OriginVerification } from '../blocks/edge/origin-verification';
import { PermissionStore } from '../blocks/identity/permission-store';
import { DomainEvents } from '../blocks/messaging/domain-events';
import { EventStream } from '../blocks/messaging/event-stream';
import { IdempotencyTable } from '../blocks/messaging/idempotency-table';
import { JobQueue } from '../blocks/messaging/job-queue';
import { RedriveRunbook } from '../blocks/messaging/redrive-runbook';
import { StreamReplicator } from '../blocks/messaging/stream-replicator';
import { StreamSize } from '../blocks/messaging/stream-size';
import { crossRegionValue } from '../blocks/network/cross-region-value';
import { letIn } from '../blocks/network/let-in';
import { Network } from '../blocks/network/network';
import { siblingStackName } from '../blocks/network/sibling-stack-name';
import { AlarmTopic } from '../blocks/operations/alarm-topic';
import { LogBucket } from '../blocks/operations/log-bucket';
import { ChildId } from './child-ids';
import { emailContract } from './email';
import { type FurtherRegion, furtherRegionCidr } from './further-region';
import { trace } from './observability';
import { ProductServices } from './product-services';
import { admitDistribution } from './publication';
import { requireTokens } from './sign-in';
import type { Stage3SpecializedProps } from './specialized-props';
import { extractServices, type Specialties } from './specialties';
import { applicationProps, connectStores, connectStream } from './stage-parts';
import { DEFAULT_PORT } from './stage-props';
import { CACHE_TARGET, tendStores } from './tended-stores';

/** What a further Region takes from the primary one. */
export interface PrimaryRegion {
  readonly encryptionKey: kms.IKey;
  readonly database: AuroraDatabase;
  readonly globalDatabase: AuroraGlobalDatabase;
  readonly globalCache?: GlobalCache;
  readonly eventStream: EventStream;
  readonly assets: AssetBucket;
  readonly specialties: Specialties;
  readonly originVerification: OriginVerification;
}

/**
 * The product in a further Region, a stack beside the primary one: the same services, a copy of the database that forwards its
 * writes, a cache, queues and an event stream of its own, and the record by which users are sent here.
 *
 * Deploys after the primary stack and takes what it needs of it by weak references.
 */
export class RegionalProduct extends Stack {
  public readonly network: Network;
  /** The product's key, in this Region. */
  public readonly encryptionKey: kms.IKey;
  public readonly alarms: AlarmTopic;
  public readonly logs: LogBucket;
  public readonly database: AuroraSecondary;
  public readonly cache: CacheReplicationGroup;
  /** A read-only copy of the primary Region's cache, where the Region has one. */
  public readonly cacheCopy?: CacheSecondary;
  public readonly jobs: JobQueue;
  public readonly assets: AssetBucket;
  public readonly events: DomainEvents;
  public readonly notificationQueue: JobQueue;
  /** What was handled already in this Region. */
  public readonly idempotency: IdempotencyTable;
  public readonly eventStream: EventStream;
  /** What copies the primary Region's events here. */
  public readonly streamReplicator: StreamReplicator;
  public readonly application: Application;
  /** `api` and the product's own services in this Region, but for those with a queue. */
  public readonly services: ProductServices;
  /** Only with a domain. */
  public readonly originRecords?: OriginRecords;

  constructor(stage: Construct, further: FurtherRegion, props: Stage3SpecializedProps, primary: PrimaryRegion) {
    const product = Stack.of(stage);
    super(stage, further.region, {
      env: { account: product.account, region: further.region },
      stackName: siblingStackName(stage, further.region),
      description: `The product in ${further.region}`,
      terminationProtection: true,
    });
    const { sizes, domain } = props;
    const take = (name: string, value: string) => crossRegionValue(this, { producer: stage, name, value });

    this.encryptionKey = new ReplicaKey(this, ChildId.DATA_KEY, {
      primaryKeyArn: take('KeyArn', primary.encryptionKey.keyArn),
    }).key;
    this.network = new Network(this, ChildId.NETWORK, {
      cidr: furtherRegionCidr(further),
      availabilityZones: further.availabilityZones,
      natGateways: 3,
      encryptionKey: this.encryptionKey,
    });
    const { network, encryptionKey } = this;
    const data = { vpc: network.vpc, vpcSubnets: network.dataSubnets, encryptionKey };
    this.alarms = new AlarmTopic(this, ChildId.ALARMS, { encryptionKey });
    this.logs = new LogBucket(this, ChildId.LOGS);
    this.database = new AuroraSecondary(this, ChildId.DATABASE, {
      ...data,
      globalDatabase: AuroraGlobalDatabase.fromAttributes(this, ChildId.GLOBAL_DATABASE, {
        globalClusterIdentifier: take('GlobalDatabaseId', primary.globalDatabase.globalClusterIdentifier),
        engineVersion: primary.database.engineVersion,
      }),
      databaseName: primary.database.databaseName,
      size: sizes?.database ?? DatabaseSize.USERS_10M,
      instances: 2,
    });
    this.cache = new CacheReplicationGroup(this, ChildId.CACHE, { ...data, size: sizes?.cache ?? CacheSize.USERS_10M });
    this.cacheCopy =
      primary.globalCache && further.cacheCopy !== false
        ? new CacheSecondary(this, ChildId.CACHE_COPY, {
            ...data,
            globalCache: GlobalCache.fromAttributes(this, ChildId.GLOBAL_CACHE, {
              globalReplicationGroupId: take('GlobalCacheId', primary.globalCache.globalReplicationGroupId),
            }),
            users: this.cache.users,
          })
        : undefined;
    this.jobs = new JobQueue(this, ChildId.JOBS, { encryptionKey, alarmTopic: this.alarms.topic });
    this.assets = new AssetBucket(this, ChildId.ASSETS, { accessLogBucket: this.logs.bucket, copies: AssetCopies.HERE });
    this.events = new DomainEvents(this, ChildId.EVENTS, { encryptionKey });
    this.notificationQueue = new JobQueue(this, ChildId.NOTIFICATION_QUEUE, { encryptionKey, alarmTopic: this.alarms.topic });
    this.events.addQueueSubscriber(ChildId.NOTIFICATION, this.notificationQueue.queue);
    this.idempotency = new IdempotencyTable(this, ChildId.IDEMPOTENCY);
    new RedriveRunbook(this, ChildId.REDRIVE);
    this.eventStream = new EventStream(this, ChildId.EVENT_STREAM, { ...data, size: sizes?.stream ?? StreamSize.USERS_10M });
    this.streamReplicator = new StreamReplicator(this, ChildId.STREAM_REPLICATOR, {
      sourceClusterArn: take('EventStreamArn', primary.eventStream.clusterArn),
      sourceTopicsArn: take('EventStreamTopics', primary.eventStream.topicArn('*')),
      sourceGroupsArn: take('EventStreamGroups', primary.eventStream.groupArn('*')),
      sourceSubnetIds: primary.eventStream.subnetIds.map((id, index) => take(`EventStreamSubnet${index + 1}`, id)),
      target: this.eventStream,
      vpc: network.vpc,
    });

    const { users, sharedTable, email, signIn } = primary.specialties;
    const issuerUrl = take('UserPoolIssuer', users.issuerUrl);
    const permissionStore = signIn.permissionStore && {
      policyStoreId: take('PermissionStoreId', signIn.permissionStore.policyStoreId),
      region: product.region,
      encryptionKeyArn: take('KeyArn', primary.encryptionKey.keyArn),
    };
    const permissions =
      permissionStore && PermissionStore.fromPermissionStoreAttributes(this, ChildId.PERMISSIONS, permissionStore);
    const published = s3.Bucket.fromBucketName(this, 'PublishedAssets', take('AssetsBucketName', primary.assets.regionalName));
    const sharedTableName = take('SharedTableName', sharedTable.table.tableName);
    this.application = new Application(this, ChildId.APPLICATION, {
      // The primary Region's certificate is of no use here.
      ...applicationProps(this, { ...props, domain: domain && { ...domain, certificate: undefined } }, this),
      releases: props.releases ?? ReleaseStrategy.USERS_1M,
      serviceSize: sizes?.service ?? ServiceSize.USERS_10M,
      migrates: false,
      contract: new AppContract({
        port: props.port ?? DEFAULT_PORT,
        database: {
          writerHost: this.database.writerHost,
          readerHost: this.database.readerHost,
          port: String(this.database.port),
          name: this.database.databaseName,
          secret: this.secretCopy('DatabaseSecret', take('DatabaseSecretName', fullName(primary.database.secret))),
        },
        cache: {
          host: this.cache.host,
          port: String(this.cache.port),
          secret: this.cache.secret,
          sharedHost: this.cacheCopy?.host,
        },
        jobQueueUrl: this.jobs.queue.queueUrl,
        jobTimeoutSeconds: this.jobs.jobTimeout.toSeconds(),
        // The bucket that CloudFront reads; the one here is its copy.
        assetsBucketName: published.bucketName,
        eventTopicArn: this.events.topic.topicArn,
        eventBusName: this.events.bus.eventBusName,
        eventStreamClusterArn: this.eventStream.clusterArn,
        userPoolId: take('UserPoolId', users.userPool.userPoolId),
        userPoolClientId: take('UserPoolClientId', users.client.userPoolClientId),
        userPoolIssuer: issuerUrl,
        signInUrl: signIn.signInPages && take('SignInUrl', signIn.signInPages.url),
        permissionStoreId: permissions?.policyStoreId,
        sharedTableName,
        idempotencyTableName: this.idempotency.table.tableName,
        email: emailContract(this, email),
      }),
    });
    const notification = extractServices(this.application, this.notificationQueue);
    email?.grantSend(notification);
    const { generation } = primary.originVerification;
    const accepted = primary.originVerification.accepted.map((secret, index) => {
      const name = `OriginPassword${generation + index}`;
      return this.secretCopy(name, take(name, fullName(secret)));
    });
    const loadBalancer = this.application.loadBalancer.applicationLoadBalancer;
    const wall = { loadBalancer, rules: props.firewall, encryptionKey };
    admitDistribution(
      this.application.loadBalancer,
      accepted.map(headerValue),
      new LoadBalancerFirewall(this, ChildId.LOAD_BALANCER_FIREWALL, wall),
    );
    requireTokens(this.application.loadBalancer, props.signIn, issuerUrl);
    new AccessLogQueries(this, ChildId.ACCESS_LOG_QUERIES, { logBucket: this.logs, contentDelivery: false, encryptionKey });
    this.originRecords =
      domain &&
      new OriginRecords(this, ChildId.ORIGIN_RECORDS, {
        domain,
        loadBalancer,
        healthOf: this.application.targets,
        alarms: this.alarms,
        serves: further.serves,
      });

    const table = dynamodb.TableV2.fromTableName(this, ChildId.SHARED_TABLE, sharedTableName);
    for (const service of this.application.allServices()) {
      this.events.grantPublish(service);
      table.grantReadWriteData(service);
      this.idempotency.grantUse(service);
      permissions?.grantIsAuthorized(service);
      if (this.cacheCopy) letIn(this.cacheCopy, service, 'Service of the product');
    }
    connectStores(this.application, this, published);
    connectStream(this.application, this.eventStream);
    trace(this.application, props.tracing);
    this.services = new ProductServices(this, ChildId.SERVICES, {
      ...{ application: this.application, network, encryptionKey, alarms: this.alarms, jobs: this.jobs, assets: published },
      ...{ events: this.events, idempotency: this.idempotency, eventStream: this.eventStream, database: this.database },
      caches: this.cacheCopy ? [this.cache, this.cacheCopy] : [this.cache],
      sharedTableArn: table.tableArn,
      permissions: permissionStore,
      originVerification: { generation, accepted },
      props,
      withQueues: false,
    });
    this.application.alarmOn(this.alarms);
    tendStores(this, this, CACHE_TARGET);
  }

  /** ARN of the bucket with this Region's copy of the static files, for the primary stack, which deploys before this one. */
  public assetsArnFor(consumer: Construct): string {
    return crossRegionValue(consumer, {
      producer: this.assets,
      name: 'Arn',
      value: this.assets.regionalArn,
      producerFirst: false,
    });
  }

  /**
   * The copy that Secrets Manager keeps here: its ARN is the primary's with this Region in it, suffix included
   * (Secrets Manager user guide, replicate secrets).
   */
  private secretCopy(id: string, primaryName: string): secretsmanager.ISecret {
    const arn = Fn.join(':', ['arn', Aws.PARTITION, 'secretsmanager', this.region, this.account, 'secret', primaryName]);
    return secretsmanager.Secret.fromSecretCompleteArn(this, id, arn);
  }
}

/** Name and suffix, taken out of the ARN where it is made: `Fn::Split` does not list `Fn::GetStackOutput` (cfn-lint E1022). */
function fullName(secret: secretsmanager.ISecret): string {
  return Fn.select(6, Fn.split(':', secret.secretArn));
}
