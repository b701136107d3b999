import type { Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import type { ContainerService } from '../../../lib/blocks/compute/container-service';
import { LoadBalancer } from '../../../lib/blocks/compute/load-balancer';
import { AssetBucket } from '../../../lib/blocks/data/asset-bucket';
import { ContentDelivery } from '../../../lib/blocks/edge/content-delivery';
import { ERROR_PAGE, ERROR_PAGE_PATH } from '../../../lib/blocks/edge/error-page';
import { headerValue, ORIGIN_HEADER, OriginVerification } from '../../../lib/blocks/edge/origin-verification';
import { LogBucket } from '../../../lib/blocks/operations/log-bucket';
import { testStack } from '../../stacks';
import { losses, templateOf } from '../before-after';
import { everyPack } from '../every-pack';
import { service } from './service-fixture';
import { CloudFormationUpdate, type Resources } from './update-order';

const LISTENER = 'AWS::ElasticLoadBalancingV2::Listener';
const RULE = 'AWS::ElasticLoadBalancingV2::ListenerRule';
const HEADER = { Field: 'http-header', HttpHeaderConfig: { HttpHeaderName: 'X-Origin-Verify', Values: ['now', 'next'] } };

/** A load balancer with a route for everything and one for some paths. */
function balancer(stack: Stack, pathPatterns = ['/auth/*']): LoadBalancer {
  const logBucket = new LogBucket(stack, 'Logs');
  const assets = new AssetBucket(stack, 'Assets', { accessLogBucket: logBucket.bucket });
  const core = service(stack);
  const front = new LoadBalancer(stack, 'LoadBalancer', { logBucket, vpc: core.service.cluster.vpc });
  front.route('Core', { service: core, healthCheckPath: '/health' });
  front.route('Auth', { service: core, healthCheckPath: '/health', pathPatterns, priority: 1 });
  new ContentDelivery(stack, 'ContentDelivery', {
    assets: assets.bucket,
    originHost: front.applicationLoadBalancer.loadBalancerDnsName,
    originHttps: false,
    logBucket,
    originHeaderValue: sent.get(stack),
  });
  return front;
}

/** What the distribution of a stack sends. */
const sent = new WeakMap<Stack, string>();

function guarded(stack: Stack, headerValues = ['now', 'next']): LoadBalancer {
  sent.set(stack, headerValues[0]);
  const front = balancer(stack);
  front.admitOnly({ headerName: 'X-Origin-Verify', headerValues });
  return front;
}

/** As a product has it. */
function verified(stack: Stack, generation = 1): LoadBalancer {
  const { accepted, sentValue } = new OriginVerification(stack, 'OriginVerification', { generation });
  sent.set(stack, sentValue);
  const front = balancer(stack);
  const sender = (stack.node.findChild('ContentDelivery') as ContentDelivery).distribution;
  front.admitOnly({ headerName: ORIGIN_HEADER, headerValues: accepted.map(headerValue), sender });
  front.answer(ERROR_PAGE_PATH, ERROR_PAGE);
  return front;
}

function rules(template: Template): Record<string, unknown>[] {
  const found = Object.values(template.findResources(RULE)).map(({ Properties }) => Properties);
  return found.sort((one, other) => one.Priority - other.Priority);
}

describe('a load balancer that admits one distribution', () => {
  test('asks every route for the header, and refuses everything else before its default action', () => {
    const [auth, admitted, refused, ...more] = rules(templateOf(guarded));
    expect(auth).toMatchObject({
      Priority: 1,
      Conditions: [{ Field: 'path-pattern', PathPatternConfig: { Values: ['/auth/*'] } }, HEADER],
      Actions: [{ Type: 'forward' }],
    });
    expect(admitted).toMatchObject({
      Priority: 49900,
      Conditions: [HEADER],
      Actions: [{ Type: 'forward', TargetGroupArn: { Ref: expect.stringMatching(/^LoadBalancerCore/) } }],
    });
    expect(refused).toMatchObject({
      Priority: 50000,
      Conditions: [{ Field: 'path-pattern', PathPatternConfig: { Values: ['*'] } }],
      Actions: [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '403', MessageBody: 'Forbidden' } }],
    });
    expect(more).toEqual([]);
  });

  test('asks routes that come later, too', () => {
    const late = (stack: Stack) => {
      const front = guarded(stack);
      const again = stack.node.findChild('Service') as ContainerService;
      front.route('Api', { service: again, healthCheckPath: '/', pathPatterns: ['/api'], priority: 2 });
    };
    const [, api] = rules(templateOf(late));
    expect(api).toMatchObject({ Priority: 2, Conditions: [{ Field: 'path-pattern' }, HEADER] });
  });

  test('answers with a page when no task can, small enough for a load balancer', () => {
    const stack = testStack();
    verified(stack);
    Template.fromStack(stack).hasResourceProperties(RULE, {
      Priority: 49800,
      Conditions: [
        { Field: 'path-pattern', PathPatternConfig: { Values: ['/errors/unavailable.html'] } },
        Match.objectLike({ Field: 'http-header' }),
      ],
      Actions: [
        { Type: 'fixed-response', FixedResponseConfig: { StatusCode: '200', ContentType: 'text/html', MessageBody: ERROR_PAGE } },
      ],
    });
    expect(ERROR_PAGE.length).toBeLessThanOrEqual(1024);
  });

  test('holds no password in its template', () => {
    const template = templateOf(verified).toJSON();
    const [distribution] = Object.values(template.Resources as Resources).filter(({ Type }) => Type.endsWith('::Distribution'));
    const [{ OriginCustomHeaders }] = (distribution.Properties as { DistributionConfig: { Origins: Record<string, unknown>[] } })
      .DistributionConfig.Origins;
    const reference = (id: string) => ({
      'Fn::Join': ['', ['{{resolve:secretsmanager:', { Ref: expect.stringContaining(id) }, ':SecretString:::}}']],
    });
    expect(OriginCustomHeaders).toEqual([{ HeaderName: ORIGIN_HEADER, HeaderValue: reference('Password1') }]);
    const asking = rules(templateOf(verified)).filter(({ Priority }) => Priority !== 50000);
    for (const rule of asking) {
      expect((rule.Conditions as unknown[]).at(-1)).toEqual({
        Field: 'http-header',
        HttpHeaderConfig: { HttpHeaderName: ORIGIN_HEADER, Values: [reference('Password1'), reference('Password2')] },
      });
    }
    expect(asking).toHaveLength(3);
  });

  test('leaves the listener as it is and replaces nothing when it begins', () => {
    const listener = (template: Template) => template.findResources(LISTENER);
    expect(listener(templateOf(verified))).toEqual(listener(templateOf(balancer)));
    expect(losses(balancer, (stack) => verified(stack))).toEqual([]);
    expect(
      losses(
        (stack) => verified(stack),
        (stack) => verified(stack, 2),
      ),
    ).toEqual([]);
  });

  test('has nothing to say to any pack that it had not before', () => {
    const open = (front: LoadBalancer) => everyPack(front).open;
    expect(open(verified(testStack()))).toEqual(open(balancer(testStack())));
  });

  test('refuses what no rule has room for, and two headers', () => {
    const crowded = (stack: Stack) => balancer(stack, ['/a', '/b', '/c', '/d']);
    const header = { headerName: 'X', headerValues: ['now', 'next'] };
    expect(() => crowded(testStack()).admitOnly(header)).toThrow(
      new Error(
        "pathPatterns of route 'Auth' must be at most 3, got 4: a rule has room for 5 values, those of the required header included",
      ),
    );
    for (const headerValues of [[], ['1', '2', '3', '4', '5']]) {
      expect(() => balancer(testStack()).admitOnly({ headerName: 'X', headerValues })).toThrow(
        new Error(`headerValues must hold 1 to 4 values, got ${headerValues.length}: a rule has room for 5, its paths included`),
      );
    }
    expect(() => guarded(testStack()).admitOnly(header)).toThrow(
      new Error('admitOnly was called before: call it once, with every value that is good'),
    );
    expect(() => balancer(testStack()).answer('/page', 'page')).toThrow(
      new Error("answer to '/page' needs the header that requests must carry: call admitOnly first"),
    );
  });
});

describe('in every order that CloudFormation may take', () => {
  const CASES: [string, (stack: Stack) => void, (stack: Stack) => void][] = [
    ['the header comes to a product that runs', (stack) => balancer(stack), (stack) => verified(stack)],
    ['the password is rotated', (stack) => verified(stack), (stack) => verified(stack, 2)],
  ];

  test.each(CASES)('no request is lost when %s', (_, before, after) => {
    const [old, fresh] = [templateOf(before).toJSON(), templateOf(after).toJSON()];
    for (let seed = 1; seed <= 100; seed++) {
      const update = new CloudFormationUpdate(old, fresh, seed);
      const lost: string[] = [];
      for (const step of update.steps()) {
        const answers = [update.answer('/', 'distribution'), update.answer('/auth/login', 'distribution')];
        if (String(answers) !== 'Core,Auth') lost.push(`${step}: ${answers}`);
      }
      expect([seed, lost]).toEqual([seed, []]);
      expect([update.answer('/', 'stranger'), update.answer('/auth/login', 'stranger')]).toEqual(['403', '403']);
    }
  });

  test('requests are lost when two rotations are made in one deploy', () => {
    const [old, fresh] = [1, 3].map((generation) => templateOf((stack) => verified(stack, generation)).toJSON());
    const update = new CloudFormationUpdate(old, fresh, 1);
    const answers: string[] = [];
    for (const _ of update.steps()) answers.push(update.answer('/', 'distribution'));
    expect(answers).toContain('403');
    expect(answers.at(-1)).toBe('Core');
  });
});
