import { Duration, Size, type Stack } from 'aws-cdk-lib';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as fc from 'fast-check';
import type { Assembly } from '../../lib/assembly/cloud-assembly';
import { Entrance, MeshProtocol } from '../../lib/blocks/compute/entrance';
import type { ProductService } from '../../lib/blocks/compute/product-service';
import { Reach } from '../../lib/blocks/compute/reach';
import { ReleaseStrategy } from '../../lib/blocks/compute/release-strategy';
import { ServerSize } from '../../lib/blocks/compute/server-size';
import { CacheSize } from '../../lib/blocks/data/cache-size';
import type { DatabaseArchive } from '../../lib/blocks/data/database-archive';
import { DatabaseSize } from '../../lib/blocks/data/database-size';
import { SearchFeed } from '../../lib/blocks/data/search-feed';
import { SearchSize } from '../../lib/blocks/data/search-size';
import { WarehouseSize } from '../../lib/blocks/data/warehouse-size';
import { BotControl } from '../../lib/blocks/edge/bot-control';
import { DdosProtection } from '../../lib/blocks/edge/ddos-protection';
import { FirewallRules } from '../../lib/blocks/edge/firewall-rules';
import { GeographicArea } from '../../lib/blocks/edge/geographic-area';
import type { ProductDomain } from '../../lib/blocks/edge/product-domain';
import { RateLimit } from '../../lib/blocks/edge/rate-limit';
import { PermissionModel } from '../../lib/blocks/identity/permission-model';
import { SignInPages } from '../../lib/blocks/identity/sign-in-pages';
import { TokenCheck } from '../../lib/blocks/identity/token-check';
import { EmailSending } from '../../lib/blocks/messaging/email-sending';
import { JobQueue } from '../../lib/blocks/messaging/job-queue';
import { StreamSize } from '../../lib/blocks/messaging/stream-size';
import { AuditedEvents } from '../../lib/stages/audited-events';
import type { ProductAudit } from '../../lib/stages/product-audit';
import { ServerOption } from '../../lib/stages/server-option';
import type { SignIn } from '../../lib/stages/sign-in';
import type { ProductSizes } from '../../lib/stages/stage-props';
import { ACCOUNT } from '../stacks';
import { type AnyStageProps, testDomain } from '../synth-stages';
import { CLIMBS, type Climb, planClimb, stageWith } from './ladder';

/** What a user may choose, as plain values that a failing test can print. */
export interface Combination {
  readonly environment: 'us-east-1' | 'eu-central-1' | 'agnostic';
  /** `two-then-three`: two zones, and a third appended when stage 3 comes; `two-zones`: and it is forgotten. */
  readonly network: 'unset' | 'two-then-three' | 'two-zones' | 'three' | 'own-range' | 'own-vpc';
  readonly ownKey: boolean;
  readonly domain: 'none' | 'made-certificates' | 'own-certificates' | 'own-edge-certificate';
  /** What has become of the server at stages 1 to 4. */
  readonly server: string[];
  readonly regions: { readonly region: string; readonly cacheCopy?: boolean; readonly vpcCidr?: string }[];
  readonly routing: 'latency' | 'areas';
  readonly port?: number;
  readonly healthCheckPath?: string;
  /** `growing`: every stage gets larger ones than the stage before. */
  readonly sizes: 'by-stage' | 'own' | 'growing';
  /** From stage 3 on; `stopped` at stage 4, `later` not before it. */
  readonly archive?: 'running' | 'stopped' | 'immutable' | 'later';
  /** `counts`: a first rollout; `everything`: lists, bots and Shield; `changes`: what the stage before had not. */
  readonly firewall?: 'counts' | 'everything' | 'changes';
  /** From stage 3 on; `domain` from the domain, where there is one; `later` not before stage 4. Without it again is refused. */
  readonly email?: 'domain' | 'address' | 'later';
  /** From stage 3 on; `changes` is another strategy at stage 4 than at stage 3. */
  readonly releases?: 'rolling' | 'linear' | 'one-group' | 'changes';
  /** From stage 3 on; at stage 4 it is stopped, or feeds other tables, or begins (`later`). */
  readonly searchFeed?: 'running' | 'stopped' | 'changes' | 'later';
  /** From stage 3 on: `full` is everything that is recorded and backed up, `less` is nothing tested; or one after the other. */
  readonly audit?: 'full' | 'less' | 'grows' | 'shrinks';
  /** From stage 3 on: `none` has no pages, `full` everything; `grows` and `shrinks` get there, and back but for what holds state. */
  readonly signIn?: 'none' | 'full' | 'grows' | 'shrinks';
  /** From stage 3 on: one of each kind, all of which are retired at stage 4, or stay; `later` not before it. */
  readonly services?: 'retired' | 'stay' | 'later';
}

const FURTHER = ['us-west-2', 'eu-central-1', 'ap-southeast-1', 'us-east-2', 'eu-west-1', 'us-east-1'];
const AREAS = [
  GeographicArea.EUROPE,
  GeographicArea.ASIA,
  GeographicArea.SOUTH_AMERICA,
  GeographicArea.country('AU'),
  GeographicArea.AFRICA,
];

/** The server's life, stage by stage: it never goes back, and it may have had its database elsewhere from the first day. */
const SERVERS: string[][] = [
  ...[2, 3, 4, 5].flatMap((moved) => [2, 3, 4, 5].filter((retired) => retired >= moved).map((retired) => ({ moved, retired }))),
].map(({ moved, retired }) =>
  [1, 2, 3, 4].map((stage) => (stage >= retired ? 'retired' : stage >= moved ? 'movedOut' : 'withDatabase')),
);
for (const retired of [2, 3, 4, 5]) SERVERS.push([1, 2, 3, 4].map((stage) => (stage >= retired ? 'retired' : 'withoutDatabase')));
// Twice, for there is no climb from stage 1 that could try it.
SERVERS.push(['-', 'never', 'never', 'never'], ['-', 'never', 'never', 'never']);

/** Both ends of what is recorded of a product. */
const AUDITS: Record<'full' | 'less', ProductAudit> = {
  full: {
    events: AuditedEvents.ALL,
    managementEvents: true,
    fileBackups: true,
    backupCopyVaultArn: 'arn:aws:backup:eu-central-1:210987654321:backup-vault:safe',
  },
  less: { restoreTests: false },
};

const regions = (primary: string) =>
  fc
    .record({
      // One or two further Regions are what most products have, and what synthesizes fastest.
      count: fc.constantFrom(1, 1, 1, 1, 2, 2, 3, 4),
      order: fc.shuffledSubarray(
        FURTHER.filter((region) => region !== primary),
        { minLength: 4, maxLength: 4 },
      ),
      copies: fc.array(fc.constantFrom(undefined, true, false), { minLength: 4, maxLength: 4 }),
      ownRange: fc.boolean(),
    })
    .map(({ count, order, copies, ownRange }) => {
      let room = 2;
      return order.slice(0, count).map((region, index) => {
        const cacheCopy = copies[index] === false || room-- <= 0 ? false : copies[index];
        return {
          region,
          ...(cacheCopy === undefined ? {} : { cacheCopy }),
          ...(ownRange && index === 0 ? { vpcCidr: '10.200.0.0/16' } : {}),
        };
      });
    });

/** Any combination of options that a user may climb the ladder with. */
export const COMBINATIONS: fc.Arbitrary<Combination> = fc
  .constantFrom<Combination['environment']>('us-east-1', 'us-east-1', 'eu-central-1', 'eu-central-1', 'agnostic')
  .chain((environment) =>
    fc.record({
      environment: fc.constant(environment),
      network: fc.constantFrom<Combination['network']>('unset', 'two-then-three', 'three', 'own-range', 'own-vpc'),
      ownKey: fc.boolean(),
      domain: fc.constantFrom<Combination['domain']>('none', 'made-certificates', 'own-certificates', 'own-edge-certificate'),
      server: fc.constantFrom(...SERVERS),
      regions: regions(environment),
      routing: fc.constantFrom<Combination['routing']>('latency', 'areas'),
      port: fc.option(fc.integer({ min: 1, max: 65535 }), { nil: undefined }),
      healthCheckPath: fc.constantFrom(undefined, '/health', '/health?deep=1'),
      sizes: fc.constantFrom<Combination['sizes']>('by-stage', 'own', 'growing'),
      archive: fc.constantFrom<Combination['archive']>(undefined, 'running', 'stopped', 'immutable', 'later'),
      firewall: fc.constantFrom<Combination['firewall']>(undefined, 'counts', 'everything', 'changes'),
      email: fc.constantFrom<Combination['email']>(undefined, 'domain', 'address', 'later'),
      services: fc.constantFrom<Combination['services']>(undefined, 'retired', 'stay', 'later'),
      searchFeed: fc.constantFrom<Combination['searchFeed']>(undefined, 'running', 'stopped', 'changes', 'later'),
      audit: fc.constantFrom<Combination['audit']>(undefined, 'full', 'less', 'grows', 'shrinks'),
      releases: fc.constantFrom<Combination['releases']>(undefined, 'rolling', 'linear', 'one-group', 'changes'),
      signIn: fc.constantFrom<Combination['signIn']>(undefined, 'none', 'full', 'grows', 'shrinks'),
    }),
  );

/** The climbs that a combination allows. */
export function climbsOf({ environment, server }: Combination): Climb[] {
  return CLIMBS.filter(([from, to]) => !(environment === 'agnostic' && to === 4) && !(server[0] === '-' && from === 1));
}

/** The values of a combination by which one sees what was covered. */
export function traitsOf({
  environment,
  network,
  ownKey,
  domain,
  server,
  regions,
  routing,
  sizes,
  archive,
  firewall,
  email,
  audit,
  searchFeed,
  services,
  releases,
  signIn,
}: Combination): string[] {
  return [
    `environment ${environment}`,
    `network ${network}`,
    `key ${ownKey ? 'own' : 'made'}`,
    `domain ${domain}`,
    ...server.slice(1).map((option) => `server ${option}`),
    ...(environment === 'agnostic' ? [] : [`regions ${regions.length}`]),
    `routing ${routing}`,
    `sizes ${sizes}`,
    `email ${email === 'domain' && domain === 'none' ? 'address' : (email ?? 'none')}`,
    `firewall ${firewall ?? 'unset'}`,
    `archive ${archive ?? 'none'}`,
    `audit ${audit ?? 'none'}`,
    `search feed ${searchFeed ?? 'none'}`,
    `services ${services ?? 'none'}`,
    `releases ${releases ?? 'canary'}`,
    `sign-in ${signIn ?? 'as it comes'}`,
    `tokens checked by ${checksTokens({ signIn, releases, domain }) ? 'the load balancer' : 'the services'}`,
  ];
}

/** Climbs every climb of a combination; one line for each fault, and how many deploys each climb took. */
export function climbAll(combination: Combination, flags: Record<string, unknown>): { faults: string[]; deploys: string[] } {
  const stages = new Map<number, Assembly>();
  const stageOf = (stage: number): Assembly => {
    const known = stages.get(stage);
    if (known) return known;
    const made = synthCombination(stage, combination, flags);
    stages.set(stage, made);
    return made;
  };
  const faults: string[] = [];
  const deploys: string[] = [];
  for (const [from, to] of climbsOf(combination)) {
    const climb = planClimb(stageOf(from), stageOf(to));
    faults.push(...climb.faults.map((fault) => `${from} to ${to}: ${fault}`));
    deploys.push(`${from} to ${to}: ${climb.plan.deploys.length}`);
  }
  return { faults, deploys };
}

/** Synthesizes a stage of a combination. */
export function synthCombination(stage: number, combination: Combination, flags: Record<string, unknown> = {}): Assembly {
  const { environment } = combination;
  const env = environment === 'agnostic' ? undefined : { account: ACCOUNT, region: environment };
  return stageWith(stage, { env, flags, props: (stack) => propsOf(stack, stage, combination) });
}

function propsOf(stack: Stack, stage: number, combination: Combination): Omit<AnyStageProps, 'image'> {
  const { environment, routing, port, healthCheckPath } = combination;
  // Where the product is deployed in the end, if its stack does not know.
  const home = environment === 'agnostic' ? 'us-east-1' : environment;
  return {
    port,
    healthCheckPath,
    domain: domainOf(stack, home, combination.domain),
    ...networkOf(stack, stage, home, combination.network),
    encryptionKey: combination.ownKey
      ? kms.Key.fromKeyArn(stack, 'OwnKey', `arn:aws:kms:${home}:${ACCOUNT}:key/mrk-1234abcd12ab34cd56ef1234567890ab`)
      : undefined,
    server: serverOf(combination.server[stage - 1]),
    releases: stage >= 3 ? releasesOf(stage, combination.releases) : undefined,
    sizes: sizesOf(stage, combination.sizes),
    firewall: firewallOf(stage, combination.firewall),
    email: emailOf(stage, combination),
    services: servicesOf(stack, stage, combination),
    archive: archiveOf(stage, combination.archive),
    audit: auditOf(stage, combination.audit),
    searchFeed: searchFeedOf(stage, combination.searchFeed),
    signIn: signInOf(stack, stage, combination),
    regions: combination.regions.map((region, index) =>
      routing === 'areas' ? { ...region, serves: index === 0 ? [AREAS[0], AREAS[4]] : [AREAS[index]] } : region,
    ),
  };
}

function domainOf(stack: Stack, home: string, kind: Combination['domain']): ProductDomain | undefined {
  if (kind === 'none') return undefined;
  const given = (id: string, region: string) =>
    acm.Certificate.fromCertificateArn(
      stack,
      id,
      `arn:aws:acm:${region}:${ACCOUNT}:certificate/12345678-1234-1234-1234-123456789012`,
    );
  return {
    ...testDomain(stack),
    ...(kind === 'own-certificates' ? { certificate: given('OwnCertificate', home) } : {}),
    ...(kind === 'made-certificates' ? {} : { edgeCertificate: given('OwnEdgeCertificate', 'us-east-1') }),
  };
}

function networkOf(stack: Stack, stage: number, home: string, kind: Combination['network']): Partial<AnyStageProps> {
  const zones = ['a', 'b', 'c'].map((letter) => `${home}${letter}`);
  switch (kind) {
    case 'unset':
      return {};
    case 'two-then-three':
      return { availabilityZones: zones.slice(0, stage >= 3 ? 3 : 2) };
    case 'two-zones':
      return { availabilityZones: zones.slice(0, 2) };
    case 'three':
      // An order of the user's own, too.
      return { availabilityZones: [zones[1], zones[0], zones[2]] };
    case 'own-range':
      return { vpcCidr: '10.64.0.0/18' };
    case 'own-vpc': {
      const ids = (name: string) => ['1', '2', '3'].map((number) => `${name}-${number}`);
      return {
        vpc: ec2.Vpc.fromVpcAttributes(stack, 'OwnVpc', {
          vpcId: 'vpc-12345',
          vpcCidrBlock: '172.20.0.0/16',
          availabilityZones: zones,
          publicSubnetIds: ids('subnet-public'),
          publicSubnetRouteTableIds: ids('rtb-public'),
          privateSubnetIds: ids('subnet-private'),
          privateSubnetRouteTableIds: ids('rtb-private'),
          isolatedSubnetIds: ids('subnet-isolated'),
          isolatedSubnetRouteTableIds: ids('rtb-isolated'),
        }),
      };
    }
  }
}

function serverOf(option: string): ServerOption {
  switch (option) {
    case 'withDatabase':
      return ServerOption.withDatabase();
    case 'withoutDatabase':
      return ServerOption.withoutDatabase();
    case 'movedOut':
      return ServerOption.movedOut('row counts compared, see runbook 7');
    case 'retired':
      return ServerOption.retired('two weeks without a request');
    default:
      return ServerOption.never('the product started at stage 2');
  }
}

function searchFeedOf(stage: number, kind: Combination['searchFeed']): SearchFeed | undefined {
  if (!kind || kind === (stage === 4 ? 'stopped' : 'later')) return undefined;
  if (kind === 'changes' && stage === 4) return SearchFeed.ofTables('public.products', 'public.orders');
  return SearchFeed.of({ tables: [{ table: 'public.products', fields: { made_at: 'date' } }], minUnits: stage === 4 ? 2 : 1 });
}

function archiveOf(stage: number, kind: Combination['archive']): DatabaseArchive | undefined {
  if (!kind || (kind === 'later' && stage < 4)) return undefined;
  const table = { table: 'visits', by: 'created_at', olderThan: Duration.days(90), keepFor: Duration.days(730) };
  const more =
    stage === 3 ? [] : [{ table: 'orders', by: 'placed_on', olderThan: Duration.days(365), keepFor: Duration.days(3650) }];
  return { tables: [table, ...more], immutable: kind === 'immutable', runs: !(kind === 'stopped' && stage === 4) };
}

function firewallOf(stage: number, kind: Combination['firewall']): FirewallRules | undefined {
  const all = {
    rateLimits: [RateLimit.perHeader('x-api-key', '/api/', 1000, Duration.minutes(1))],
    allowedAddresses: ['198.51.100.0/24', '2001:db8::/32'],
    blockedAddresses: ['192.0.2.0/24', '2001:db8:1::/48'],
    bots: BotControl.common(),
    ddos: stage === 3 ? DdosProtection.SHIELD_ADVANCED : DdosProtection.SHIELD_ADVANCED_AUTOMATIC_RESPONSE,
    // The response is a rule group of its own, and with all the others it does not fit into what is included.
    mostCapacity: stage === 3 ? undefined : 2000,
  };
  if (kind === 'counts') return FirewallRules.countOnly('counted for two weeks, the log is read each Monday');
  if (kind === 'changes') return stage === 3 ? FirewallRules.of(all) : undefined;
  return kind === 'everything' ? FirewallRules.of(all) : undefined;
}

function servicesOf(stack: Stack, stage: number, { services, domain }: Combination): ProductService[] | undefined {
  if (!services || (services === 'later' && stage < 4)) return undefined;
  const retired = services === 'retired' && stage > 3;
  return [
    { name: 'billing', entrance: Entrance.paths('/billing/*'), reaches: [Reach.DATABASE, Reach.service('core')], retired },
    { name: 'prices', entrance: Entrance.mesh(MeshProtocol.GRPC), port: 9000, reaches: [Reach.CACHE], retired },
    { name: 'reports', entrance: Entrance.none(), queue: new JobQueue(stack, 'Reports'), retired },
    ...(domain === 'none' ? [] : [{ name: 'rpc', entrance: Entrance.grpc('/shop.Rpc/*'), retired }]),
  ];
}

function auditOf(stage: number, kind: Combination['audit']): ProductAudit | undefined {
  if (!kind) return undefined;
  if (kind === 'grows') return stage < 4 ? undefined : AUDITS.full;
  return AUDITS[kind === 'shrinks' ? (stage < 4 ? 'full' : 'less') : kind];
}

function emailOf(stage: number, { email, domain }: Combination): EmailSending | undefined {
  if (!email || (email === 'later' && stage < 4)) return undefined;
  return email === 'address' || domain === 'none' ? EmailSending.fromAddress('shop@example.org') : EmailSending.fromDomain();
}

/** Elsewhere it is refused: stages/sign-in.test.ts. */
function checksTokens({ signIn, releases, domain }: Pick<Combination, 'signIn' | 'releases' | 'domain'>): boolean {
  return ['full', 'grows', 'shrinks'].includes(signIn ?? '') && releases === 'one-group' && domain !== 'none';
}

function signInOf(stack: Stack, stage: number, { signIn, domain, releases }: Combination): SignIn | undefined {
  const kept: SignIn = {
    groups: [{ name: 'admin', precedence: 0, permits: ['refund'] }, { name: 'staff' }],
    serviceClients: [{ name: 'partner', scopes: ['orders.read'] }],
    permissions: PermissionModel.byGroups(),
  };
  switch (stage < 4 && signIn === 'grows' ? 'as it comes' : stage < 4 && signIn === 'shrinks' ? 'full' : signIn) {
    case 'none':
      return { pages: SignInPages.none() };
    case 'shrinks':
      return kept;
    case 'full':
    case 'grows': {
      if (domain === 'none') return { ...kept, threatProtection: true, callbackUrls: ['myshop://in'] };
      const arn = `arn:aws:acm:us-east-1:${ACCOUNT}:certificate/12345678-1234-1234-1234-123456789013`;
      const own =
        domain === 'made-certificates' ? undefined : acm.Certificate.fromCertificateArn(stack, 'SignInCertificate', arn);
      return {
        ...kept,
        pages: SignInPages.below('auth', own),
        passkeys: true,
        threatProtection: true,
        tokenCheck: checksTokens({ signIn, releases, domain }) ? TokenCheck.atLoadBalancer('/account/*') : undefined,
      };
    }
    default:
      return undefined;
  }
}

function releasesOf(stage: number, kind: Combination['releases']): ReleaseStrategy | undefined {
  switch (kind) {
    case 'rolling':
      return ReleaseStrategy.rolling();
    case 'linear':
      return ReleaseStrategy.linear(25, Duration.minutes(5), Duration.minutes(10));
    case 'one-group':
      return ReleaseStrategy.inOneGroup();
    case 'changes':
      return stage === 3 ? undefined : ReleaseStrategy.rolling();
    default:
      return undefined;
  }
}

function sizesOf(stage: number, kind: Combination['sizes']): ProductSizes | undefined {
  switch (kind) {
    case 'by-stage':
      return undefined;
    case 'own':
      return {
        server: ServerSize.of(new ec2.InstanceType('t4g.medium'), Size.gibibytes(40)),
        database: DatabaseSize.of(8, 64),
        cache: CacheSize.of('cache.m7g.large', 2),
        search: SearchSize.USERS_10M,
        warehouse: WarehouseSize.USERS_10M,
        stream: StreamSize.USERS_1M,
      };
    case 'growing':
      return {
        server: ServerSize.of(new ec2.InstanceType(stage === 1 ? 't4g.small' : 't4g.large'), Size.gibibytes(20 * stage)),
        database: DatabaseSize.of(stage === 1 ? 1 : 8, 32 * stage),
        cache: CacheSize.of(stage === 2 ? 'cache.r7g.large' : 'cache.r7g.xlarge', stage),
        search: stage === 3 ? SearchSize.USERS_1M : SearchSize.USERS_10M,
        warehouse: stage === 3 ? WarehouseSize.USERS_1M : WarehouseSize.USERS_10M,
      };
  }
}
