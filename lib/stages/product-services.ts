import { Annotations, Stack } from 'aws-cdk-lib';
import type * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import { Construct } from 'constructs';
import { API, entranceOf, inOrder, type ProductService, releasesOf } from '../blocks/compute/product-service';
import { checkServices } from '../blocks/compute/product-service-checks';
import { Reach } from '../blocks/compute/reach';
import type { ServiceMesh } from '../blocks/compute/service-mesh';
import { ServiceSize } from '../blocks/compute/service-size';
import { ChildId } from './child-ids';
import { RetiredServiceStack } from './retired-service-stack';
import { ServiceGround, type ServiceSurroundings } from './service-ground';
import { offerQueue } from './service-queue';
import { RELEASE_TAG, ServiceStack } from './service-stack';
import type { Stage3SpecializedProps } from './specialized-props';
import { DEFAULT_PORT } from './stage-props';

/** What `api` may reach: what the core may, since its requests are the core's in another form. */
const OF_THE_CORE = [
  Reach.DATABASE,
  Reach.CACHE,
  Reach.SEARCH,
  Reach.JOBS,
  Reach.ASSETS,
  Reach.EVENTS,
  Reach.SHARED_TABLE,
  Reach.IDEMPOTENCY,
  Reach.USERS,
  Reach.service('core'),
  Reach.service('auth'),
];

/** Rules of a load balancer, of which AWS gives more (Elastic Load Balancing, quotas). */
const RULES = 100;

/** Rules of the product itself: auth, what comes through the distribution, the error page, the refusal; and room for a few more. */
const OWN_RULES = 10;

/** Tasks that a namespace may hold, and that a load balancer may know (AWS Cloud Map quotas; Elastic Load Balancing quotas). */
const TASKS = { inMesh: 2000, routed: 1000 };

/** What the services stand on, and what users reach them through. */
export interface ProductServicesProps extends ServiceSurroundings {
  readonly props: Stage3SpecializedProps;
  /** The product's distribution, in the stack of the primary Region. @default - of another stack */
  readonly distribution?: cloudfront.Distribution;
  /** Whether the services that work off a queue run here: a queue is in one Region. */
  readonly withQueues: boolean;
}

/**
 * The services of a product in one Region: `api`, and its own ones, each in a stack of its own, and the mesh through which they, the
 * core and `auth` call each other.
 *
 * The Region's stack holds what is the same for every number of services; so the hundred and first changes no other stack, unless it
 * brings a queue (five outputs) or is the first with gRPC (one switch of the distribution).
 *
 * @throws if the services do not fit together
 */
export class ProductServices extends Construct {
  /** The mesh. */
  public readonly mesh: ServiceMesh;
  /** What the services read of the Region's own stack. */
  public readonly ground: ServiceGround;
  /** `api` and the product's own, the called before the callers. */
  public readonly stacks: ServiceStack[];

  constructor(scope: Construct, id: string, { props, distribution, withQueues, ...around }: ProductServicesProps) {
    super(scope, id);
    const retired = (props.services ?? []).filter((service) => service.retired);
    const services = withApi((props.services ?? []).filter((service) => !service.retired));
    const { https, shiftsTraffic } = around.application.loadBalancer;
    checkServices(services, { https, domain: props.domain !== undefined, shiftsTraffic });
    this.ground = new ServiceGround(this, ChildId.SERVICE_GROUND, around);
    if (props.image.release) this.ground.offers.add(RELEASE_TAG, props.image.release.servingIn(this));
    this.mesh = this.ground.mesh;
    this.warn(services);
    const here = services.filter(({ queue }) => withQueues || !queue);
    for (const service of here) offerQueue(this.ground, service);
    // A retired one's too: what is left in it nobody works off.
    if (withQueues) for (const { queue } of props.services ?? []) queue?.notify(around.alarms.topic);
    if (distribution && here.some((service) => entranceOf(service).isGrpc && entranceOf(service).isRouted)) {
      // The default behaviour already lets every method through by HTTP/2 (CloudFront developer guide, using gRPC).
      const resource = distribution.node.defaultChild as cloudfront.CfnDistribution;
      resource.addPropertyOverride('DistributionConfig.DefaultCacheBehavior.GrpcConfig', { Enabled: true });
    }
    const defaults = {
      image: props.image,
      port: props.port ?? DEFAULT_PORT,
      healthCheckPath: props.healthCheckPath ?? '/',
      tracing: props.tracing,
    };
    const made = new Map<string, ServiceStack>();
    for (const service of inOrder(here)) {
      const stack = new ServiceStack(this, this.ground, service, defaults);
      for (const { serviceName } of service.reaches ?? []) {
        const called = serviceName === undefined ? undefined : made.get(serviceName);
        // A task knows the names that were there when it was deployed.
        if (called) stack.addStackDependency(called);
      }
      made.set(service.name, stack);
    }
    this.stacks = [...made.values()];
    for (const service of retired) new RetiredServiceStack(this, this.ground, service);
  }

  /**
   * The stack of a service.
   * @throws if there is no such service here
   */
  public stackOf(name: string): ServiceStack {
    const found = this.stacks.find(({ node }) => node.id === name);
    if (found) return found;
    const names = this.stacks.map(({ node }) => node.id).join(', ');
    throw new Error(`name must be that of a service of ${Stack.of(this).stackName}, got '${name}': there are ${names}`);
  }

  private warn(services: ProductService[]): void {
    const routed = services.filter((service) => entranceOf(service).isRouted);
    const rules = routed.reduce((sum, service) => sum + (releasesOf(service).twoGroups ? 1 : 2), OWN_RULES);
    const tasks = (of: ProductService[]) => of.reduce((sum, { size = ServiceSize.SMALL }) => sum + size.maxTasks, 0);
    const warn = (limit: string, text: string) => Annotations.of(this).addWarningV2(`cdk-scale-tiers:${limit}`, text);
    if (rules > RULES) {
      warn(
        'serviceRules',
        `services: ${routed.length} with paths or host names need up to ${rules} listener rules, and a load balancer has ${RULES} until AWS was asked for more: ask before the deploy, or leave some to Entrance.mesh()`,
      );
    }
    for (const [what, most, all] of [
      ['mesh', TASKS.inMesh, services],
      ['load balancer', TASKS.routed, routed],
    ] as [string, number, ProductService[]][]) {
      if (tasks(all) <= most) continue;
      warn(
        'serviceTasks',
        `services: their sizes allow ${tasks(all)} tasks in the ${what}, which holds ${most} until AWS was asked for more: ask before traffic does`,
      );
    }
  }
}

/** The services of a product, `api` among them, as said or as the library has it. */
function withApi(services: ProductService[]): ProductService[] {
  const own = services.find(({ name }) => name === API);
  const others = services.filter((service) => service !== own);
  return [{ reaches: OF_THE_CORE, ...own, name: API }, ...others];
}
