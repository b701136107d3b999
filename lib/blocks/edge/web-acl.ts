import { Aspects, CfnDeletionPolicy, type CfnResource, Names } from 'aws-cdk-lib';
import type * as kms from 'aws-cdk-lib/aws-kms';
import * as wafv2 from 'aws-cdk-lib/aws-wafv2';
import type { Construct } from 'constructs';
import { acknowledge } from '../operations/acknowledge';
import { serviceLog } from '../operations/service-log';
import type { FirewallRules } from './firewall-rules';
import { ManagedRuleGroup } from './managed-rule-group';
import { ORIGIN_HEADER } from './origin-verification';
import { AUTOMATIC_RESPONSE_CAPACITY, capacityOf, INCLUDED_CAPACITY, MOST_CAPACITY } from './web-acl-capacity';
import { ANTI_DDOS_GROUP, BOT_CONTROL_GROUP } from './web-acl-rules';

/** WCU of the groups that this library uses. */
const GROUP_CAPACITIES: { [name: string]: number } = {
  ...Object.fromEntries(
    [
      ManagedRuleGroup.CORE,
      ManagedRuleGroup.KNOWN_BAD_INPUTS,
      ManagedRuleGroup.SQL,
      ManagedRuleGroup.IP_REPUTATION,
      ManagedRuleGroup.ANONYMOUS_IPS,
    ].map(({ name, capacity }) => [name, capacity]),
  ),
  [BOT_CONTROL_GROUP]: 50,
  [ANTI_DDOS_GROUP]: 50,
};

/** What a web ACL is made of. */
export interface WebAclProps {
  /** `CLOUDFRONT` or `REGIONAL`. */
  readonly scope: string;
  readonly rules: FirewallRules;
  /** The rules, in their order; priorities are given here. */
  readonly inOrder: Omit<wafv2.CfnWebACL.RuleProperty, 'priority'>[];
  readonly encryptionKey?: kms.IKey;
}

/**
 * A web ACL with its log.
 * @throws if the rules take more capacity than was allowed
 */
export function webAcl(scope: Construct, { scope: kind, rules, inOrder, encryptionKey }: WebAclProps): wafv2.CfnWebACL {
  const ruled = inOrder.map((rule, priority) => ({ ...rule, priority }));
  checkCapacity(ruled, rules);
  const made = new wafv2.CfnWebACL(scope, 'WebAcl', {
    scope: kind,
    defaultAction: { allow: {} },
    visibilityConfig: {
      cloudWatchMetricsEnabled: true,
      sampledRequestsEnabled: true,
      // Metrics of all web ACLs of an account and Region share one namespace.
      metricName: webAclMetric(scope),
    },
    rules: ruled,
    dataProtectionConfig: { dataProtections: protections(rules) },
  });
  acknowledgeCounting(made, rules);
  logDecisions(scope, made, { rules, encryptionKey, scope: kind });
  return made;
}

/** Under what a firewall's metrics are found. */
export function webAclMetric(scope: Construct): string {
  return Names.uniqueResourceName(scope, { maxLength: 120, separator: '-' });
}

function checkCapacity(rules: wafv2.CfnWebACL.RuleProperty[], { mostCapacity, ddos }: FirewallRules): void {
  const needed = capacityOf(rules, GROUP_CAPACITIES) + (ddos.automaticResponse ? AUTOMATIC_RESPONSE_CAPACITY : 0);
  if (needed <= mostCapacity) return;
  throw new Error(
    `the rules of a firewall must fit into mostCapacity, ${mostCapacity} WCU, got ${needed}: take rules away, or raise it to at most ` +
      `${MOST_CAPACITY} (AWS takes 0.20 USD a million requests for each 500 WCU above ${INCLUDED_CAPACITY})`,
  );
}

/** Headers that let somebody in: as a user, or as the distribution. */
function secretHeaders({ redactedHeaders }: FirewallRules): string[] {
  return [...new Set(['authorization', 'cookie', ORIGIN_HEADER.toLowerCase(), ...redactedHeaders])];
}

/**
 * What nobody reads of a request, in the log, in the samples that the console shows, and in what the rules say of it (AWS WAF
 * developer guide, data protection). Keys that are counted are hashed, so that one sees who was too fast.
 */
function protections(rules: FirewallRules): wafv2.CfnWebACL.DataProtectProperty[] {
  const keys = (by: string) => [...new Set(rules.rateLimits.filter((limit) => limit.by === by).map(({ key }) => key))];
  const headers = keys('Header');
  const protect = (fieldType: string, fieldKeys: string[], action: string) =>
    fieldKeys.length > 0 ? [{ field: { fieldType, fieldKeys }, action }] : [];
  return [
    ...protect(
      'SINGLE_HEADER',
      secretHeaders(rules).filter((header) => !headers.includes(header)),
      'SUBSTITUTION',
    ),
    ...protect('SINGLE_HEADER', headers, 'HASH'),
    ...protect('SINGLE_COOKIE', keys('Cookie'), 'HASH'),
    ...(rules.logsQueryStrings ? [] : [{ field: { fieldType: 'QUERY_STRING' }, action: 'SUBSTITUTION' }]),
  ];
}

/** What the log of a load balancer's web ACL keeps: the web ACL of the distribution has logged every request before. */
const REFUSED_AND_COUNTED = {
  DefaultBehavior: 'DROP',
  Filters: [
    {
      Behavior: 'KEEP',
      Requirement: 'MEETS_ANY',
      Conditions: ['BLOCK', 'COUNT'].map((Action) => ({ ActionCondition: { Action } })),
    },
  ],
};

/** Logs what a web ACL decides, without what lets anybody in. */
function logDecisions(
  scope: Construct,
  { attrArn }: wafv2.CfnWebACL,
  { rules, encryptionKey, scope: kind }: Omit<WebAclProps, 'inOrder'>,
): void {
  const logGroup = serviceLog(scope, 'LogGroup', {
    encryptionKey,
    // AWS WAF delivers only to log groups whose name starts like this (AWS WAF developer guide, logging destinations).
    logGroupName: `aws-waf-logs-${Names.uniqueResourceName(scope, { maxLength: 64, separator: '-' }).toLowerCase()}`,
  });
  // Kept, but for a failed first deploy: the next would find the name taken.
  (logGroup.node.defaultChild as CfnResource).cfnOptions.deletionPolicy = CfnDeletionPolicy.RETAIN_EXCEPT_ON_CREATE;
  new wafv2.CfnLoggingConfiguration(scope, 'Logging', {
    resourceArn: attrArn,
    logDestinationConfigs: [logGroup.logGroupArn],
    loggingFilter: kind === 'REGIONAL' ? REFUSED_AND_COUNTED : undefined,
    redactedFields: [
      ...secretHeaders(rules).map((Name) => ({ singleHeader: { Name } })),
      ...(rules.logsQueryStrings ? [] : [{ queryString: {} }]),
    ],
  });
}

/** The user's own reason why the firewall refuses less than policies want. */
function acknowledgeCounting(made: wafv2.CfnWebACL, { countedBecause, counted }: FirewallRules): void {
  const inputs = counted.find(({ ofGroup, ruleName }) => ofGroup === ManagedRuleGroup.KNOWN_BAD_INPUTS && ruleName === undefined);
  const reason = countedBecause ?? inputs?.reason;
  if (reason === undefined) return;
  const told = (id: string) => ({
    id,
    reason: `The rule guards against attacks that are seen and not stopped. That is meant, for a first rollout: ${reason}`,
  });
  acknowledge(made, told('Checkov::CKV_AWS_192'));
  if (countedBecause === undefined) return;
  // Only at the end: who asks for a password refuses somebody, and adds that rule later.
  Aspects.of(made).add({
    visit: () => {
      const rules = made.rules as wafv2.CfnWebACL.RuleProperty[];
      if (!rules.some(({ action }) => action && 'block' in action)) acknowledge(made, told('ScaleTiers::web-acl-blocks-nothing'));
    },
  });
}
