import { CfnDeletionPolicy, type CfnResource, Names } from 'aws-cdk-lib';
import type * as kms from 'aws-cdk-lib/aws-kms';
import * as wafv2 from 'aws-cdk-lib/aws-wafv2';
import type { Construct } from 'constructs';
import { serviceLog } from '../operations/service-log';

/**
 * Rules that only count. The common group refuses every body over 8 KB, which would break uploads that worked before
 * (AWS WAF developer guide, baseline rule groups, SizeRestrictions_BODY).
 */
const COUNTED_RULES: { [group: string]: wafv2.CfnWebACL.RuleActionOverrideProperty[] } = {
  AWSManagedRulesCommonRuleSet: [{ name: 'SizeRestrictions_BODY', actionToUse: { count: {} } }],
};

/** Makes a rule, or the whole web ACL, visible under a name. */
export function visible(metricName: string): wafv2.CfnWebACL.VisibilityConfigProperty {
  return { cloudWatchMetricsEnabled: true, sampledRequestsEnabled: true, metricName };
}

/** Groups of rules that AWS keeps, in this order. */
export function managedRules(groups: string[], firstPriority: number): wafv2.CfnWebACL.RuleProperty[] {
  return groups.map((name, index) => ({
    name,
    priority: firstPriority + index,
    overrideAction: { none: {} },
    statement: { managedRuleGroupStatement: { vendorName: 'AWS', name, ruleActionOverrides: COUNTED_RULES[name] } },
    visibilityConfig: visible(name),
  }));
}

/** Logs what a web ACL decides, without what lets anybody in. */
export function logDecisions(scope: Construct, webAcl: wafv2.CfnWebACL, encryptionKey?: kms.IKey): void {
  const logGroup = serviceLog(scope, 'LogGroup', {
    encryptionKey,
    // AWS WAF delivers only to log groups whose name starts like this (AWS WAF developer guide, logging destinations).
    logGroupName: `aws-waf-logs-${Names.uniqueResourceName(scope, { maxLength: 64, separator: '-' }).toLowerCase()}`,
  });
  // Kept, but for a failed first deploy: the next would find the name taken.
  (logGroup.node.defaultChild as CfnResource).cfnOptions.deletionPolicy = CfnDeletionPolicy.RETAIN_EXCEPT_ON_CREATE;
  new wafv2.CfnLoggingConfiguration(scope, 'Logging', {
    resourceArn: webAcl.attrArn,
    logDestinationConfigs: [logGroup.logGroupArn],
    redactedFields: [{ singleHeader: { Name: 'authorization' } }, { singleHeader: { Name: 'cookie' } }],
  });
}
