import { App, Duration, Lazy, Stack, Stage } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as kms from 'aws-cdk-lib/aws-kms';
import { BotControl } from '../../../lib/blocks/edge/bot-control';
import { DdosProtection } from '../../../lib/blocks/edge/ddos-protection';
import { Firewall } from '../../../lib/blocks/edge/firewall';
import { FirewallRules, type FirewallRulesProps } from '../../../lib/blocks/edge/firewall-rules';
import { CountedRules, ManagedRuleGroup } from '../../../lib/blocks/edge/managed-rule-group';
import { RateLimit } from '../../../lib/blocks/edge/rate-limit';
import { ACCOUNT, agnosticStack, testStack } from '../../stacks';
import { flagDependent, losses } from '../before-after';
import { CLEAN, policy } from '../compute/service-fixture';
import { acknowledgedIds } from '../every-pack';
import { stackIn } from './edge-fixture';

const WEB_ACL = 'AWS::WAFv2::WebACL';

function logGroupName(stack: Stack, id = 'Firewall'): string {
  new Firewall(stack, id);
  const [found] = Object.values(Template.fromStack(stack).findResources('AWS::Logs::LogGroup'));
  return found.Properties.LogGroupName;
}

/** A rule of a web ACL, as its template has it. */
interface Rule {
  readonly Name: string;
  readonly Priority: number;
  readonly Action?: Record<string, unknown>;
  readonly OverrideAction?: Record<string, unknown>;
  // biome-ignore lint/suspicious/noExplicitAny: a statement is a tree of many kinds
  readonly Statement: any;
}

const REASON = 'Counted for two weeks, the log is read each Monday';

/** The web ACL of a firewall with such rules. */
function webAcl(rules: FirewallRules | FirewallRulesProps = {}): Record<string, unknown> & { Rules: Rule[] } {
  const stack = testStack();
  new Firewall(stack, 'Firewall', { rules: rules instanceof FirewallRules ? rules : FirewallRules.of(rules) });
  const [acl] = Object.values(Template.fromStack(stack).findResources(WEB_ACL));
  return acl.Properties;
}

/** What a firewall does, in its order: the name of each rule and its action. */
function actions(rules: FirewallRules | FirewallRulesProps = {}): string[] {
  return webAcl(rules).Rules.map(
    ({ Name, Action, OverrideAction }) => `${Name} ${Object.keys(Action ?? OverrideAction ?? {})[0]}`,
  );
}

function rule(name: string, rules: FirewallRules | FirewallRulesProps = {}): Rule {
  return webAcl(rules).Rules.find(({ Name }) => Name === name)!;
}

const TOO_MANY = {
  Block: { CustomResponse: { ResponseCode: 429, ResponseHeaders: [{ Name: 'Retry-After', Value: '300' }] } },
};

const AS_READ = [
  { Priority: 0, Type: 'URL_DECODE' },
  { Priority: 1, Type: 'NORMALIZE_PATH_WIN' },
  { Priority: 2, Type: 'LOWERCASE' },
];

const below = (SearchString: string) => ({
  ByteMatchStatement: {
    FieldToMatch: { UriPath: {} },
    PositionalConstraint: 'STARTS_WITH',
    SearchString,
    TextTransformations: AS_READ,
  },
});

describe('a firewall', () => {
  test('stands before CloudFront and lets through what no rule stops', () => {
    const stack = testStack();
    const { webAcl } = new Firewall(stack, 'Firewall');
    Template.fromStack(stack).hasResourceProperties(WEB_ACL, {
      Name: Match.absent(),
      Scope: 'CLOUDFRONT',
      DefaultAction: { Allow: {} },
      VisibilityConfig: { CloudWatchMetricsEnabled: true, SampledRequestsEnabled: true },
    });
    expect(webAcl.visibilityConfig).toMatchObject({ metricName: expect.stringMatching(/^Shop-?Firewall-?[A-Za-z0-9]*$/) });
  });

  test('refuses in this order: who signs in too often, who asks too often, known senders, known attacks, and who asks far too often', () => {
    expect(actions()).toEqual([
      'RatePerIp_auth_-300s Block',
      'RatePerIp_login-300s Block',
      'RatePerAddress Block',
      'AWSManagedRulesAmazonIpReputationList None',
      'AWSManagedRulesAnonymousIpList None',
      'AWSManagedRulesCommonRuleSet None',
      'AWSManagedRulesKnownBadInputsRuleSet None',
      'AWSManagedRulesSQLiRuleSet None',
      'RatePerAddressOverall Block',
    ]);
    expect(webAcl().Rules.map(({ Priority }) => Priority)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
  });

  test.each([
    ['none', undefined, 2000, 20_000],
    ['10', 10, 10, 100],
    ['2000000000', 2_000_000_000, 2_000_000_000, 2_000_000_000],
    ['a token', Lazy.number({ produce: () => 500 }), 500, 5000],
  ])(
    'given %s as limit of an address answers 429 above it, and ten times as late for static files',
    (_, requestsPerAddress, limit, overall) => {
      expect(rule('RatePerAddress', { requestsPerAddress })).toMatchObject({
        Action: TOO_MANY,
        Statement: { RateBasedStatement: { AggregateKeyType: 'IP', Limit: limit, EvaluationWindowSec: 300 } },
      });
      const { Statement } = rule('RatePerAddressOverall', { requestsPerAddress });
      // A missing file is asked of the application, so static paths are in.
      expect(Statement).toEqual({ RateBasedStatement: { AggregateKeyType: 'IP', Limit: overall, EvaluationWindowSec: 300 } });
    },
  );

  test('does not count static files, nor takes for one what only starts like it', () => {
    expect(rule('RatePerAddress').Statement.RateBasedStatement.ScopeDownStatement).toEqual({
      NotStatement: {
        Statement: {
          ByteMatchStatement: {
            FieldToMatch: { UriPath: {} },
            PositionalConstraint: 'STARTS_WITH',
            SearchString: '/assets/',
            // Else /assets/../login and /assets/%2e%2e/login would be spared.
            TextTransformations: [
              { Priority: 0, Type: 'URL_DECODE' },
              { Priority: 1, Type: 'NORMALIZE_PATH' },
            ],
          },
        },
      },
    });
  });

  test('counts requests to one path, by address, header, cookie, or address and single path', () => {
    const statements = webAcl({
      rateLimits: [
        RateLimit.perIp('/Login', 100, Duration.minutes(5)),
        RateLimit.perHeader('X-Api-Key', '/api/', 1000, Duration.minutes(1)),
        RateLimit.perCookie('session', '/', 50, Duration.minutes(2)),
        RateLimit.perIpAndPath('/search', 20, Duration.minutes(10)),
      ],
    }).Rules.slice(0, 4);
    const asItIs = [{ Priority: 0, Type: 'NONE' }];
    expect(statements.map(({ Name, Statement: { RateBasedStatement } }) => [Name, RateBasedStatement])).toEqual([
      [
        'RatePerIp_login-300s',
        { AggregateKeyType: 'IP', Limit: 100, EvaluationWindowSec: 300, ScopeDownStatement: below('/login') },
      ],
      [
        'RatePerHeader-x-api-key_api_-60s',
        {
          AggregateKeyType: 'CUSTOM_KEYS',
          CustomKeys: [{ Header: { Name: 'x-api-key', TextTransformations: asItIs } }],
          Limit: 1000,
          EvaluationWindowSec: 60,
          ScopeDownStatement: below('/api/'),
        },
      ],
      [
        'RatePerCookie-session_-120s',
        {
          AggregateKeyType: 'CUSTOM_KEYS',
          CustomKeys: [{ Cookie: { Name: 'session', TextTransformations: asItIs } }],
          Limit: 50,
          EvaluationWindowSec: 120,
        },
      ],
      [
        'RatePerIpAndPath_search-600s',
        {
          AggregateKeyType: 'CUSTOM_KEYS',
          CustomKeys: [{ IP: {} }, { UriPath: { TextTransformations: AS_READ } }],
          Limit: 20,
          EvaluationWindowSec: 600,
          ScopeDownStatement: below('/search'),
        },
      ],
    ]);
    expect(JSON.stringify(statements[1])).toContain('"Retry-After","Value":"60"');
  });

  test('counts instead of refusing uploads over 8 KB, and the machines of hosting companies unless it is told to refuse them', () => {
    const counted = (name: string, rules?: FirewallRulesProps) =>
      rule(name, rules).Statement.ManagedRuleGroupStatement.RuleActionOverrides?.map(
        ({ Name, ActionToUse }: { Name: string; ActionToUse: object }) => `${Name} ${Object.keys(ActionToUse)}`,
      );
    expect(counted('AWSManagedRulesCommonRuleSet')).toEqual(['SizeRestrictions_BODY Count']);
    expect(counted('AWSManagedRulesAnonymousIpList')).toEqual(['HostingProviderIPList Count']);
    expect(counted('AWSManagedRulesAnonymousIpList', { refusesHostingProviders: true })).toBeUndefined();
    expect(counted('AWSManagedRulesSQLiRuleSet')).toBeUndefined();
    const single = [CountedRules.rule(ManagedRuleGroup.CORE, 'NoUserAgent_HEADER', 'Our own monitor sends no user agent')];
    expect(counted('AWSManagedRulesCommonRuleSet', { counted: single })).toEqual([
      'SizeRestrictions_BODY Count',
      'NoUserAgent_HEADER Count',
    ]);
  });

  test('counts a whole group, or one rate limit, and refuses the rest', () => {
    const rules = {
      counted: [CountedRules.group(ManagedRuleGroup.SQL, REASON)],
      rateLimits: [RateLimit.perIp('/login', 100, Duration.minutes(5)).countOnly(REASON)],
    };
    expect(actions(rules).filter((action) => action.endsWith('Count'))).toEqual([
      'RatePerIp_login-300s Count',
      'AWSManagedRulesSQLiRuleSet Count',
    ]);
  });

  test('refuses nobody in a first rollout, for a reason, which our own review and Checkov are told', () => {
    const rules = FirewallRules.countOnly(REASON, {
      blockedAddresses: ['192.0.2.0/24'],
      bots: BotControl.common(),
      ddos: DdosProtection.ANTI_DDOS_RULES,
    });
    expect(actions(rules).filter((action) => !action.endsWith(' Count'))).toEqual([]);
    expect(actions(rules)).toHaveLength(12);
    const stack = testStack();
    const { webAcl: made } = new Firewall(stack, 'Firewall', { rules });
    Template.fromStack(stack);
    expect(acknowledgedIds(made)).toEqual(['Checkov::CKV_AWS_192', 'ScaleTiers::web-acl-blocks-nothing']);
  });

  test('acknowledges nothing while it refuses, and what Checkov wants where the known exploits only count', () => {
    const acknowledged = (counted: CountedRules[]) => {
      const made = new Firewall(testStack(), 'Firewall', { rules: FirewallRules.of({ counted }) });
      return acknowledgedIds(made);
    };
    expect(acknowledged([])).toEqual([]);
    expect(acknowledged([CountedRules.group(ManagedRuleGroup.SQL, REASON)])).toEqual([]);
    expect(acknowledged([CountedRules.group(ManagedRuleGroup.KNOWN_BAD_INPUTS, REASON)])).toEqual(['Checkov::CKV_AWS_192']);
  });

  test('lets the allowed in before anything but the blocked, whatever kind of address they have', () => {
    const stack = testStack();
    const rules = FirewallRules.of({
      allowedAddresses: ['198.51.100.7', '198.51.100.7/32', '2001:db8::/32'],
      blockedAddresses: ['192.0.2.0/24'],
    });
    new Firewall(stack, 'Firewall', { rules });
    const template = Template.fromStack(stack);
    const sets = Object.entries(template.findResources('AWS::WAFv2::IPSet'));
    expect(sets.map(([, { Properties }]) => Properties)).toEqual([
      { Scope: 'CLOUDFRONT', IPAddressVersion: 'IPV4', Addresses: ['192.0.2.0/24'] },
      { Scope: 'CLOUDFRONT', IPAddressVersion: 'IPV4', Addresses: ['198.51.100.7/32'] },
      { Scope: 'CLOUDFRONT', IPAddressVersion: 'IPV6', Addresses: ['2001:db8::/32'] },
    ]);
    const reference = (index: number) => ({ IPSetReferenceStatement: { Arn: { 'Fn::GetAtt': [sets[index][0], 'Arn'] } } });
    const [acl] = Object.values(template.findResources(WEB_ACL));
    expect(acl.Properties.Rules.slice(0, 2)).toMatchObject([
      { Name: 'BlockedAddresses', Priority: 0, Action: { Block: {} }, Statement: reference(0) },
      {
        Name: 'AllowedAddresses',
        Priority: 1,
        Action: { Allow: {} },
        Statement: { OrStatement: { Statements: [reference(1), reference(2)] } },
      },
    ]);
  });

  test('asks Bot Control last of all groups, and not about static files or beyond the path it is kept to', () => {
    const names = webAcl({ bots: BotControl.targeted('/shop/') }).Rules.map(({ Name }) => Name);
    expect(names.slice(-2)).toEqual(['AWSManagedRulesBotControlRuleSet', 'RatePerAddressOverall']);
    const statement = (bots: BotControl) =>
      rule('AWSManagedRulesBotControlRuleSet', { bots }).Statement.ManagedRuleGroupStatement;
    expect(statement(BotControl.targeted('/shop/'))).toMatchObject({
      ManagedRuleGroupConfigs: [{ AWSManagedRulesBotControlRuleSet: { InspectionLevel: 'TARGETED' } }],
      ScopeDownStatement: below('/shop/'),
    });
    expect(statement(BotControl.common())).toMatchObject({
      ManagedRuleGroupConfigs: [{ AWSManagedRulesBotControlRuleSet: { InspectionLevel: 'COMMON' } }],
      ScopeDownStatement: { NotStatement: { Statement: { ByteMatchStatement: { SearchString: '/assets/' } } } },
    });
  });

  test.each([
    [DdosProtection.STANDARD, false],
    [DdosProtection.ANTI_DDOS_RULES, true],
    [DdosProtection.SHIELD_ADVANCED, true],
    [DdosProtection.SHIELD_ADVANCED_AUTOMATIC_RESPONSE, false],
  ])('has the rules against floods first where they are wanted (%#)', (ddos, has) => {
    const [first] = webAcl({ ddos }).Rules;
    expect(first.Name === 'AWSManagedRulesAntiDDoSRuleSet').toBe(has);
    if (has) {
      expect(first.Statement.ManagedRuleGroupStatement.ManagedRuleGroupConfigs).toEqual([
        {
          AWSManagedRulesAntiDDoSRuleSet: {
            ClientSideActionConfig: { Challenge: { UsageOfAction: 'DISABLED' } },
            SensitivityToBlock: 'LOW',
          },
        },
      ]);
    }
  });

  test('logs what it saw, without what would let a reader sign in', () => {
    const stack = testStack();
    new Firewall(stack, 'Firewall');
    const template = Template.fromStack(stack);
    template.hasResourceProperties('AWS::WAFv2::LoggingConfiguration', {
      ResourceArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^FirewallWebAcl'), 'Arn'] },
      LogDestinationConfigs: [{ 'Fn::GetAtt': [Match.stringLikeRegexp('^FirewallLogGroup'), 'Arn'] }],
      RedactedFields: [
        { SingleHeader: { Name: 'authorization' } },
        { SingleHeader: { Name: 'cookie' } },
        { SingleHeader: { Name: 'x-origin-verify' } },
        { QueryString: {} },
      ],
    });
    template.hasResource('AWS::Logs::LogGroup', {
      Properties: { RetentionInDays: 365, KmsKeyId: Match.absent() },
      // It has a name, which would be taken after a failed first deploy.
      DeletionPolicy: 'RetainExceptOnCreate',
      UpdateReplacePolicy: 'Retain',
    });
  });

  test('shows neither that in its samples, nor the keys that it counts', () => {
    const rules = {
      redactedHeaders: ['X-Internal'],
      logsQueryStrings: true,
      rateLimits: [
        RateLimit.perHeader('Authorization', '/api/', 1000, Duration.minutes(1)),
        RateLimit.perHeader('x-api-key', '/api/', 1000, Duration.minutes(1)),
        RateLimit.perHeader('x-api-key', '/other/', 1000, Duration.minutes(1)),
        RateLimit.perCookie('session', '/', 1000, Duration.minutes(1)),
      ],
    };
    const protect = (FieldType: string, Action: string, ...FieldKeys: string[]) => ({
      Field: FieldKeys.length > 0 ? { FieldType, FieldKeys } : { FieldType },
      Action,
    });
    expect(webAcl(rules).DataProtectionConfig).toEqual({
      DataProtections: [
        protect('SINGLE_HEADER', 'SUBSTITUTION', 'cookie', 'x-origin-verify', 'x-internal'),
        protect('SINGLE_HEADER', 'HASH', 'authorization', 'x-api-key'),
        protect('SINGLE_COOKIE', 'HASH', 'session'),
      ],
    });
    expect(webAcl().DataProtectionConfig).toEqual({
      DataProtections: [
        protect('SINGLE_HEADER', 'SUBSTITUTION', 'authorization', 'cookie', 'x-origin-verify'),
        protect('QUERY_STRING', 'SUBSTITUTION'),
      ],
    });
  });

  test('is measured under a name of its own', () => {
    const metric = (id: string) => {
      const { dimensions, namespace, statistic } = new Firewall(testStack(), id).metricBlockedRequests();
      return { ...dimensions, namespace, statistic };
    };
    expect(metric('Firewall')).toMatchObject({ Rule: 'ALL', namespace: 'AWS/WAFV2', statistic: 'Sum' });
    expect(metric('Firewall')).not.toEqual(metric('Second'));
    const firewall = new Firewall(testStack(), 'Firewall');
    expect(firewall.metricAllowedRequests().dimensions?.WebACL).toBe(
      (firewall.webAcl.visibilityConfig as { metricName: string }).metricName,
    );
  });

  test('encrypts its log with the key given', () => {
    const stack = testStack();
    new Firewall(stack, 'Firewall', { encryptionKey: new kms.Key(stack, 'Key') });
    Template.fromStack(stack).hasResourceProperties('AWS::Logs::LogGroup', {
      KmsKeyId: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Key'), 'Arn'] },
    });
  });

  test('names its log group by stack and path only: as AWS WAF wants it, and nobody else has it', () => {
    const named = (stackName: string, id?: string) => logGroupName(testStack({ stackName }), id);
    expect(named('Shop')).toMatch(/^aws-waf-logs-[a-z0-9-]{1,64}$/);
    expect(named('Shop')).toBe(named('Shop'));
    expect(new Set([named('Shop'), named('Other'), named('Shop', 'Second')]).size).toBe(3);
    expect(named('A-very-long-name-of-a-stack'.repeat(4))).toMatch(/^aws-waf-logs-[a-z0-9-]{1,64}$/);
  });

  test('names its log group alike under any stage of deployment', () => {
    const under = (stage: string) => {
      const env = { account: ACCOUNT, region: 'us-east-1' };
      return logGroupName(new Stack(new Stage(new App(), stage), 'Shop', { env, stackName: 'Shop' }));
    };
    expect(under('stage3')).toBe(under('stage4'));
  });

  test('takes any other rules in place, there and back, and empties and fills lists', () => {
    const some = FirewallRules.of({
      requestsPerAddress: 100,
      rateLimits: [RateLimit.perHeader('x-api-key', '/api/', 1000, Duration.minutes(1))],
      allowedAddresses: ['198.51.100.0/24', '2001:db8::/32'],
      blockedAddresses: ['192.0.2.1'],
      bots: BotControl.common(),
    });
    const others = FirewallRules.of({ allowedAddresses: ['203.0.113.0/24', '2001:db8:1::/48'], blockedAddresses: ['192.0.2.2'] });
    const build = (rules?: FirewallRules) => (stack: Stack) => new Firewall(stack, 'Firewall', { rules });
    expect(losses(build(), build(some))).toEqual([]);
    expect(losses(build(some), build(others))).toEqual([]);
    // The sets themselves go, which hold nothing that is not in the template.
    expect(losses(build(some), build())).toEqual(Array(3).fill('AWS::WAFv2::IPSet WILL_DESTROY'));
  });

  test('is the same with no feature flag and with all recommended ones', () => {
    const types = [WEB_ACL, 'AWS::WAFv2::IPSet', 'AWS::Logs::LogGroup', 'AWS::WAFv2::LoggingConfiguration'];
    const rules = FirewallRules.of({ allowedAddresses: ['198.51.100.0/24'] });
    expect(flagDependent((stack) => new Firewall(stack, 'Firewall', { rules }), ...types)).toEqual([]);
  });

  test('can stand in a stack whose Region is not known, and passes AwsSolutions', () => {
    const stack = agnosticStack();
    new Firewall(stack, 'Firewall');
    expect(policy(stack)).toEqual(CLEAN);
  });
});

describe('a firewall fails', () => {
  test('in another Region than us-east-1', () => {
    expect(() => new Firewall(stackIn('eu-central-1'), 'Firewall')).toThrow(
      new Error('the stack of a Firewall must be in us-east-1, the only Region of web ACLs for CloudFront, got: eu-central-1'),
    );
  });
});
