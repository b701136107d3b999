import { type IResolveContext, Lazy, Token } from 'aws-cdk-lib';
import type * as wafv2 from 'aws-cdk-lib/aws-wafv2';
import type { BotControl } from './bot-control';
import type { FirewallRules } from './firewall-rules';
import { ManagedRuleGroup } from './managed-rule-group';
import type { RateLimit } from './rate-limit';
import { AS_READ, BEYOND_STATIC_FILES, pathStartsWith } from './request-path';

/** A rule, before it has its place among the others. */
type UnplacedRule = Omit<wafv2.CfnWebACL.RuleProperty, 'priority'>;

export const BOT_CONTROL_GROUP = 'AWSManagedRulesBotControlRuleSet';
export const ANTI_DDOS_GROUP = 'AWSManagedRulesAntiDDoSRuleSet';

/** Highest limit of a rate-based rule (AWS WAF quotas). */
const MOST_REQUESTS = 2_000_000_000;

/** Groups that look at the sender's address, which before a load balancer is always one of CloudFront. */
const ADDRESS_GROUPS = [ManagedRuleGroup.IP_REPUTATION, ManagedRuleGroup.ANONYMOUS_IPS];

/** Groups that look at what a request says. */
export const CONTENT_GROUPS = [ManagedRuleGroup.CORE, ManagedRuleGroup.KNOWN_BAD_INPUTS, ManagedRuleGroup.SQL];

/** Everything but address lists, before the site: what is cheap and stops most comes first, what costs by the request last. */
export function siteRules(rules: FirewallRules): UnplacedRule[] {
  const { requestsPerAddress: limit, bots, ddos } = rules;
  return [
    ...(ddos.rules ? [antiDdos(rules)] : []),
    ...rules.rateLimits.map((rateLimit) => rateRule(rateLimit, rules)),
    perAddress('RatePerAddress', limit, rules, BEYOND_STATIC_FILES),
    ...[...ADDRESS_GROUPS, ...CONTENT_GROUPS].map((group) => managedRule(group, rules)),
    ...(bots ? [botRule(bots, rules)] : []),
    // A file that nobody published is asked of the application, so static paths cannot be free of every limit.
    perAddress('RatePerAddressOverall', tenTimes(limit), rules),
  ];
}

/** Known at synthesis, or worked out with it. */
function tenTimes(limit: number): number {
  if (!Token.isUnresolved(limit)) return Math.min(limit * 10, MOST_REQUESTS);
  return Lazy.uncachedNumber({
    produce: (context: IResolveContext) => Math.min(Number(context.resolve(limit)) * 10, MOST_REQUESTS),
  });
}

/** A rule for addresses on a list. */
export function addressRule(
  name: string,
  statement: wafv2.CfnWebACL.StatementProperty,
  action: wafv2.CfnWebACL.RuleActionProperty,
): UnplacedRule {
  return { name, action, statement, visibilityConfig: visible(name) };
}

/** Refuses, or counts where nothing is refused. */
export function refusal({ countedBecause }: FirewallRules): wafv2.CfnWebACL.RuleActionProperty {
  return countedBecause === undefined ? { block: {} } : { count: {} };
}

/** A group that AWS keeps, with the rules of it that only count. */
export function managedRule({ name }: ManagedRuleGroup, rules: FirewallRules): UnplacedRule {
  const counted = rules.counted.filter(({ ofGroup }) => ofGroup.name === name);
  const countsAll = rules.countedBecause !== undefined || counted.some(({ ruleName }) => ruleName === undefined);
  const single = new Set([
    ...countedByDefault(name, rules),
    ...counted.flatMap(({ ruleName }) => (ruleName === undefined ? [] : [ruleName])),
  ]);
  return group(name, countsAll, {
    ruleActionOverrides: single.size > 0 ? [...single].map((rule) => ({ name: rule, actionToUse: { count: {} } })) : undefined,
  });
}

/**
 * The core group refuses every body over 8 KB, which would break uploads that worked before (AWS WAF developer guide, baseline rule
 * groups). What lies beyond the first 16 KB of a body at CloudFront, and 8 KB at a load balancer, no rule sees.
 */
function countedByDefault(group: string, { refusesHostingProviders }: FirewallRules): string[] {
  if (group === ManagedRuleGroup.CORE.name) return ['SizeRestrictions_BODY'];
  return group === ManagedRuleGroup.ANONYMOUS_IPS.name && !refusesHostingProviders ? ['HostingProviderIPList'] : [];
}

function antiDdos(rules: FirewallRules): UnplacedRule {
  return group(ANTI_DDOS_GROUP, rules.countedBecause !== undefined, {
    managedRuleGroupConfigs: [
      {
        awsManagedRulesAntiDDoSRuleSet: {
          clientSideActionConfig: { challenge: { usageOfAction: 'DISABLED' } },
          sensitivityToBlock: 'LOW',
        },
      },
    ],
  });
}

function botRule({ level, path }: BotControl, rules: FirewallRules): UnplacedRule {
  return group(BOT_CONTROL_GROUP, rules.countedBecause !== undefined, {
    managedRuleGroupConfigs: [{ awsManagedRulesBotControlRuleSet: { inspectionLevel: level } }],
    scopeDownStatement: path === undefined ? BEYOND_STATIC_FILES : pathStartsWith(path),
  });
}

function group(
  name: string,
  counts: boolean,
  options: Omit<wafv2.CfnWebACL.ManagedRuleGroupStatementProperty, 'name' | 'vendorName'>,
): UnplacedRule {
  return {
    name,
    overrideAction: counts ? { count: {} } : { none: {} },
    statement: { managedRuleGroupStatement: { vendorName: 'AWS', name, ...options } },
    visibilityConfig: visible(name),
  };
}

function perAddress(name: string, limit: number, rules: FirewallRules, only?: wafv2.CfnWebACL.StatementProperty): UnplacedRule {
  const statement = { aggregateKeyType: 'IP', limit, evaluationWindowSec: 300, scopeDownStatement: only };
  return limited(name, statement, rules.countedBecause !== undefined);
}

function rateRule(rateLimit: RateLimit, rules: FirewallRules): UnplacedRule {
  const counts = rules.countedBecause !== undefined || rateLimit.countedBecause !== undefined;
  const statement = {
    ...aggregation(rateLimit),
    limit: rateLimit.limit,
    evaluationWindowSec: rateLimit.window.toSeconds(),
    scopeDownStatement: pathStartsWith(rateLimit.path),
  };
  return limited(rateLimit.name, statement, counts);
}

function limited(name: string, statement: wafv2.CfnWebACL.RateBasedStatementProperty, counts: boolean): UnplacedRule {
  // 429 is no status for which the distribution has a page of its own, and AWS WAF's answer takes precedence over those anyway (AWS
  // WAF developer guide, sending custom responses for Block actions).
  const customResponse = {
    responseCode: 429,
    responseHeaders: [{ name: 'Retry-After', value: String(statement.evaluationWindowSec) }],
  };
  return {
    name,
    action: counts ? { count: {} } : { block: { customResponse } },
    statement: { rateBasedStatement: statement },
    visibilityConfig: visible(name),
  };
}

/** By what requests are told apart. */
function aggregation({
  by,
  key,
}: RateLimit): Pick<wafv2.CfnWebACL.RateBasedStatementProperty, 'aggregateKeyType' | 'customKeys'> {
  const asItIs = [{ priority: 0, type: 'NONE' }];
  switch (by) {
    case 'Header':
      return custom([{ header: { name: key, textTransformations: asItIs } }]);
    case 'Cookie':
      return custom([{ cookie: { name: key, textTransformations: asItIs } }]);
    case 'IpAndPath':
      return custom([{ ip: {} }, { uriPath: { textTransformations: AS_READ } }]);
    default:
      return { aggregateKeyType: 'IP' };
  }
}

function custom(customKeys: wafv2.CfnWebACL.RateBasedStatementCustomKeyProperty[]) {
  return { aggregateKeyType: 'CUSTOM_KEYS', customKeys };
}

/** Makes a rule visible under its name. */
function visible(metricName: string): wafv2.CfnWebACL.VisibilityConfigProperty {
  return { cloudWatchMetricsEnabled: true, sampledRequestsEnabled: true, metricName };
}
