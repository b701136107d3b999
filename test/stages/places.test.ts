import { App, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as route53 from 'aws-cdk-lib/aws-route53';
import { type Assembly, readAssembly } from '../../lib/assembly/cloud-assembly';
import { comparePromotion } from '../../lib/promotion/compare';
import { ServerOption } from '../../lib/stages/server-option';
import { RECOMMENDED_FLAGS } from '../recommended-flags';
import { ACCOUNT, agnosticStack, testStack } from '../stacks';
import { type AnyStageProps, addStage, IMAGE, testProps } from '../synth-stages';
import { synthesized } from './synthesized';

const STAGES = [1, 2, 3, 4];
const NEVER = ServerOption.never('starts with several tasks');
const env = (region: string) => ({ account: ACCOUNT, region });
/** Where it does not matter how many further Regions there are. */
const ONE = { regions: [{ region: 'us-west-2' }] };

/** What the guard says of going from one assembly to the other, apart from what stays or changes in place. */
function moves(before: Assembly, after: Assembly): string[] {
  return comparePromotion(before, after)
    .changes.filter(({ verdict }) => verdict !== 'kept' && verdict !== 'updated')
    .map(({ verdict, stackName, type, logicalId }) => `${verdict}: ${type} ${logicalId} in ${stackName}`);
}

afterEach(() => jest.restoreAllMocks());

describe.each(STAGES)('stage %d', (stage) => {
  test('is the same in an App as in a Stage of one', () => {
    const app = new App();
    const stack = new Stack(app, 'Shop', { env: env('us-east-1') });
    addStage(stack, stage, testProps(stack, ONE));
    expect(moves(readAssembly(app.synth().directory), synthesized(stage, ONE).assembly)).toEqual([]);
  });

  test.each([
    ['on the server', undefined],
    ['in Aurora', { server: ServerOption.withoutDatabase() }],
  ])('loses nothing when its user turns on every recommended feature flag, or off again (database %s)', (_, props) => {
    // With the flags CDK prints every warning of the stages.
    jest.spyOn(console, 'error').mockReturnValue();
    const here = { ...props, ...ONE };
    const without = synthesized(stage, here).assembly;
    const with_ = synthesized(stage, here, { context: RECOMMENDED_FLAGS }).assembly;
    expect(moves(without, with_)).toEqual([]);
    expect(moves(with_, without)).toEqual([]);
  });

  test('reads other stacks by weak references, whatever kind its user prefers', () => {
    const strong = { context: { '@aws-cdk/core:defaultCrossStackReferences': 'strong' } };
    const { assembly } = synthesized(stage, ONE, strong);
    expect(assembly.stacks.map(({ template }) => template)).toEqual(
      synthesized(stage, ONE).assembly.stacks.map(({ template }) => template),
    );
  });

  // Two of the later stages pass the 500 resources of a stack; beside each stand its audit, its care, and `api` in every Region.
  test(stage < 3 ? 'stands twice in one stack' : 'stands twice in one app', () => {
    const stack = testStack();
    const first = testProps(stack, ONE);
    addStage(stack, stage, first);
    const other = stage < 3 ? stack : new Stack(stack.node.root as App, 'Store', { env: env('us-east-1') });
    const domain = { ...first.domain!, name: 'store.example.com' };
    const regions = first.regions.map((region, index) => ({ ...region, vpcCidr: `10.${40 + index}.0.0/16` }));
    addStage(other, stage, { ...first, domain, regions, vpcCidr: '10.39.0.0/16' }, 'Second');
    const { stacks } = (stack.node.root as App).synth();
    expect(new Set(stacks.map(({ stackName }) => stackName)).size).toBe([1, 1, 2 * 4, 2 * 6][stage - 1]);
    const names = stacks.flatMap(({ environment, template }) =>
      physicalNames(template).map((name) => `${name} in ${environment.region}`),
    );
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });

  test('lives in a VPC and a zone that another stack of the app makes', () => {
    const app = new App();
    const base = new Stack(app, 'Base', { env: env('us-east-1') });
    const vpc = new ec2.Vpc(base, 'Vpc', {
      availabilityZones: ['us-east-1a', 'us-east-1b', 'us-east-1c'],
      subnetConfiguration: [
        { name: 'front', subnetType: ec2.SubnetType.PUBLIC },
        { name: 'middle', subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS },
        { name: 'back', subnetType: ec2.SubnetType.PRIVATE_ISOLATED },
      ],
    });
    const hostedZone = new route53.PublicHostedZone(base, 'Zone', { zoneName: 'example.com' });
    const stack = new Stack(app, 'Shop', { env: env('us-east-1') });
    const domain = { name: 'shop.example.com', hostedZone };
    addStage(stack, stage, { ...testProps(stack, ONE), vpc, domain });
    const { template } = app.synth().getStackByName('Shop');
    expect(Object.values(template.Resources).map((resource) => (resource as { Type: string }).Type)).not.toContain(
      'AWS::EC2::VPC',
    );
  });

  test('waits for a VPC that is still to be looked up', () => {
    const app = new App();
    const stack = new Stack(app, 'Shop', { env: env('us-east-1') });
    const vpc = ec2.Vpc.fromLookup(stack, 'Mine', { vpcName: 'mine' });
    addStage(stack, stage, testProps(stack, { vpc, ...ONE }));
    expect(app.synth().manifest.missing?.map(({ provider }) => provider)).toEqual(['vpc-provider']);
  });
});

describe('a stack without a concrete environment', () => {
  test.each([1, 2, 3])('takes stage %d, and is warned of the day it gets one', (stage) => {
    const stack = agnosticStack();
    addStage(stack, stage, testProps(stack));
    Template.fromStack(stack).resourceCountIs('AWS::EC2::VPC', 1);
    Annotations.fromStack(stack).hasWarning('*', Match.stringLikeRegexp('giving it one later replaces every subnet'));
    const expected = { 'AWS::WAFv2::WebACL': stage >= 3 ? 2 : 0, 'AWS::CloudFront::Distribution': stage >= 2 ? 1 : 0 };
    for (const [type, count] of Object.entries(expected)) {
      const stacks = (stack.node.root as App).synth().stacks;
      const found = stacks.flatMap(({ template }) => Object.values(template.Resources as Record<string, { Type: string }>));
      expect(found.filter(({ Type }) => Type === type)).toHaveLength(count);
    }
  });

  test.each([
    ['knows neither account nor Region', {}],
    ['knows no account', { region: 'us-east-1' }],
    ['knows no Region', { account: ACCOUNT }],
  ])('cannot take stage 4 where it %s', (_, somewhere) => {
    const stack = new Stack(new App(), 'Shop', { env: somewhere });
    expect(() => addStage(stack, 4, testProps(stack))).toThrow(
      new Error(
        'the stack of Stage4Global must have a concrete account and Region: give it env, since replicas are placed by Region',
      ),
    );
  });
});

describe('outside us-east-1', () => {
  const EUROPE = { env: env('eu-central-1') };
  const EDGE = 'Shop-Product-Site-edge';

  test.each([
    [2, true],
    [3, true],
    [3, false],
  ])('stage %d (domain: %s) puts what CloudFront takes from us-east-1 only into a stack there', (stage, domain) => {
    const { assembly, byName } = synthesized(stage, domain ? {} : { domain: undefined }, EUROPE);
    const there = assembly.stacks.filter(({ region }) => region === 'us-east-1').map(({ stackName }) => stackName);
    expect(there).toEqual([EDGE, ...(stage === 3 ? [`${EDGE}-alarms`] : [])]);
    const edge = byName[EDGE];
    edge.resourceCountIs('AWS::CertificateManager::Certificate', domain ? 1 : 0);
    edge.resourcePropertiesCountIs('AWS::WAFv2::WebACL', { Scope: 'CLOUDFRONT' }, stage === 3 ? 1 : 0);
    edge.resourceCountIs('AWS::KMS::Key', stage === 3 ? 1 : 0);
    byName.Shop.resourcePropertiesCountIs('AWS::WAFv2::WebACL', { Scope: 'CLOUDFRONT' }, 0);
    byName.Shop.resourcePropertiesCountIs('AWS::WAFv2::WebACL', { Scope: 'REGIONAL' }, stage === 3 ? 1 : 0);
    const take = (name: string) => ({
      'Fn::GetStackOutput': { StackName: EDGE, Region: 'us-east-1', OutputName: Match.stringLikeRegexp(name) },
    });
    byName.Shop.hasResourceProperties('AWS::CloudFront::Distribution', {
      DistributionConfig: {
        ...(domain && { ViewerCertificate: Match.objectLike({ AcmCertificateArn: take('CertificateArn') }) }),
        ...(stage === 3 && { WebACLId: take('WebAclArn') }),
      },
    });
    const [edgeArtifact, productArtifact] = [EDGE, 'Shop'].map(
      (name) => assembly.stacks.find(({ stackName }) => stackName === name)!,
    );
    expect(productArtifact.dependencies).toEqual([edgeArtifact.artifactId]);
  });

  test('stage 3 has the alarms of its edge there, which no alarm elsewhere could read, and a topic for them', () => {
    const { byName } = synthesized(3, {}, EUROPE);
    const watch = byName[`${EDGE}-alarms`];
    const alarms = Object.values(watch.findResources('AWS::CloudWatch::Alarm'));
    // The third is the sign that users are far, which is told of where the numbers are.
    expect(alarms.map(({ Properties }) => Properties.AlarmDescription.slice(0, 12)).sort()).toEqual([
      'Climb: in th',
      'CloudFront h',
      'The firewall',
    ]);
    watch.resourceCountIs('AWS::SNS::Topic', 1);
    expect(JSON.stringify(byName.Shop.findResources('AWS::CloudWatch::Alarm'))).not.toMatch(/AWS\/CloudFront|AWS\/WAFV2/);
  });

  test('stage 4 has it beside its further Regions, one of which may be us-east-1', () => {
    const { assembly, byName } = synthesized(4, { regions: [{ region: 'us-east-1' }] }, EUROPE);
    expect(assembly.stacks.map(({ stackName, region }) => `${stackName} in ${region}`).sort()).toEqual([
      'Shop in eu-central-1',
      'Shop-Product-Audit in eu-central-1',
      'Shop-Product-DataCare in eu-central-1',
      'Shop-Product-Services-api in eu-central-1',
      `${EDGE} in us-east-1`,
      `${EDGE}-alarms in us-east-1`,
      'Shop-Product-us-east-1 in us-east-1',
      'Shop-Product-us-east-1-Services-api in us-east-1',
    ]);
    byName[EDGE].resourcePropertiesCountIs('AWS::WAFv2::WebACL', { Scope: 'CLOUDFRONT' }, 1);
    byName['Shop-Product-us-east-1'].resourcePropertiesCountIs('AWS::WAFv2::WebACL', { Scope: 'CLOUDFRONT' }, 0);
  });

  test('stage 2 needs no such stack without a domain, nor with a certificate of the user', () => {
    const names = (props: Partial<AnyStageProps> | ((stack: Stack) => Partial<AnyStageProps>)) =>
      synthesized(2, props, EUROPE).assembly.stacks.map(({ stackName }) => stackName);
    expect(names({ domain: undefined })).toEqual(['Shop']);
    const arn = 'arn:aws:acm:us-east-1:123456789012:certificate/mine';
    const withCertificate = (stack: Stack) => {
      const hostedZone = route53.HostedZone.fromHostedZoneId(stack, 'Theirs', 'Z0123456789EXAMPLE');
      const edgeCertificate = acm.Certificate.fromCertificateArn(stack, 'Mine', arn);
      return { domain: { name: 'shop.example.com', hostedZone, edgeCertificate } };
    };
    expect(names(withCertificate)).toEqual(['Shop']);
  });

  test('stage 1 needs no such stack', () => {
    expect(synthesized(1, {}, EUROPE).assembly.stacks.map(({ stackName }) => stackName)).toEqual(['Shop']);
  });

  test.each([2, 3, 4])('stage %d refuses a zone that its own stack makes, which the certificate would need first', (stage) => {
    const stack = testStack(EUROPE);
    const hostedZone = new route53.PublicHostedZone(stack, 'Mine', { zoneName: 'example.com' });
    const domain = { name: 'shop.example.com', hostedZone };
    expect(() => addStage(stack, stage, { image: IMAGE, ...ONE, domain })).toThrow(
      new Error(
        "domain.hostedZone must not be made in the product's own stack outside us-east-1, whose certificate needs the zone first: " +
          'make it in a stack of its own, or give domain.edgeCertificate',
      ),
    );
  });
});

describe.each(STAGES)('stage %d takes what is there already', (stage) => {
  const isolated = (...ids: string[]) => ({ isolatedSubnetIds: ids });

  test.each([
    ['isolated subnets for data', isolated('subnet-data-a', 'subnet-data-b', 'subnet-data-c'), 'subnet-data-a'],
    ['private subnets only', {}, 'subnet-app-a'],
  ])('a VPC with %s', (_, more, dataSubnet) => {
    const { primary } = synthesized(stage, (stack) => ({
      server: ServerOption.withoutDatabase(),
      ...ONE,
      vpc: ec2.Vpc.fromVpcAttributes(stack, 'Mine', {
        vpcId: 'vpc-0a',
        availabilityZones: ['us-east-1a', 'us-east-1b', 'us-east-1c'],
        publicSubnetIds: ['subnet-public-a', 'subnet-public-b', 'subnet-public-c'],
        privateSubnetIds: ['subnet-app-a', 'subnet-app-b', 'subnet-app-c'],
        ...more,
      }),
    }));
    for (const type of ['AWS::EC2::VPC', 'AWS::EC2::Subnet', 'AWS::EC2::NatGateway']) primary.resourceCountIs(type, 0);
    primary.hasResourceProperties('AWS::RDS::DBSubnetGroup', { SubnetIds: Match.arrayWith([dataSubnet]) });
    if (stage === 1) return;
    primary.allResourcesProperties('AWS::ECS::Service', {
      NetworkConfiguration: { AwsvpcConfiguration: Match.objectLike({ Subnets: Match.arrayWith(['subnet-app-a']) }) },
    });
  });

  test('a key', () => {
    const arn = 'arn:aws:kms:us-east-1:123456789012:key/mrk-1234';
    const { primary } = synthesized(stage, (stack) => ({
      encryptionKey: kms.Key.fromKeyArn(stack, 'Mine', arn),
      ...ONE,
    }));
    primary.resourceCountIs('AWS::KMS::Key', 0);
    primary.hasResourceProperties('AWS::EC2::Volume', { KmsKeyId: arn });
    if (stage > 1) primary.hasResourceProperties('AWS::RDS::DBCluster', { KmsKeyId: arn });
  });

  test('a zone of which it knows the id only', () => {
    const { primary } = synthesized(stage, (stack) => {
      const hostedZone = route53.HostedZone.fromHostedZoneId(stack, 'Mine', 'Z9');
      return { domain: { name: 'shop.example.com', hostedZone }, ...ONE };
    });
    primary.allResourcesProperties('AWS::Route53::RecordSet', { HostedZoneId: 'Z9' });
  });

  test('a zone that its own stack makes in us-east-1', () => {
    const { primary, assembly } = synthesized(stage, (stack) => ({
      server: stage === 1 ? undefined : NEVER,
      ...ONE,
      domain: { name: 'shop.example.com', hostedZone: new route53.PublicHostedZone(stack, 'Mine', { zoneName: 'example.com' }) },
    }));
    primary.hasResourceProperties('AWS::Route53::RecordSet', {
      Name: 'shop.example.com.',
      HostedZoneId: { Ref: Match.stringLikeRegexp('^Mine') },
    });
    for (const { template } of assembly.stacks) expect(JSON.stringify(template)).not.toContain('Fn::ImportValue');
  });
});

/** Every name of its own that a resource of the template has. */
function physicalNames(template: {
  Resources: Record<string, { Type: string; Properties?: Record<string, unknown> }>;
}): string[] {
  return Object.values(template.Resources).flatMap(({ Type, Properties = {} }) =>
    Object.entries(Properties)
      .filter(([key, value]) => /Name$|^(UserId|UserGroupId|Family)$|Suffix$/.test(key) && typeof value === 'string')
      .filter(([key]) => !NOT_UNIQUE.test(`${Type} ${key}`))
      .map(([key, value]) => `${Type} ${key} ${value}`),
  );
}

/** Names that say something of another thing, or that count within another thing only. */
const NOT_UNIQUE =
  /MetricName|NamedQuery Name|DomainName$|UserName$|DatabaseName$|DbName$|AdminUsername|MasterUsername|TargetGroupName$|PolicyName$|IndexName|HostedZoneName|LifecycleHookName|ServiceName$|AttributeName|ParameterGroup Family/;
