import { Duration } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as fc from 'fast-check';
import { Firewall } from '../../../lib/blocks/edge/firewall';
import { FirewallRules } from '../../../lib/blocks/edge/firewall-rules';
import { RateLimit } from '../../../lib/blocks/edge/rate-limit';
import { testStack } from '../../stacks';

const FIVE = Duration.minutes(5);

describe('a rate limit', () => {
  test.each([
    [RateLimit.perIp('/login', 100, FIVE), 'RatePerIp_login-300s'],
    [RateLimit.perIp('/', 100, FIVE), 'RatePerIp_-300s'],
    [RateLimit.perHeader('X-Api-Key', '/api/v1/', 1000, Duration.minutes(1)), 'RatePerHeader-x-api-key_api_v1_-60s'],
    [RateLimit.perCookie('session', '/', 1000, Duration.minutes(2)), 'RatePerCookie-session_-120s'],
    [RateLimit.perIpAndPath('/search', 10, Duration.minutes(10)), 'RatePerIpAndPath_search-600s'],
  ])('has a name that can be read (%#)', (limit, name) => {
    expect(limit.name).toBe(name);
  });

  test('keeps its name with another limit, and when it only counts', () => {
    const limit = RateLimit.perIp('/login', 100, FIVE);
    const counted = limit.countOnly('Counted for two weeks, the log is read each Monday');
    expect(RateLimit.perIp('/login', 10, FIVE).name).toBe(limit.name);
    expect(counted).toMatchObject({ ...limit, countedBecause: 'Counted for two weeks, the log is read each Monday' });
  });

  test.each([
    ['/a-b', '/a/b'],
    ['/a_b', '/a/b'],
    ['/a.b', '/a-b'],
    ['/auth', '/auth/'],
    [`/${'a'.repeat(150)}`, `/${'a'.repeat(151)}`],
  ])('of %s is another one than of %s', (one, other) => {
    expect(RateLimit.perIp(one, 100, FIVE).name).not.toBe(RateLimit.perIp(other, 100, FIVE).name);
  });

  test.each([
    '/LOGIN',
    '/%6Cogin',
    '/%2e/login',
    '//login',
    '/x/../login',
    '/x/%2e%2e/login',
    '/.\\login',
    '\\login',
    '/Login?next=/',
  ])('is not evaded by %s', (raw) => {
    const stack = testStack();
    new Firewall(stack, 'Firewall', { rules: FirewallRules.of({ rateLimits: [RateLimit.perIp('/login', 100, FIVE)] }) });
    const [acl] = Object.values(Template.fromStack(stack).findResources('AWS::WAFv2::WebACL'));
    const match = acl.Properties.Rules[0].Statement.RateBasedStatement.ScopeDownStatement.ByteMatchStatement;
    const transformations: { Type: string }[] = match.TextTransformations;
    const seen = transformations.reduce((text, { Type }) => TRANSFORM[Type](text), raw.split('?')[0]);
    expect(seen.startsWith(match.SearchString)).toBe(true);
  });
});

/** What AWS WAF's transformations do with a path (AWS WAF developer guide, text transformations). */
const TRANSFORM: { [type: string]: (text: string) => string } = {
  URL_DECODE: decodeURIComponent,
  LOWERCASE: (text) => text.toLowerCase(),
  NORMALIZE_PATH_WIN: (text) => new URL(`http://host/${text.replaceAll('\\', '/')}`.replace(/(?<!:)\/+/g, '/')).pathname,
};

describe('a rate limit fails', () => {
  test.each([9, 0, -1, 100.5, 2_000_000_001, Number.NaN])('with a limit of %d', (limit) => {
    expect(() => RateLimit.perIp('/login', limit, FIVE)).toThrow(
      new Error(`limit must be a whole number from 10 to 2000000000, got: ${limit}`),
    );
  });

  test.each([
    [Duration.seconds(30), '30 seconds'],
    [Duration.minutes(3), '3 minutes'],
    [Duration.hours(1), '1 hour'],
  ])('over %s', (window, told) => {
    expect(() => RateLimit.perIp('/login', 100, window)).toThrow(
      new Error(`window must be 1, 2, 5 or 10 minutes, got: ${told}: AWS WAF counts over no other`),
    );
  });

  test.each([
    '',
    'login',
    '/login*',
    '/login?a',
    '/a//b',
    '/a/../b',
    '/a/..',
    '/./a',
    '/%6cogin',
    '/a b',
    '/ä',
    '/a\\b',
    `/${'a'.repeat(200)}`,
  ])('for the path "%s"', (path) => {
    expect(() => RateLimit.perIp(path, 100, FIVE)).toThrow(
      new Error(
        `path must be the start of a path such as '/login', at most 200 characters without '*', '?', '%' or '..', got: '${path}': ` +
          'write the path that the application sees, it stands for everything below it',
      ),
    );
  });

  test.each(['', 'x api', 'x:y', 'x'.repeat(65)])('by the header or cookie "%s"', (name) => {
    const told = (kind: string) =>
      new Error(`${kind} must be the name of a ${kind}, 1 to 64 characters without spaces, got: '${name}'`);
    expect(() => RateLimit.perHeader(name, '/', 100, FIVE)).toThrow(told('header'));
    expect(() => RateLimit.perCookie(name, '/', 100, FIVE)).toThrow(told('cookie'));
  });

  test('to only count without a reason', () => {
    expect(() => RateLimit.perIp('/', 100, FIVE).countOnly('testing')).toThrow(
      new Error("reason 'testing' for countOnly is too short to sign, say what is waited for and who looks"),
    );
  });
});

describe('any rate limits that are taken', () => {
  const path = fc.oneof(
    fc.constantFrom('/', '/login', '/LOGIN', '/a-b', '/a/b', '/a_b', '/a.b', '/auth', '/auth/'),
    fc.stringMatching(/^(\/[A-Za-z0-9_~$&+,=:@-]{1,12}){1,6}\/?$/),
  );
  const limit = fc.oneof(fc.constantFrom(10, 2_000_000_000), fc.integer({ min: 10, max: 2_000_000_000 }));
  const window = fc.constantFrom(60, 120, 300, 600).map((seconds) => Duration.seconds(seconds));
  const key = fc.oneof(fc.constantFrom('x-api-key', 'x', 'authorization'), fc.stringMatching(/^[A-Za-z0-9-]{1,64}$/));
  const one = fc
    .tuple(fc.constantFrom('ip', 'header', 'cookie', 'path', 'counted'), key, path, limit, window)
    .map(([kind, name, ...rest]) => {
      if (kind === 'header') return RateLimit.perHeader(name, ...rest);
      if (kind === 'cookie') return RateLimit.perCookie(name, ...rest);
      if (kind === 'path') return RateLimit.perIpAndPath(...rest);
      const made = RateLimit.perIp(...rest);
      return kind === 'counted' ? made.countOnly('Counted for two weeks, the log is read each Monday') : made;
    });
  /** What is counted, spelled out. */
  const counts = ({ by, key: name, path: start, window: span }: RateLimit) =>
    `${by} ${name} ${start.toLowerCase()} ${span.toSeconds()}`;

  test('become rules of their own, which a web ACL takes', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(one, { selector: counts, maxLength: 8 }),
        fc.integer({ min: 1500, max: 5000 }),
        (rateLimits, mostCapacity) => {
          const stack = testStack();
          const make = () => new Firewall(stack, 'Firewall', { rules: FirewallRules.of({ rateLimits, mostCapacity }) });
          // By the developer guide's list, beside the 1,175 of the groups and the 26 for every address.
          const needed = rateLimits.reduce((sum, { by, path: start }) => {
            const keys = { Ip: 0, Header: 40, Cookie: 40, IpAndPath: 90 }[by] ?? Number.NaN;
            return sum + 2 + keys + (start === '/' ? 0 : 32);
          }, 1201);
          if (needed > mostCapacity)
            return expect(make).toThrow(`must fit into mostCapacity, ${mostCapacity} WCU, got ${needed}: `);
          make();
          const [acl] = Object.values(Template.fromStack(stack).findResources('AWS::WAFv2::WebACL'));
          const rules: { Name: string; Priority: number; VisibilityConfig: { MetricName: string } }[] = acl.Properties.Rules;
          const names = rules.map(({ Name }) => Name);
          expect(new Set(names).size).toBe(rateLimits.length + 7);
          for (const name of names) expect(name).toMatch(/^[\w-]{1,128}$/);
          expect(rules.map(({ VisibilityConfig }) => VisibilityConfig.MetricName)).toEqual(names);
          expect(rules.map(({ Priority }) => Priority)).toEqual([...names.keys()]);
          expect(JSON.stringify(rules).match(/"RateBasedStatement"/g)!.length).toBeLessThanOrEqual(10);
          return undefined;
        },
      ),
      { numRuns: 150 },
    );
  });

  test('are refused if two count the same', () => {
    fc.assert(
      fc.property(one, limit, (first, other) => {
        const make = { Ip: RateLimit.perIp, IpAndPath: RateLimit.perIpAndPath }[first.by];
        const second = make
          ? make(first.path.toUpperCase(), other, first.window)
          : first.by === 'Header'
            ? RateLimit.perHeader(first.key.toUpperCase(), first.path.toUpperCase(), other, first.window)
            : RateLimit.perCookie(first.key, first.path.toUpperCase(), other, first.window);
        expect(() => FirewallRules.of({ rateLimits: [first, second] })).toThrow(
          new Error(
            `rateLimits must each count something else, got '${first.name}' twice: take one away, or give it another window`,
          ),
        );
      }),
    );
  });
});
