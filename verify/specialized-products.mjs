// Both ends of every option that a product has from stage 3 on.
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const { Duration, Stack, Stage } = require('aws-cdk-lib');
const route53 = require('aws-cdk-lib/aws-route53');
const library = require('../lib/index.js');

const { AuditedEvents, BotControl, DdosProtection, EmailSending, Entrance, FirewallRules, JobQueue, MeshProtocol } = library;
const { PermissionModel, ProductImage, RateLimit, Reach, ReleaseStrategy, SearchFeed, SignInPages, TokenCheck } = library;
const { DataKey, GeographicArea, ServerOption, Stage3Specialized, Stage4Global } = library;

const KINDS = { 3: Stage3Specialized, 4: Stage4Global };
const ENV = { account: '123456789012', region: 'us-east-1' };
const NAME = 'shop.example.com';
const RECORD = 'row counts compared on 2026-03-02, ticket OPS-17';
const VAULT = 'arn:aws:backup:eu-central-1:210987654321:backup-vault:safe';
const VISITS = { table: 'public.visits', by: 'created_at', olderThan: Duration.days(90), keepFor: Duration.days(730) };
const ORDERS = { table: 'public.orders', by: 'placed_on', olderThan: Duration.days(365), keepFor: Duration.days(3650) };

/** Everything that is refused, at both levels of bots and Shield. */
const firewall = (bots, ddos) =>
  FirewallRules.of({
    rateLimits: [
      RateLimit.perIp('/login', 100, Duration.minutes(5)),
      RateLimit.perHeader('x-api-key', '/api/', 1000, Duration.minutes(1)),
      RateLimit.perCookie('session', '/checkout', 50, Duration.minutes(2)),
      RateLimit.perIpAndPath('/search', 500, Duration.minutes(10)),
    ],
    allowedAddresses: ['198.51.100.0/24', '2001:db8::/32'],
    blockedAddresses: ['192.0.2.0/24', '2001:db8:1::/48'],
    refusesHostingProviders: true,
    logsQueryStrings: true,
    redactedHeaders: ['x-api-key'],
    bots,
    ddos,
    mostCapacity: 5000,
  });

/** A service of every kind, and one that may reach everything. */
const services = (stack, retired) => [
  { name: 'billing', entrance: Entrance.paths('/billing/*'), reaches: [Reach.DATABASE, Reach.service('core')], retired },
  { name: 'partners', entrance: Entrance.hosts(`partners.${NAME}`), reaches: [Reach.CACHE, Reach.EVENTS], retired },
  { name: 'rpc', entrance: Entrance.grpc('/shop.Rpc/*'), reaches: [Reach.IDEMPOTENCY], retired },
  { name: 'prices', entrance: Entrance.mesh(MeshProtocol.GRPC), port: 9000, reaches: [Reach.service('billing')], retired },
  { name: 'stock', entrance: Entrance.mesh(), reaches: [Reach.SHARED_TABLE, Reach.STREAM, Reach.JOBS], retired },
  {
    name: 'reports',
    entrance: Entrance.none(),
    queue: new JobQueue(stack, 'Reports', { encryptionKey: new DataKey(stack, 'ReportsKey').key }),
    reaches: [Reach.SEARCH, Reach.ASSETS, Reach.USERS, Reach.DATABASE],
    retired,
  },
];

const signIn = (pages, tokenCheck) => ({
  pages,
  tokenCheck,
  selfSignUp: false,
  callbackUrls: ['https://shop.example.com/in'],
  logoutUrls: ['https://shop.example.com/out'],
  passkeys: true,
  threatProtection: true,
  groups: [{ name: 'admin', precedence: 0, permits: ['refund'] }, { name: 'staff' }],
  serviceClients: [{ name: 'partner', scopes: ['orders.read'] }],
  permissions: PermissionModel.byGroups(),
});

const domain = (stack) => ({
  name: NAME,
  hostedZone: route53.HostedZone.fromHostedZoneAttributes(stack, 'HostedZone', {
    hostedZoneId: 'Z0123456789EXAMPLE',
    zoneName: 'example.com',
  }),
});

const VARIANTS = {
  /** All there is. */
  full: (stack) => ({
    server: ServerOption.retired(RECORD),
    domain: domain(stack),
    firewall: firewall(BotControl.targeted(), DdosProtection.SHIELD_ADVANCED_AUTOMATIC_RESPONSE),
    services: services(stack),
    releases: ReleaseStrategy.linear(25, Duration.minutes(5), Duration.minutes(10)),
    signIn: signIn(SignInPages.below('auth'), TokenCheck.inService()),
    email: EmailSending.fromDomain({ localPart: 'orders' }),
    searchFeed: SearchFeed.of({ tables: [{ table: 'public.products', fields: { made_at: 'date' }, shards: 2 }], minUnits: 2 }),
    archive: { tables: [VISITS, ORDERS], immutable: true },
    audit: { events: AuditedEvents.ALL, managementEvents: true, fileBackups: true, backupCopyVaultArn: VAULT },
  }),
  /** All that is left of it when each option goes back. */
  stopped: (stack) => ({
    domain: domain(stack),
    firewall: FirewallRules.countOnly('counted for two weeks, the log is read each Monday'),
    services: services(stack, true),
    releases: ReleaseStrategy.rolling(),
    signIn: {
      ...signIn(SignInPages.none()),
      callbackUrls: undefined,
      logoutUrls: undefined,
      passkeys: false,
      threatProtection: false,
    },
    email: EmailSending.fromAddress('shop@example.org'),
    archive: { tables: [VISITS], runs: false },
    audit: { events: AuditedEvents.NONE, restoreTests: false },
  }),
  /** Tokens checked at the load balancer, which releases in one group, and the middle of what has one. */
  gated: (stack) => ({
    server: ServerOption.never(RECORD),
    domain: domain(stack),
    firewall: firewall(BotControl.common('/shop'), DdosProtection.SHIELD_ADVANCED),
    services: [{ name: 'billing', entrance: Entrance.paths('/billing/*'), reaches: [Reach.DATABASE] }],
    releases: ReleaseStrategy.inOneGroup(),
    signIn: { ...signIn(SignInPages.prefix('shop-example'), TokenCheck.atLoadBalancer('/account/*')), passkeys: false },
    email: EmailSending.fromDomain(),
    searchFeed: SearchFeed.ofTables('public.products', 'public.orders'),
    archive: { tables: [VISITS] },
    audit: { events: AuditedEvents.WRITES },
  }),
  /** What goes without a domain. */
  nameless: () => ({
    firewall: firewall(undefined, DdosProtection.ANTI_DDOS_RULES),
    services: [{ name: 'billing', entrance: Entrance.paths('/billing/*') }],
    signIn: { threatProtection: true, callbackUrls: ['myshop://in'] },
    email: EmailSending.fromAddress('shop@example.org'),
    audit: { events: AuditedEvents.FILE_WRITES },
  }),
};

/** At which stage: stage 4 has all of stage 3 and its own besides. */
const STAGES = { full: 4, stopped: 4, gated: 3, nameless: 3 };

/** Adds them to an app, each in a Stage of its own. */
export function addSpecializedProducts(app) {
  for (const [variant, propsOf] of Object.entries(VARIANTS)) {
    const stage = STAGES[variant];
    const stack = new Stack(new Stage(app, `${variant}${stage}`), 'Shop', { stackName: 'Shop', env: ENV });
    new KINDS[stage](stack, 'Product', {
      image: ProductImage.fromRegistry('public.ecr.aws/nginx/nginx-unprivileged:1.29'),
      availabilityZones: ['us-east-1a', 'us-east-1b', 'us-east-1c'],
      regions: [{ region: 'eu-central-1', cacheCopy: false, serves: [GeographicArea.EUROPE] }],
      ...propsOf(stack),
    });
  }
}
