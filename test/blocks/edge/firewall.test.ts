import { App, Lazy, Stack, Stage } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as kms from 'aws-cdk-lib/aws-kms';
import { Firewall } from '../../../lib/blocks/edge/firewall';
import { ACCOUNT, agnosticStack, testStack } from '../../stacks';
import { flagDependent, losses } from '../before-after';
import { CLEAN, policy } from '../compute/service-fixture';
import { stackIn } from './edge-fixture';

const WEB_ACL = 'AWS::WAFv2::WebACL';

function logGroupName(stack: Stack, id = 'Firewall'): string {
  new Firewall(stack, id);
  const [found] = Object.values(Template.fromStack(stack).findResources('AWS::Logs::LogGroup'));
  return found.Properties.LogGroupName;
}

describe('a firewall', () => {
  test('stands before CloudFront and lets through what no rule stops', () => {
    const stack = testStack();
    new Firewall(stack, 'Firewall');
    Template.fromStack(stack).hasResourceProperties(WEB_ACL, {
      Name: Match.absent(),
      Scope: 'CLOUDFRONT',
      DefaultAction: { Allow: {} },
      VisibilityConfig: { CloudWatchMetricsEnabled: true, SampledRequestsEnabled: true, MetricName: 'Firewall' },
    });
  });

  test.each([
    [undefined, 2000],
    [10, 10],
    [2_000_000_000, 2_000_000_000],
    [Lazy.number({ produce: () => 500 }), 500],
  ])('given a limit of %d requests in five minutes blocks an address at %d', (requestsPerAddress, Limit) => {
    const stack = testStack();
    new Firewall(stack, 'Firewall', { requestsPerAddress });
    Template.fromStack(stack).hasResourceProperties(WEB_ACL, {
      Rules: Match.arrayWith([
        Match.objectLike({
          Name: 'RatePerAddress',
          Priority: 0,
          Action: { Block: {} },
          Statement: { RateBasedStatement: Match.objectLike({ AggregateKeyType: 'IP', Limit, EvaluationWindowSec: 300 }) },
        }),
      ]),
    });
  });

  test('does not count static files, nor takes for one what only starts like it', () => {
    const stack = testStack();
    new Firewall(stack, 'Firewall');
    const [acl] = Object.values(Template.fromStack(stack).findResources(WEB_ACL));
    expect(acl.Properties.Rules[0].Statement.RateBasedStatement.ScopeDownStatement).toEqual({
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

  test("applies AWS's rule groups in a fixed order, with their own actions but for large bodies, which it counts", () => {
    const stack = testStack();
    new Firewall(stack, 'Firewall');
    const [acl] = Object.values(Template.fromStack(stack).findResources(WEB_ACL));
    const managed = acl.Properties.Rules.slice(1, -1);
    // Refusing bodies over 8 KB would break uploads that worked before there was a firewall.
    const counted = [{ Name: 'SizeRestrictions_BODY', ActionToUse: { Count: {} } }];
    expect(managed).toEqual(
      ['AmazonIpReputationList', 'CommonRuleSet', 'KnownBadInputsRuleSet', 'SQLiRuleSet'].map((group, index) => ({
        Name: `AWSManagedRules${group}`,
        Priority: index + 1,
        OverrideAction: { None: {} },
        Statement: {
          ManagedRuleGroupStatement: {
            VendorName: 'AWS',
            Name: `AWSManagedRules${group}`,
            ...(group === 'CommonRuleSet' && { RuleActionOverrides: counted }),
          },
        },
        VisibilityConfig: {
          CloudWatchMetricsEnabled: true,
          SampledRequestsEnabled: true,
          MetricName: `AWSManagedRules${group}`,
        },
      })),
    );
  });

  test('lets no address ask for ten times its limit, static files included, for the application answers for those that are missing', () => {
    const stack = testStack();
    new Firewall(stack, 'Firewall', { requestsPerAddress: 500 });
    const [acl] = Object.values(Template.fromStack(stack).findResources(WEB_ACL));
    expect(acl.Properties.Rules.at(-1)).toMatchObject({
      Name: 'RatePerAddressOverall',
      Priority: 5,
      Action: { Block: {} },
      Statement: { RateBasedStatement: { AggregateKeyType: 'IP', Limit: 5000, EvaluationWindowSec: 300 } },
    });
    expect(acl.Properties.Rules.at(-1).Statement.RateBasedStatement).not.toHaveProperty('ScopeDownStatement');
  });

  test('logs what it saw, without what would let a reader sign in', () => {
    const stack = testStack();
    new Firewall(stack, 'Firewall');
    const template = Template.fromStack(stack);
    template.hasResourceProperties('AWS::WAFv2::LoggingConfiguration', {
      ResourceArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^FirewallWebAcl'), 'Arn'] },
      LogDestinationConfigs: [{ 'Fn::GetAtt': [Match.stringLikeRegexp('^FirewallLogGroup'), 'Arn'] }],
      RedactedFields: [{ SingleHeader: { Name: 'authorization' } }, { SingleHeader: { Name: 'cookie' } }],
    });
    template.hasResource('AWS::Logs::LogGroup', {
      Properties: { RetentionInDays: 365, KmsKeyId: Match.absent() },
      // It has a name, which would be taken after a failed first deploy.
      DeletionPolicy: 'RetainExceptOnCreate',
      UpdateReplacePolicy: 'Retain',
    });
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

  test('takes another limit in place', () => {
    const before = (stack: Stack) => new Firewall(stack, 'Firewall');
    expect(losses(before, (stack) => new Firewall(stack, 'Firewall', { requestsPerAddress: 100 }))).toEqual([]);
  });

  test('is the same with no feature flag and with all recommended ones', () => {
    const types = [WEB_ACL, 'AWS::Logs::LogGroup', 'AWS::WAFv2::LoggingConfiguration'];
    expect(flagDependent((stack) => new Firewall(stack, 'Firewall'), ...types)).toEqual([]);
  });

  test('can stand in a stack whose Region is not known, and passes AwsSolutions', () => {
    const stack = agnosticStack();
    new Firewall(stack, 'Firewall');
    expect(policy(stack)).toEqual(CLEAN);
  });
});

describe('a firewall fails', () => {
  test.each([9, 0, -1, 100.5, 2_000_000_001, Number.NaN])('with a limit of %d', (requestsPerAddress) => {
    expect(() => new Firewall(testStack(), 'Firewall', { requestsPerAddress })).toThrow(
      new Error(`requestsPerAddress must be a whole number from 10 to 2000000000, got: ${requestsPerAddress}`),
    );
  });

  test('in another Region than us-east-1', () => {
    expect(() => new Firewall(stackIn('eu-central-1'), 'Firewall')).toThrow(
      new Error('the stack of a Firewall must be in us-east-1, the only Region of web ACLs for CloudFront, got: eu-central-1'),
    );
  });
});
