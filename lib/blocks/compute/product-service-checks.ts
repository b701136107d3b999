import { Token } from 'aws-cdk-lib';
import { BUILT_IN, entranceOf, PRIORITIES, type ProductService, priorityOf, releasesOf } from './product-service';
import { checkServiceName } from './reach';

/** Target groups of a load balancer, which AWS raises for nobody, without the two each of core and auth (Elastic Load Balancing, quotas). */
export const MOST_TARGET_GROUPS = 96;

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
