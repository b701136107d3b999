import type * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type * as kms from 'aws-cdk-lib/aws-kms';
import * as wafv2 from 'aws-cdk-lib/aws-wafv2';
import { Construct } from 'constructs';
import { addressMatch } from './address-list';
import { FirewallRules } from './firewall-rules';
import { protectByShield } from './shield-protection';
import { webAcl } from './web-acl';
import { addressRule, CONTENT_GROUPS, managedRule } from './web-acl-rules';

/** Properties of a LoadBalancerFirewall. */
export interface LoadBalancerFirewallProps {
  readonly loadBalancer: elbv2.IApplicationLoadBalancer;
  /**
   * The rules of the product, of which it takes what makes sense here.
   * @default - AWS's managed groups that look at what a request says
   */
  readonly rules?: FirewallRules;
  /**
   * Key for the log; the policy of a key made elsewhere must let CloudWatch Logs in.
   * @default - CloudWatch Logs' own key
   */
  readonly encryptionKey?: kms.IKey;
}

/** Which requests a firewall lets through to its rules. */
export interface HeaderAdmission {
  /** Header that a request must carry. */
  readonly headerName: string;
  /** Values that are good, usually the one that is sent and the one that will be sent next. */
  readonly headerValues: string[];
  /**
   * What sends the header, in the same stack: nothing is refused before it does.
   * @default - it sends the header already
   */
  readonly sender?: Construct;
}

/** Name of the rule that asks for the header. */
const ADMISSION = 'Admission';

/**
 * A web ACL for a load balancer, a second wall behind the one of the distribution: the load balancer refuses what did not come
 * through that by a password, and a password can leak. Then these rules still meet whoever comes past.
 *
 * They look at what a request says. AWS's lists of addresses look at who is connected, here always CloudFront, and take no header
 * instead. Rate limits could, but then AWS WAF reads the *first* address of `X-Forwarded-For`, which the client writes: it would
 * evade them, and could lock others out. So both stand before the site only. The addresses allowed there are allowed here, by the *last*
 * address of that header, which CloudFront writes; else this wall would stop what that one let through. (AWS WAF developer guide,
 * IP reputation rule groups; forwarded IP addresses. That AWS WAF reads the header before the load balancer adds to it is not verified
 * against AWS.)
 */
export class LoadBalancerFirewall extends Construct {
  public readonly webAcl: wafv2.CfnWebACL;
  /** What puts it before the load balancer. */
  public readonly association: wafv2.CfnWebACLAssociation;

  constructor(scope: Construct, id: string, props: LoadBalancerFirewallProps) {
    super(scope, id);
    const { loadBalancer, rules = FirewallRules.of(), encryptionKey } = props;
    const allowed = addressMatch(this, 'AllowedAddresses', {
      addresses: rules.allowedAddresses,
      webAclScope: 'REGIONAL',
      forwarded: true,
    });
    this.webAcl = webAcl(this, {
      scope: 'REGIONAL',
      rules,
      encryptionKey,
      inOrder: [
        ...(allowed ? [addressRule('AllowedAddresses', allowed, { allow: {} })] : []),
        ...CONTENT_GROUPS.map((group) => managedRule(group, rules)),
      ],
    });
    this.association = new wafv2.CfnWebACLAssociation(this, 'Association', {
      resourceArn: loadBalancer.loadBalancerArn,
      webAclArn: this.webAcl.attrArn,
    });
    // The automatic response needs the web ACL to be there.
    protectByShield(this, loadBalancer.loadBalancerArn, rules)?.addDependency(this.association);
  }

  /**
   * Refuses requests without a header, before every other rule. Here and not in the listener's rules where releases shift traffic
   * (`LoadBalancer.admitOnly` says why). It takes 2 WCU for each value, and AWS 1 USD a month for the rule.
   * @throws if it is called twice, or with no value
   */
  public admitOnly({ headerName, headerValues, sender }: HeaderAdmission): void {
    const rules = this.webAcl.rules as wafv2.CfnWebACL.RuleProperty[];
    if (rules.some(({ name }) => name === ADMISSION)) {
      throw new Error('admitOnly was called before: call it once, with every value that is good');
    }
    if (headerValues.length === 0) throw new Error('headerValues must hold a value, got none: everybody would be refused');
    const good = headerValues.map((searchString) => ({
      byteMatchStatement: {
        fieldToMatch: { singleHeader: { Name: headerName.toLowerCase() } },
        positionalConstraint: 'EXACTLY',
        searchString,
        textTransformations: [{ priority: 0, type: 'NONE' }],
      },
    }));
    const statement = good.length === 1 ? good[0] : { orStatement: { statements: good } };
    const admission: wafv2.CfnWebACL.RuleProperty = {
      name: ADMISSION,
      priority: 0,
      action: { block: {} },
      statement: { notStatement: { statement } },
      visibilityConfig: { cloudWatchMetricsEnabled: true, sampledRequestsEnabled: true, metricName: ADMISSION },
    };
    this.webAcl.rules = [admission, ...rules.map((rule) => ({ ...rule, priority: rule.priority + 1 }))];
    // Nothing is refused before it is sent.
    if (sender) this.webAcl.node.addDependency(sender);
  }
}
