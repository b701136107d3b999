import { Annotations, Match, type Template } from 'aws-cdk-lib/assertions';
import { FirewallRules } from '../../lib/blocks/edge/firewall-rules';
import { GeographicArea } from '../../lib/blocks/edge/geographic-area';
import { ServerOption } from '../../lib/stages/server-option';
import { Stage4Global } from '../../lib/stages/stage4-global';
import { testStack } from '../stacks';
import { testProps } from '../synth-stages';
import { only, RETAINED, RETAINED_WITH_NAME, resources, type Synthesized, siteRecord, synthesized } from './synthesized';

const NEVER = ServerOption.never('starts in several Regions');
const FURTHER = ['us-west-2', 'eu-central-1', 'ap-southeast-1'];
const RECORD = 'AWS::Route53::RecordSet';

/** How Route 53 learns whether a Region is healthy. */
interface HealthCheckConfig {
  readonly Type: string;
  readonly AlarmIdentifier?: { readonly Name: { readonly Ref: string } };
  readonly ChildHealthChecks?: { readonly Ref: string }[];
  readonly HealthThreshold?: number;
}

/** A reference to an output of a stack. */
function outputOf(stackName: string, region: string, outputName: unknown) {
  return { 'Fn::GetStackOutput': { StackName: stackName, Region: region, OutputName: outputName } };
}

/** A value that the primary stack hands out. */
const fromPrimary = (name: string) => outputOf('Shop', 'us-east-1', Match.stringLikeRegexp(`^ProductOutput${name}`));

/** Everything of a key anywhere below a value. */
function* below(value: unknown, key: string): Generator<unknown> {
  if (typeof value !== 'object' || value === null) return;
  for (const [name, child] of Object.entries(value)) {
    if (name === key) yield child;
    yield* below(child, key);
  }
}

/** Records under which CloudFront finds the load balancers, of all Regions. */
function originRecords({ byName }: Synthesized): Record<string, unknown>[] {
  return Object.values(byName)
    .flatMap((template) => Object.values(template.findResources(RECORD)))
    .map(({ Properties }) => Properties)
    .filter(({ Name }) => Name.includes('origin'));
}

describe('the fourth stage', () => {
  const all = synthesized(4, { server: NEVER });
  const { primary, byName } = all;
  /** The stacks of the Regions, without those beside them. */
  const regional = all.assembly.stacks.filter(({ stackName }) => /^Shop(-Product-[a-z]{2}-[a-z]+-\d)?$/.test(stackName));
  const further: [string, Template][] = FURTHER.map((region) => [region, byName[`Shop-Product-${region}`]]);

  test('is the primary stack and a sibling for each further Region', () => {
    expect(regional.map(({ stackName, region }) => `${stackName} in ${region}`).sort()).toEqual([
      'Shop in us-east-1',
      'Shop-Product-ap-southeast-1 in ap-southeast-1',
      'Shop-Product-eu-central-1 in eu-central-1',
      'Shop-Product-us-west-2 in us-west-2',
    ]);
  });

  test('has api in every Region, in a stack that deploys after the Region', () => {
    for (const { stackName, artifactId, region } of regional) {
      const name = stackName === 'Shop' ? 'Shop-Product-Services-api' : `${stackName}-Services-api`;
      const api = all.assembly.stacks.find((stack) => stack.stackName === name);
      expect([name, api?.region]).toEqual([name, region]);
      expect(api?.dependencies).toContain(artifactId);
    }
  });

  test('deploys the primary stack first', () => {
    const shop = all.assembly.stacks.find(({ stackName }) => stackName === 'Shop')!;
    expect(all.assembly.stacks[0]).toBe(shop);
    for (const stack of regional.slice(1)) expect(stack.dependencies).toEqual([shop.artifactId]);
  });

  test('points a global database at the primary one, which itself is as before', () => {
    const [cluster] = Object.keys(primary.findResources('AWS::RDS::DBCluster'));
    primary.hasResource('AWS::RDS::GlobalCluster', {
      ...RETAINED,
      Properties: {
        SourceDBClusterIdentifier: { Ref: cluster },
        DeletionProtection: true,
        Engine: Match.absent(),
        StorageEncrypted: Match.absent(),
      },
    });
    primary.hasResourceProperties('AWS::RDS::DBCluster', {
      GlobalClusterIdentifier: Match.absent(),
      ServerlessV2ScalingConfiguration: { MinCapacity: 8, MaxCapacity: 128 },
    });
  });

  test.each(further)('copies the database to %s, where it forwards writes', (_, template) => {
    template.hasResource('AWS::RDS::DBCluster', {
      ...RETAINED,
      Properties: {
        GlobalClusterIdentifier: fromPrimary('GlobalDatabaseId'),
        EnableGlobalWriteForwarding: true,
        StorageEncrypted: true,
        MasterUsername: Match.absent(),
        MasterUserPassword: Match.absent(),
        DatabaseName: Match.absent(),
      },
    });
    template.resourceCountIs('AWS::RDS::DBInstance', 2);
    const version = only(primary, 'AWS::RDS::DBCluster').EngineVersion;
    expect(only(template, 'AWS::RDS::DBCluster').EngineVersion).toBe(version);
  });

  test('points a global datastore at the primary cache, its one member', () => {
    const [cache] = Object.keys(primary.findResources('AWS::ElastiCache::ReplicationGroup'));
    primary.hasResource('AWS::ElastiCache::GlobalReplicationGroup', {
      ...RETAINED_WITH_NAME,
      Properties: { Members: [{ ReplicationGroupId: { Ref: cache }, ReplicationGroupRegion: 'us-east-1', Role: 'PRIMARY' }] },
    });
  });

  test('gives every Region a cache of its own, and two of them a copy of the primary one', () => {
    const copies = further.filter(([, template]) => {
      const caches = Object.values(template.findResources('AWS::ElastiCache::ReplicationGroup'));
      const own = caches.filter(({ Properties }) => Properties.Engine === 'valkey' && Properties.NumNodeGroups === 3);
      expect(own).toHaveLength(1);
      return caches.length === 2;
    });
    expect(copies.map(([region]) => region)).toEqual(['us-west-2', 'eu-central-1']);
    for (const [, template] of copies) {
      template.hasResource('AWS::ElastiCache::ReplicationGroup', {
        ...RETAINED,
        Properties: {
          GlobalReplicationGroupId: fromPrimary('GlobalCacheId'),
          Engine: Match.absent(),
          CacheNodeType: Match.absent(),
          NumNodeGroups: Match.absent(),
        },
      });
    }
  });

  test('makes no global datastore where no Region has a copy', () => {
    const { primary: alone } = synthesized(4, { server: NEVER, regions: [{ region: 'us-west-2', cacheCopy: false }] });
    alone.resourceCountIs('AWS::ElastiCache::GlobalReplicationGroup', 0);
  });

  test('has an event stream in every Region, over three zones, with IAM and TLS only', () => {
    for (const template of [primary, ...further.map(([, template]) => template)]) {
      template.hasResource('AWS::MSK::Cluster', {
        ...RETAINED_WITH_NAME,
        Properties: {
          BrokerNodeGroupInfo: { ClientSubnets: [Match.anyValue(), Match.anyValue(), Match.anyValue()] },
          ClientAuthentication: { Sasl: { Iam: { Enabled: true } }, Unauthenticated: { Enabled: false } },
          EncryptionInfo: { EncryptionInTransit: { ClientBroker: 'TLS', InCluster: true } },
        },
      });
    }
    primary.hasResourceProperties('AWS::MSK::Cluster', {
      BrokerNodeGroupInfo: {
        ConnectivityInfo: { VpcConnectivity: { ClientAuthentication: { Sasl: { Iam: { Enabled: true } } } } },
      },
    });
    primary.resourceCountIs('AWS::MSK::Replicator', 0);
  });

  test.each(further)('replicates the events to %s', (_, template) => {
    const [target] = Object.keys(template.findResources('AWS::MSK::Cluster'));
    const source = fromPrimary('EventStreamArn');
    template.hasResourceProperties('AWS::MSK::Replicator', {
      KafkaClusters: [
        {
          AmazonMskCluster: { MskClusterArn: source },
          VpcConfig: { SubnetIds: ['1', '2', '3'].map((n) => fromPrimary(`EventStreamSubnet${n}`)) },
        },
        Match.objectLike({ AmazonMskCluster: { MskClusterArn: { 'Fn::GetAtt': [target, 'Arn'] } } }),
      ],
      ReplicationInfoList: [
        Match.objectLike({ SourceKafkaClusterArn: source, TargetKafkaClusterArn: { 'Fn::GetAtt': [target, 'Arn'] } }),
      ],
    });
  });

  test('copies the credentials of the database to every further Region, which read the copy there', () => {
    primary.hasResourceProperties('AWS::SecretsManager::Secret', {
      ReplicaRegions: FURTHER.map((Region) => ({ Region })),
    });
    for (const [region, template] of further) {
      const names = [...below(template.toJSON(), 'Secrets')].flat() as { Name: string; ValueFrom: unknown }[];
      const password = names.find(({ Name }) => Name === 'DATABASE_PASSWORD');
      expect(JSON.stringify(password?.ValueFrom)).toContain(`secretsmanager:${region}:123456789012:secret`);
      expect([...below(password, 'OutputName')]).toEqual([expect.stringMatching(/^ProductOutputDatabaseSecretName/)]);
    }
  });

  test('has one multi-Region key with a replica in every further Region', () => {
    primary.hasResource('AWS::KMS::Key', { ...RETAINED, Properties: { MultiRegion: true } });
    for (const [, template] of further) {
      template.hasResource('AWS::KMS::ReplicaKey', { ...RETAINED, Properties: { PrimaryKeyArn: fromPrimary('KeyArn') } });
      template.resourceCountIs('AWS::KMS::Key', 0);
    }
  });

  test('copies the static files to every further Region', () => {
    primary.hasResourceProperties('AWS::S3::Bucket', {
      ReplicationConfiguration: {
        Rules: FURTHER.map((region) =>
          Match.objectLike({
            Status: 'Enabled',
            Destination: { Bucket: outputOf(`Shop-Product-${region}`, region, Match.stringLikeRegexp('^AssetsOutputArn')) },
          }),
        ),
      },
    });
    for (const [, template] of further) {
      template.hasResourceProperties('AWS::S3::Bucket', {
        VersioningConfiguration: { Status: 'Enabled' },
        LoggingConfiguration: { LogFilePrefix: 'assets/' },
      });
    }
  });

  test('lets every Region publish to the bucket that CloudFront reads', () => {
    for (const [, template] of further) {
      template.allResourcesProperties('AWS::ECS::TaskDefinition', {
        ContainerDefinitions: [
          Match.objectLike({
            Environment: Match.arrayWith([{ Name: 'ASSETS_BUCKET', Value: fromPrimary('AssetsBucketName') }]),
          }),
        ],
      });
    }
  });

  test('has a replica of the shared table in every Region, declared once', () => {
    const tables = (template: Template) =>
      Object.entries(template.findResources('AWS::DynamoDB::GlobalTable')).map(([id, { Properties }]) => {
        const replicas = (Properties.Replicas as { Region: string }[]).map(({ Region }) => Region).sort();
        return `${id.replace(/^Product|[0-9A-F]{8}$/g, '')} in ${replicas.join(', ')}`;
      });
    // What was handled is known in one Region, since a queue is worked off in one.
    expect(tables(primary).sort()).toEqual([
      'IdempotencyTable in us-east-1',
      `SharedTable in ${[...FURTHER, 'us-east-1'].sort().join(', ')}`,
    ]);
    for (const [region, template] of further) expect(tables(template)).toEqual([`IdempotencyTable in ${region}`]);
  });

  test('sends users to the nearest healthy Region', () => {
    const records = originRecords(all);
    expect(records.map(({ Name, Region, SetIdentifier }) => `${Name} ${Region} ${SetIdentifier}`).sort()).toEqual(
      [...FURTHER, 'us-east-1'].map((region) => `origin.shop.example.com. ${region} ${region}`).sort(),
    );
    for (const { HealthCheckId, AliasTarget } of records) {
      expect(HealthCheckId).toBeDefined();
      // Of the load balancer's target groups only the core's decides.
      expect(AliasTarget).toMatchObject({ EvaluateTargetHealth: false });
    }
  });

  test('takes the health of a Region from an alarm there, which knows the healthy tasks', () => {
    const checks = resources(all.assembly, 'AWS::Route53::HealthCheck').map(({ stack, logicalId, properties }) => {
      return { stack, logicalId, ...(properties.HealthCheckConfig as HealthCheckConfig) };
    });
    const byAlarm = checks.filter(({ Type }) => Type === 'CLOUDWATCH_METRIC');
    for (const { stack, AlarmIdentifier } of byAlarm) {
      expect(AlarmIdentifier).toMatchObject({ Region: stack.region });
      expect(stack.template.Resources?.[AlarmIdentifier!.Name.Ref].Properties).toMatchObject({
        MetricName: 'HealthyHostCount',
        TreatMissingData: 'breaching',
      });
    }
    // One for each of the two target groups that take turns, and one that is healthy while either is.
    for (const region of [...FURTHER, 'us-east-1']) {
      const halves = byAlarm.filter(({ stack }) => stack.region === region);
      const [either, ...more] = checks.filter(({ Type, stack }) => Type === 'CALCULATED' && stack.region === region);
      expect([halves.length, more]).toEqual([2, []]);
      expect(new Set(halves.map(({ AlarmIdentifier }) => AlarmIdentifier!.Name.Ref)).size).toBe(2);
      expect(either.HealthThreshold).toBe(1);
      expect(either.ChildHealthChecks?.map((child) => child.Ref).sort()).toEqual(halves.map(({ logicalId }) => logicalId).sort());
      const record = originRecords(all).find((one) => one.Region === region);
      expect(record?.HealthCheckId).toEqual({ Ref: either.logicalId });
    }
    // The rest looks at the site from afar, and sends nobody anywhere.
    const others = checks.filter(({ Type }) => !['CLOUDWATCH_METRIC', 'CALCULATED'].includes(Type));
    expect(others.map(({ Type, stack }) => `${Type} in ${stack.region}`)).toEqual(['HTTPS in us-east-1']);
  });

  test('has one CloudFront and one firewall over it all, which ask the records, and one before each load balancer', () => {
    for (const [, template] of further) template.resourceCountIs('AWS::CloudFront::Distribution', 0);
    const scopes = resources(all.assembly, 'AWS::WAFv2::WebACL').map(({ properties }) => properties.Scope);
    expect(scopes.sort()).toEqual(['CLOUDFRONT', ...Array(4).fill('REGIONAL')]);
    for (const [, template] of [['', primary] as const, ...further]) {
      template.resourceCountIs('AWS::WAFv2::WebACLAssociation', 1);
    }
    const counting = FirewallRules.countOnly('counted for two weeks, the log is read each Monday', {
      allowedAddresses: ['198.51.100.0/24'],
    });
    const acls = resources(synthesized(4, { firewall: counting }).assembly, 'AWS::WAFv2::WebACL');
    expect(acls.length).toBeGreaterThan(2);
    for (const { properties } of acls) {
      const text = JSON.stringify((properties.Rules as { Name: string }[]).filter(({ Name }) => Name !== 'Admission'));
      expect(text).not.toMatch(/"Block"|"None"/);
      expect(text).toContain('"AllowedAddresses"');
    }
    primary.hasResourceProperties('AWS::CloudFront::Distribution', {
      DistributionConfig: {
        Aliases: ['shop.example.com'],
        WebACLId: Match.anyValue(),
        Origins: Match.arrayWith([Match.objectLike({ DomainName: 'origin.shop.example.com' })]),
      },
    });
    expect(siteRecord(primary).map(({ Type }) => Type)).toEqual(['A', 'AAAA']);
  });

  test('runs the whole product in every further Region, eight tasks of the core at least', () => {
    for (const [, template] of further) {
      template.resourceCountIs('AWS::ECS::Service', 4);
      template.hasResourceProperties('AWS::ApplicationAutoScaling::ScalableTarget', { MinCapacity: 8, MaxCapacity: 40 });
      template.hasResourceProperties('AWS::ElasticLoadBalancingV2::Listener', { Protocol: 'HTTPS' });
      template.hasResourceProperties('AWS::CertificateManager::Certificate', { DomainName: 'shop.example.com' });
    }
  });

  test('gives every Region a range of its own', () => {
    const ranges = resources(all.assembly, 'AWS::EC2::VPC').map(({ stack, properties }) => {
      return `${stack.region} ${properties.CidrBlock}`;
    });
    expect(ranges.sort()).toEqual([
      'ap-southeast-1 10.22.0.0/16',
      'eu-central-1 10.19.0.0/16',
      'us-east-1 10.0.0.0/16',
      'us-west-2 10.18.0.0/16',
    ]);
  });

  test('exposes the product of every further Region', () => {
    const stack = testStack();
    const product = new Stage4Global(stack, 'Product', testProps(stack, { server: NEVER }));
    expect(product.regions.map(({ region }) => region)).toEqual(FURTHER);
    expect(product.regions.map(({ cacheCopy }) => cacheCopy !== undefined)).toEqual([true, true, false]);
  });
});

describe('the fourth stage with areas', () => {
  const all = synthesized(4, {
    server: NEVER,
    regions: [
      { region: 'eu-central-1', serves: [GeographicArea.EUROPE, GeographicArea.country('TR')] },
      { region: 'ap-southeast-1', serves: [GeographicArea.ASIA] },
    ],
  });

  test('sends every area to its Region, and the rest to the primary one', () => {
    const areas = originRecords(all).filter(({ Name }) => Name === 'area-origin.shop.example.com.');
    expect(areas.map(({ GeoLocation, SetIdentifier }) => [SetIdentifier, GeoLocation])).toEqual(
      expect.arrayContaining([
        ['us-east-1-rest', { CountryCode: '*' }],
        ['eu-central-1-continent-EU', { ContinentCode: 'EU' }],
        ['eu-central-1-country-TR', { CountryCode: 'TR' }],
        ['ap-southeast-1-continent-AS', { ContinentCode: 'AS' }],
      ]),
    );
    expect(areas).toHaveLength(4);
    for (const { HealthCheckId } of areas) expect(HealthCheckId).toBeDefined();
  });

  test('keeps the records by latency, so that CloudFront can go back in place', () => {
    expect(originRecords(all).filter(({ Name }) => Name === 'origin.shop.example.com.')).toHaveLength(3);
    all.primary.hasResourceProperties('AWS::CloudFront::Distribution', {
      DistributionConfig: {
        Origins: Match.arrayWith([Match.objectLike({ DomainName: 'area-origin.shop.example.com', Id: 'application' })]),
      },
    });
  });
});

describe('the site at the fourth stage', () => {
  test('is the server while that holds the database', () => {
    const { primary } = synthesized(4);
    const [server] = Object.keys(primary.findResources('AWS::EC2::EIP')).filter((id) => id.includes('ServerAddress'));
    expect(siteRecord(primary)).toEqual([expect.objectContaining({ Type: 'A', ResourceRecords: [{ Ref: server }] })]);
  });

  test('without a domain is the primary Region alone, and says so', () => {
    const stack = testStack();
    new Stage4Global(stack, 'Product', testProps(stack, { server: NEVER, domain: undefined }));
    Annotations.fromStack(stack).hasWarning('/Shop/Product', Match.stringLikeRegexp('^without a domain there is no record'));
  });
});

test('the fourth stage looks after search and warehouse in the primary Region alone', () => {
  const { assembly, byName } = synthesized(4, { server: NEVER });
  const caring = assembly.stacks.map(({ stackName }) => stackName).filter((name) => name.includes('DataCare'));
  expect(caring).toEqual(['Shop-Product-DataCare']);
  const care = byName['Shop-Product-DataCare'];
  care.hasResourceProperties('AWS::CloudWatch::Alarm', { MetricName: 'Nodes', Threshold: 6 });
  care.hasResourceProperties('AWS::SSM::Association', { Parameters: Match.objectLike({ RpuHoursADay: ['288'] }) });
});
