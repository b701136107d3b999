import { Stack, Token } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as wafv2 from 'aws-cdk-lib/aws-wafv2';
import { Construct } from 'constructs';
import { addressMatch } from './address-list';
import { FirewallRules } from './firewall-rules';
import { webAcl, webAclMetric } from './web-acl';
import { addressRule, refusal, siteRules } from './web-acl-rules';

/** Region of everything that CloudFront takes from one Region only: certificates and web ACLs. */
export const EDGE_REGION = 'us-east-1';

/** Properties of a Firewall. */
export interface FirewallProps {
  /**
   * What it refuses.
   * @default - AWS's managed groups, and rate limits for sign-in and for each address
   */
  readonly rules?: FirewallRules;
  /**
   * Key for the log, in the same Region; the policy of a key made elsewhere must let CloudWatch Logs in.
   * @default - CloudWatch Logs' own key
   */
  readonly encryptionKey?: kms.IKey;
}

/**
 * A web ACL for CloudFront: lists of addresses, rate limits and managed rules. Lives in us-east-1, where AWS keeps scope CLOUDFRONT.
 *
 * @throws if the rules take more capacity than allowed, or the stack is in another Region
 */
export class Firewall extends Construct {
  public readonly webAcl: wafv2.CfnWebACL;

  constructor(scope: Construct, id: string, props: FirewallProps = {}) {
    super(scope, id);
    const { region } = Stack.of(this);
    if (!Token.isUnresolved(region) && region !== EDGE_REGION) {
      throw new Error(
        `the stack of a Firewall must be in ${EDGE_REGION}, the only Region of web ACLs for CloudFront, got: ${region}`,
      );
    }
    const { rules = FirewallRules.of(), encryptionKey } = props;
    const match = (name: string, addresses: string[]) =>
      addressMatch(this, name, { addresses, webAclScope: 'CLOUDFRONT', forwarded: false });
    const blocked = match('BlockedAddresses', rules.blockedAddresses);
    const allowed = match('AllowedAddresses', rules.allowedAddresses);
    this.webAcl = webAcl(this, {
      scope: 'CLOUDFRONT',
      rules,
      encryptionKey,
      inOrder: [
        ...(blocked ? [addressRule('BlockedAddresses', blocked, refusal(rules))] : []),
        ...(allowed ? [addressRule('AllowedAddresses', allowed, { allow: {} })] : []),
        ...siteRules(rules),
      ],
    });
  }

  /** Requests that were refused, by any rule. */
  public metricBlockedRequests(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('BlockedRequests', props);
  }

  /** Requests that were let through. */
  public metricAllowedRequests(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('AllowedRequests', props);
  }

  private metric(metricName: string, props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return new cloudwatch.Metric({
      namespace: 'AWS/WAFV2',
      metricName,
      // No dimension Region for CloudFront (AWS WAF developer guide, AWS WAF metrics and dimensions).
      dimensionsMap: { WebACL: webAclMetric(this), Rule: 'ALL' },
      statistic: cloudwatch.Stats.SUM,
      region: EDGE_REGION,
      ...props,
    });
  }
}
