import { Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import type * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import type { Application } from '../blocks/compute/application';
import { ServiceMesh } from '../blocks/compute/service-mesh';
import type { PermissionStoreAttributes } from '../blocks/identity/permission-store';
import type { DomainEvents } from '../blocks/messaging/domain-events';
import type { EventStream } from '../blocks/messaging/event-stream';
import type { IdempotencyTable } from '../blocks/messaging/idempotency-table';
import type { JobQueue } from '../blocks/messaging/job-queue';
import { letIn } from '../blocks/network/let-in';
import type { INetwork } from '../blocks/network/network';
import { Offers } from '../blocks/network/offers';
import type { AlarmTopic } from '../blocks/operations/alarm-topic';

/** What the services of one Region stand on. */
export interface ServiceSurroundings {
  readonly application: Application;
  readonly network: INetwork;
  readonly alarms: AlarmTopic;
  readonly encryptionKey: kms.IKey;
  /** What lets a service into the database: its proxy, where there is one. */
  readonly database: ec2.IConnectable;
  /** The cache, and a read-only copy of another Region's. */
  readonly caches: ec2.IConnectable[];
  /** @default - the Region has none */
  readonly search?: ec2.IConnectable;
  /** @default - the Region has none */
  readonly eventStream?: EventStream;
  readonly jobs: JobQueue;
  readonly assets: s3.IBucket;
  readonly events: DomainEvents;
  readonly idempotency: IdempotencyTable;
  /** ARN of the shared table in this Region. */
  readonly sharedTableArn: string;
  /** What answers who may do what. @default - the product has no permission store */
  readonly permissions?: PermissionStoreAttributes;
  /** The passwords that tell the product's distribution from others, as this Region reads them. */
  readonly originVerification: OriginPasswords;
}

/** The passwords that load balancers accept, from the one that is sent now. */
export interface OriginPasswords {
  /** Number of the first. */
  readonly generation: number;
  readonly accepted: secretsmanager.ISecret[];
}

/** Stores that are let into by carrying a group, and what the group is called. */
export enum Store {
  DATABASE = 'DatabaseClients',
  CACHE = 'CacheClients',
  SEARCH = 'SearchClients',
  STREAM = 'StreamClients',
}

/**
 * The part of the Region's own stack that services in stacks of their own stand on: the mesh, one group for the clients of each store,
 * and a fixed set of outputs. None of it depends on how many services there are or what they are called.
 */
export class ServiceGround extends Construct {
  public readonly mesh: ServiceMesh;
  /** What the stacks of the services may read. */
  public readonly offers: Offers;
  /** How many subnets the tasks stand in. */
  public readonly subnets: number;

  constructor(
    scope: Construct,
    id: string,
    private readonly around: ServiceSurroundings,
  ) {
    super(scope, id);
    const { application, network } = around;
    const { vpc } = network;
    this.offers = new Offers(this);
    this.mesh = new ServiceMesh(this, 'Mesh', { vpc });
    this.joinBuiltIn();
    this.openStore(Store.DATABASE, [around.database], 'Clients of the database');
    this.openStore(Store.CACHE, around.caches, 'Clients of the cache');
    if (around.search) this.openStore(Store.SEARCH, [around.search], 'Clients of the search');
    if (around.eventStream) this.openStore(Store.STREAM, [around.eventStream], 'Clients of the event stream');
    letLoadBalancerOut(application.loadBalancer.connections, vpc);
    this.subnets = this.offers.addAll('Subnet', vpc.selectSubnets(network.appSubnets).subnetIds);
    this.offerParts();
    this.offerContract();
  }

  /** What is called deploys before what calls; workers take no part, they work off what others leave. */
  private joinBuiltIn(): void {
    const { service: core, extracted } = this.around.application;
    for (const service of extracted) {
      const name = service.port === undefined ? undefined : service.node.id.toLowerCase();
      this.mesh.join(service, { name });
      if (name !== undefined) core.service.node.addDependency(service.service);
    }
    this.mesh.join(core, { name: 'core' });
  }

  private openStore(store: Store, parts: ec2.IConnectable[], description: string): void {
    const group = new ec2.SecurityGroup(this, store, { vpc: this.around.network.vpc, description });
    for (const part of parts) letIn(part, group, description);
    this.offers.add(store, group.securityGroupId);
  }

  private offerParts(): void {
    const { offers, around } = this;
    const { application, eventStream } = around;
    const { loadBalancer } = application;
    offers.add('Vpc', around.network.vpc.vpcId);
    offers.add('Cluster', application.cluster.clusterName);
    offers.add('ClusterArn', application.cluster.clusterArn);
    offers.add('Listener', loadBalancer.listener.listenerArn);
    offers.add('LoadBalancer', loadBalancer.applicationLoadBalancer.loadBalancerFullName);
    offers.add('LoadBalancerGroup', loadBalancer.connections.securityGroups[0].securityGroupId);
    const { accepted } = around.originVerification;
    for (const [index, name] of this.passwordNames.entries()) offers.add(name, accepted[index].secretArn);
    offers.add('Alarms', around.alarms.topic.topicArn);
    offers.add('Key', around.encryptionKey.keyArn);
    offers.add('Jobs', around.jobs.queue.queueArn);
    offers.add('Assets', around.assets.bucketArn);
    offers.add('EventTopic', around.events.topic.topicArn);
    offers.add('EventBus', around.events.bus.eventBusArn);
    offers.add('SharedTableArn', around.sharedTableArn);
    offers.add('IdempotencyTableArn', around.idempotency.table.tableArn);
    offers.add('PermissionStore', around.permissions?.policyStoreId);
    offers.add('PermissionStoreKey', around.permissions?.encryptionKeyArn);
    if (!eventStream) return;
    offers.add('Stream', eventStream.clusterArn);
    offers.add('StreamTopics', eventStream.topicArn('*'));
    offers.add('StreamGroups', eventStream.groupArn('*'));
  }

  private offerContract(): void {
    const { props } = this.around.application.contract;
    const { database, cache, search } = props;
    const { offers } = this;
    offers.add('DatabaseWriterHost', database?.writerHost);
    offers.add('DatabaseReaderHost', database?.readerHost);
    offers.add('DatabaseReportingHost', database?.reportingHost);
    offers.add('DatabasePort', database?.port);
    offers.add('DatabaseName', database?.name);
    offers.add('DatabaseSecret', database?.secret.secretArn);
    offers.add('DatabaseSecretKey', database?.secret.encryptionKey?.keyArn);
    offers.add('CacheHost', cache?.host);
    offers.add('SharedCacheHost', cache?.sharedHost);
    offers.add('CachePort', cache?.port);
    offers.add('CacheSecret', cache?.secret.secretArn);
    offers.add('CacheSecretKey', cache?.secret.encryptionKey?.keyArn);
    offers.add('SearchEndpoint', search?.endpoint);
    offers.add('SearchSecret', search?.secret.secretArn);
    offers.add('SearchSecretKey', search?.secret.encryptionKey?.keyArn);
    offers.add('JobQueueUrl', props.jobQueueUrl);
    offers.add('AssetsBucket', props.assetsBucketName);
    offers.add('EventBusName', props.eventBusName);
    offers.add('UserPool', props.userPoolId);
    offers.add('UserPoolClient', props.userPoolClientId);
    offers.add('UserPoolIssuer', props.userPoolIssuer);
    offers.add('SignInUrl', props.signInUrl);
    offers.add('SharedTable', props.sharedTableName);
    offers.add('IdempotencyTable', props.idempotencyTableName);
  }

  /**
   * The passwords that the rules of the services ask for; none where a firewall does. By their number, so that a rotation changes the
   * templates of those who read them.
   */
  public get passwordNames(): string[] {
    const { originVerification, application } = this.around;
    const { accepted, generation } = originVerification;
    if (application.loadBalancer.shiftsTraffic) return [];
    return accepted.map((_, index) => `OriginPassword${generation + index}`);
  }

  /** The Region's own stack. */
  public get stack(): Stack {
    return Stack.of(this);
  }

  /** What the services stand on, as it is in the Region's own stack. */
  public get surroundings(): ServiceSurroundings {
    return this.around;
  }
}

/** Addresses of private networks (RFC 1918). */
const PRIVATE_RANGES = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'];

/**
 * One rule for the tasks of all services: one for each would end at the sixtieth (Amazon VPC quotas). Each task lets in the load balancer
 * at its own port alone.
 */
function letLoadBalancerOut(loadBalancer: ec2.Connections, vpc: ec2.IVpc): void {
  for (const range of rangesOf(vpc)) loadBalancer.allowTo(ec2.Peer.ipv4(range), ec2.Port.allTcp(), 'Services of the product');
}

/** The range of the VPC; a VPC from elsewhere may not tell it. */
function rangesOf(vpc: ec2.IVpc): string[] {
  try {
    return [vpc.vpcCidrBlock];
  } catch {
    return PRIVATE_RANGES;
  }
}
