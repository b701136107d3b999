import type { Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as targets from 'aws-cdk-lib/aws-elasticloadbalancingv2-targets';
import { GeographicArea } from '../../../lib/blocks/edge/geographic-area';
import {
  areaOriginHost,
  latencyOriginHost,
  OriginRecords,
  type OriginRecordsProps,
} from '../../../lib/blocks/edge/origin-records';
import { AlarmTopic } from '../../../lib/blocks/operations/alarm-topic';
import { agnosticStack, testStack } from '../../stacks';
import { flagDependent, losses } from '../before-after';
import { appVpc, CLEAN, policy } from '../compute/service-fixture';
import { domain, stackIn } from './edge-fixture';

const RECORD = 'AWS::Route53::RecordSet';

function theirs(stack: Stack): elbv2.IApplicationLoadBalancer {
  return elbv2.ApplicationLoadBalancer.fromApplicationLoadBalancerAttributes(stack, 'LoadBalancer', {
    loadBalancerArn: 'arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/shop/1',
    securityGroupId: 'sg-1',
    loadBalancerDnsName: 'lb.example.com',
    loadBalancerCanonicalHostedZoneId: 'ZLB',
  });
}

function records(stack: Stack, props: Partial<OriginRecordsProps> = {}): OriginRecords {
  return new OriginRecords(stack, 'OriginRecords', { domain: domain(stack), loadBalancer: theirs(stack), ...props });
}

function watched(stack: Stack, props: Partial<OriginRecordsProps> = {}): OriginRecords {
  const vpc = appVpc(stack);
  const balancer = new elbv2.ApplicationLoadBalancer(stack, 'Balancer', { vpc });
  const healthOf = balancer.addListener('Listener', { port: 80, open: false }).addTargets('Targets', {
    port: 80,
    targets: [new targets.IpTarget('10.0.0.1')],
  });
  return records(stack, { healthOf: [healthOf], ...props });
}

/** Every record by its name and set identifier. */
function found(stack: Stack): Record<string, Record<string, unknown>> {
  const all = Object.values(Template.fromStack(stack).findResources(RECORD));
  return Object.fromEntries(all.map(({ Properties }) => [`${Properties.Name} ${Properties.SetIdentifier}`, Properties]));
}

describe('the names of the load balancers', () => {
  test('differ for latency and areas, and lie below the site, where its certificate reaches', () => {
    const site = domain(testStack());
    expect([latencyOriginHost(site), areaOriginHost(site)]).toEqual(['origin.shop.example.com', 'area-origin.shop.example.com']);
  });
});

describe('the records of one Region', () => {
  test.each(['us-east-1', 'eu-central-1'])('begin with a latency record, in %s, before there is a second Region', (region) => {
    const stack = stackIn(region);
    records(stack);
    expect(found(stack)).toEqual({
      [`origin.shop.example.com. ${region}`]: {
        HostedZoneId: 'Z0123456789EXAMPLE',
        Name: 'origin.shop.example.com.',
        Type: 'A',
        Region: region,
        SetIdentifier: region,
        AliasTarget: { DNSName: 'dualstack.lb.example.com', HostedZoneId: 'ZLB', EvaluateTargetHealth: true },
      },
    });
  });

  test('take the areas it serves, and everybody else, under another name', () => {
    const stack = testStack();
    records(stack, { serves: [GeographicArea.EUROPE, GeographicArea.country('NA')], servesTheRest: true });
    expect(found(stack)).toMatchObject({
      'origin.shop.example.com. us-east-1': { Region: 'us-east-1' },
      'area-origin.shop.example.com. us-east-1-continent-EU': { GeoLocation: { ContinentCode: 'EU' } },
      'area-origin.shop.example.com. us-east-1-country-NA': { GeoLocation: { CountryCode: 'NA' } },
      'area-origin.shop.example.com. us-east-1-rest': { GeoLocation: { CountryCode: '*' } },
    });
    expect(Object.keys(found(stack))).toHaveLength(4);
  });

  test('mix no policies under one name', () => {
    const stack = testStack();
    records(stack, { serves: [GeographicArea.ASIA], servesTheRest: true });
    const policies = new Map<unknown, Set<string>>();
    for (const record of Object.values(found(stack))) {
      const kind = ['Region', 'GeoLocation'].filter((key) => record[key] !== undefined).join();
      policies.set(record.Name, (policies.get(record.Name) ?? new Set()).add(kind));
    }
    expect([...policies.values()].map((kinds) => [...kinds])).toEqual([['Region'], ['GeoLocation']]);
  });

  test('ask the load balancer for its health, where no targets are named', () => {
    const stack = testStack();
    expect(records(stack).healthCheck).toBeUndefined();
    Template.fromStack(stack).resourceCountIs('AWS::Route53::HealthCheck', 0);
  });

  test('lead users away while no target is healthy, by an alarm and not by probes, which CloudFront-only groups refuse', () => {
    const stack = stackIn('eu-central-1');
    watched(stack, { serves: [GeographicArea.EUROPE] });
    const template = Template.fromStack(stack);
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      MetricName: 'HealthyHostCount',
      Statistic: 'Maximum',
      Period: 60,
      Threshold: 1,
      ComparisonOperator: 'LessThanThreshold',
      EvaluationPeriods: 2,
      TreatMissingData: 'breaching',
    });
    template.hasResourceProperties('AWS::Route53::HealthCheck', {
      HealthCheckConfig: {
        Type: 'CLOUDWATCH_METRIC',
        AlarmIdentifier: { Name: { Ref: Match.stringLikeRegexp('^OriginRecordsNoHealthyTarget') }, Region: 'eu-central-1' },
        InsufficientDataHealthStatus: 'LastKnownStatus',
      },
    });
    template.resourceCountIs('AWS::Route53::HealthCheck', 1);
    const checks = Object.values(found(stack)).map(({ HealthCheckId }) => HealthCheckId);
    const own = { Ref: expect.stringMatching(/^OriginRecordsHealthCheck/) };
    expect(checks).toEqual([own, own]);
    // A sick service beside the core must not take the Region out.
    const targetHealth = Object.values(found(stack)).map(({ AliasTarget }) => AliasTarget);
    const unasked = expect.objectContaining({ EvaluateTargetHealth: false });
    expect(targetHealth).toEqual([unasked, unasked]);
  });

  test('tell people when they lead users away', () => {
    const stack = testStack();
    watched(stack, { alarms: new AlarmTopic(stack, 'Alarms') });
    const to = [{ Ref: Match.stringLikeRegexp('^AlarmsTopic') }];
    Template.fromStack(stack).hasResourceProperties('AWS::CloudWatch::Alarm', { AlarmActions: to, OKActions: to });
  });

  test('get areas and a health check without losing one', () => {
    const plain = (stack: Stack) => {
      watched(stack, { healthOf: undefined });
    };
    const after = (stack: Stack) => {
      watched(stack, { serves: [GeographicArea.EUROPE], servesTheRest: true });
    };
    expect(losses(plain, after)).toEqual([]);
  });

  test('take a Region that is known only at the deploy', () => {
    const stack = agnosticStack();
    watched(stack, { serves: [GeographicArea.EUROPE] });
    const template = Template.fromStack(stack);
    const region = { Ref: 'AWS::Region' };
    template.hasResourceProperties(RECORD, { Region: region, SetIdentifier: region });
    template.hasResourceProperties(RECORD, { SetIdentifier: { 'Fn::Join': ['', [region, '-continent-EU']] } });
    template.hasResourceProperties('AWS::Route53::HealthCheck', {
      HealthCheckConfig: Match.objectLike({ AlarmIdentifier: Match.objectLike({ Region: region }) }),
    });
  });

  test('are the same with no feature flag and with all recommended ones', () => {
    const types = [RECORD, 'AWS::Route53::HealthCheck', 'AWS::CloudWatch::Alarm'];
    expect(flagDependent((stack) => watched(stack, { servesTheRest: true }), ...types)).toEqual([]);
  });

  test('pass AwsSolutions', () => {
    const stack = testStack();
    records(stack, { serves: [GeographicArea.EUROPE], servesTheRest: true });
    expect(policy(stack)).toEqual(CLEAN);
  });
});

describe('the records of a load balancer whose releases shift traffic', () => {
  const twoGroups = (stack: Stack) => {
    const vpc = appVpc(stack);
    const balancer = new elbv2.ApplicationLoadBalancer(stack, 'Balancer', { vpc });
    const group = (id: string) => new elbv2.ApplicationTargetGroup(stack, id, { vpc, port: 80, targetType: elbv2.TargetType.IP });
    const groups = [group('Blue'), group('Green')];
    balancer.addListener('Listener', { port: 80, open: false, defaultTargetGroups: groups });
    return records(stack, { healthOf: groups, alarms: new AlarmTopic(stack, 'Alarms') });
  };

  test('follow whichever target group has the tasks, by a check over two checks', () => {
    const stack = testStack();
    const made = twoGroups(stack);
    const template = Template.fromStack(stack);
    const check = (id: string) => ({ Ref: Match.stringLikeRegexp(`^OriginRecords${id}`) });
    template.hasResourceProperties('AWS::Route53::HealthCheck', {
      HealthCheckConfig: {
        Type: 'CALCULATED',
        HealthThreshold: 1,
        ChildHealthChecks: [check('HealthCheck'), check('AlternateCheck')],
      },
    });
    template.resourceCountIs('AWS::Route53::HealthCheck', 3);
    template.hasResourceProperties(RECORD, {
      HealthCheckId: check('AnyHealthy'),
      AliasTarget: { EvaluateTargetHealth: false },
    });
    // Metric math is nothing that Route 53 could follow.
    for (const alarm of Object.values(template.findResources('AWS::CloudWatch::Alarm'))) {
      expect(alarm.Properties).toMatchObject({ MetricName: 'HealthyHostCount', TreatMissingData: 'breaching' });
    }
    expect(made.halves).toHaveLength(2);
  });

  test('ring for people when neither has any, and not for the one that is always empty', () => {
    const stack = testStack();
    twoGroups(stack);
    const template = Template.fromStack(stack);
    for (const alarm of Object.values(template.findResources('AWS::CloudWatch::Alarm'))) {
      expect(alarm.Properties).not.toHaveProperty('AlarmActions');
    }
    template.hasResourceProperties('AWS::CloudWatch::CompositeAlarm', {
      AlarmName: Match.absent(),
      AlarmActions: Match.anyValue(),
      AlarmRule: {
        'Fn::Join': [
          '',
          [
            '(ALARM("',
            { 'Fn::GetAtt': [Match.stringLikeRegexp('^OriginRecordsNoHealthyTarget'), 'Arn'] },
            '") AND ALARM("',
            { 'Fn::GetAtt': [Match.stringLikeRegexp('^OriginRecordsNoHealthyAlternate'), 'Arn'] },
            '"))',
          ],
        ],
      },
    });
  });

  test('do not ask the load balancer, which is sick to Route 53 with an empty target group, where that is said', () => {
    const stack = testStack();
    records(stack, { asksLoadBalancer: false });
    Template.fromStack(stack).hasResourceProperties(RECORD, {
      HealthCheckId: Match.absent(),
      AliasTarget: { EvaluateTargetHealth: false },
    });
  });

  test('are watched as before where there is one target group', () => {
    const stack = testStack();
    expect(watched(stack).halves).toEqual([]);
    Template.fromStack(stack).resourceCountIs('AWS::Route53::HealthCheck', 1);
  });
});
