import type { Duration } from 'aws-cdk-lib';
import type { JobQueue } from '../messaging/job-queue';
import { Entrance } from './entrance';
import type { ProductImage } from './product-image';
import type { Reach } from './reach';
import { ReleaseStrategy } from './release-strategy';
import type { ServiceSize } from './service-size';

/** When a service of the product gets more tasks. */
export interface ServiceScaling {
  /** CPU use that is kept up on average, in percent. @default 70 (seed) */
  readonly cpuPercent?: number;
  /** Requests from users that a task answers in a minute. @default 1000 */
  readonly requestsPerTask?: number;
  /** Jobs of its queue that wait for each task. @default 100 */
  readonly jobsPerTask?: number;
}

/**
 * A service of the product's own, in a stack of its own: another team may deploy, release and break it without touching the rest.
 *
 * Take a part out of the core when it scales by another clock (a push after an event, a batch at night), when another team owns it,
 * when it is deployed far more often or far more carefully than the rest, or where a technical border runs (real time or batch, other
 * language, a secret that the core must not know). Leave it in when the only reason is that others have many services, when it
 * writes the same rows in the same transaction as its neighbours, and before there is a team that will be called at night for it
 * (seed: service extraction, when and what). Two or three services are plenty up to a million users.
 */
export interface ProductService {
  /**
   * What others call it by, at `http://NAME`, and the value of `PROCESS_TYPE` in its container: letters, digits and hyphens in lower
   * case. It can never change; `api` sets the service of that name that every product has. Not `core`, `auth`, `notification` or `worker`.
   */
  readonly name: string;
  /** Image to run. One from another `ReleaseTag` is released by itself. @default - the product's */
  readonly image?: ProductImage;
  /** How requests come to it. @default Entrance.mesh() */
  readonly entrance?: Entrance;
  /** Port its container listens on, if it does. @default - the product's */
  readonly port?: number;
  /** Path that answers 200 when a task can serve. @default - the product's; with gRPC, the standard health check */
  readonly healthCheckPath?: string;
  /** CPU, memory and number of tasks. @default ServiceSize.SMALL */
  readonly size?: ServiceSize;
  /** When there are more tasks. @default - by CPU, by requests where users reach it, by jobs where it has a queue */
  readonly scaling?: ServiceScaling;
  /**
   * How its releases take over, where users reach it. A strategy that shifts traffic needs two target groups, of which a load balancer has
   * 100, and alarms for 1.40 USD a month more.
   *
   * A service begins without: rolling in one group lets its paths move from the core without a gap. Give it the product's strategy, such
   * as `ReleaseStrategy.USERS_1M`, in a deploy after the one that made it; the promotion plan makes two of it, the second target group in a
   * release that rolls, and then the strategy. Given at once, nobody answers its paths until the first tasks serve, some minutes, because
   * Amazon ECS wants the rule of the load balancer before it makes the service. From then on changed paths or host names send everybody
   * to the first target group, where the tasks may no longer be (aws/aws-cdk#36649): release right after such a change.
   * @default ReleaseStrategy.inOneGroup()
   */
  readonly releases?: ReleaseStrategy;
  /** What it may reach. @default - nothing */
  readonly reaches?: Reach[];
  /**
   * Queue that it works off, made in the product's stack, since nothing that holds state stands with a service. A service with a
   * queue runs in the queue's Region only.
   * @default - none
   */
  readonly queue?: JobQueue;
  /** How long others wait for its whole answer; 0 for as long as it takes. @default Duration.seconds(3) */
  readonly requestTimeout?: Duration;
  /**
   * Order among the services that users reach, from 1000 to 24999; the lowest is asked first. For paths that lie within those of
   * another service, and where two names fall on the same number.
   * @default - made of the name, so that a service that comes or goes moves no other
   */
  readonly priority?: number;
  /**
   * Whether its stack has a dashboard: its alarms, what users and other services ask of it, its queue and its tasks. Its own, because who is
   * called at night for one service wants to see that one, and because a service that comes then changes no page of others. Three
   * dashboards of an account are free, the next cost 3 USD a month each, in every Region (Amazon CloudWatch pricing).
   * @default true
   */
  readonly dashboard?: boolean;
  /**
   * Whether it is gone and only its log is left, which is kept for a year. A service that leaves the list at once would leave its log
   * behind in a stack that nobody declares, and the guard refuses that.
   * @default false
   */
  readonly retired?: boolean;
}

/** Names of what is always there; `callable` ones are in the mesh. */
export const BUILT_IN = { callable: ['core', 'auth'], reserved: ['core', 'auth', 'notification', 'worker', 'web', 'localhost'] };

/** The service of every product that answers its programs. */
export const API = 'api';

/** First and last priority of the product's own services. */
export const PRIORITIES = { first: 1000, last: 24_999 };

/** Priority of `api`, whose paths hold those of others. */
const LAST_PRIORITY = 25_000;

/** How the releases of a service take over. */
export function releasesOf({ releases }: Pick<ProductService, 'releases'>): ReleaseStrategy {
  return releases ?? ReleaseStrategy.inOneGroup();
}

/**
 * Where a service stands in the order of a listener: what was given, else what follows from its name alone.
 */
export function priorityOf({ name, priority }: Pick<ProductService, 'name' | 'priority'>): number {
  if (priority !== undefined) return priority;
  if (name === API) return LAST_PRIORITY;
  // FNV-1a, which has no need to be safe, only to be the same for ever.
  let hash = 0x811c9dc5;
  for (const letter of name) hash = Math.imul(hash ^ letter.charCodeAt(0), 0x01000193) >>> 0;
  return PRIORITIES.first + (hash % (PRIORITIES.last - PRIORITIES.first + 1));
}

/** How requests come to a service. */
export function entranceOf({ name, entrance }: ProductService): Entrance {
  return entrance ?? (name === API ? Entrance.paths('/api/*') : Entrance.mesh());
}

/**
 * The services, each after those that it calls.
 * @throws if they call each other in a circle
 */
export function inOrder(services: ProductService[]): ProductService[] {
  const done: ProductService[] = [];
  const visit = (service: ProductService, callers: string[]): void => {
    if (done.includes(service)) return;
    const { name } = service;
    if (callers.includes(name)) {
      const circle = [...callers.slice(callers.indexOf(name)), name].join(', ');
      throw new Error(
        `services: reaches runs in a circle: ${circle}; none could deploy first, so let one of them answer by an event`,
      );
    }
    for (const { serviceName } of service.reaches ?? []) {
      const other = services.find((each) => each.name === serviceName);
      if (other) visit(other, [...callers, name]);
    }
    done.push(service);
  };
  for (const service of services) visit(service, []);
  return done;
}
