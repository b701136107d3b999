import { Duration } from 'aws-cdk-lib';
import { BotControl } from '../../../lib/blocks/edge/bot-control';
import { DdosProtection } from '../../../lib/blocks/edge/ddos-protection';
import { Firewall } from '../../../lib/blocks/edge/firewall';
import { FirewallRules, type FirewallRulesProps } from '../../../lib/blocks/edge/firewall-rules';
import { CountedRules, ManagedRuleGroup } from '../../../lib/blocks/edge/managed-rule-group';
import { RateLimit } from '../../../lib/blocks/edge/rate-limit';
import { testStack } from '../../stacks';

const limits = (count: number, make = RateLimit.perIp) =>
  Array.from({ length: count }, (_, index) => make(`/path${index}/`, 100, Duration.minutes(5)));

const made = (props: FirewallRulesProps) => () => new Firewall(testStack(), 'Firewall', { rules: FirewallRules.of(props) });

describe('the rules of firewalls', () => {
  test('take eight rate limits, every kind of protection, and lists of every kind of address', () => {
    expect(
      made({
        rateLimits: limits(8, RateLimit.perIpAndPath),
        bots: BotControl.targeted(),
        ddos: DdosProtection.SHIELD_ADVANCED,
        allowedAddresses: ['198.51.100.7', '10.0.0.0/8', '2001:db8::1', '2001:db8::/32', '0.0.0.0/1', '::/1'],
        blockedAddresses: Array.from({ length: 10_000 }, (_, index) => `203.0.${index >> 8}.${index % 256}`),
        mostCapacity: 5000,
      }),
    ).not.toThrow();
  });

  test('with what comes by default fit into the price of a web ACL', () => {
    expect(made({})).not.toThrow();
    // 1,175 for the groups, 26 for every address, 34 for each path.
    expect(made({ rateLimits: limits(8), ddos: DdosProtection.ANTI_DDOS_RULES })).toThrow('1500 WCU, got 1523');
    expect(made({ rateLimits: limits(8) })).not.toThrow();
  });

  test.each([
    ['of every address', { allowedAddresses: ['0.0.0.0/0'] }, '0.0.0.0/0'],
    ['of every address there is', { allowedAddresses: ['::/0'] }, '::/0'],
    ['with too many bits', { allowedAddresses: ['10.0.0.0/33'] }, '10.0.0.0/33'],
    ['with too many bits of six', { allowedAddresses: ['2001:db8::/129'] }, '2001:db8::/129'],
    ['with a name', { allowedAddresses: ['office.example.com'] }, 'office.example.com'],
    ['with two ranges', { allowedAddresses: ['10.0.0.0/8/8'] }, '10.0.0.0/8/8'],
    ['with a number too high', { allowedAddresses: ['10.0.0.256'] }, '10.0.0.256'],
    ['with a zone', { allowedAddresses: ['fe80::1%eth0'] }, 'fe80::1%eth0'],
    ['with no bits', { allowedAddresses: ['10.0.0.0/'] }, '10.0.0.0/'],
    ['with nothing', { allowedAddresses: [''] }, ''],
  ])('refuse a list %s', (_, props, got) => {
    expect(made(props)).toThrow(
      new Error(
        `allowedAddresses must be addresses or ranges such as 192.0.2.0/24 or 2001:db8::/32, from /1 on, got: '${got}': correct it`,
      ),
    );
  });

  test('refuse a range that starts within itself, which CloudFormation would find changed', () => {
    expect(made({ blockedAddresses: ['192.0.2.7/24'] })).toThrow(
      new Error(
        "blockedAddresses must be ranges that start where they say, got: '192.0.2.7/24': write the first address of the range",
      ),
    );
  });

  test('refuse more addresses than a set holds', () => {
    const blockedAddresses = Array.from({ length: 10_001 }, (_, index) => `203.0.${index >> 8}.${index % 256}`);
    expect(made({ blockedAddresses })).toThrow(
      new Error('blockedAddresses must have at most 10000 addresses of a kind, got 10001 of IPv4: join ranges'),
    );
  });

  test('refuse to allow what they block', () => {
    expect(made({ allowedAddresses: ['192.0.2.1'], blockedAddresses: ['192.0.2.1'] })).toThrow(
      new Error("allowedAddresses must not name what blockedAddresses names, got '192.0.2.1' in both: take it from one"),
    );
  });

  test('refuse more rate limits than a web ACL takes', () => {
    expect(made({ rateLimits: limits(9) })).toThrow(
      new Error(
        'rateLimits must be at most 8, got 9: join paths (AWS WAF allows ten rate-based rules a web ACL, and two are for all requests ' +
          'of an address)',
      ),
    );
  });

  test.each([9, 0, -1, 100.5, 2_000_000_001, Number.NaN])('refuse %d requests per address', (requestsPerAddress) => {
    expect(made({ requestsPerAddress })).toThrow(
      new Error(`requestsPerAddress must be a whole number from 10 to 2000000000, got: ${requestsPerAddress}`),
    );
  });

  test.each([1499, 5001, 2000.5, Number.NaN])('refuse a capacity of %d', (mostCapacity) => {
    expect(made({ mostCapacity })).toThrow(
      new Error(`mostCapacity must be a whole number from 1500 to 5000, got: ${mostCapacity}`),
    );
  });

  test('refuse what is no header to leave out of the log', () => {
    expect(made({ redactedHeaders: ['x y'] })).toThrow(
      new Error("redactedHeaders must be names of headers, 1 to 64 letters, digits and hyphens, got: 'x y'"),
    );
  });

  test('refuse to cost more than the price of a web ACL unless they are told to', () => {
    const rateLimits = limits(3, RateLimit.perIpAndPath);
    const told = (most: number, got: number) =>
      new Error(
        `the rules of a firewall must fit into mostCapacity, ${most} WCU, got ${got}: take rules away, or raise it to at most 5000 ` +
          '(AWS takes 0.20 USD a million requests for each 500 WCU above 1500)',
      );
    expect(made({ rateLimits })).toThrow(told(1500, 1573));
    expect(made({ rateLimits, mostCapacity: 1573 })).not.toThrow();
    expect(made({ rateLimits, mostCapacity: 1573, bots: BotControl.common() })).toThrow(told(1573, 1645));
    expect(made({ ddos: DdosProtection.SHIELD_ADVANCED_AUTOMATIC_RESPONSE, rateLimits: limits(5) })).toThrow(told(1500, 1521));
  });

  test('refuse to refuse nothing, or to count, without a reason', () => {
    expect(() => FirewallRules.countOnly('first rollout')).toThrow(
      new Error("reason 'first rollout' for countOnly is too short to sign, say what is waited for and who looks"),
    );
    expect(() => CountedRules.group(ManagedRuleGroup.SQL, 'later')).toThrow(
      new Error("reason 'later' for counting AWSManagedRulesSQLiRuleSet is too short to sign, say what it refused wrongly"),
    );
    expect(() => CountedRules.rule(ManagedRuleGroup.CORE, 'NoUserAgent_HEADER', 'later')).toThrow(
      new Error("reason 'later' for counting NoUserAgent_HEADER is too short to sign, say what it refused wrongly"),
    );
    expect(() => CountedRules.rule(ManagedRuleGroup.CORE, 'no agent', 'Our own monitor sends no user agent')).toThrow(
      new Error(
        "rule must be the name of one rule of AWSManagedRulesCommonRuleSet as the log has it, such as NoUserAgent_HEADER, got: 'no agent'",
      ),
    );
  });

  test('keep Bot Control to a path that is one', () => {
    expect(() => BotControl.common('/shop/*')).toThrow("path must be the start of a path such as '/login'");
  });
});
