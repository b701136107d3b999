import type * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type * as kms from 'aws-cdk-lib/aws-kms';
import * as wafv2 from 'aws-cdk-lib/aws-wafv2';
import { Construct } from 'constructs';
import { logDecisions, managedRules, visible } from './web-acl';

/** Properties of a LoadBalancerFirewall. */
export interface LoadBalancerFirewallProps {
  readonly loadBalancer: elbv2.IApplicationLoadBalancer;
  /**
   * Key for the log; the policy of a key made elsewhere must let CloudWatch Logs in.
   * @default - CloudWatch Logs' own key
   */
  readonly encryptionKey?: kms.IKey;
}

/**
 * AWS's rule groups that look at what a request says. Not the list of addresses with a bad name: here every request comes from an
 * address of CloudFront.
 */
const MANAGED_RULE_GROUPS = [
  'AWSManagedRulesCommonRuleSet',
  'AWSManagedRulesKnownBadInputsRuleSet',
  'AWSManagedRulesSQLiRuleSet',
];

/**
 * A web ACL for a load balancer, a second wall behind the one of the distribution: the load balancer refuses what did not come
 * through that by a password, and a password can leak. Then these rules still meet whoever comes past.
 */
export class LoadBalancerFirewall extends Construct {
  public readonly webAcl: wafv2.CfnWebACL;

  constructor(scope: Construct, id: string, props: LoadBalancerFirewallProps) {
    super(scope, id);
    this.webAcl = new wafv2.CfnWebACL(this, 'WebAcl', {
      scope: 'REGIONAL',
      defaultAction: { allow: {} },
      visibilityConfig: visible('LoadBalancerFirewall'),
      rules: managedRules(MANAGED_RULE_GROUPS, 0),
    });
    new wafv2.CfnWebACLAssociation(this, 'Association', {
      resourceArn: props.loadBalancer.loadBalancerArn,
      webAclArn: this.webAcl.attrArn,
    });
    logDecisions(this, this.webAcl, props.encryptionKey);
  }
}
