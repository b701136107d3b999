import { Entrance, MeshProtocol } from '../../../lib/blocks/compute/entrance';
import { inOrder, type ProductService, priorityOf } from '../../../lib/blocks/compute/product-service';
import { checkServices, MOST_TARGET_GROUPS } from '../../../lib/blocks/compute/product-service-checks';
import { Reach } from '../../../lib/blocks/compute/reach';
import { ReleaseStrategy } from '../../../lib/blocks/compute/release-strategy';

const check = (services: ProductService[], has = { https: true, domain: true, shiftsTraffic: true }) =>
  checkServices(services, has);
const paths = (name: string, ...patterns: string[]): ProductService => ({ name, entrance: Entrance.paths(...patterns) });

/** Services that users reach. */
const many = (length: number, more: Partial<ProductService> = {}): ProductService[] =>
  Array.from({ length }, (_, index) => ({ ...paths(`s${index}`, `/s${index}/*`), ...more }));

describe('the order of the services', () => {
  test('follows from each name alone, for ever', () => {
    expect(['billing', 'prices', 'a'].map((name) => priorityOf({ name }))).toMatchInlineSnapshot(`
[
  4292,
  23427,
  19220,
]
`);
    expect(priorityOf({ name: 'billing', priority: 1234 })).toBe(1234);
    expect(priorityOf({ name: 'api' })).toBe(25_000);
  });

  test('lies before api and leaves room for the rules under which services wait', () => {
    for (let index = 0; index < 2000; index++) {
      const priority = priorityOf({ name: `service-${index}` });
      expect(priority).toBeGreaterThanOrEqual(1000);
      expect(priority).toBeLessThan(25_000);
    }
  });

  test('puts the called before the callers', () => {
    const services = [
      { name: 'front', reaches: [Reach.service('middle'), Reach.service('back')] },
      { name: 'middle', reaches: [Reach.service('back'), Reach.service('core')] },
      { name: 'back' },
    ];
    expect(inOrder(services).map(({ name }) => name)).toEqual(['back', 'middle', 'front']);
  });
});

test.each<[string, () => void, string]>([
  [
    'a name with a capital',
    () => check([{ name: 'Billing' }]),
    "services: name must be a letter and up to 29 letters, digits or hyphens in lower case, got 'Billing': containers call the service by it, as in http://billing",
  ],
  [
    'a name of a part of the product',
    () => check([{ name: 'auth' }]),
    "services: 'auth' is what the product calls a part of its own, choose another name",
  ],
  ['a name twice', () => check([{ name: 'a' }, { name: 'a' }]), "services: 'a' stands twice, give each a name of its own"],
  [
    'a port that is none',
    () => check([{ name: 'a', port: 0 }]),
    "services: port of 'a' must be a whole number from 1 to 65535, got 0: give the one it listens on",
  ],
  [
    'a port where nobody listens',
    () => check([{ name: 'a', port: 80, entrance: Entrance.none() }]),
    "services: 'a' has port 80 and Entrance.none(), which listens on none: leave one of them out",
  ],
  [
    'host names without a domain',
    () => check([{ name: 'a', entrance: Entrance.hosts('a.example.com') }], { https: true, domain: false, shiftsTraffic: true }),
    "services: 'a' takes host names, got a product without a domain: give it one, or take paths instead",
  ],
  [
    'gRPC without a certificate',
    () => check([{ name: 'a', entrance: Entrance.grpc('/a.A/*') }], { https: false, domain: false, shiftsTraffic: true }),
    "services: 'a' takes gRPC from users, got a load balancer without a certificate: give the product a domain, or take Entrance.mesh(MeshProtocol.GRPC)",
  ],
  [
    'a priority without paths',
    () => check([{ name: 'a', priority: 1000 }]),
    "services: 'a' has a priority and no paths or host names: leave it out",
  ],
  [
    'a priority out of range',
    () => check([{ ...paths('a', '/a'), priority: 999 }]),
    "services: priority of 'a' must be a whole number from 1000 to 24999, got 999: the rest belongs to the product",
  ],
  [
    'one priority for two',
    () =>
      check([
        { ...paths('a', '/a'), priority: 1000 },
        { ...paths('b', '/b'), priority: 1000 },
      ]),
    "services: 'a' and 'b' both have priority 1000, give one of them another",
  ],
  [
    'paths that another service takes first',
    () =>
      check([
        { ...paths('a', '/a/*'), priority: 1000 },
        { ...paths('b', '/a/b/*'), priority: 1001 },
      ]),
    "services: 'b' would never get /a/b/*, because 'a' is asked first and takes /a/*: give 'b' a priority below 1000",
  ],
  [
    'jobs without a queue',
    () => check([{ name: 'a', scaling: { jobsPerTask: 1 } }]),
    "services: 'a' scales by jobs and has no queue: give it one, or leave jobsPerTask out",
  ],
  [
    'requests that nobody counts',
    () => check([{ name: 'a', scaling: { requestsPerTask: 1 } }]),
    "services: 'a' scales by requests, which only a load balancer counts: give it paths, or leave requestsPerTask out",
  ],
  ['itself', () => check([{ name: 'a', reaches: [Reach.service('a')] }]), "services: 'a' reaches itself, leave it out"],
  [
    'a service that listens on nothing',
    () =>
      check([
        { name: 'a', reaches: [Reach.service('b')] },
        { name: 'b', entrance: Entrance.none() },
      ]),
    "services: 'a' reaches 'b', which nobody can call: name one of core, auth, a",
  ],
  [
    'a circle',
    () =>
      inOrder([
        { name: 'a', reaches: [Reach.service('b')] },
        { name: 'b', reaches: [Reach.service('a')] },
      ]),
    'services: reaches runs in a circle: a, b, a; none could deploy first, so let one of them answer by an event',
  ],
  [
    'more target groups than a load balancer has',
    () => check(many(MOST_TARGET_GROUPS + 1)),
    'services: those with paths or host names may have 96 target groups, one each and two where releases shift traffic, got 97: leave releases of some out, which roll then, or leave some to Entrance.mesh() behind another (a load balancer has 100 target groups, and AWS raises that for nobody)',
  ],
  [
    'two target groups for too many',
    () => check(many(49, { releases: ReleaseStrategy.USERS_1M })),
    'services: those with paths or host names may have 96 target groups, one each and two where releases shift traffic, got 98: leave releases of some out, which roll then, or leave some to Entrance.mesh() behind another (a load balancer has 100 target groups, and AWS raises that for nobody)',
  ],
  [
    'releases that nothing shifts',
    () => check([{ name: 'a', releases: ReleaseStrategy.rolling() }]),
    "services: 'a' has releases and no paths or host names, without which it rolls: leave them out",
  ],
  [
    'two target groups behind a listener that asks for a password',
    () => check(many(1, { releases: ReleaseStrategy.rolling() }), { https: true, domain: true, shiftsTraffic: false }),
    "services: releases of 's0' need two target groups, got a product whose own stay in one, with a listener that asks for a password: give releases of the product another strategy, or leave those of 's0' out",
  ],
  [
    'a path without a slash',
    () => Entrance.paths('billing'),
    "pattern must be a slash and up to 127 letters, digits and signs of paths, got 'billing': write it as in /billing/*",
  ],
  [
    'too many paths',
    () => Entrance.paths('/a', '/b', '/c', '/d'),
    "patterns must be one to three, got 4: a rule of a load balancer has room for five values, two of them the distribution's passwords",
  ],
  [
    'a host name with a capital',
    () => Entrance.hosts('Shop'),
    "Entrance.hosts takes host names in lower case, got 'Shop': write it as in billing.example.com",
  ],
  [
    'a service called by no name',
    () => Reach.service(''),
    "Reach.service must be a letter and up to 29 letters, digits or hyphens in lower case, got '': containers call the service by it, as in http://billing",
  ],
])('refuses %s', (_, build, message) => {
  expect(build).toThrow(new Error(message));
});

test('takes paths within those of a service that is asked later', () => {
  expect(() =>
    check([
      { ...paths('a', '/a/*'), priority: 1001 },
      { ...paths('b', '/a/b/*'), priority: 1000 },
    ]),
  ).not.toThrow();
});

test('knows who listens, and to whom', () => {
  expect([Entrance.mesh().isRouted, Entrance.none().listens, Entrance.grpc('/a').isGrpc]).toEqual([false, false, true]);
  expect(Entrance.mesh(MeshProtocol.GRPC).healthCheckPath('/')).toBe('/grpc.health.v1.Health/Check');
  expect(Entrance.paths('/a').healthCheckPath('/health')).toBe('/health');
});
