import type { Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as fc from 'fast-check';
import type { ContainerService } from '../../../lib/blocks/compute/container-service';
import { LoadBalancer } from '../../../lib/blocks/compute/load-balancer';
import { ReleaseStrategy } from '../../../lib/blocks/compute/release-strategy';
import { patternsMeet } from '../../../lib/blocks/compute/token-gate';
import { LogBucket } from '../../../lib/blocks/operations/log-bucket';
import { ACCOUNT, testStack } from '../../stacks';
import { service } from './service-fixture';

const RULE = 'AWS::ElasticLoadBalancingV2::ListenerRule';
const TOKENS = {
  issuer: 'https://issuer-cognito-idp.us-east-1.amazonaws.com/us-east-1_a',
  jwksUrl: 'https://issuer-cognito-idp.us-east-1.amazonaws.com/us-east-1_a/.well-known/jwks.json',
  claims: { token_use: 'access' },
};

/** A load balancer with HTTPS, a core and a service with paths of its own. */
function balancer(stack: Stack, https = true, core = service(stack)): LoadBalancer {
  const certificate = acm.Certificate.fromCertificateArn(stack, 'Certificate', `arn:aws:acm:us-east-1:${ACCOUNT}:certificate/1`);
  const front = new LoadBalancer(stack, 'LoadBalancer', {
    logBucket: new LogBucket(stack, 'Logs'),
    vpc: core.service.cluster.vpc,
    certificate: https ? certificate : undefined,
  });
  front.route('Core', { service: core, healthCheckPath: '/health' });
  front.route('Auth', { service: core, healthCheckPath: '/health', pathPatterns: ['/auth/*'], priority: 1 });
  return front;
}

function admitted(stack: Stack, core?: ContainerService): LoadBalancer {
  const front = balancer(stack, true, core);
  front.admitOnly({ headerName: 'X-Origin-Verify', headerValues: ['now', 'next'] });
  front.answer('/_sorry', '<p>Sorry</p>');
  return front;
}

describe('a load balancer that asks for tokens', () => {
  test('checks signature, issuer and kind before it forwards, and asks for the header too', () => {
    const stack = testStack();
    admitted(stack).requireToken({ paths: ['/account/*'], ...TOKENS });
    const template = Template.fromStack(stack);
    template.hasResourceProperties(RULE, {
      Priority: 49801,
      Conditions: [
        { Field: 'path-pattern', PathPatternConfig: { Values: ['/account/*'] } },
        { Field: 'http-header', HttpHeaderConfig: { HttpHeaderName: 'X-Origin-Verify', Values: ['now', 'next'] } },
      ],
      Actions: [
        {
          Type: 'jwt-validation',
          Order: 1,
          JwtValidationConfig: {
            Issuer: TOKENS.issuer,
            JwksEndpoint: TOKENS.jwksUrl,
            AdditionalClaims: [{ Format: 'single-string', Name: 'token_use', Values: ['access'] }],
          },
        },
        { Type: 'forward', Order: 2, TargetGroupArn: { Ref: Match.stringLikeRegexp('^LoadBalancerCore') } },
      ],
    });
    template.hasResourceProperties('AWS::EC2::SecurityGroup', {
      SecurityGroupEgress: Match.arrayWith([Match.objectLike({ CidrIp: '0.0.0.0/0', FromPort: 443, ToPort: 443 })]),
    });
  });

  test('lies behind the services and the page for outages, and before what admits everything else', () => {
    const stack = testStack();
    admitted(stack).requireToken({ paths: ['/account/*', '/orders/*', '/api/*', '/me'], ...TOKENS });
    const rules = Object.values(Template.fromStack(stack).findResources(RULE)).map(({ Properties }) => [
      Number(Properties.Priority),
      Properties.Actions[0].Type,
      Properties.Conditions.find(({ Field }: { Field: string }) => Field === 'path-pattern')?.PathPatternConfig.Values,
    ]);
    expect(rules.sort(([a], [b]) => a - b)).toEqual([
      [1, 'forward', ['/auth/*']],
      [49800, 'fixed-response', ['/_sorry']],
      // Five values a rule, two of them passwords.
      [49801, 'jwt-validation', ['/account/*', '/orders/*', '/api/*']],
      [49802, 'jwt-validation', ['/me']],
      [49900, 'forward', undefined],
      [50000, 'fixed-response', ['*']],
    ]);
  });

  test('refuses a path of a service, whose own rule would let it through unasked, made before or after', () => {
    const stack = testStack();
    const core = service(stack);
    const front = admitted(stack, core);
    for (const path of ['/auth/me', '/auth/*', '/*', '/a*']) {
      expect(() => front.requireToken({ paths: [path], ...TOKENS })).toThrow(
        `paths: '${path}' meets '/auth/*' of route 'Auth', whose rule is asked first and checks no token: let that service check, and leave the path out`,
      );
    }
    front.requireToken({ paths: ['/billing/mine'], ...TOKENS });
    const late = {
      service: core,
      healthCheckPath: '/',
      pathPatterns: ['/billing/*'],
      priority: 2,
    };
    expect(() => front.route('Billing', late)).toThrow(/^paths: '\/billing\/mine' meets '\/billing\/\*' of route 'Billing'/);
  });

  test('refuses to check without HTTPS, before it admits requests, twice, and more than there is room for', () => {
    expect(() => balancer(testStack(), false).requireToken({ paths: ['/a'], ...TOKENS })).toThrow(
      'requireToken needs a listener with a certificate: give the load balancer one',
    );
    expect(() => balancer(testStack()).requireToken({ paths: ['/a'], ...TOKENS })).toThrow(
      'requireToken needs the header that requests must carry: call admitOnly first',
    );
    const front = admitted(testStack());
    const paths = Array.from({ length: 298 }, (_, index) => `/p${index}`);
    expect(() => front.requireToken({ paths, ...TOKENS })).toThrow(
      'paths must be at most 297, got 298: choose patterns that cover more of them',
    );
    front.requireToken({ paths: ['/a'], ...TOKENS });
    expect(() => front.requireToken({ paths: ['/b'], ...TOKENS })).toThrow(
      'requireToken was called before: call it once, with every path',
    );
  });
});

test('a load balancer whose releases shift traffic asks for no tokens', () => {
  const stack = testStack();
  const core = service(stack);
  const logBucket = new LogBucket(stack, 'Logs');
  const certificate = acm.Certificate.fromCertificateArn(stack, 'Certificate', `arn:aws:acm:us-east-1:${ACCOUNT}:certificate/1`);
  const front = new LoadBalancer(stack, 'LoadBalancer', { logBucket, vpc: core.service.cluster.vpc, certificate });
  front.route('Core', { service: core, healthCheckPath: '/health', releases: ReleaseStrategy.rolling() });
  expect(() => front.requireToken({ paths: ['/a'], ...TOKENS })).toThrow(
    'requireToken does not go with releases that shift traffic: its rules know one of the two target groups, which is empty after every other release; let the services check the tokens',
  );
});

describe('patterns', () => {
  const regex = (pattern: string) => new RegExp(`^${pattern.replaceAll('*', '.*').replaceAll('?', '.')}$`);
  const pattern = fc.stringMatching(/^[ab*?]{0,5}$/);

  test('meet where a path fits both', () => {
    fc.assert(
      fc.property(pattern, pattern, fc.stringMatching(/^[ab]{0,6}$/), (a, b, path) => {
        if (regex(a).test(path) && regex(b).test(path)) expect(patternsMeet(a, b)).toBe(true);
      }),
      { numRuns: 3000 },
    );
  });

  test('do not meet where none does', () => {
    // Every path that could: patterns of two letters and stars meet, if at all, in one of at most ten letters.
    const paths = Array.from({ length: 2 ** 11 - 1 }, (_, index) =>
      (index + 1).toString(2).slice(1).replaceAll('0', 'a').replaceAll('1', 'b'),
    );
    fc.assert(
      fc.property(pattern, pattern, (a, b) => {
        const [first, second] = [regex(a), regex(b)];
        expect(patternsMeet(a, b)).toBe(paths.some((path) => first.test(path) && second.test(path)));
      }),
      { numRuns: 500 },
    );
  });
});
