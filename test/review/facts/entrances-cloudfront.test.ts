import { assembly, att, ref, resource, stack } from '../../promotion/templates';
import { ANYWHERE, balanced } from './balanced';
import { entrances } from './in-words';

describe('CloudFront as an entrance', () => {
  const distribution = (more: Record<string, unknown> = {}, origin: Record<string, unknown> = {}) =>
    resource('AWS::CloudFront::Distribution', {
      DistributionConfig: {
        Enabled: true,
        DefaultCacheBehavior: { TargetOriginId: 'app', ViewerProtocolPolicy: 'https-only' },
        Origins: [
          { Id: 'app', CustomOriginConfig: { OriginProtocolPolicy: 'https-only' }, DomainName: 'app.example.com', ...origin },
        ],
        ViewerCertificate: { MinimumProtocolVersion: 'TLSv1.2_2021' },
        ...more,
      },
    });

  test('leads outside where its origin is not in the assembly', () => {
    expect(entrances({ Site: distribution() })).toEqual([
      'CloudFront, from anyone, tcp 443: Site > (origin app.example.com) [HTTPS only; TLS (TLSv1.2_2021)]',
    ]);
  });

  test('is not guarded by an access control that never signs', () => {
    const to = (SigningBehavior: string) =>
      entrances({
        Site: distribution({}, { DomainName: att('Pictures', 'RegionalDomainName'), OriginAccessControlId: ref('Control') }),
        Pictures: resource('AWS::S3::Bucket', {}),
        Control: resource('AWS::CloudFront::OriginAccessControl', { OriginAccessControlConfig: { SigningBehavior } }),
      });
    const door = 'CloudFront, from anyone, tcp 443: Site > Pictures [HTTPS only; TLS (TLSv1.2_2021)';
    expect(to('always')).toEqual([`${door}; origin access control]`]);
    expect(to('never')).toEqual([`${door}]`]);
  });

  test('leads to a load balancer by its name, through listeners of the right port only', () => {
    const plain = resource('AWS::ElasticLoadBalancingV2::Listener', {
      LoadBalancerArn: ref('Balancer'),
      Port: 80,
      Protocol: 'HTTP',
      DefaultActions: [{ Type: 'fixed-response' }],
    });
    const parts = { ...balanced([ANYWHERE], { Scheme: 'internal' }), Plain: plain };
    expect(entrances({ Site: distribution({}, { DomainName: att('Balancer', 'DNSName') }), ...parts })).toEqual([
      'CloudFront, from anyone, tcp 443: Site > Balancer > Listener > Targets > Web [HTTPS only; TLS (TLSv1.2_2021); TLS (ELBSecurityPolicy-TLS13-1-2-2021-06)]',
    ]);
  });

  test('leads to the load balancers of every Region by a record of the app', () => {
    const regional = (region: string) =>
      stack(
        `Shop-${region}`,
        {
          ...balanced([{ ...ANYWHERE, CidrIp: '10.0.0.0/8' }], { Scheme: 'internal' }),
          Record: resource('AWS::Route53::RecordSet', {
            Name: 'app.example.com.',
            Type: 'A',
            HostedZoneId: 'Z1',
            Region: region,
            AliasTarget: { DNSName: { 'Fn::Join': ['', ['dualstack.', att('Balancer', 'DNSName')]] } },
          }),
        },
        { region },
      );
    const site = stack('Site', { Site: distribution() });
    const found = entrances(assembly(site, regional('eu-west-1'), regional('us-west-2')));
    expect(found.filter((line) => line.startsWith('CloudFront')).map((line) => /: (.*) \[/.exec(line)?.[1])).toEqual([
      'Site > eu-west-1:Balancer > eu-west-1:Listener > eu-west-1:Targets > eu-west-1:Web',
      'Site > us-west-2:Balancer > us-west-2:Listener > us-west-2:Targets > us-west-2:Web',
    ]);
  });

  test('leads to buckets by reference and by name, and through a VPC origin', () => {
    const bucketOrigin = {
      CustomOriginConfig: undefined,
      S3OriginConfig: { OriginAccessIdentity: '' },
      OriginAccessControlId: att('Control', 'Id'),
    };
    const guards = '[HTTPS only; TLS (TLSv1.2_2021); origin access control]';
    const files = resource('AWS::S3::Bucket', { BucketName: 'shop-files' });
    expect(
      entrances({ Files: files, Site: distribution({}, { ...bucketOrigin, DomainName: att('Files', 'RegionalDomainName') }) }),
    ).toEqual([`CloudFront, from anyone, tcp 443: Site > Files ${guards}`]);
    expect(
      entrances({
        Files: files,
        Site: distribution({}, { ...bucketOrigin, DomainName: 'shop-files.s3.us-east-1.amazonaws.com' }),
      }),
    ).toEqual([`CloudFront, from anyone, tcp 443: Site > Files ${guards}`]);
    const inner = resource('AWS::CloudFront::VpcOrigin', { VpcOriginEndpointConfig: { Arn: ref('Balancer') } });
    const hidden = distribution({}, { CustomOriginConfig: undefined, VpcOriginConfig: { VpcOriginId: att('Inner', 'Id') } });
    expect(entrances({ Site: hidden, Inner: inner, ...balanced([ANYWHERE], { Scheme: 'internal' }) })[0]).toMatch(
      /: Site > Balancer > Listener > Targets > Web \[HTTPS only; TLS \(TLSv1.2_2021\); VPC origin; /,
    );
  });

  test('tells of plain HTTP, of signed cookies, of countries, of functions and of its firewall', () => {
    const config = {
      HttpVersion: 'http2and3',
      DefaultCacheBehavior: {
        TargetOriginId: 'app',
        ViewerProtocolPolicy: 'allow-all',
        TrustedKeyGroups: ['g'],
        ResponseHeadersPolicyId: 'p',
        FunctionAssociations: [{ EventType: 'viewer-request', FunctionARN: att('Gate', 'FunctionARN') }],
      },
      ViewerCertificate: { CloudFrontDefaultCertificate: true },
      Restrictions: { GeoRestriction: { RestrictionType: 'whitelist', Locations: ['DE', 'AT'] } },
      WebACLId: 'arn:aws:wafv2:us-east-1:1:global/webacl/x',
    };
    const gate = resource('AWS::CloudFront::Function', { Name: 'gate' });
    expect(
      entrances({
        Site: distribution(config, { OriginCustomHeaders: [{ HeaderName: 'x-origin', HeaderValue: 'v' }] }),
        Gate: gate,
      }),
    ).toEqual([
      'CloudFront, from anyone, tcp 80, tcp 443, udp 443: Site > (origin app.example.com) [firewall arn:aws:wafv2:us-east-1:1:global/webacl/x; TLS (TLSv1, by default); countries DE, AT only; signed URLs or cookies; response headers policy; function Gate at viewer-request; sends header x-origin]',
    ]);
  });

  test('is none while it is disabled, and lists each origin of a group', () => {
    expect(entrances({ Site: distribution({ Enabled: false }) })).toEqual([]);
    const grouped = distribution({
      DefaultCacheBehavior: { TargetOriginId: 'both', ViewerProtocolPolicy: 'https-only' },
      OriginGroups: { Items: [{ Id: 'both', Members: { Items: [{ OriginId: 'one' }, { OriginId: 'two' }] } }] },
      Origins: [
        { Id: 'one', DomainName: 'one.example.com', CustomOriginConfig: {} },
        { Id: 'two', DomainName: 'two.example.com', CustomOriginConfig: {} },
        { Id: 'unused', DomainName: 'unused.example.com', CustomOriginConfig: {} },
      ],
    });
    expect(entrances({ Site: grouped }).map((line) => /\((.*)\) \[/.exec(line)?.[1].split(')')[0])).toEqual([
      'origin one.example.com',
      'origin two.example.com',
    ]);
  });
});
