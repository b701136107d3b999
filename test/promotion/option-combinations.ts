import { Size, type Stack } from 'aws-cdk-lib';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as fc from 'fast-check';
import type { Assembly } from '../../lib/assembly/cloud-assembly';
import { ServerSize } from '../../lib/blocks/compute/server-size';
import { CacheSize } from '../../lib/blocks/data/cache-size';
import { DatabaseSize } from '../../lib/blocks/data/database-size';
import { SearchSize } from '../../lib/blocks/data/search-size';
import { WarehouseSize } from '../../lib/blocks/data/warehouse-size';
import { GeographicArea } from '../../lib/blocks/edge/geographic-area';
import type { ProductDomain } from '../../lib/blocks/edge/product-domain';
import { StreamSize } from '../../lib/blocks/messaging/stream-size';
import { ServerOption } from '../../lib/stages/server-option';
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
    }),
  );

/** The climbs that a combination allows. */
export function climbsOf({ environment, server }: Combination): Climb[] {
  return CLIMBS.filter(([from, to]) => !(environment === 'agnostic' && to === 4) && !(server[0] === '-' && from === 1));
}

/** The values of a combination by which one sees what was covered. */
export function traitsOf({ environment, network, ownKey, domain, server, regions, routing, sizes }: Combination): string[] {
  return [
    `environment ${environment}`,
    `network ${network}`,
    `key ${ownKey ? 'own' : 'made'}`,
    `domain ${domain}`,
    ...server.slice(1).map((option) => `server ${option}`),
    ...(environment === 'agnostic' ? [] : [`regions ${regions.length}`]),
    `routing ${routing}`,
    `sizes ${sizes}`,
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
    sizes: sizesOf(stage, combination.sizes),
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
