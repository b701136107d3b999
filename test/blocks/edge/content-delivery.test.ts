import { App, Fn, Stack, Stage, Token } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import { AssetBucket } from '../../../lib/blocks/data/asset-bucket';
import { ContentDelivery, type ContentDeliveryProps } from '../../../lib/blocks/edge/content-delivery';
import { LogBucket } from '../../../lib/blocks/operations/log-bucket';
import { ACCOUNT, agnosticStack, testStack } from '../../stacks';
import { flagDependent, losses } from '../before-after';
import { CLEAN, policy } from '../compute/service-fixture';
import { acknowledgedIds } from '../every-pack';
import { EDGE_CERTIFICATE, edgeCertificate, stackIn } from './edge-fixture';

const DISTRIBUTION = 'AWS::CloudFront::Distribution';
const WEB_ACL = `arn:aws:wafv2:us-east-1:${ACCOUNT}:global/webacl/firewall/1`;

function delivery(stack: Stack, props: Partial<ContentDeliveryProps> = {}): ContentDelivery {
  const logBucket = new LogBucket(stack, 'Logs');
  const assets = new AssetBucket(stack, 'Assets', { accessLogBucket: logBucket.bucket });
  return new ContentDelivery(stack, 'ContentDelivery', {
    assets: assets.bucket,
    originHost: 'origin.shop.example.com',
    originHttps: true,
    logBucket,
    ...props,
  });
}

function withDomain(stack: Stack): ContentDelivery {
  return delivery(stack, { domainNames: ['shop.example.com'], certificate: edgeCertificate(stack), webAclArn: WEB_ACL });
}

function config(make: (stack: Stack) => void, stack = testStack()): Record<string, unknown> {
  make(stack);
  const [found] = Object.values(Template.fromStack(stack).findResources(DISTRIBUTION));
  return found.Properties.DistributionConfig;
}

describe('content delivery', () => {
  test('passes every method to the application, and to no origin group, which would refuse writes', () => {
    const found = config((stack) => delivery(stack));
    expect(found.DefaultCacheBehavior).toMatchObject({
      TargetOriginId: 'application',
      AllowedMethods: ['GET', 'HEAD', 'OPTIONS', 'PUT', 'PATCH', 'POST', 'DELETE'],
      ViewerProtocolPolicy: 'redirect-to-https',
      Compress: true,
      CachePolicyId: { Ref: expect.stringMatching(/^ContentDeliveryDynamicCachePolicy/) },
      // AllViewer (CloudFront developer guide, managed policies).
      OriginRequestPolicyId: '216adef6-5c7f-47e4-b989-5492eafa07d3',
      ResponseHeadersPolicyId: { Ref: expect.stringMatching(/^ContentDeliverySecurityHeaders/) },
    });
  });

  test('keeps an answer as the application says, at most a minute, and for no other viewer', () => {
    const stack = testStack();
    delivery(stack);
    Template.fromStack(stack).hasResourceProperties('AWS::CloudFront::CachePolicy', {
      CachePolicyConfig: {
        Name: Match.stringLikeRegexp('-dynamic-60s-us-east-1$'),
        MinTTL: 0,
        // What says nothing is kept for nobody.
        DefaultTTL: 0,
        MaxTTL: 60,
        ParametersInCacheKeyAndForwardedToOrigin: {
          HeadersConfig: {
            HeaderBehavior: 'whitelist',
            Headers: ['Authorization', 'Host', 'Origin', 'X-HTTP-Method', 'X-HTTP-Method-Override', 'X-Method-Override'],
          },
          CookiesConfig: { CookieBehavior: 'all' },
          QueryStringsConfig: { QueryStringBehavior: 'all' },
          EnableAcceptEncodingBrotli: true,
          EnableAcceptEncodingGzip: true,
        },
      },
    });
  });

  test('keeps a static file for an hour, or as it asks itself, the same for everybody', () => {
    const stack = testStack();
    delivery(stack);
    Template.fromStack(stack).hasResourceProperties('AWS::CloudFront::CachePolicy', {
      CachePolicyConfig: {
        Name: Match.stringLikeRegexp('-static-1h-us-east-1$'),
        MinTTL: 0,
        DefaultTTL: 3600,
        MaxTTL: 31536000,
        ParametersInCacheKeyAndForwardedToOrigin: {
          HeadersConfig: { HeaderBehavior: 'none' },
          CookiesConfig: { CookieBehavior: 'none' },
          QueryStringsConfig: { QueryStringBehavior: 'none' },
          EnableAcceptEncodingBrotli: true,
          EnableAcceptEncodingGzip: true,
        },
      },
    });
  });

  test('adds the headers that protect visitors, on every path, and lets the application say otherwise', () => {
    const stack = testStack();
    const found = config((at) => delivery(at, { errorPagePath: '/errors/unavailable.html' }), stack);
    Template.fromStack(stack).hasResourceProperties('AWS::CloudFront::ResponseHeadersPolicy', {
      ResponseHeadersPolicyConfig: {
        SecurityHeadersConfig: {
          StrictTransportSecurity: { AccessControlMaxAgeSec: 31536000, IncludeSubdomains: false, Override: false },
          ContentTypeOptions: { Override: true },
          FrameOptions: { FrameOption: 'SAMEORIGIN', Override: false },
          ReferrerPolicy: { ReferrerPolicy: 'strict-origin-when-cross-origin', Override: false },
        },
      },
    });
    const behaviors = [found.DefaultCacheBehavior, ...(found.CacheBehaviors as unknown[])] as Record<string, unknown>[];
    expect(behaviors.map(({ PathPattern }) => PathPattern)).toEqual([undefined, '/assets/*', '/errors/unavailable.html']);
    for (const behavior of behaviors) {
      expect(behavior.ResponseHeadersPolicyId).toEqual({ Ref: expect.stringMatching(/^ContentDeliverySecurityHeaders/) });
      expect(behavior.Compress).toBe(true);
    }
  });

  test('forgets an error at once, and spares an application that does not answer for some seconds', () => {
    const seconds = (props: Partial<ContentDeliveryProps>) => config((stack) => delivery(stack, props)).CustomErrorResponses;
    expect(seconds({})).toEqual([
      ...[400, 403, 404, 405, 500].map((ErrorCode) => ({ ErrorCode, ErrorCachingMinTTL: 1 })),
      ...[502, 503, 504].map((ErrorCode) => ({ ErrorCode, ErrorCachingMinTTL: 5 })),
    ]);
  });

  test('shows its page where nobody answered, under the same status, and leaves every other error to the application', () => {
    const ResponsePagePath = '/errors/unavailable.html';
    const found = config((stack) => delivery(stack, { errorPagePath: ResponsePagePath }));
    const responses = found.CustomErrorResponses as Record<string, unknown>[];
    expect(responses.filter((response) => response.ResponsePagePath !== undefined)).toEqual(
      [502, 503, 504].map((ErrorCode) => ({ ErrorCode, ErrorCachingMinTTL: 5, ResponseCode: ErrorCode, ResponsePagePath })),
    );
    const [, page] = found.CacheBehaviors as Record<string, unknown>[];
    // The bucket's, or else the application's.
    expect(page).toMatchObject({ PathPattern: ResponsePagePath, TargetOriginId: 'assets-or-application' });
    expect((found.OriginGroups as { Quantity: number }).Quantity).toBe(1);
  });

  test('proves to the application, and to no bucket, where a request comes from', () => {
    const [application, assets] = config((stack) => delivery(stack, { originHeaderValue: '{{resolve:secretsmanager:password}}' }))
      .Origins as Record<string, unknown>[];
    expect(application.OriginCustomHeaders).toEqual([
      { HeaderName: 'X-Origin-Verify', HeaderValue: '{{resolve:secretsmanager:password}}' },
    ]);
    expect(assets.OriginCustomHeaders).toBeUndefined();
    const [silent] = config((stack) => delivery(stack)).Origins as Record<string, unknown>[];
    expect(silent.OriginCustomHeaders).toBeUndefined();
  });

  test('counts what CloudFront counts for nothing, where CloudFront keeps it', () => {
    const made = delivery(stackIn('eu-central-1'));
    const metrics = [
      made.metricRequests(),
      made.metricBytesDownloaded(),
      made.metric4xxErrorRate(),
      made.metric5xxErrorRate({ statistic: 'Maximum' }),
    ];
    expect(metrics.map(({ metricName, statistic }) => [metricName, statistic])).toEqual([
      ['Requests', 'Sum'],
      ['BytesDownloaded', 'Sum'],
      ['4xxErrorRate', 'Average'],
      ['5xxErrorRate', 'Maximum'],
    ]);
    for (const { namespace, dimensions, region } of metrics) {
      const DistributionId = made.distribution.distributionId;
      expect([namespace, dimensions, region]).toEqual(['AWS/CloudFront', { DistributionId, Region: 'Global' }, 'us-east-1']);
    }
  });

  test('counts cache hits where somebody pays for it', () => {
    const stack = testStack();
    const made = delivery(stack, { additionalMetrics: true });
    expect([made.metricCacheHitRate().metricName, made.metricOriginLatency({ statistic: 'p99' }).statistic]).toEqual([
      'CacheHitRate',
      'p99',
    ]);
    const template = Template.fromStack(stack);
    template.hasResourceProperties('AWS::CloudFront::MonitoringSubscription', {
      MonitoringSubscription: { RealtimeMetricsSubscriptionConfig: { RealtimeMetricsSubscriptionStatus: 'Enabled' } },
    });
    const without = testStack();
    const free = delivery(without);
    Template.fromStack(without).resourceCountIs('AWS::CloudFront::MonitoringSubscription', 0);
    expect(() => free.metricCacheHitRate()).toThrow(
      new Error('CacheHitRate is measured only with additionalMetrics, got false: set it to true (it costs eight metrics)'),
    );
  });

  test('names its policies, one in the account, by Region, stack and path', () => {
    const named = (region: string, stackName: string) => {
      const stack = testStack({ env: { account: ACCOUNT, region }, stackName });
      delivery(stack);
      const template = Template.fromStack(stack);
      const policies = Object.values(template.findResources('AWS::CloudFront::CachePolicy'));
      const [headers] = Object.values(template.findResources('AWS::CloudFront::ResponseHeadersPolicy'));
      return [
        ...policies.map(({ Properties }) => Properties.CachePolicyConfig.Name),
        headers.Properties.ResponseHeadersPolicyConfig.Name,
      ];
    };
    const names = [...named('us-east-1', 'Shop'), ...named('eu-central-1', 'Shop'), ...named('us-east-1', 'A'.repeat(128))];
    expect(new Set(names).size).toBe(9);
    for (const name of names) expect(name).toMatch(/^[A-Za-z0-9_-]{1,128}$/);
    expect(named('us-east-1', 'Shop')).toEqual(names.slice(0, 3));
  });

  test('serves /assets/* from the private bucket by origin access control, to readers only', () => {
    const stack = testStack();
    const found = config((at) => delivery(at), stack);
    const [behavior] = found.CacheBehaviors as Record<string, unknown>[];
    expect(behavior).toMatchObject({
      PathPattern: '/assets/*',
      ViewerProtocolPolicy: 'redirect-to-https',
      CachePolicyId: { Ref: expect.stringMatching(/^ContentDeliveryStaticCachePolicy/) },
    });
    expect(behavior.AllowedMethods).toBeUndefined();
    const origins = found.Origins as Record<string, unknown>[];
    expect(origins.find(({ Id }) => Id === 'assets')).toMatchObject({
      OriginAccessControlId: { 'Fn::GetAtt': [expect.stringMatching(/^ContentDelivery/), 'Id'] },
      S3OriginConfig: { OriginAccessIdentity: '' },
    });
    const template = Template.fromStack(stack);
    template.hasResourceProperties('AWS::CloudFront::OriginAccessControl', {
      OriginAccessControlConfig: { OriginAccessControlOriginType: 's3', SigningBehavior: 'always', SigningProtocol: 'sigv4' },
    });
    template.hasResourceProperties('AWS::S3::BucketPolicy', {
      Bucket: { Ref: Match.stringLikeRegexp('^AssetsBucket') },
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({
            Effect: 'Allow',
            Action: 's3:GetObject',
            Principal: { Service: 'cloudfront.amazonaws.com' },
            Condition: { StringEquals: { 'AWS:SourceArn': Match.anyValue() } },
          }),
        ]),
      },
    });
  });

  test('asks the application for the files that the bucket has not', () => {
    const found = config((stack) => delivery(stack));
    expect(found.OriginGroups).toEqual({
      Quantity: 1,
      Items: [
        {
          Id: 'assets-or-application',
          FailoverCriteria: { StatusCodes: { Quantity: 2, Items: [403, 404] } },
          Members: { Quantity: 2, Items: [{ OriginId: 'assets' }, { OriginId: 'application' }] },
        },
      ],
    });
    expect(found.CacheBehaviors).toEqual([
      expect.objectContaining({ PathPattern: '/assets/*', TargetOriginId: 'assets-or-application' }),
    ]);
    expect((found.Origins as { Id: string }[]).map(({ Id }) => Id)).toEqual(['application', 'assets']);
  });

  test.each([
    [true, 'https-only'],
    [false, 'http-only'],
  ])('to an origin with a certificate (%s) speaks %s', (originHttps, OriginProtocolPolicy) => {
    const [origin] = config((stack) => delivery(stack, { originHttps })).Origins as Record<string, unknown>[];
    expect(origin).toMatchObject({
      DomainName: 'origin.shop.example.com',
      CustomOriginConfig: { OriginProtocolPolicy, OriginSSLProtocols: ['TLSv1.2'] },
    });
  });

  test('logs who came', () => {
    expect(config((stack) => delivery(stack)).Logging).toEqual({
      Bucket: { 'Fn::GetAtt': [expect.stringMatching(/^LogsBucket/), 'RegionalDomainName'] },
      Prefix: 'content-delivery/',
    });
  });

  test('logs nowhere in an opt-in Region, to which CloudFront delivers no logs, and AwsSolutions is told why', () => {
    const stack = stackIn('af-south-1');
    expect(config(withDomain, stack).Logging).toBeUndefined();
    expect(policy(stack)).toEqual(CLEAN);
  });

  test("without a domain answers under CloudFront's name", () => {
    const found = config((stack) => delivery(stack));
    expect([found.Aliases, found.ViewerCertificate, found.WebACLId]).toEqual([undefined, undefined, undefined]);
    expect(found.HttpVersion).toBe('http2and3');
  });

  test('with a domain answers under it, from TLS 1.2 on, behind the firewall', () => {
    expect(config(withDomain)).toMatchObject({
      Aliases: ['shop.example.com'],
      ViewerCertificate: {
        AcmCertificateArn: EDGE_CERTIFICATE,
        MinimumProtocolVersion: 'TLSv1.2_2021',
        SslSupportMethod: 'sni-only',
      },
      WebACLId: WEB_ACL,
    });
  });

  test('says to the controls what it is without: a root object, a firewall, a certificate, HTTPS behind it, logs', () => {
    const said = (make: (stack: Stack) => unknown, stack = testStack()) => {
      make(stack);
      return acknowledgedIds(stack.node.findChild('ContentDelivery')).filter((id) => /^(ControlTower|Checkov)::/.test(id));
    };
    expect(said(withDomain)).toEqual(['ControlTower::CT.CLOUDFRONT.PR.1']);
    expect(said((stack) => delivery(stack, { originHttps: false }))).toEqual([
      'Checkov::CKV_AWS_174',
      'Checkov::CKV_AWS_68',
      ...[1, 6, 7, 8, 9].map((number) => `ControlTower::CT.CLOUDFRONT.PR.${number}`),
    ]);
    expect(said(withDomain, stackIn('af-south-1'))).toEqual([
      'Checkov::CKV_AWS_86',
      'ControlTower::CT.CLOUDFRONT.PR.1',
      'ControlTower::CT.CLOUDFRONT.PR.5',
    ]);
  });

  test('tells the controls that its certificate is in another stack', () => {
    const stack = testStack();
    const elsewhere = acm.Certificate.fromCertificateArn(stack, 'Elsewhere', Fn.getStackOutput('Edge', 'Arn', 'us-east-1'));
    delivery(stack, { domainNames: ['shop.example.com'], certificate: elsewhere, webAclArn: WEB_ACL });
    expect(acknowledgedIds(stack.node.findChild('ContentDelivery'), 'ControlTower')).toEqual([
      'ControlTower::CT.CLOUDFRONT.PR.1',
      'ControlTower::CT.CLOUDFRONT.PR.6',
      'ControlTower::CT.CLOUDFRONT.PR.7',
    ]);
  });

  test('names its origins alike under any stage of deployment', () => {
    const under = (stage: string) => {
      const env = { account: ACCOUNT, region: 'us-east-1' };
      return config((stack) => delivery(stack), new Stack(new Stage(new App(), stage), 'Shop', { env, stackName: 'Shop' }));
    };
    expect(under('stage2')).toEqual(under('stage3'));
  });

  test('gets its domain, its firewall and another origin in place', () => {
    expect(losses((stack) => delivery(stack, { originHost: 'lb.example.com', originHttps: false }), withDomain)).toEqual([]);
  });

  test('is the same with no feature flag and with all recommended ones', () => {
    expect(flagDependent(withDomain, DISTRIBUTION, 'AWS::CloudFront::OriginAccessControl')).toEqual([]);
  });

  test('takes a certificate of no other Region than us-east-1', () => {
    const stack = testStack();
    const arn = `arn:aws:acm:eu-central-1:${ACCOUNT}:certificate/1`;
    const certificate = acm.Certificate.fromCertificateArn(stack, 'Certificate', arn);
    expect(() => delivery(stack, { certificate, domainNames: ['shop.example.com'] })).toThrow('us-east-1');
  });

  test('takes values that are known only at the deploy', () => {
    const late = (Ref: string) => Token.asString({ Ref });
    const found = config((stack) => delivery(stack, { originHost: late('Host'), webAclArn: late('Acl') }));
    expect(found).toMatchObject({
      WebACLId: { Ref: 'Acl' },
      Origins: [{ DomainName: { Ref: 'Host' } }, expect.anything()],
    });
  });

  test.each<[string, (stack: Stack) => void]>([
    ['with everything', withDomain],
    ['without a domain', (stack) => delivery(stack, { originHttps: false })],
    ['without a firewall', (stack) => delivery(stack, { domainNames: ['a.example.com'], certificate: edgeCertificate(stack) })],
  ])('passes AwsSolutions %s', (_, make) => {
    for (const stack of [testStack(), agnosticStack()]) {
      make(stack);
      expect(policy(stack)).toEqual(CLEAN);
    }
  });
});
