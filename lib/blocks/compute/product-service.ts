import { type Duration, Token } from 'aws-cdk-lib';
import type { JobQueue } from '../messaging/job-queue';
import { Entrance } from './entrance';
import type { ProductImage } from './product-image';
import { checkServiceName, type Reach } from './reach';
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
const PRIORITIES = { first: 1000, last: 24_999 };

/** Priority of `api`, whose paths hold those of others. */
const LAST_PRIORITY = 25_000;

/** Target groups of a load balancer, which AWS raises for nobody, without the two each of core and auth (Elastic Load Balancing, quotas). */
export const MOST_TARGET_GROUPS = 96;

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

/** What a product has, beside its services. */
interface ProductHas {
  readonly https: boolean;
  readonly domain: boolean;
  /** Whether something before its listener asks for the password, so that rules need not. */
  readonly shiftsTraffic: boolean;
}

/**
 * Checks that services fit together.
 * @param has what the product has, beside itself
 * @throws if they do not, naming the service
 */
export function checkServices(services: ProductService[], has: ProductHas): void {
  for (const service of services) checkService(service, has);
  for (const [index, { name }] of services.entries()) {
    if (services.findIndex((other) => other.name === name) !== index) {
      throw new Error(`services: '${name}' stands twice, give each a name of its own`);
    }
  }
  checkReaches(services);
  checkRoutes(services.filter((service) => entranceOf(service).isRouted));
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

function checkService(service: ProductService, has: ProductHas): void {
  const { name, port, priority, queue, scaling = {} } = service;
  checkServiceName('services: name', name);
  if (BUILT_IN.reserved.includes(name)) {
    throw new Error(`services: '${name}' is what the product calls a part of its own, choose another name`);
  }
  const entrance = entranceOf(service);
  if (port !== undefined && !Token.isUnresolved(port) && !(Number.isInteger(port) && port >= 1 && port <= 65535)) {
    throw new Error(
      `services: port of '${name}' must be a whole number from 1 to 65535, got ${port}: give the one it listens on`,
    );
  }
  if (port !== undefined && !entrance.listens) {
    throw new Error(`services: '${name}' has port ${port} and Entrance.none(), which listens on none: leave one of them out`);
  }
  if (entrance.hostNames.length > 0 && !has.domain) {
    throw new Error(`services: '${name}' takes host names, got a product without a domain: give it one, or take paths instead`);
  }
  if (entrance.isGrpc && entrance.isRouted && !has.https) {
    throw new Error(
      `services: '${name}' takes gRPC from users, got a load balancer without a certificate: give the product a domain, or take Entrance.mesh(MeshProtocol.GRPC)`,
    );
  }
  checkReleases(service, has);
  if (priority !== undefined) {
    const { first, last } = PRIORITIES;
    if (!entrance.isRouted) throw new Error(`services: '${name}' has a priority and no paths or host names: leave it out`);
    if (!(Number.isInteger(priority) && priority >= first && priority <= last)) {
      throw new Error(
        `services: priority of '${name}' must be a whole number from ${first} to ${last}, got ${priority}: the rest belongs to the product`,
      );
    }
  }
  if (scaling.jobsPerTask !== undefined && !queue) {
    throw new Error(`services: '${name}' scales by jobs and has no queue: give it one, or leave jobsPerTask out`);
  }
  if (scaling.requestsPerTask !== undefined && !entrance.isRouted) {
    throw new Error(
      `services: '${name}' scales by requests, which only a load balancer counts: give it paths, or leave requestsPerTask out`,
    );
  }
}

function checkReleases(service: ProductService, { shiftsTraffic }: ProductHas): void {
  const { name, releases } = service;
  if (!releases) return;
  if (!entranceOf(service).isRouted) {
    throw new Error(`services: '${name}' has releases and no paths or host names, without which it rolls: leave them out`);
  }
  if (releases.twoGroups && !shiftsTraffic) {
    throw new Error(
      `services: releases of '${name}' need two target groups, got a product whose own stay in one, with a listener that asks for a password: give releases of the product another strategy, or leave those of '${name}' out`,
    );
  }
}

function checkReaches(services: ProductService[]): void {
  const callable = [...BUILT_IN.callable, ...services.filter((each) => entranceOf(each).listens).map(({ name }) => name)];
  for (const { name, reaches = [] } of services) {
    for (const { serviceName } of reaches) {
      if (serviceName === undefined) continue;
      if (serviceName === name) throw new Error(`services: '${name}' reaches itself, leave it out`);
      if (callable.includes(serviceName)) continue;
      throw new Error(`services: '${name}' reaches '${serviceName}', which nobody can call: name one of ${callable.join(', ')}`);
    }
  }
}

function targetGroupsOf(routed: ProductService[]): number {
  return routed.reduce((sum, service) => sum + (releasesOf(service).twoGroups ? 2 : 1), 0);
}

function checkRoutes(routed: ProductService[]): void {
  const groups = targetGroupsOf(routed);
  if (groups > MOST_TARGET_GROUPS) {
    throw new Error(
      `services: those with paths or host names may have ${MOST_TARGET_GROUPS} target groups, one each and two where releases shift traffic, got ${groups}: leave releases of some out, which roll then, or leave some to Entrance.mesh() behind another (a load balancer has 100 target groups, and AWS raises that for nobody)`,
    );
  }
  for (const [index, service] of routed.entries()) {
    for (const other of routed.slice(0, index)) {
      if (priorityOf(other) === priorityOf(service)) {
        throw new Error(
          `services: '${other.name}' and '${service.name}' both have priority ${priorityOf(service)}, give one of them another`,
        );
      }
      checkOverlap(...((priorityOf(other) < priorityOf(service) ? [other, service] : [service, other]) as Pair));
    }
  }
}

type Pair = [ProductService, ProductService];

/** Refuses what would never be asked, because a service before it takes the same paths. */
function checkOverlap(first: ProductService, second: ProductService): void {
  const taken = entranceOf(first);
  const wanted = entranceOf(second);
  // Where a host is asked for as well, the two may both be right.
  if (taken.hostNames.length > 0) return;
  for (const pattern of wanted.pathPatterns) {
    const by = taken.pathPatterns.find((each) => takes(each, pattern));
    if (by === undefined) continue;
    throw new Error(
      `services: '${second.name}' would never get ${pattern}, because '${first.name}' is asked first and takes ${by}: give '${second.name}' a priority below ${priorityOf(first)}`,
    );
  }
}

/** Whether a pattern takes everything that another does; known for one that ends in its only wildcard. */
function takes(pattern: string, other: string): boolean {
  if (pattern === other) return true;
  const start = pattern.slice(0, -1);
  return pattern.endsWith('*') && !/[*?]/.test(start) && other.startsWith(start);
}
