import type { Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as kms from 'aws-cdk-lib/aws-kms';
import { LoadBalancerFirewall } from '../../../lib/blocks/edge/load-balancer-firewall';
import { agnosticStack, testStack } from '../../stacks';
import { flagDependent } from '../before-after';
import { appVpc, CLEAN, policy } from '../compute/service-fixture';
import { everyPack } from '../every-pack';
import { stackIn } from './edge-fixture';

const WEB_ACL = 'AWS::WAFv2::WebACL';

function balancer(stack: Stack): elbv2.ApplicationLoadBalancer {
  return new elbv2.ApplicationLoadBalancer(stack, 'Balancer', { vpc: appVpc(stack) });
}

function firewall(stack: Stack): LoadBalancerFirewall {
  return new LoadBalancerFirewall(stack, 'Firewall', {
    loadBalancer: balancer(stack),
    encryptionKey: new kms.Key(stack, 'Key', { enableKeyRotation: true }),
  });
}

describe('the firewall of a load balancer', () => {
  test('stands before it in its own Region', () => {
    const stack = stackIn('eu-central-1');
    firewall(stack);
    const template = Template.fromStack(stack);
    template.hasResourceProperties(WEB_ACL, { Scope: 'REGIONAL', DefaultAction: { Allow: {} } });
    template.hasResourceProperties('AWS::WAFv2::WebACLAssociation', {
      ResourceArn: { Ref: Match.stringLikeRegexp('^Balancer') },
      WebACLArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^FirewallWebAcl'), 'Arn'] },
    });
  });

  test('looks at what a request says, not at its address, which is one of CloudFront', () => {
    const stack = testStack();
    firewall(stack);
    const [{ Properties }] = Object.values(Template.fromStack(stack).findResources(WEB_ACL));
    const rules: { Name: string; Priority: number; OverrideAction: unknown; Statement: Record<string, unknown> }[] =
      Properties.Rules;
    expect(rules.map(({ Name, Priority }) => `${Priority} ${Name}`)).toEqual([
      '0 AWSManagedRulesCommonRuleSet',
      '1 AWSManagedRulesKnownBadInputsRuleSet',
      '2 AWSManagedRulesSQLiRuleSet',
    ]);
    expect(rules[0].Statement).toEqual({
      ManagedRuleGroupStatement: {
        VendorName: 'AWS',
        Name: 'AWSManagedRulesCommonRuleSet',
        // Uploads over 8 KB worked before.
        RuleActionOverrides: [{ Name: 'SizeRestrictions_BODY', ActionToUse: { Count: {} } }],
      },
    });
    for (const { OverrideAction } of rules) expect(OverrideAction).toEqual({ None: {} });
  });

  test('logs what it saw, encrypted, without what would let a reader sign in', () => {
    const stack = testStack();
    firewall(stack);
    const template = Template.fromStack(stack);
    template.hasResource('AWS::Logs::LogGroup', {
      Properties: {
        RetentionInDays: 365,
        LogGroupName: Match.stringLikeRegexp('^aws-waf-logs-[a-z0-9-]{1,64}$'),
        KmsKeyId: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Key'), 'Arn'] },
      },
      DeletionPolicy: 'RetainExceptOnCreate',
      UpdateReplacePolicy: 'Retain',
    });
    template.hasResourceProperties('AWS::WAFv2::LoggingConfiguration', {
      ResourceArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^FirewallWebAcl'), 'Arn'] },
      RedactedFields: [{ SingleHeader: { Name: 'authorization' } }, { SingleHeader: { Name: 'cookie' } }],
    });
  });

  test('stands in a stack that does not know its Region', () => {
    const stack = agnosticStack();
    firewall(stack);
    Template.fromStack(stack).resourceCountIs('AWS::WAFv2::WebACLAssociation', 1);
  });

  test('is the same with no feature flag and with all recommended ones', () => {
    expect(flagDependent(firewall, WEB_ACL, 'AWS::WAFv2::WebACLAssociation', 'AWS::Logs::LogGroup')).toEqual([]);
  });

  test('is what the packs want before a load balancer', () => {
    const open = (stack: Stack) => everyPack(stack).open.filter((finding) => finding.includes('ALBWAFEnabled'));
    const without = testStack();
    balancer(without);
    expect(open(without)).toHaveLength(3);
    const stack = testStack();
    const made = firewall(stack);
    expect(open(stack)).toEqual([]);
    expect(everyPack(made)).toEqual(CLEAN);
    expect(policy(stack).open.filter((finding) => finding.includes('/Firewall/'))).toEqual([]);
  });
});
