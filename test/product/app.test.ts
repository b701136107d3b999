import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { App, Stack, Stage } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { TaskDefinition } from 'aws-cdk-lib/aws-ecs';
import { main, REFERENCE } from '../../bin/app';
import { buildProduct, UNTAGGED } from '../../bin/product/build-product';
import type { ContainerEntry, ProductFile } from '../../bin/product/product';
import { productFaults } from '../../bin/product/product-file';
import { SCHEMA_FILE } from '../../bin/product/schema-faults';
import { REACHES, specializedOptions } from '../../bin/product/specialized-options';
import { resourceModel } from '../../lib/assembly/service-spec';
import { Reach } from '../../lib/blocks/compute/reach';
import { ServerSize } from '../../lib/blocks/compute/server-size';
import { ServiceSize } from '../../lib/blocks/compute/service-size';
import { CacheSize } from '../../lib/blocks/data/cache-size';
import { DatabaseSize } from '../../lib/blocks/data/database-size';
import { SearchSize } from '../../lib/blocks/data/search-size';
import { WarehouseSize } from '../../lib/blocks/data/warehouse-size';
import { StreamSize } from '../../lib/blocks/messaging/stream-size';
import { AuditedEvents } from '../../lib/stages/audited-events';
import { withoutTraces } from '../synth-stages';

jest.mock('../../bin/product/build-product', () => {
  const actual = jest.requireActual('../../bin/product/build-product');
  return { ...actual, buildProduct: jest.fn(actual.buildProduct) };
});

const ROOT = path.join(__dirname, '..', '..');

interface Run {
  readonly code: number;
  readonly lines: string[];
  /** Files written, relative to the output folder. */
  readonly files: string[];
  readonly read: (file: string) => { readonly artifacts: { readonly [name: string]: { readonly properties: object } } };
}

let folder: string;
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'app-'));
});
afterEach(() => fs.rmSync(folder, { recursive: true }));

/** Runs the app in `folder` as the CLI would. */
function run(product?: unknown, environment: { [name: string]: string } = {}): Run {
  const lines: string[] = [];
  const out = path.join(folder, 'cdk.out');
  const context = product === undefined ? {} : { CDK_CONTEXT_JSON: JSON.stringify({ product }) };
  const code = main({
    environment: { CDK_OUTDIR: out, ...context, ...environment },
    directory: folder,
    complain: (line) => lines.push(line),
  });
  const files = fs.existsSync(out) ? fs.readdirSync(out, { recursive: true, encoding: 'utf8' }).sort() : [];
  return { code, lines, files, read: (file) => JSON.parse(fs.readFileSync(path.join(out, file), 'utf8')) };
}

function write(product: object): string {
  fs.writeFileSync(path.join(folder, 'product.json'), JSON.stringify(product));
  return 'product.json';
}

function stackOf(product: ProductFile): Stack {
  return withoutTraces(() => buildProduct(new App(), product));
}

describe('without a product', () => {
  test('the reference product is synthesized at every stage, each an assembly of its own', () => {
    const { code, lines, files } = run();
    expect({ code, lines }).toEqual({ code: 0, lines: [] });
    for (const stage of [1, 2, 3, 4]) {
      expect(files).toContain(`assembly-stage${stage}/stage${stage}Shop${hashed(files, stage)}.template.json`);
    }
  });

  test('the reference product is sound at every stage', () => {
    for (const stage of [1, 2, 3, 4] as const) expect(productFaults({ ...REFERENCE, stage })).toEqual([]);
  });
});

/** The hash in the template's name. */
function hashed(files: string[], stage: number): string | undefined {
  const pattern = new RegExp(`^assembly-stage${stage}/stage${stage}Shop([0-9A-F]{8})\\.template\\.json$`);
  return files.map((file) => pattern.exec(file)?.[1]).find((hash) => hash !== undefined);
}

describe('with a product', () => {
  test.each([
    ['shop-100k-eu.json', ['Shop.template.json']],
    [
      'shop-1m-eu.json',
      [
        'Shop.template.json',
        'ShopProductServicesbilling',
        'ShopProductServicesprices',
        'ShopProductDatabaseArchiver',
        'ShopProductAudit',
      ],
    ],
    ['shop-10m-global.json', ['Shop.template.json', 'ShopProductapsoutheast1', 'ShopProducteucentral1', 'ShopProductuswest2']],
  ])('examples/%s is synthesized at the top of the assembly', (file, expected) => {
    const { code, lines, files, read } = run(path.join(ROOT, 'examples', file));
    expect({ code, lines }).toEqual({ code: 0, lines: [] });
    const templates = files.filter((name) => name.endsWith('.template.json'));
    for (const name of expected) expect(templates.some((template) => template.startsWith(name))).toBe(true);
    expect(read('manifest.json').artifacts.Shop.properties).toMatchObject({ templateFile: 'Shop.template.json' });
  });

  test('a relative path is taken from the working directory', () => {
    expect(run(write({ ...REFERENCE, stage: 1 })).code).toBe(0);
  });

  test('context too long for the environment is read from where the CLI puts it', () => {
    const overflow = path.join(folder, 'context.json');
    fs.writeFileSync(overflow, JSON.stringify({ product: 'nope.json' }));
    const { code, lines } = run(undefined, { CONTEXT_OVERFLOW_LOCATION_ENV: overflow });
    expect(code).toBe(1);
    expect(lines[0]).toMatch(/^nope\.json: must exist, /);
  });

  test('a faulty one gives every fault, exit code 1, no construct and not a file', () => {
    const { code, lines, files } = run(write({ ...REFERENCE, stage: 2, port: 0, image: 'nginx' }));
    expect(code).toBe(1);
    expect(lines).toEqual([
      expect.stringMatching(/^product\.json:1:\d+: \$\.image must name a tag or digest, got "nginx": /),
      expect.stringMatching(/^product\.json:1:\d+: \$\.port must be a whole number from 1 to 65535, got 0: /),
      'nothing was synthesized: there are 2 faults',
    ]);
    expect(files).toEqual([]);
  });

  test('one fault is one', () => {
    expect(run(write({ ...REFERENCE, stage: 2, port: 0 })).lines[1]).toBe('nothing was synthesized: there is 1 fault');
  });

  test('what only a construct knows is one line too, and a stack trace only for who asks', () => {
    const refuse = () => {
      throw new Error('volume must be whole');
    };
    jest.mocked(buildProduct).mockImplementationOnce(refuse);
    const { code, lines, files } = run(write({ ...REFERENCE, stage: 1 }));
    expect({ code, files }).toEqual({ code: 1, files: [] });
    expect(lines).toEqual([
      'product.json: volume must be whole',
      'nothing was synthesized: the constructs refused the product (CDK_DEBUG=true shows where)',
    ]);
    jest.mocked(buildProduct).mockImplementationOnce(refuse);
    expect(run(write({ ...REFERENCE, stage: 1 }), { CDK_DEBUG: 'true' }).lines[1]).toContain('app.test.ts');
  });

  test('a lock file in the working directory holds it', () => {
    fs.writeFileSync(path.join(folder, 'scale-tiers.lock.json'), 'not a lock');
    expect(() => run(write({ ...REFERENCE, stage: 1 }))).toThrow(/scale-tiers\.lock\.json/);
  });
});

describe('the stack of a product', () => {
  test.each([
    [1, 'Stage1Single'],
    [2, 'Stage2Replicated'],
    [3, 'Stage3Specialized'],
    [4, 'Stage4Global'],
  ] as const)('at stage %d holds %s under the one id, in the account and Region given', (stage, className) => {
    const stack = stackOf({ ...REFERENCE, stage });
    expect(stack.node.findChild('Product').constructor.name).toBe(className);
    expect([stack.stackName, stack.account, stack.region]).toEqual(['Shop', '123456789012', 'us-east-1']);
  });

  test('has the same name and logical ids inside a Stage as without one', () => {
    const product = { ...REFERENCE, stage: 1 as const };
    const inside = buildProduct(new Stage(new App(), 'stage1'), product);
    expect(inside.stackName).toBe('Shop');
    expect(Object.keys(resources(inside))).toEqual(Object.keys(resources(stackOf(product))));
  });

  test.each([1, 2, 3] as const)('at stage %d takes no notice of further Regions', (stage) => {
    const product = { ...REFERENCE, stage };
    expect(resources(stackOf({ ...product, furtherRegions: undefined }))).toEqual(resources(stackOf(product)));
  });

  test('pulls an image of Amazon ECR, by tag or by digest, with rights of its own', () => {
    const repository = '210987654321.dkr.ecr.eu-west-1.amazonaws.com/team/shop';
    for (const suffix of [':1.4.2', `@sha256:${'a'.repeat(64)}`, `:1.4.2@sha256:${'a'.repeat(64)}`]) {
      const text = JSON.stringify(resources(stackOf({ ...REFERENCE, stage: 2, image: `${repository}${suffix}` })));
      expect(text).toContain('"Resource":"arn:aws:ecr:eu-west-1:210987654321:repository/team/shop"');
      expect(text).toContain(`/team/shop${suffix.replace(/^:.*@/, '@')}"`);
    }
  });

  const WHY = 'it changes owners before it starts';
  test.each<[ContainerEntry | undefined, object, string, { [rule: string]: string }]>([
    [undefined, { User: '1000:1000', ReadonlyRootFilesystem: true }, '--user=1000:1000 --read-only --tmpfs=/tmp:size=256m', {}],
    [{ user: 1 }, { User: '1:1', ReadonlyRootFilesystem: true }, '--user=1:1 --read-only --tmpfs=/tmp:size=256m', {}],
    [
      { user: 65535 },
      { User: '65535:65535', ReadonlyRootFilesystem: true },
      '--user=65535:65535 --read-only --tmpfs=/tmp:size=256m',
      {},
    ],
    [
      { ownUser: WHY },
      { User: Match.absent(), ReadonlyRootFilesystem: true },
      '--read-only --tmpfs=/tmp:size=256m',
      { 'ControlTower::CT.ECS.PR.3': WHY },
    ],
    [
      { user: 101, writableFiles: WHY },
      { User: '101:101', ReadonlyRootFilesystem: false },
      '--user=101:101',
      { 'ControlTower::CT.ECS.PR.6': WHY },
    ],
    [
      { ownUser: `${WHY}, being root`, writableFiles: WHY },
      { User: Match.absent(), ReadonlyRootFilesystem: false },
      '',
      { 'ControlTower::CT.ECS.PR.3': `${WHY}, being root`, 'ControlTower::CT.ECS.PR.6': WHY },
    ],
  ])(
    'with container %j runs it so in a cluster and on the server, and keeps the reasons',
    (container, task, options, reasons) => {
      const product = { ...REFERENCE, stage: 2 as const, container };
      expect(productFaults(product)).toEqual([]);
      const stack = stackOf(product);
      const definitions = Template.fromStack(stack).findResources('AWS::ECS::TaskDefinition');
      const alike = Template.fromStack(stack).findResources('AWS::ECS::TaskDefinition', {
        Properties: { ContainerDefinitions: [Match.objectLike(task)] },
      });
      expect(Object.keys(definitions).length).toBeGreaterThan(0);
      expect(Object.keys(alike)).toEqual(Object.keys(definitions));
      const kept = stack.node
        .findAll()
        .filter((construct) => construct instanceof TaskDefinition)
        .map(({ node }) => Object.assign({}, ...node.metadata.map(({ data }) => data)));
      for (const written of kept) {
        const rules = ['ControlTower::CT.ECS.PR.3', 'ControlTower::CT.ECS.PR.6'].filter((rule) => rule in written);
        expect(Object.fromEntries(rules.map((rule) => [rule, written[rule]]))).toEqual(reasons);
      }
      expect(kept).toHaveLength(Object.keys(definitions).length);
      Template.fromStack(stackOf({ ...product, stage: 1 })).hasResourceProperties('AWS::SSM::Parameter', {
        Value: { 'Fn::Join': ['', Match.arrayWith([Match.stringLikeRegexp(`"options":"${options}"`)])] },
      });
    },
  );

  test('uses the certificates given and makes none', () => {
    const arn = (id: string) => `arn:aws:acm:us-east-1:123456789012:certificate/${id}2345678-1234-1234-1234-123456789012`;
    const domain = { ...REFERENCE.domain!, certificateArn: arn('1'), edgeCertificateArn: arn('2') };
    const template = Template.fromStack(stackOf({ ...REFERENCE, stage: 2, domain }));
    template.resourceCountIs('AWS::CertificateManager::Certificate', 0);
    template.hasResourceProperties('AWS::ElasticLoadBalancingV2::Listener', { Certificates: [{ CertificateArn: arn('1') }] });
    template.hasResourceProperties('AWS::CloudFront::Distribution', {
      DistributionConfig: { ViewerCertificate: { AcmCertificateArn: arn('2') } },
    });
  });

  test.each([
    [undefined, 0, 1],
    [{ database: 'on-server' as const }, 0, 1],
    [{ database: 'aurora' as const }, 1, 1],
  ])('at stage 1 with server %j has %d database clusters and %d volume', (server, clusters, volumes) => {
    const template = Template.fromStack(stackOf({ ...REFERENCE, stage: 1, server }));
    template.resourceCountIs('AWS::RDS::DBCluster', clusters);
    template.resourceCountIs('AWS::EC2::Volume', volumes);
  });

  test.each([
    [undefined, true, true],
    [{ movedOut: 'checked on 2026-11-01 by the data team' }, true, true],
    [{ retired: 'checked on 2026-11-01 by the data team' }, false, true],
    [{ retiredWithoutRecord: 'moved with DMS, ticket OPS-112' }, false, true],
    [{ never: 'started at stage 2' }, false, false],
  ])('at stage 2 with server %j has a server: %p, its volume: %p', (server, runs, keepsVolume) => {
    const { children } = stackOf({ ...REFERENCE, stage: 2, server }).node.findChild('Product').node;
    const ids = children.map(({ node }) => node.id);
    expect([ids.includes('Server'), ids.includes('ServerVolume')]).toEqual([runs, keepsVolume]);
  });

  test.each([
    [{ retired: 'checked on 2026-11-01 by the data team' }, 1],
    [{ retiredWithoutRecord: 'moved with DMS, ticket OPS-112' }, 0],
  ])('at stage 2 with server %j wants %d records of a move', (server, count) => {
    const { node } = stackOf({ ...REFERENCE, stage: 2, server }).node.findChild('Product');
    expect(node.children.filter((child) => child.node.id === 'DataMoveRecord')).toHaveLength(count);
  });

  test('takes sizes by name', () => {
    const template = Template.fromStack(stackOf({ ...REFERENCE, stage: 2, sizes: { database: 'USERS_1M' } }));
    const { minCapacity, maxCapacity } = DatabaseSize.USERS_1M;
    template.hasResourceProperties('AWS::RDS::DBCluster', {
      ServerlessV2ScalingConfiguration: { MinCapacity: minCapacity, MaxCapacity: maxCapacity },
    });
  });

  test('traces the share of the requests it is told', () => {
    const sampler = (product: ProductFile) =>
      /"OTEL_TRACES_SAMPLER_ARG","Value":"([^"]+)"/.exec(JSON.stringify(Template.fromStack(stackOf(product)).toJSON()))?.[1];
    expect(sampler({ ...REFERENCE, stage: 2, tracedPercent: 0.1 })).toBe('0.001');
    expect(sampler({ ...REFERENCE, stage: 2 })).toBeUndefined();
  });

  test('passes each further Region on with all its fields', () => {
    const zones = ['eu-north-1a', 'eu-north-1b', 'eu-north-1c'];
    const furtherRegions = [
      {
        region: 'eu-north-1',
        serves: [{ continent: 'EU' }, { country: 'MA' }],
        availabilityZones: zones,
        vpcCidr: '10.60.0.0/16',
      },
    ];
    const product = { ...REFERENCE, stage: 4 as const, furtherRegions };
    expect(productFaults(product)).toEqual([]);
    const app = new App();
    buildProduct(app, product);
    const template = Template.fromStack(
      app.node.findChild('Shop').node.findChild('Product').node.findChild('eu-north-1') as Stack,
    );
    template.hasResourceProperties('AWS::EC2::VPC', { CidrBlock: '10.60.0.0/16' });
    for (const zone of zones) template.hasResourceProperties('AWS::EC2::Subnet', { AvailabilityZone: zone });
    template.hasResourceProperties('AWS::Route53::RecordSet', { GeoLocation: { ContinentCode: 'EU' } });
    template.hasResourceProperties('AWS::Route53::RecordSet', { GeoLocation: { CountryCode: 'MA' } });
    template.resourceCountIs('AWS::ElastiCache::ReplicationGroup', 2);
    const without = { ...product, furtherRegions: [{ ...furtherRegions[0], cacheCopy: false }] };
    const other = new App();
    buildProduct(other, without);
    Template.fromStack(
      other.node.findChild('Shop').node.findChild('Product').node.findChild('eu-north-1') as Stack,
    ).resourceCountIs('AWS::ElastiCache::ReplicationGroup', 1);
  });

  test('is tagged, in every Region, but never where a tag is create-only, and never with the stage', () => {
    const app = new App();
    buildProduct(app, { ...REFERENCE, stage: 4, tags: { team: 'checkout' } });
    const assembly = app.synth();
    let tagged = 0;
    for (const stack of assembly.stacksRecursively) {
      expect(stack.tags).toEqual({});
      for (const { Type, Properties } of Object.values(stack.template.Resources) as Resource[]) {
        const text = JSON.stringify(Properties?.Tags ?? {});
        if (text.includes('checkout')) tagged++;
        if (!tagsReplace(Type)) continue;
        expect(UNTAGGED).toContain(Type);
        expect(text).not.toContain('checkout');
      }
      expect(JSON.stringify(Object.values(stack.template.Resources))).not.toMatch(/"Value":"(stage ?)?[1-4]"/i);
    }
    expect(tagged).toBeGreaterThan(50);
  });
});

describe('the options of stages 3 and 4', () => {
  const OPTIONS: Partial<ProductFile> = {
    services: [
      { name: 'billing', paths: ['/billing/*'], reaches: ['database', 'service:core'], size: 'WORKER' },
      { name: 'rpc', grpc: ['/shop.Rpc/*'], port: 9000, image: '210987654321.dkr.ecr.us-east-1.amazonaws.com/rpc:2' },
      { name: 'partners', hosts: ['partners.example.com'], retired: true },
    ],
    firewall: {
      countOnly: 'counted for two weeks, the log is read each Monday',
      rateLimits: [
        { path: '/login', limit: 50, minutes: 1 },
        { path: '/api/', limit: 1000, minutes: 5, header: 'x-api-key' },
        { path: '/cart', limit: 500, minutes: 10, cookie: 'session' },
      ],
      allowedAddresses: ['198.51.100.0/24'],
      blockedAddresses: ['2001:db8::/32'],
    },
    releases: { linear: { percent: 25, minutes: 5 } },
    signIn: { pages: { below: 'auth' }, groups: [{ name: 'staff', precedence: 3 }], passkeys: true },
    email: { localPart: 'hello' },
    searchFeed: { tables: ['public.products'] },
    archive: { tables: [{ table: 'visits', by: 'created_at', olderThanDays: 90, keepForDays: 730 }], immutable: true },
    audit: { events: 'FILE_WRITES' },
  };
  const product: ProductFile = { ...REFERENCE, stage: 3, server: { never: 'started with several services' }, ...OPTIONS };
  /** The templates of a product, by stack name. */
  const templatesOf = (described: ProductFile): { [stackName: string]: Template } => {
    return withoutTraces(() => {
      const stack = buildProduct(new App(), described);
      const stacks = [stack, ...stack.node.findAll().filter((child): child is Stack => child !== stack && Stack.isStack(child))];
      return Object.fromEntries(stacks.map((each) => [each.stackName, Template.fromStack(each)]));
    });
  };
  const templates = templatesOf(product);
  const main = templates.Shop;

  test('are sound, and become the props of the stage', () => {
    expect(productFaults(product)).toEqual([]);
    // A service each: its way in, its size, its image.
    templates['Shop-Product-Services-billing'].hasResourceProperties('AWS::ElasticLoadBalancingV2::ListenerRule', {
      Conditions: Match.arrayWith([{ Field: 'path-pattern', PathPatternConfig: { Values: ['/billing/*'] } }]),
    });
    templates['Shop-Product-Services-billing'].hasResourceProperties('AWS::ECS::TaskDefinition', {
      Cpu: String(ServiceSize.WORKER.cpu),
      ContainerDefinitions: Match.arrayWith([
        Match.objectLike({
          Image: REFERENCE.image,
          Secrets: Match.arrayWith([Match.objectLike({ Name: 'DATABASE_PASSWORD' })]),
        }),
      ]),
    });
    const rpc = templates['Shop-Product-Services-rpc'];
    rpc.hasResourceProperties('AWS::ElasticLoadBalancingV2::TargetGroup', { ProtocolVersion: 'GRPC', Port: 9000 });
    expect(JSON.stringify(rpc.toJSON())).toContain('210987654321.dkr.ecr.us-east-1.');
    templates['Shop-Product-Services-partners'].resourceCountIs('AWS::ECS::Service', 0);
    // The firewall.
    const rules = Object.values(main.findResources('AWS::WAFv2::WebACL', { Properties: { Scope: 'CLOUDFRONT' } })).flatMap(
      ({ Properties }) => Properties.Rules as { Name: string; Action?: object }[],
    );
    const limits = rules.filter(({ Name }) => /^RatePer(Ip|Header|Cookie)/.test(Name));
    expect(limits.map(({ Name }) => Name)).toEqual([
      'RatePerIp_login-60s',
      'RatePerHeader-x-api-key_api_-300s',
      'RatePerCookie-session_cart-600s',
    ]);
    for (const { Action } of limits) expect(Object.keys(Action ?? {})).toEqual(['Count']);
    main.hasResourceProperties('AWS::WAFv2::IPSet', { Addresses: ['198.51.100.0/24'] });
    main.hasResourceProperties('AWS::WAFv2::IPSet', { Addresses: ['2001:db8::/32'] });
    // Releases.
    main.hasResourceProperties('AWS::ECS::Service', {
      DeploymentConfiguration: {
        Strategy: 'LINEAR',
        LinearConfiguration: { StepPercent: 25, StepBakeTimeInMinutes: 5 },
        BakeTimeInMinutes: 5,
      },
    });
    // Sign-in.
    main.hasResourceProperties('AWS::Cognito::UserPoolDomain', { Domain: 'auth.shop.example.com' });
    main.hasResourceProperties('AWS::Cognito::UserPoolGroup', { GroupName: 'staff', Precedence: 3 });
    main.hasResourceProperties('AWS::Cognito::UserPool', { WebAuthnRelyingPartyID: 'auth.shop.example.com' });
    // E-mail, search feed, archive, record.
    main.hasResourceProperties('AWS::SES::EmailIdentity', { EmailIdentity: 'shop.example.com' });
    expect(JSON.stringify(main.toJSON())).toContain('"hello@shop.example.com"');
    templates['Shop-Product-DataCare'].resourceCountIs('AWS::OSIS::Pipeline', 1);
    expect(JSON.stringify(templates['Shop-Product-Archive'].toJSON())).toContain('visits');
    main.hasResourceProperties('AWS::S3::Bucket', { ObjectLockEnabled: true, LifecycleConfiguration: Match.anyValue() });
    templates['Shop-Product-Audit'].resourceCountIs('AWS::CloudTrail::Trail', 1);
  });

  test('hold at stage 4, too, in every Region', () => {
    const four: ProductFile = { ...product, stage: 4, furtherRegions: [{ region: 'us-west-2' }] };
    expect(productFaults(four)).toEqual([]);
    const regional = templatesOf(four)['Shop-Product-us-west-2'];
    regional.hasResourceProperties('AWS::WAFv2::IPSet', { Addresses: ['198.51.100.0/24'], Scope: 'REGIONAL' });
    regional.hasResourceProperties('AWS::ECS::Service', { DeploymentConfiguration: { Strategy: 'LINEAR' } });
  });

  test.each([1, 2] as const)('are a plan at stage %d, and nothing more', (stage) => {
    const early: ProductFile = { ...REFERENCE, stage };
    expect(productFaults({ ...early, ...OPTIONS })).toEqual([]);
    expect(resources(stackOf({ ...early, ...OPTIONS }))).toEqual(resources(stackOf(early)));
  });

  test.each<[ProductFile['releases'], object]>([
    [{ rolling: true }, { strategy: 'ROLLING' }],
    [{ canary: { percent: 5, minutes: 15 } }, { canaryConfiguration: { canaryPercent: 5, canaryBakeTimeInMinutes: 15 } }],
    [{ blueGreen: { minutes: 20 } }, { strategy: 'BLUE_GREEN', bakeTimeInMinutes: 20 }],
  ])('release by %j', (releases, configuration) => {
    const noImage = () => {
      throw new Error('no service has an image of its own');
    };
    const { releases: strategy } = specializedOptions({ ...REFERENCE, stage: 3, releases }, noImage);
    expect(strategy?.configuration).toMatchObject(configuration);
  });

  test('reach what the library knows, and record what it can', () => {
    const { services, audit } = JSON.parse(fs.readFileSync(SCHEMA_FILE, 'utf8')).properties;
    const known = Object.values(Reach).filter((value): value is Reach => value instanceof Reach);
    expect(Object.values(REACHES)).toEqual(known);
    for (const [name, { what }] of Object.entries(REACHES)) expect(name).toBe(what);
    const { pattern } = services.items.properties.reaches.items;
    expect(pattern).toBe(`^(${Object.keys(REACHES).join('|')}|service:[a-z][a-z0-9-]{0,29})$`);
    const events = Object.entries(AuditedEvents).flatMap(([name, value]) => (value instanceof AuditedEvents ? [name] : []));
    expect(audit.properties.events.enum).toEqual(events);
    const sizes = Object.entries(ServiceSize).flatMap(([name, value]) => (value instanceof ServiceSize ? [name] : []));
    expect(services.items.properties.size.enum).toEqual(sizes);
  });
});

describe('names of sizes in the schema', () => {
  const { properties } = JSON.parse(fs.readFileSync(SCHEMA_FILE, 'utf8')).properties.sizes;
  test.each<[string, object]>([
    ['server', ServerSize],
    ['database', DatabaseSize],
    ['cache', CacheSize],
    ['service', ServiceSize],
    ['worker', ServiceSize],
    ['search', SearchSize],
    ['warehouse', WarehouseSize],
    ['stream', StreamSize],
  ])('are those the library has: %s', (part, sizes) => {
    const names = Object.entries(sizes).flatMap(([name, size]) => (size instanceof (sizes as typeof DatabaseSize) ? [name] : []));
    expect(properties[part].enum).toEqual(names);
  });
});

interface Resource {
  readonly Type: string;
  readonly Properties?: { readonly Tags?: unknown };
}

function resources(stack: Stack): { [logicalId: string]: unknown } {
  return Template.fromStack(stack).toJSON().Resources;
}

/** Whether AWS's own schemas say that another tag replaces a resource of the type. */
function tagsReplace(type: string): boolean {
  const model = resourceModel(type);
  return ['Tags', 'tags'].some((name) => model?.properties[name]?.causesReplacement === 'yes');
}
