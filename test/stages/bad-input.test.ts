import { CfnParameter, Fn, Lazy, Size, type Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as route53 from 'aws-cdk-lib/aws-route53';
import { ProductImage } from '../../lib/blocks/compute/product-image';
import { ServerSize } from '../../lib/blocks/compute/server-size';
import { ServiceSize } from '../../lib/blocks/compute/service-size';
import { CacheSize } from '../../lib/blocks/data/cache-size';
import { DatabaseSize } from '../../lib/blocks/data/database-size';
import { SearchSize } from '../../lib/blocks/data/search-size';
import { WarehouseSize } from '../../lib/blocks/data/warehouse-size';
import { GeographicArea } from '../../lib/blocks/edge/geographic-area';
import { StreamSize } from '../../lib/blocks/messaging/stream-size';
import type { FurtherRegion } from '../../lib/stages/further-region';
import { ServerOption } from '../../lib/stages/server-option';
import { ACCOUNT, testStack } from '../stacks';
import { type AnyStageProps, addStage, IMAGE, testProps } from '../synth-stages';

/** Props for a stack that is there already, so that they may hold its constructs. */
type Props = Partial<AnyStageProps> | ((stack: Stack) => Partial<AnyStageProps>);

const ALL = [1, 2, 3, 4];
const SLASH = "slash and up to 1023 ASCII letters, digits and signs without space, quote or backslash, got '";
const ZONES_OF_US_EAST_1 = ['a', 'b', 'c', 'd', 'e', 'f'].map((letter) => `us-east-1${letter}`).join(', ');

/** Makes a stage with these props, the others sound. */
function make(stage: number, props: Props, region = 'us-east-1'): Stack {
  const stack = testStack({ env: { account: ACCOUNT, region } });
  const given = typeof props === 'function' ? props(stack) : props;
  const sound = 'domain' in given ? { image: IMAGE, regions: [{ region: 'us-west-2' }] } : testProps(stack);
  addStage(stack, stage, { ...sound, ...given });
  return stack;
}

function zone(stack: Stack, zoneName: string): route53.IHostedZone {
  return route53.HostedZone.fromHostedZoneAttributes(stack, 'Mine', { hostedZoneId: 'Z1', zoneName });
}

/** A domain in a zone. */
const named =
  (name: string, zoneName = 'example.com') =>
  (stack: Stack) => ({
    domain: { name, hostedZone: zone(stack, zoneName) },
  });

const vpcOf = (stack: Stack, zones: number) => {
  const ids = (kind: string) => Array.from({ length: zones }, (_, index) => `subnet-${kind}${index}`);
  return ec2.Vpc.fromVpcAttributes(stack, 'Mine', {
    vpcId: 'vpc-0a',
    availabilityZones: ['us-east-1a', 'us-east-1b', 'us-east-1c'].slice(0, zones),
    publicSubnetIds: ids('public'),
    privateSubnetIds: ids('app'),
    isolatedSubnetIds: ids('data'),
  });
};

describe('every stage refuses', () => {
  test.each<[string, Props, string, number[]?]>([
    ['port 0', { port: 0 }, 'port must be a whole number from 1 to 65535, got 0: give the port the container listens on'],
    ['port -1', { port: -1 }, 'port must be a whole number from 1 to 65535, got -1: give the port the container listens on'],
    [
      'port 65536',
      { port: 65536 },
      'port must be a whole number from 1 to 65535, got 65536: give the port the container listens on',
    ],
    ['port 1.5', { port: 1.5 }, 'port must be a whole number from 1 to 65535, got 1.5: give the port the container listens on'],
    [
      'a port that is no number',
      { port: Number.NaN },
      'port must be a whole number from 1 to 65535, got NaN: give the port the container listens on',
    ],
    [
      'a health check path without a slash',
      { healthCheckPath: 'health' },
      `healthCheckPath must be a ${SLASH}health': write it as in /health`,
    ],
    ['an empty health check path', { healthCheckPath: '' }, `healthCheckPath must be a ${SLASH}': write it as in /health`],
    [
      'a health check path with a space',
      { healthCheckPath: '/health check' },
      `healthCheckPath must be a ${SLASH}/health check': write it as in /health`,
    ],
    [
      'a health check path that the server could not quote',
      { healthCheckPath: "/it's" },
      `healthCheckPath must be a ${SLASH}/it's': write it as in /health`,
    ],
    [
      'a domain outside its zone',
      named('shop.example.org'),
      "domain.name must lie in the hosted zone 'example.com', got: 'shop.example.org'",
    ],
    [
      'a domain that only ends like its zone',
      named('shop-example.com'),
      "domain.name must lie in the hosted zone 'example.com', got: 'shop-example.com'",
    ],
    [
      'an upper-case domain',
      named('Shop.example.com'),
      "domain.name must be a lower-case host name such as shop.example.com, got: 'Shop.example.com'",
    ],
    [
      'a domain with a scheme',
      named('https://shop.example.com'),
      "domain.name must be a lower-case host name such as shop.example.com, got: 'https://shop.example.com'",
    ],
    ['an empty domain', named(''), "domain.name must be a lower-case host name such as shop.example.com, got: ''"],
    [
      'a wildcard for a domain',
      named('*.example.com'),
      "domain.name must be a lower-case host name such as shop.example.com, got: '*.example.com'",
    ],
    [
      'a VPC together with a range',
      (stack) => ({ vpc: vpcOf(stack, 3), vpcCidr: '10.0.0.0/16' }),
      'vpc must stand alone: vpcCidr and availabilityZones belong to a VPC made here, leave them out',
    ],
    [
      'a VPC together with zones',
      (stack) => ({ vpc: vpcOf(stack, 3), availabilityZones: ['us-east-1a', 'us-east-1b', 'us-east-1c'] }),
      'vpc must stand alone: vpcCidr and availabilityZones belong to a VPC made here, leave them out',
    ],
    [
      'a zone of another Region',
      { availabilityZones: ['us-east-1a', 'us-east-1b', 'us-west-2a'] },
      `availabilityZones must be zones of us-east-1 (${ZONES_OF_US_EAST_1}), got: 'us-west-2a'`,
    ],
    [
      'a zone that there is not',
      { availabilityZones: ['us-east-1a', 'us-east-1b', 'us-east-1z'] },
      `availabilityZones must be zones of us-east-1 (${ZONES_OF_US_EAST_1}), got: 'us-east-1z'`,
    ],
    [
      'the id of a zone instead of its name',
      { availabilityZones: ['us-east-1a', 'us-east-1b', 'use1-az1'] },
      `availabilityZones must be zones of us-east-1 (${ZONES_OF_US_EAST_1}), got: 'use1-az1'`,
    ],
    [
      'no zone',
      { availabilityZones: [] },
      'availabilityZones must name two or three zones, got 0: the subnet plan holds three for life',
    ],
    [
      'one zone',
      { availabilityZones: ['us-east-1a'] },
      'availabilityZones must name two or three zones, got 1: the subnet plan holds three for life',
    ],
    [
      'four zones',
      { availabilityZones: ['us-east-1a', 'us-east-1b', 'us-east-1c', 'us-east-1d'] },
      'availabilityZones must name two or three zones, got 4: the subnet plan holds three for life',
    ],
    [
      'a zone twice',
      { availabilityZones: ['us-east-1a', 'us-east-1b', 'us-east-1b'] },
      'availabilityZones must name each zone once, got: us-east-1a, us-east-1b, us-east-1b',
    ],
    [
      'a list of zones that is not known yet',
      (stack) => ({ availabilityZones: new CfnParameter(stack, 'Zones', { type: 'List<String>' }).valueAsList }),
      'availabilityZones must be a list known at synthesis, got a token: name two or three zones, one subnet each',
    ],
    ['a range that is none', { vpcCidr: '10.0.0.0' }, "vpcCidr must be an IPv4 range such as 10.0.0.0/16, got: '10.0.0.0'"],
    [
      'a range too small for the whole ladder',
      { vpcCidr: '10.0.0.0/19' },
      "vpcCidr must be a /16, /17 or /18 so that the subnets of every stage fit, got: '10.0.0.0/19'",
    ],
    [
      'a range larger than a VPC',
      { vpcCidr: '10.0.0.0/8' },
      "vpcCidr must be a /16, /17 or /18 so that the subnets of every stage fit, got: '10.0.0.0/8'",
    ],
    [
      'a range that starts in the middle',
      { vpcCidr: '10.0.1.0/16' },
      "vpcCidr must start at its network address 10.0.0.0/16, got: '10.0.1.0/16'",
    ],
    [
      'a range that is not known yet',
      (stack) => ({ vpcCidr: new CfnParameter(stack, 'Range').valueAsString }),
      'vpcCidr must be a range known at synthesis, got a token: write it as in 10.0.0.0/16, the subnets are cut from it',
    ],
    [
      'a VPC without public subnets',
      (stack) => ({
        vpc: ec2.Vpc.fromVpcAttributes(stack, 'Mine', {
          vpcId: 'vpc-0a',
          availabilityZones: ['us-east-1a', 'us-east-1b', 'us-east-1c'],
          privateSubnetIds: ['subnet-a', 'subnet-b', 'subnet-c'],
        }),
      }),
      'vpc must have public subnets, got none: give it some (the server and the load balancer stand there)',
    ],
    [
      'a VPC without subnets for the containers',
      (stack) => ({
        vpc: ec2.Vpc.fromVpcAttributes(stack, 'Mine', {
          vpcId: 'vpc-0a',
          availabilityZones: ['us-east-1a', 'us-east-1b', 'us-east-1c'],
          publicSubnetIds: ['subnet-a', 'subnet-b', 'subnet-c'],
          isolatedSubnetIds: ['subnet-d', 'subnet-e', 'subnet-f'],
        }),
      }),
      'vpc must have private subnets with a way out, got none: give it some (the containers run there)',
      [2, 3, 4],
    ],
    [
      'two zones',
      { availabilityZones: ['us-east-1a', 'us-east-1b'] },
      'availabilityZones must name three zones from Stage3Specialized on, got 2: append a third (Redshift Serverless needs three; its addresses are reserved, nothing moves)',
      [3, 4],
    ],
    [
      'a VPC with two zones',
      (stack) => ({ vpc: vpcOf(stack, 2) }),
      'vpc must have subnets in three zones from Stage3Specialized on, got 2: give it a third (Redshift Serverless needs three)',
      [3, 4],
    ],
  ])('%s', (_, props, message, stages = ALL) => {
    for (const stage of stages) expect(() => make(stage, props)).toThrow(new Error(message));
  });

  test.each(ALL)('a Region whose zones it does not know, unless they are given (stage %d)', (stage) => {
    expect(() => make(stage, {}, 'mx-central-1')).toThrow(
      new Error(
        "availabilityZones must be given in Region 'mx-central-1', whose zones this library does not know: name three (known: us-east-1, us-east-2, us-west-2, eu-central-1, eu-west-1, eu-west-2, ap-southeast-1, ap-southeast-2, ap-northeast-1, ap-south-1)",
      ),
    );
  });
});

describe('the first stage refuses', () => {
  const MESSAGE =
    'server must be ServerOption.withDatabase() or ServerOption.withoutDatabase() at Stage1Single, where nothing else serves the product: leave it out, or use a later stage';

  test.each([
    ['is retired', ServerOption.retired('row counts compared on 2026-03-02')],
    ['never was', ServerOption.never('starts with several tasks')],
    ['moved out', ServerOption.movedOut('row counts compared on 2026-03-02')],
  ])('a server that %s', (_, server) => {
    expect(() => make(1, { server })).toThrow(new Error(MESSAGE));
  });
});

describe('the fourth stage refuses', () => {
  const AREA = 'serves must be given for every further Region or for none, missing for: ';
  const { EUROPE, ASIA, NORTH_AMERICA } = GeographicArea;

  test.each<[string, FurtherRegion[], string]>([
    [
      'no further Region',
      [],
      'regions must name at least one further Region, got none: say where the data shall live, there is no safe default',
    ],
    [
      'Regions not given at all',
      undefined as unknown as FurtherRegion[],
      'regions must name at least one further Region, got none: say where the data shall live, there is no safe default',
    ],
    [
      'a Region twice',
      [{ region: 'us-west-2' }, { region: 'us-west-2' }],
      "regions: 'us-west-2' stands twice, name every Region once",
    ],
    ['its own Region', [{ region: 'us-east-1' }], "regions: 'us-east-1' is the stack's own Region, leave it out"],
    [
      'a Region that there is not',
      [{ region: 'us-west-9' }],
      "regions: 'us-west-9' is no AWS Region, write its name as in eu-central-1",
    ],
    ['an empty Region', [{ region: '' }], "regions: '' is no AWS Region, write its name as in eu-central-1"],
    [
      'a zone for a Region',
      [{ region: 'us-west-2a' }],
      "regions: 'us-west-2a' is no AWS Region, write its name as in eu-central-1",
    ],
    [
      'a Region of another partition',
      [{ region: 'cn-north-1', vpcCidr: '10.50.0.0/16' }],
      "regions: 'cn-north-1' lies in another partition than us-east-1, choose a Region that the product can reach",
    ],
    [
      'a Region that is not known yet',
      [{ region: Fn.ref('AWS::Region') }],
      'regions must be AWS Regions by their concrete names, got a token: write the name, such as eu-central-1',
    ],
    [
      'areas for some Regions only',
      [{ region: 'us-west-2', serves: [NORTH_AMERICA] }, { region: 'eu-central-1' }],
      `regions: ${AREA}eu-central-1`,
    ],
    [
      'one area for two Regions',
      [
        { region: 'eu-central-1', serves: [EUROPE] },
        { region: 'eu-west-1', serves: [ASIA, EUROPE] },
      ],
      "regions: 'eu-central-1' and 'eu-west-1' both serve continent-EU, one area belongs to one Region",
    ],
    [
      'an area twice in one Region',
      [{ region: 'eu-central-1', serves: [EUROPE, EUROPE] }],
      "regions: serves of 'eu-central-1' names continent-EU twice, name every area once",
    ],
    [
      'a Region with an empty list of areas',
      [{ region: 'us-west-2', serves: [] }],
      "regions: serves of 'us-west-2' must name an area, got none",
    ],
    [
      'a third copy of the cache',
      [{ region: 'us-west-2' }, { region: 'eu-central-1' }, { region: 'ap-southeast-1' }],
      "regions: at most 2 further Regions can have a copy of the cache, got 3: set cacheCopy to false on 'ap-southeast-1'",
    ],
    [
      'a range that overlaps the primary one',
      [{ region: 'us-west-2', vpcCidr: '10.0.128.0/17' }],
      "regions: vpcCidr 10.0.128.0/17 of 'us-west-2' overlaps 10.0.0.0/16 of the primary Region, give every Region a range of its own",
    ],
    [
      'ranges of two Regions that overlap',
      [
        { region: 'us-west-2', vpcCidr: '10.60.0.0/16' },
        { region: 'eu-central-1', vpcCidr: '10.60.64.0/18' },
      ],
      "regions: vpcCidr 10.60.64.0/18 of 'eu-central-1' overlaps 10.60.0.0/16 of us-west-2, give every Region a range of its own",
    ],
    [
      'a range that overlaps the planned one of another Region',
      [{ region: 'us-west-2', vpcCidr: '10.19.0.0/16' }, { region: 'eu-central-1' }],
      "regions: vpcCidr 10.19.0.0/16 of 'eu-central-1' overlaps 10.19.0.0/16 of us-west-2, give every Region a range of its own",
    ],
    [
      'a range that is none',
      [{ region: 'us-west-2', vpcCidr: '10.60.0.0' }],
      "regions: vpcCidr of 'us-west-2' must be an IPv4 range such as 10.0.0.0/16, got: '10.60.0.0'",
    ],
    [
      'a Region without a planned range, and none given',
      [{ region: 'ca-central-1' }],
      "regions: 'ca-central-1' needs a vpcCidr, because this library plans no range for it: give one no other Region has",
    ],
    [
      'a Region without known zones, and none given',
      [{ region: 'ca-central-1', vpcCidr: '10.60.0.0/16' }],
      "availabilityZones must be given in Region 'ca-central-1', whose zones this library does not know: name three (known: us-east-1, us-east-2, us-west-2, eu-central-1, eu-west-1, eu-west-2, ap-southeast-1, ap-southeast-2, ap-northeast-1, ap-south-1)",
    ],
    [
      'two zones in a further Region',
      [{ region: 'us-west-2', availabilityZones: ['us-west-2a', 'us-west-2b'] }],
      "regions: availabilityZones of 'us-west-2' must name three zones, got 2: an event stream made in fewer can never spread to a third",
    ],
    [
      'zones of another Region',
      [{ region: 'us-west-2', availabilityZones: ['us-west-2a', 'us-west-2b', 'eu-central-1a'] }],
      "availabilityZones must be zones of us-west-2 (us-west-2a, us-west-2b, us-west-2c, us-west-2d), got: 'eu-central-1a'",
    ],
  ])('%s', (_, regions, message) => {
    expect(() => make(4, { regions })).toThrow(new Error(message));
  });

  test.each<[string, Props, string]>([
    [
      'a primary range that overlaps a planned one',
      { vpcCidr: '10.18.0.0/16' },
      "regions: vpcCidr 10.18.0.0/16 of 'us-west-2' overlaps 10.18.0.0/16 of the primary Region, give every Region a range of its own",
    ],
    [
      'a cache that cannot be copied to other Regions',
      { sizes: { cache: CacheSize.USERS_100K } },
      "sizes.cache must be of size large or above of m5, m6g, m7g, r5, r6g, r7g or c7gn where Regions copy the cache, got 'cache.t4g.small': choose CacheSize.USERS_10M, or set cacheCopy to false everywhere",
    ],
    [
      'a database that pauses',
      { sizes: { database: DatabaseSize.USERS_1K } },
      'sizes.database must not start at 0 ACU at Stage4Global, got 0: choose DatabaseSize.USERS_10M (a global database never pauses; AWS recommends 8 ACU or more)',
    ],
    [
      'a key that cannot be copied to other Regions',
      (stack) => ({
        encryptionKey: kms.Key.fromKeyArn(
          stack,
          'Mine',
          'arn:aws:kms:us-east-1:123456789012:key/12345678-1234-1234-1234-123456789012',
        ),
      }),
      "encryptionKey must be a multi-Region key, whose id starts with mrk-, got: 'arn:aws:kms:us-east-1:123456789012:key/12345678-1234-1234-1234-123456789012': other Regions can only replicate such a key",
    ],
  ])('%s', (_, props, message) => {
    expect(() => make(4, props)).toThrow(new Error(message));
  });
});

describe('what stages are made of refuses', () => {
  const repository = (stack: Stack) => ecr.Repository.fromRepositoryName(stack, 'Images', 'shop');

  test.each<[string, () => unknown, string]>([
    [
      'a record of one word',
      () => ServerOption.movedOut('done'),
      "record must say why that is safe in three words or more, got: 'done'",
    ],
    ['an empty record', () => ServerOption.retired(''), "record must say why that is safe in three words or more, got: ''"],
    [
      'a reason of two words',
      () => ServerOption.never('not needed'),
      "record must say why that is safe in three words or more, got: 'not needed'",
    ],
    [
      'an image that moves',
      () => ProductImage.fromRegistry('example/shop:latest'),
      "image must name a tag other than latest, or a digest, such as example/shop:1.4.2, got: 'example/shop:latest'",
    ],
    [
      'an image without a tag',
      () => ProductImage.fromRegistry('example/shop'),
      "image must name a tag other than latest, or a digest, such as example/shop:1.4.2, got: 'example/shop'",
    ],
    [
      'an image of the account that moves',
      () => ProductImage.fromEcrRepository(repository(testStack()), 'latest'),
      "tag must be a tag other than latest, or a digest, such as 1.4.2, got: 'latest'",
    ],
    [
      'a server that is not Arm',
      () => ServerSize.of(new ec2.InstanceType('t3.small'), Size.gibibytes(20)),
      'instanceType must be an Arm (Graviton) type such as t4g.small, got: t3.small',
    ],
    [
      'a volume of no size',
      () => ServerSize.of(new ec2.InstanceType('t4g.small'), Size.gibibytes(0)),
      'dataVolume must be a whole number of GiB from 1 to 16384, got: 0 GiB',
    ],
    [
      'CPU units that Fargate does not know',
      () => ServiceSize.of(300, 1024, 1, 2),
      'cpu must be one of 256, 512, 1024, 2048, 4096, 8192, 16384 CPU units, got: 300',
    ],
    [
      'more memory than its CPU units allow',
      () => ServiceSize.of(256, 4096, 1, 2),
      'memoryMiB for 256 CPU units must be 512, or 1024 to 2048 in steps of 1024, got: 4096',
    ],
    ['no task', () => ServiceSize.of(256, 512, 0, 2), 'minTasks must be a whole number of at least 1, got: 0'],
    [
      'fewer tasks at most than at least',
      () => ServiceSize.of(256, 512, 3, 2),
      'maxTasks must be a whole number of at least minTasks (3), got: 2',
    ],
    [
      'a quarter of a capacity unit',
      () => DatabaseSize.of(0.25, 2),
      'minCapacity must be 0 to 256 ACU in steps of 0.5, got 0.25: choose the nearest step',
    ],
    [
      'a database that shrinks as it grows',
      () => DatabaseSize.of(8, 4),
      'minCapacity must not be above maxCapacity, got 8 and 4 ACU: raise maxCapacity',
    ],
    [
      'a cache without shards',
      () => CacheSize.of('cache.r7g.large', 0),
      'shards must be a whole number from 1 to 500, got 0: choose one in that range',
    ],
    [
      'a cache node that is none',
      () => CacheSize.of('r7g.large'),
      "nodeType must be an ElastiCache node type, got 'r7g.large': write it as in cache.r7g.large",
    ],
    ['a warehouse between two steps', () => WarehouseSize.of(12, 32), 'baseRpus must be a multiple of 8 from 8 to 512, got: 12'],
    [
      'a search without nodes',
      () =>
        SearchSize.of({
          dataNodeType: 'm7g.large.search',
          dataNodesPerZone: 0,
          volumeGiB: 100,
          masterNodeType: 'm7g.medium.search',
        }),
      'dataNodesPerZone must be a whole number of at least 1, got: 0',
    ],
    [
      'brokers that do not spread evenly',
      () => StreamSize.of('kafka.m7g.large', 4, 500),
      'brokers must be a multiple of the three zones from 3 to 60, got: 4',
    ],
    [
      'a continent that is none',
      () => GeographicArea.continent('XX'),
      "continent must be one of AF, AN, AS, EU, OC, NA, SA, got: 'XX'",
    ],
    [
      'a country in small letters',
      () => GeographicArea.country('de'),
      "country must be two capital letters such as DE, got: 'de'",
    ],
  ])('%s', (_, refused, message) => {
    expect(refused).toThrow(new Error(message));
  });
});

describe.each(ALL)('stage %d takes values that are known only at the deploy', (stage) => {
  const text = (stack: Stack) => new CfnParameter(stack, 'Later').valueAsString;

  test.each<[string, Props]>([
    ['a port from a parameter', (stack) => ({ port: new CfnParameter(stack, 'Later', { type: 'Number' }).valueAsNumber })],
    ['a port that is made later', () => ({ port: Lazy.number({ produce: () => 3000 }) })],
    ['a health check path', (stack) => ({ healthCheckPath: text(stack) })],
    ['a health check path that is made later', () => ({ healthCheckPath: Lazy.string({ produce: () => '/health' }) })],
    ['a domain', (stack) => named(text(stack))(stack)],
    ['the name of the zone', (stack) => named('shop.example.com', text(stack))(stack)],
    ['an image', (stack) => ({ image: ProductImage.fromRegistry(text(stack)) })],
    ['a zone by its place in the list', () => ({ availabilityZones: [0, 1, 2].map((index) => Fn.select(index, Fn.getAzs())) })],
  ])('%s', (_, props) => {
    const stack = make(stage, props);
    // A number or a string that stands for a token must not be left in the template.
    expect(JSON.stringify(Template.fromStack(stack).toJSON())).not.toMatch(/e\+\d{3}|\$\{Token\[|#\{Token\[/);
  });
});
