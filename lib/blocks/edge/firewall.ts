import { Stack, Token } from 'aws-cdk-lib';
import type * as kms from 'aws-cdk-lib/aws-kms';
import * as wafv2 from 'aws-cdk-lib/aws-wafv2';
import { Construct } from 'constructs';
import { logDecisions, managedRules, visible } from './web-acl';

/** Region of everything that CloudFront takes from one Region only: certificates and web ACLs. */
export const EDGE_REGION = 'us-east-1';

/** Properties of a Firewall. */
export interface FirewallProps {
  /**
   * Most requests of one address in five minutes, without those below `/assets/`, 10 to 2,000,000,000 (AWS WAF quotas).
   * @default 2000
   */
  readonly requestsPerAddress?: number;
  /**
   * Key for the log, in the same Region; the policy of a key made elsewhere must let CloudWatch Logs in.
   * @default - CloudWatch Logs' own key
   */
  readonly encryptionKey?: kms.IKey;
}

/** Highest limit of a rate-based rule (AWS WAF quotas). */
const MOST_REQUESTS = 2_000_000_000;

/** Static files come from CloudFront's cache by the dozen a page; an office behind one address would be over the limit at once. */
const BEYOND_STATIC_FILES: wafv2.CfnWebACL.StatementProperty = {
  notStatement: {
    statement: {
      byteMatchStatement: {
        fieldToMatch: { uriPath: {} },
        positionalConstraint: 'STARTS_WITH',
        searchString: '/assets/',
        // As the application would read it at most: CloudFront picks the behaviour by the normalized path and sends the raw one, so
        // without these /assets/../login would be spared (CloudFront developer guide, path pattern).
        textTransformations: [
          { priority: 0, type: 'URL_DECODE' },
          { priority: 1, type: 'NORMALIZE_PATH' },
        ],
      },
    },
  },
};

/** AWS's rule groups for a public web application; their ids are part of the web ACL's metrics. */
const MANAGED_RULE_GROUPS = [
  'AWSManagedRulesAmazonIpReputationList',
  'AWSManagedRulesCommonRuleSet',
  'AWSManagedRulesKnownBadInputsRuleSet',
  'AWSManagedRulesSQLiRuleSet',
];

/**
 * A web ACL for CloudFront: managed rules and a rate limit per address. Lives in us-east-1, where AWS keeps scope CLOUDFRONT.
 *
 * @throws if the rate limit is out of range, or the stack is in another Region
 */
export class Firewall extends Construct {
  public readonly webAcl: wafv2.CfnWebACL;

  constructor(scope: Construct, id: string, props: FirewallProps = {}) {
    super(scope, id);
    const limit = props.requestsPerAddress ?? 2000;
    if (!Token.isUnresolved(limit) && (!Number.isInteger(limit) || limit < 10 || limit > MOST_REQUESTS)) {
      throw new Error(`requestsPerAddress must be a whole number from 10 to ${MOST_REQUESTS}, got: ${limit}`);
    }
    const { region } = Stack.of(this);
    if (!Token.isUnresolved(region) && region !== EDGE_REGION) {
      throw new Error(
        `the stack of a Firewall must be in ${EDGE_REGION}, the only Region of web ACLs for CloudFront, got: ${region}`,
      );
    }
    this.webAcl = new wafv2.CfnWebACL(this, 'WebAcl', {
      scope: 'CLOUDFRONT',
      defaultAction: { allow: {} },
      visibilityConfig: visible('Firewall'),
      rules: [
        {
          name: 'RatePerAddress',
          priority: 0,
          action: { block: {} },
          statement: {
            rateBasedStatement: {
              aggregateKeyType: 'IP',
              limit,
              evaluationWindowSec: 300,
              scopeDownStatement: BEYOND_STATIC_FILES,
            },
          },
          visibilityConfig: visible('RatePerAddress'),
        },
        ...managedRules(MANAGED_RULE_GROUPS, 1),
        {
          // A file that nobody published is asked of the application, so static paths cannot be free of every limit.
          name: 'RatePerAddressOverall',
          priority: MANAGED_RULE_GROUPS.length + 1,
          action: { block: {} },
          statement: {
            rateBasedStatement: { aggregateKeyType: 'IP', limit: Math.min(limit * 10, MOST_REQUESTS), evaluationWindowSec: 300 },
          },
          visibilityConfig: visible('RatePerAddressOverall'),
        },
      ],
    });
    logDecisions(this, this.webAcl, props.encryptionKey);
  }
}
