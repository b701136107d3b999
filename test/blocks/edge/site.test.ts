import { App, Stack, Stage } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as route53 from 'aws-cdk-lib/aws-route53';
import { Construct } from 'constructs';
import { AssetBucket } from '../../../lib/blocks/data/asset-bucket';
import { DdosProtection } from '../../../lib/blocks/edge/ddos-protection';
import { FirewallRules } from '../../../lib/blocks/edge/firewall-rules';
import { Site, type SiteProps } from '../../../lib/blocks/edge/site';
import { AlarmTopic } from '../../../lib/blocks/operations/alarm-topic';
import { LogBucket } from '../../../lib/blocks/operations/log-bucket';
import { ACCOUNT, agnosticStack, testStack } from '../../stacks';
import { flagDependent, losses } from '../before-after';
import { CLEAN, policy } from '../compute/service-fixture';
import { everyPack } from '../every-pack';
import { domain, EDGE_CERTIFICATE, edgeCertificate, stackIn } from './edge-fixture';

const DISTRIBUTION = 'AWS::CloudFront::Distribution';
const CERTIFICATE = 'AWS::CertificateManager::Certificate';

function site(scope: Construct, props: Partial<SiteProps> = {}, id = 'Site'): Site {
  const product = scope.node.tryFindChild('Product') ?? new Construct(scope, 'Product');
  const logBucket = new LogBucket(product, `${id}Logs`);
  const assets = new AssetBucket(product, `${id}Assets`, { accessLogBucket: logBucket.bucket });
  return new Site(product, id, { assets: assets.bucket, originHost: 'origin.shop.example.com', logBucket, ...props });
}

/** What the one distribution of a stack is made of. */
function config(stack: Stack): Record<string, unknown> {
  const [found] = Object.values(Template.fromStack(stack).findResources(DISTRIBUTION));
  return found.Properties.DistributionConfig;
}

/** How the product's stack reads an output of its edge stack. */
const fromEdge = (OutputName: unknown, StackName = 'Shop-Product-Site-edge') => ({
  'Fn::GetStackOutput': { StackName, OutputName, Region: 'us-east-1' },
});

describe('a site in us-east-1', () => {
  test('has its certificate and its firewall in the product stack', () => {
    const stack = testStack();
    const { edgeStack } = site(stack, { domain: domain(stack), firewall: FirewallRules.of() });
    expect(edgeStack).toBeUndefined();
    const template = Template.fromStack(stack);
    template.hasResourceProperties(CERTIFICATE, { DomainName: 'shop.example.com' });
    expect(config(stack)).toMatchObject({
      Aliases: ['shop.example.com'],
      ViewerCertificate: { AcmCertificateArn: { Ref: expect.stringMatching(/^ProductSiteCertificate/) } },
      WebACLId: { 'Fn::GetAtt': [expect.stringMatching(/^ProductSiteFirewall/), 'Arn'] },
    });
    expect(template.findOutputs('*')).toEqual({});
  });

  test("encrypts the firewall's log with the product's key", () => {
    const stack = testStack();
    site(stack, { firewall: FirewallRules.of(), encryptionKey: new kms.Key(stack, 'Key') });
    const template = Template.fromStack(stack);
    template.resourceCountIs('AWS::KMS::Key', 1);
    template.hasResourceProperties('AWS::Logs::LogGroup', {
      KmsKeyId: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Key'), 'Arn'] },
    });
  });

  test('gets a domain and a firewall in place', () => {
    const after = (stack: Stack) => {
      site(stack, { domain: domain(stack), firewall: FirewallRules.of() });
    };
    expect(losses((stack) => site(stack), after)).toEqual([]);
  });
});

describe('a site elsewhere', () => {
  test('has its certificate and its firewall in a stack in us-east-1, and reads them by weak references', () => {
    const stack = stackIn('eu-central-1');
    const { edgeStack } = site(stack, { domain: domain(stack), firewall: FirewallRules.of() });
    expect(edgeStack).toMatchObject({ region: 'us-east-1', account: ACCOUNT, stackName: 'Shop-Product-Site-edge' });
    const edge = Template.fromStack(edgeStack!);
    edge.hasResourceProperties(CERTIFICATE, { DomainName: 'shop.example.com' });
    edge.hasResourceProperties('AWS::WAFv2::WebACL', { Scope: 'CLOUDFRONT' });
    edge.resourceCountIs(DISTRIBUTION, 0);
    expect(config(stack)).toMatchObject({
      ViewerCertificate: { AcmCertificateArn: fromEdge('OutputCertificateArn') },
      WebACLId: fromEdge(expect.stringMatching(/^FirewallOutputWebAclArn/)),
    });
    Template.fromStack(stack).resourceCountIs(CERTIFICATE, 0);
    expect(Object.keys(edge.findOutputs('*'))).toEqual(
      expect.arrayContaining(['OutputCertificateArn', expect.stringMatching(/^FirewallOutputWebAclArn/)]),
    );
    const text = JSON.stringify([edge.toJSON(), Template.fromStack(stack).toJSON()]);
    expect(text).not.toMatch(/Fn::ImportValue|"Export"|Custom::|AWS::Lambda/);
  });

  test("encrypts the firewall's log with a key of its own, which only services of AWS give away", () => {
    const stack = stackIn('eu-central-1');
    const { edgeStack } = site(stack, { firewall: FirewallRules.of(), encryptionKey: new kms.Key(stack, 'Key') });
    const edge = Template.fromStack(edgeStack!);
    edge.hasResourceProperties('AWS::Logs::LogGroup', {
      KmsKeyId: { 'Fn::GetAtt': [Match.stringLikeRegexp('LogKey'), 'Arn'] },
    });
    edge.hasResource('AWS::KMS::Key', {
      Properties: {
        EnableKeyRotation: true,
        KeyPolicy: {
          Statement: Match.arrayWith([
            Match.objectLike({ Sid: 'OnlyServicesCreateGrants' }),
            Match.objectLike({ Sid: 'LogsOfThisAccount' }),
          ]),
        },
      },
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
    });
  });

  test('makes no key for a product without one', () => {
    const { edgeStack } = site(stackIn('eu-central-1'), { firewall: FirewallRules.of() });
    Template.fromStack(edgeStack!).resourceCountIs('AWS::KMS::Key', 0);
  });

  test('deploys after its edge stack', () => {
    const stack = stackIn('eu-central-1');
    const { edgeStack } = site(stack, { firewall: FirewallRules.of() });
    expect(stack.dependencies).toEqual([edgeStack]);
    expect(edgeStack?.dependencies).toEqual([]);
  });

  test.each<[string, (stack: Stack) => Partial<SiteProps>]>([
    ['without domain and firewall', () => ({})],
    [
      'with a certificate that is there already',
      (stack) => ({ domain: { ...domain(stack), edgeCertificate: edgeCertificate(stack) } }),
    ],
  ])('%s needs no edge stack', (_, props) => {
    const stack = stackIn('eu-central-1');
    expect(site(stack, props(stack)).edgeStack).toBeUndefined();
    expect(stack.dependencies).toEqual([]);
  });

  test('uses a certificate that is there already beside a firewall that is not', () => {
    const stack = stackIn('eu-central-1');
    const { edgeStack } = site(stack, {
      domain: { ...domain(stack), edgeCertificate: edgeCertificate(stack) },
      firewall: FirewallRules.of(),
    });
    Template.fromStack(edgeStack!).resourceCountIs(CERTIFICATE, 0);
    expect(config(stack)).toMatchObject({
      ViewerCertificate: { AcmCertificateArn: EDGE_CERTIFICATE },
      WebACLId: fromEdge(expect.anything()),
    });
  });

  test('gets a domain and a firewall without losing anything in the product stack', () => {
    const template = (props: (stack: Stack) => Partial<SiteProps>) => {
      const stack = stackIn('eu-central-1');
      site(stack, props(stack));
      return Object.keys(Template.fromStack(stack).toJSON().Resources);
    };
    const before = template(() => ({}));
    expect(template((stack) => ({ domain: domain(stack), firewall: FirewallRules.of() }))).toEqual(
      expect.arrayContaining(before),
    );
  });

  test('has an edge stack of its own for each site', () => {
    const stack = stackIn('eu-central-1');
    const names = ['Site', 'Second'].map((id) => site(stack, { firewall: FirewallRules.of() }, id).edgeStack?.stackName);
    expect(names).toEqual(['Shop-Product-Site-edge', 'Shop-Product-Second-edge']);
    expect(() => (stack.node.root as App).synth()).not.toThrow();
  });

  test('names its edge stack as a stack may be named, whatever the ids above are', () => {
    const stack = stackIn('eu-central-1');
    const { edgeStack } = site(new Construct(stack, 'my_product 1'), { firewall: FirewallRules.of() });
    expect(edgeStack?.stackName).toBe('Shop-my-product-1-Product-Site-edge');
  });

  test('names its edge stack alike under any stage of deployment', () => {
    const under = (stage: string) => {
      const env = { account: ACCOUNT, region: 'eu-central-1' };
      const stack = new Stack(new Stage(new App(), stage), 'Shop', { env, stackName: 'Shop' });
      const { edgeStack } = site(stack, { domain: domain(stack), firewall: FirewallRules.of() });
      return [edgeStack?.stackName, Template.fromStack(edgeStack!).toJSON()];
    };
    expect(under('stage3')).toEqual(under('stage4'));
  });
});

describe('a site in a Region that is not known', () => {
  test('keeps its certificate and its firewall in a stack that is surely in us-east-1', () => {
    const stack = agnosticStack();
    const { edgeStack } = site(stack, { domain: domain(stack), firewall: FirewallRules.of() });
    expect(edgeStack?.region).toBe('us-east-1');
    expect(stack.resolve(edgeStack?.account)).toEqual({ Ref: 'AWS::AccountId' });
    expect(config(stack)).toMatchObject({ ViewerCertificate: { AcmCertificateArn: fromEdge('OutputCertificateArn') } });
  });
});

describe('a site', () => {
  test('speaks HTTPS to its origin exactly if it has a domain', () => {
    for (const [named, protocol] of [
      [true, 'https-only'],
      [false, 'http-only'],
    ]) {
      const stack = testStack();
      site(stack, { domain: named ? domain(stack) : undefined });
      expect(config(stack).Origins).toEqual(
        expect.arrayContaining([
          expect.objectContaining({ CustomOriginConfig: expect.objectContaining({ OriginProtocolPolicy: protocol }) }),
        ]),
      );
    }
  });

  test('is the same with no feature flag and with all recommended ones', () => {
    const types = [DISTRIBUTION, CERTIFICATE, 'AWS::WAFv2::WebACL', 'AWS::Logs::LogGroup'];
    const whole = (stack: Stack) => {
      site(stack, { domain: domain(stack), firewall: FirewallRules.of() });
    };
    expect(flagDependent(whole, ...types)).toEqual([]);
  });

  test.each(['us-east-1', 'eu-central-1'])('in %s passes AwsSolutions, edge stack included', (region) => {
    const stack = stackIn(region);
    site(stack, { domain: domain(stack), firewall: FirewallRules.of() });
    expect(policy(stack)).toEqual(CLEAN);
  });

  test('fails for a name outside its zone', () => {
    const stack = testStack();
    expect(() => site(stack, { domain: domain(stack, 'shop.example.org') })).toThrow(
      new Error("domain.name must lie in the hosted zone 'example.com', got: 'shop.example.org'"),
    );
  });

  test('fails elsewhere if its own stack makes the zone, for which the certificate would have to wait', () => {
    const zoned = (region: string) => {
      const stack = stackIn(region);
      const hostedZone = new route53.PublicHostedZone(stack, 'Zone', { zoneName: 'example.com' });
      return { stack, named: { name: 'shop.example.com', hostedZone } };
    };
    const far = zoned('eu-central-1');
    expect(() => site(far.stack, { domain: far.named })).toThrow(
      new Error(
        "domain.hostedZone must not be made in the product's own stack outside us-east-1, whose certificate needs the zone first: " +
          'make it in a stack of its own, or give domain.edgeCertificate',
      ),
    );
    const given = zoned('eu-central-1');
    expect(() => site(given.stack, { domain: { ...given.named, edgeCertificate: edgeCertificate(given.stack) } })).not.toThrow();
    const near = zoned('us-east-1');
    site(near.stack, { domain: near.named });
    Template.fromStack(near.stack).hasResourceProperties(CERTIFICATE, {
      DomainValidationOptions: [Match.objectLike({ HostedZoneId: { Ref: Match.stringLikeRegexp('^Zone') } })],
    });
  });
});

describe('the alarms of a site', () => {
  const ALARM = 'AWS::CloudWatch::Alarm';
  const alarmed = (stack: Stack, props: Partial<SiteProps> = {}) =>
    site(stack, {
      firewall: FirewallRules.of(),
      additionalMetrics: true,
      encryptionKey: new kms.Key(stack, 'Key', { enableKeyRotation: true }),
      alarms: new AlarmTopic(stack, 'Alarms'),
      ...props,
    });

  test('stand in its own stack in us-east-1, and tell the topic given', () => {
    const stack = testStack();
    const { edgeAlarms, alarms } = alarmed(stack);
    const template = Template.fromStack(stack);
    template.resourceCountIs(ALARM, 2);
    template.resourceCountIs('AWS::SNS::Topic', 1);
    template.allResourcesProperties(ALARM, { AlarmActions: [{ Ref: Match.stringLikeRegexp('^AlarmsTopic') }] });
    expect(alarms).toBe(stack.node.findChild('Alarms'));
    expect(edgeAlarms?.cacheHitRate).toBeDefined();
  });

  test('stand in a stack of their own elsewhere, after the distribution, and tell a topic there, encrypted like the log', () => {
    const stack = stackIn('eu-central-1');
    const { edgeStack, edgeAlarms, alarms } = alarmed(stack);
    Template.fromStack(stack).resourceCountIs(ALARM, 0);
    const watch = Stack.of(edgeAlarms!);
    expect(watch).toMatchObject({ region: 'us-east-1', account: ACCOUNT, stackName: 'Shop-Product-Site-edge-alarms' });
    expect(watch.dependencies).toEqual(expect.arrayContaining([stack, edgeStack]));
    expect(stack.dependencies).toEqual([edgeStack]);
    expect(Stack.of(alarms!)).toBe(watch);
    const template = Template.fromStack(watch);
    template.resourceCountIs(ALARM, 2);
    template.resourceCountIs('AWS::KMS::Key', 0);
    template.hasResource('AWS::SNS::Topic', {
      Properties: { KmsMasterKeyId: Match.anyValue() },
      DeletionPolicy: 'Retain',
    });
    expect(JSON.stringify(template.findResources('AWS::SNS::Topic'))).toContain('Shop-Product-Site-edge"');
    expect(JSON.stringify(template.findResources(ALARM))).toContain('"StackName":"Shop"');
    Template.fromStack(edgeStack!).hasResourceProperties('AWS::KMS::Key', {
      KeyPolicy: {
        Statement: Match.arrayWith([
          Match.objectLike({
            Sid: 'AlarmsOfThisAccount',
            Action: ['kms:Decrypt', 'kms:GenerateDataKey*'],
            Principal: { Service: 'cloudwatch.amazonaws.com' },
            Condition: { StringEquals: { 'aws:SourceAccount': ACCOUNT } },
          }),
        ]),
      },
    });
  });

  test('need no key where the product has none, and no stack where nobody is told', () => {
    const { edgeAlarms } = alarmed(stackIn('eu-central-1'), { encryptionKey: undefined });
    Template.fromStack(Stack.of(edgeAlarms!)).hasResourceProperties('AWS::SNS::Topic', { KmsMasterKeyId: Match.absent() });
    expect(alarmed(stackIn('eu-central-1'), { alarms: undefined }).edgeAlarms).toBeUndefined();
  });

  test('are added in place', () => {
    expect(
      losses(
        (stack) => alarmed(stack, { alarms: undefined }),
        (stack) => alarmed(stack),
      ),
    ).toEqual([]);
  });

  test.each(['us-east-1', 'eu-central-1'])('leave nothing open in %s', (region) => {
    const stack = stackIn(region);
    const { edgeAlarms } = alarmed(stack);
    expect(everyPack(edgeAlarms!)).toEqual(CLEAN);
    expect(
      policy(Stack.of(edgeAlarms!)).open.filter((finding) => finding.includes('EdgeAlarms') || finding.includes('Watch')),
    ).toEqual([]);
    if (region !== 'us-east-1') expect(everyPack(Stack.of(edgeAlarms!))).toEqual(CLEAN);
  });
});

describe('Shield Advanced', () => {
  const sited = (ddos: DdosProtection) => (stack: Stack) => {
    site(stack, { firewall: FirewallRules.of({ ddos }) });
  };

  test('protects the distribution where that is wanted, and goes in place', () => {
    const stack = testStack();
    sited(DdosProtection.SHIELD_ADVANCED)(stack);
    Template.fromStack(stack).hasResourceProperties('AWS::Shield::Protection', {
      ResourceArn: { 'Fn::Join': ['', Match.arrayWith([':distribution/'].map((text) => Match.stringLikeRegexp(text)))] },
      ApplicationLayerAutomaticResponseConfiguration: Match.absent(),
    });
    expect(losses(sited(DdosProtection.STANDARD), sited(DdosProtection.SHIELD_ADVANCED))).toEqual([]);
    expect(losses(sited(DdosProtection.SHIELD_ADVANCED), sited(DdosProtection.SHIELD_ADVANCED_AUTOMATIC_RESPONSE))).toEqual([]);
    expect(losses(sited(DdosProtection.SHIELD_ADVANCED), sited(DdosProtection.STANDARD))).toEqual([
      'AWS::Shield::Protection WILL_DESTROY',
    ]);
  });

  test('counts where the firewall counts', () => {
    const stack = testStack();
    const rules = FirewallRules.countOnly('Counted for two weeks, the log is read each Monday', {
      ddos: DdosProtection.SHIELD_ADVANCED_AUTOMATIC_RESPONSE,
    });
    site(stack, { firewall: rules });
    Template.fromStack(stack).hasResourceProperties('AWS::Shield::Protection', {
      ApplicationLayerAutomaticResponseConfiguration: { Status: 'ENABLED', Action: { Count: {} } },
    });
  });
});
