import type { Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as kms from 'aws-cdk-lib/aws-kms';
import { BotControl } from '../../../lib/blocks/edge/bot-control';
import { DdosProtection } from '../../../lib/blocks/edge/ddos-protection';
import { FirewallRules } from '../../../lib/blocks/edge/firewall-rules';
import { LoadBalancerFirewall } from '../../../lib/blocks/edge/load-balancer-firewall';
import { agnosticStack, testStack } from '../../stacks';
import { flagDependent } from '../before-after';
import { appVpc, CLEAN, policy } from '../compute/service-fixture';
import { acknowledgedIds, everyPack } from '../every-pack';
import { stackIn } from './edge-fixture';

const WEB_ACL = 'AWS::WAFv2::WebACL';

function balancer(stack: Stack): elbv2.ApplicationLoadBalancer {
  return new elbv2.ApplicationLoadBalancer(stack, 'Balancer', { vpc: appVpc(stack) });
}

function firewall(stack: Stack, rules?: FirewallRules): LoadBalancerFirewall {
  return new LoadBalancerFirewall(stack, 'Firewall', {
    rules,
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
      // The distribution's firewall has logged all of them.
      LoggingFilter: {
        DefaultBehavior: 'DROP',
        Filters: [
          {
            Behavior: 'KEEP',
            Requirement: 'MEETS_ANY',
            Conditions: [{ ActionCondition: { Action: 'BLOCK' } }, { ActionCondition: { Action: 'COUNT' } }],
          },
        ],
      },
      // The origin's password comes by here.
      RedactedFields: Match.arrayWith(['authorization', 'cookie', 'x-origin-verify'].map((Name) => ({ SingleHeader: { Name } }))),
    });
  });

  test("lets the product's allowed addresses in by the one that CloudFront wrote, and leaves rates, bots and lists of senders to the site", () => {
    const stack = testStack();
    const rules = FirewallRules.of({
      allowedAddresses: ['198.51.100.0/24'],
      blockedAddresses: ['192.0.2.0/24'],
      bots: BotControl.common(),
      ddos: DdosProtection.ANTI_DDOS_RULES,
    });
    firewall(stack, rules);
    const template = Template.fromStack(stack);
    const [[set, { Properties }], ...others] = Object.entries(template.findResources('AWS::WAFv2::IPSet'));
    expect(others).toEqual([]);
    expect(Properties).toEqual({ Scope: 'REGIONAL', IPAddressVersion: 'IPV4', Addresses: ['198.51.100.0/24'] });
    const [acl] = Object.values(template.findResources(WEB_ACL));
    expect(acl.Properties.Rules.map(({ Name }: { Name: string }) => Name)).toEqual([
      'AllowedAddresses',
      'AWSManagedRulesCommonRuleSet',
      'AWSManagedRulesKnownBadInputsRuleSet',
      'AWSManagedRulesSQLiRuleSet',
    ]);
    expect(acl.Properties.Rules[0]).toMatchObject({
      Priority: 0,
      Action: { Allow: {} },
      Statement: {
        IPSetReferenceStatement: {
          Arn: { 'Fn::GetAtt': [set, 'Arn'] },
          // The first is the client's own word.
          IPSetForwardedIPConfig: { HeaderName: 'X-Forwarded-For', Position: 'LAST', FallbackBehavior: 'NO_MATCH' },
        },
      },
    });
    template.resourceCountIs('AWS::Shield::Protection', 0);
  });

  test('only counts where the product does', () => {
    const stack = testStack();
    const { webAcl } = firewall(stack, FirewallRules.countOnly('Counted for two weeks, the log is read each Monday'));
    const [{ Properties }] = Object.values(Template.fromStack(stack).findResources(WEB_ACL));
    for (const { OverrideAction } of Properties.Rules) expect(OverrideAction).toEqual({ Count: {} });
    expect(acknowledgedIds(webAcl)).toEqual(['Checkov::CKV_AWS_192', 'ScaleTiers::web-acl-blocks-nothing']);
  });

  test('still asks for the password where it only counts, which is no firewall that refuses nobody', () => {
    const stack = testStack();
    const made = firewall(
      stack,
      FirewallRules.countOnly('Counted for two weeks, the log is read each Monday', { allowedAddresses: ['192.0.2.1'] }),
    );
    made.admitOnly({ headerName: 'X-Origin-Verify', headerValues: ['secret'] });
    const [{ Properties }] = Object.values(Template.fromStack(stack).findResources(WEB_ACL));
    // Before the allowed addresses, which whoever comes past CloudFront could write himself.
    expect(Properties.Rules.slice(0, 2)).toMatchObject([
      { Name: 'Admission', Priority: 0, Action: { Block: {} } },
      { Name: 'AllowedAddresses', Priority: 1 },
    ]);
    expect(acknowledgedIds(made.webAcl)).toEqual(['Checkov::CKV_AWS_192']);
  });

  test.each([
    ['by itself', DdosProtection.SHIELD_ADVANCED, undefined],
    [
      'with its automatic response',
      DdosProtection.SHIELD_ADVANCED_AUTOMATIC_RESPONSE,
      { Status: 'ENABLED', Action: { Block: {} } },
    ],
  ])('has Shield Advanced %s where that is wanted, after the web ACL', (_, ddos, automatic) => {
    const stack = testStack();
    firewall(stack, FirewallRules.of({ ddos }));
    Template.fromStack(stack).hasResource('AWS::Shield::Protection', {
      Properties: {
        ResourceArn: { Ref: Match.stringLikeRegexp('^Balancer') },
        Name: Match.stringLikeRegexp('^[A-Za-z0-9-]{1,128}$'),
        ApplicationLayerAutomaticResponseConfiguration: automatic ?? Match.absent(),
      },
      DependsOn: [Match.stringLikeRegexp('^FirewallAssociation')],
    });
  });

  test('stands in a stack that does not know its Region', () => {
    const stack = agnosticStack();
    firewall(stack);
    Template.fromStack(stack).resourceCountIs('AWS::WAFv2::WebACLAssociation', 1);
  });

  test('is the same with no feature flag and with all recommended ones', () => {
    expect(flagDependent((stack) => firewall(stack), WEB_ACL, 'AWS::WAFv2::WebACLAssociation', 'AWS::Logs::LogGroup')).toEqual(
      [],
    );
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

describe('the header that a load balancer firewall asks for', () => {
  const HEADER = 'X-Origin-Verify';
  const admitted = (values: string[], rules?: FirewallRules) => {
    const stack = testStack();
    const made = firewall(stack, rules);
    made.admitOnly({ headerName: HEADER, headerValues: values, sender: new kms.Key(stack, 'Sender') });
    return Object.values(Template.fromStack(stack).findResources(WEB_ACL))[0];
  };
  const match = (value: string) => ({
    ByteMatchStatement: {
      FieldToMatch: { SingleHeader: { Name: 'x-origin-verify' } },
      PositionalConstraint: 'EXACTLY',
      SearchString: value,
      TextTransformations: [{ Priority: 0, Type: 'NONE' }],
    },
  });

  test('is asked for before every other rule, allowed addresses and all, and refuses also where rules only count', () => {
    const counting = FirewallRules.countOnly('a first rollout, watched by the team for two weeks', {
      allowedAddresses: ['203.0.113.0/24'],
    });
    for (const rules of [undefined, counting]) {
      const { Rules } = admitted(['now', 'next'], rules).Properties;
      expect(Rules[0]).toMatchObject({
        Name: 'Admission',
        Priority: 0,
        Action: { Block: {} },
        Statement: { NotStatement: { Statement: { OrStatement: { Statements: [match('now'), match('next')] } } } },
      });
      const priorities: number[] = Rules.map(({ Priority }: { Priority: number }) => Priority);
      expect(priorities).toEqual(priorities.map((_, index) => index));
      expect(priorities.length).toBeGreaterThan(3);
    }
  });

  test('may have one good value, and is asked for only once it is sent', () => {
    const { Properties, DependsOn } = admitted(['now']);
    expect(Properties.Rules[0].Statement).toEqual({ NotStatement: { Statement: match('now') } });
    expect(DependsOn).toEqual([expect.stringMatching(/^Sender/)]);
  });

  test('is refused twice, and without a value', () => {
    const made = firewall(testStack());
    expect(() => made.admitOnly({ headerName: HEADER, headerValues: [] })).toThrow(
      new Error('headerValues must hold a value, got none: everybody would be refused'),
    );
    made.admitOnly({ headerName: HEADER, headerValues: ['now'] });
    expect(() => made.admitOnly({ headerName: HEADER, headerValues: ['now'] })).toThrow(
      new Error('admitOnly was called before: call it once, with every value that is good'),
    );
  });
});
