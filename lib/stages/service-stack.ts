import { Stack } from 'aws-cdk-lib';
import type * as appscaling from 'aws-cdk-lib/aws-applicationautoscaling';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as sns from 'aws-cdk-lib/aws-sns';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { carry } from '../blocks/compute/client-groups';
import { ContainerService } from '../blocks/compute/container-service';
import { FollowedTag } from '../blocks/compute/followed-tag';
import type { ProductImage } from '../blocks/compute/product-image';
import { entranceOf, type ProductService } from '../blocks/compute/product-service';
import { Reach } from '../blocks/compute/reach';
import { trackRequestsPerTask } from '../blocks/compute/request-scaling';
import { ServiceSize } from '../blocks/compute/service-size';
import { ReleaseRunbook } from '../blocks/delivery/release-runbook';
import { importedSubnet } from '../blocks/network/imported-subnet';
import { letIn } from '../blocks/network/let-in';
import { takeAll } from '../blocks/network/offers';
import { siblingStackName } from '../blocks/network/sibling-stack-name';
import { ExtractedServiceAlarms } from '../blocks/observability/extracted-service-alarms';
import { meshSignals } from '../blocks/observability/mesh-signals';
import { extractedServiceSignals, workerSignals } from '../blocks/observability/service-signals';
import { SignalDashboard } from '../blocks/observability/signal-dashboard';
import type { Tracing } from '../blocks/observability/tracing';
import { nameScalingPolicies } from '../blocks/operations/scaling-policy-names';
import { ChildId } from './child-ids';
import { traceService } from './observability';
import { serviceContract } from './service-contract';
import { type ServiceGround, Store } from './service-ground';
import { grantReaches } from './service-permissions';
import { queueOffers } from './service-queue';
import { ServiceRoute } from './service-route';

/** What services take from the product where they say nothing. */
export interface ServiceDefaults {
  readonly image: ProductImage;
  readonly port: number;
  readonly healthCheckPath: string;
  readonly tracing?: Tracing;
}

/** What a service works off. */
interface WorkedOff {
  readonly queue: sqs.IQueue;
  readonly deadLetterQueue: sqs.IQueue;
}

/** What the tag of the product's own image is offered as. */
export const RELEASE_TAG = 'ReleaseTag';

/** As of the core: `ContainerService.scaleOnRequests`. */
const REQUESTS_PER_TASK = 1000;

/** The group that opens a store. */
const CLIENTS: [Reach, Store][] = [
  [Reach.DATABASE, Store.DATABASE],
  [Reach.CACHE, Store.CACHE],
  [Reach.SEARCH, Store.SEARCH],
  [Reach.STREAM, Store.STREAM],
];

/**
 * One service of the product, in a stack of its own beside the Region's: its tasks with a role, a log, scaling and alarms of its own,
 * and its way in. It holds no state, so it can be deployed, replaced or deleted by itself (`cdk deploy` with its name), after the
 * Region's own stack, of which it reads what it needs by weak references.
 *
 * With the product's own image it follows the product's releases: it starts with the tag that serves there, and the product's runbook
 * brings it along. With an image of its own from a `ReleaseTag`, the stack has that parameter and a release runbook of its own.
 */
export class ServiceStack extends Stack {
  public readonly service: ContainerService;
  public readonly alarms: ExtractedServiceAlarms;
  /** What brings users' requests here, where any come. */
  public readonly route?: ServiceRoute;
  /** Where it is seen, with what others ask of it; not with `dashboard: false`. */
  public readonly dashboard?: SignalDashboard;
  /** What releases an image of its own, where its tag is a parameter. */
  public readonly releases?: ReleaseRunbook;
  private readonly queues?: WorkedOff;

  constructor(scope: Construct, ground: ServiceGround, definition: ProductService, defaults: ServiceDefaults) {
    const region = Stack.of(scope);
    const { name } = definition;
    super(scope, name, {
      env: { account: region.account, region: region.region },
      stackName: siblingStackName(scope, name),
      description: `Service ${name} of the product`,
    });
    const { offers, mesh } = ground;
    const take = (what: string) => offers.take(this, what);
    const entrance = entranceOf(definition);
    const size = definition.size ?? ServiceSize.SMALL;
    const image = definition.image ?? defaults.image;
    const follows = image.release !== undefined && image.release === defaults.image.release;
    if (follows) new FollowedTag(this, image.release.parameterName, { stack: ground.stack, tag: take(RELEASE_TAG) });
    const reaches = definition.reaches ?? [];

    const vpc = ec2.Vpc.fromVpcAttributes(this, 'Vpc', { vpcId: take('Vpc'), availabilityZones: ['any'] });
    const subnets = takeAll(offers, this, 'Subnet', ground.subnets);
    const encryptionKey = kms.Key.fromKeyArn(this, 'Key', take('Key'));
    this.service = new ContainerService(this, 'Service', {
      cluster: ecs.Cluster.fromClusterAttributes(this, 'Cluster', {
        clusterName: take('Cluster'),
        clusterArn: take('ClusterArn'),
        vpc,
        securityGroups: [],
        hasEc2Capacity: false,
      }),
      image,
      contract: serviceContract(this, ground, definition, defaults.port),
      processType: name,
      size,
      vpcSubnets: { subnets: subnets.map((subnetId, index) => importedSubnet(this, `Subnet${index + 1}`, { subnetId })) },
      port: entrance.listens ? (definition.port ?? defaults.port) : undefined,
      encryptionKey,
    });
    for (const [reach, store] of CLIENTS) {
      if (!reaches.includes(reach) || !offers.has(store)) continue;
      carry(this.service, ec2.SecurityGroup.fromSecurityGroupId(this, store, take(store)));
    }
    const callsOthers = reaches.some(({ serviceName }) => serviceName !== undefined);
    if (entrance.listens || callsOthers) {
      const { requestTimeout } = definition;
      const { protocol } = entrance;
      mesh.join(this.service, { name: entrance.listens ? name : undefined, callsOthers, protocol, requestTimeout });
    }
    grantReaches(this.service, ground, definition);
    if (entrance.isRouted) {
      const loadBalancer = ec2.SecurityGroup.fromSecurityGroupId(this, 'LoadBalancer', take('LoadBalancerGroup'));
      letIn(this.service, loadBalancer, 'Load balancer');
      this.route = new ServiceRoute(this, 'Route', {
        ground,
        vpc,
        service: this.service,
        definition,
        healthCheckPath: definition.healthCheckPath ?? entrance.healthCheckPath(defaults.healthCheckPath),
      });
    }
    this.queues = this.queuesOf(ground, definition);
    this.scale(definition);
    this.alarms = new ExtractedServiceAlarms(this, 'Alarms', {
      service: this.service.service,
      minTasks: size.minTasks,
      targets: this.route?.watched,
      releases: this.service.releases.alarms,
      alarmTopic: sns.Topic.fromTopicArn(this, 'AlarmTopic', take('Alarms')),
    });
    traceService(this.service, defaults.tracing, `${region.stackName}-${name}`);
    this.dashboard = (definition.dashboard ?? true) ? this.show(definition) : undefined;
    if (image.release && image.repository && !follows) {
      this.releases = new ReleaseRunbook(this, 'Release', { release: image.release, repository: image.repository });
    }
  }

  /** The queue that it works off, and where jobs go that failed too often. */
  private queuesOf(ground: ServiceGround, definition: ProductService): WorkedOff | undefined {
    if (!definition.queue) return undefined;
    const { arn, name, dead } = queueOffers(definition);
    const [queueArn, queueName, deadName] = [arn, name, dead].map((offer) => ground.offers.take(this, offer));
    const deadArn = this.formatArn({ service: 'sqs', resource: deadName });
    return {
      queue: sqs.Queue.fromQueueAttributes(this, 'Queue', { queueArn, queueName }),
      deadLetterQueue: sqs.Queue.fromQueueAttributes(this, 'DeadLetters', { queueArn: deadArn, queueName: deadName }),
    };
  }

  private show({ name, ...definition }: ProductService): SignalDashboard {
    const { service } = this.service;
    const { clusterName } = service.cluster;
    return new SignalDashboard(this, ChildId.DASHBOARD, {
      alarms: this.alarms.alarms,
      tiers: [
        extractedServiceSignals({ name, service, targets: this.route?.watched }),
        ...(entranceOf({ name, ...definition }).listens ? [meshSignals({ clusterName, discoveryName: name })] : []),
        ...(this.queues ? [workerSignals({ tier: 'Queue', service, ...this.queues })] : []),
      ],
    });
  }

  private scale({ scaling = {} }: ProductService): void {
    const { service, route, queues } = this;
    service.scaleOnCpu(scaling.cpuPercent);
    if (queues) service.scaleOnBacklog(queues.queue, scaling.jobsPerTask);
    if (!route) return;
    const target = service.scaling.node.findChild('Target') as appscaling.ScalableTarget;
    nameScalingPolicies(trackRequestsPerTask(this, target, route.watched, scaling.requestsPerTask ?? REQUESTS_PER_TASK));
  }
}
