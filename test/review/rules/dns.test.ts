import type { Assembly } from '../../../lib/assembly/cloud-assembly';
import { addressFamiliesRoutedApart } from '../../../lib/review/rules/address-families-routed-apart';
import { cnameBesideOtherRecords } from '../../../lib/review/rules/cname-beside-other-records';
import { duplicateRoutingRecord } from '../../../lib/review/rules/duplicate-routing-record';
import { failoverPrimaryWithoutHealthCheck } from '../../../lib/review/rules/failover-primary-without-health-check';
import { failoverSetIncomplete } from '../../../lib/review/rules/failover-set-incomplete';
import { geoSetWithoutDefault } from '../../../lib/review/rules/geo-set-without-default';
import { healthCheckNotThere } from '../../../lib/review/rules/health-check-not-there';
import { mixedRoutingPolicies } from '../../../lib/review/rules/mixed-routing-policies';
import { routedAliasIgnoresHealth } from '../../../lib/review/rules/routed-alias-ignores-health';
import { routingRecordWithoutSetIdentifier } from '../../../lib/review/rules/routing-record-without-set-identifier';
import { setIdentifierWithoutRouting } from '../../../lib/review/rules/set-identifier-without-routing';
import { assemblyOf, describeRule, type Resources, stackOf } from './templates';

type Properties = Record<string, unknown>;

const BASE = { HostedZoneId: 'Z1', Name: 'shop.example.com.', Type: 'A', TTL: '60', ResourceRecords: ['192.0.2.1'] };
const ALIAS = { DNSName: 'lb.example.net', HostedZoneId: 'Z2' };

/** Records of shop.example.com named One, Two ... */
function records(...properties: Properties[]): Resources {
  const names = ['One', 'Two', 'Three', 'Four'];
  return Object.fromEntries(properties.map((more, index) => [names[index], ['Route53::RecordSet', { ...BASE, ...more }]]));
}

function dns(...properties: Properties[]): Assembly {
  return assemblyOf(records(...properties));
}

const GERMANY = { SetIdentifier: 'de', GeoLocation: { CountryCode: 'DE' } };
const EUROPE = { SetIdentifier: 'eu', GeoLocation: { ContinentCode: 'EU' } };
const ELSEWHERE = { SetIdentifier: 'else', GeoLocation: { CountryCode: '*' } };
const PRIMARY = { SetIdentifier: 'first', Failover: 'PRIMARY', HealthCheckId: 'abc' };
const SECONDARY = { SetIdentifier: 'second', Failover: 'SECONDARY' };
const latency = (Region: string) => ({ Region, SetIdentifier: Region });
const MAYBE = { Ref: 'Maybe' };

describeRule(routingRecordWithoutSetIdentifier, {
  holds: {
    'a routed record with one': dns(GERMANY),
    'a simple record': dns({}),
    'an identifier that only a deploy knows': dns({ Weight: 1, SetIdentifier: MAYBE }),
    'a multivalue answer that is off': dns({ MultiValueAnswer: 'false' }),
    'a value that is left out': dns({ Weight: { Ref: 'AWS::NoValue' } }),
  },
  broken: {
    'a record for a country': [
      dns({ GeoLocation: { CountryCode: 'DE' } }),
      ['eu-central-1 One SetIdentifier: A record shop.example.com has geolocation routing and no SetIdentifier'],
    ],
    'a weighted record of a group': [
      assemblyOf({
        Group: [
          'Route53::RecordSetGroup',
          {
            HostedZoneId: 'Z1',
            RecordSets: [
              { Name: 'a.example.com', Type: 'A' },
              { ...BASE, Weight: 0 },
            ],
          },
        ],
      }),
      ['eu-central-1 Group RecordSets.1.SetIdentifier: A record shop.example.com has weighted routing and no SetIdentifier'],
    ],
  },
});

describeRule(setIdentifierWithoutRouting, {
  holds: {
    'a routed record': dns(latency('eu-central-1')),
    'a policy that only a deploy knows': dns({ SetIdentifier: 'a', Weight: MAYBE }),
  },
  broken: {
    'a simple record with one': [
      dns({ SetIdentifier: 'a' }),
      [
        'eu-central-1 One SetIdentifier: A record shop.example.com has neither Weight, Region, Failover, GeoLocation nor another routing policy',
      ],
    ],
  },
});

describeRule(mixedRoutingPolicies, {
  holds: {
    'one policy': dns(latency('eu-central-1'), latency('us-east-1')),
    'another policy for another type': dns(latency('eu-central-1'), { Type: 'TXT' }),
    'another policy in another zone': dns(latency('eu-central-1'), { HostedZoneId: 'Z9' }),
    'another policy under a condition that excludes the first': assemblyOf({
      One: ['Route53::RecordSet', { ...BASE, ...GERMANY }, { Condition: 'Old' }],
      Two: ['Route53::RecordSet', { ...BASE, ...latency('us-east-1') }, { Condition: 'New' }],
    }),
  },
  broken: {
    'two policies in one record beside another, which is not to blame': [
      dns({ ...GERMANY, Weight: 1 }, latency('us-east-1')),
      ['eu-central-1 One Name: A record shop.example.com has weighted and geolocation routing at once'],
    ],

    'latency beside geolocation': [
      dns(GERMANY, latency('us-east-1')),
      [
        'eu-central-1 Two Name: A record shop.example.com has latency routing, beside One of eu-central-1, which has geolocation routing',
      ],
    ],
    'a simple record of another Region': [
      assemblyOf(
        records(latency('eu-central-1')),
        stackOf({ Other: ['Route53::RecordSet', { ...BASE, Name: 'SHOP.example.com' }] }, { region: 'us-east-1' }),
      ),
      [
        'us-east-1 Other Name: A record shop.example.com has simple routing, beside One of eu-central-1, which has latency routing',
      ],
    ],
    'two policies in one record': [
      dns({ ...GERMANY, Weight: 1 }),
      ['eu-central-1 One Name: A record shop.example.com has weighted and geolocation routing at once'],
    ],
  },
});

const state = (SubdivisionCode: unknown, SetIdentifier: unknown = SubdivisionCode) => ({
  SetIdentifier,
  GeoLocation: { CountryCode: 'US', SubdivisionCode },
});

/** Two simple records of one name. */
function conditional(one: string | undefined, two: string | undefined): Resources {
  return { One: ['Route53::RecordSet', BASE, { Condition: one }], Two: ['Route53::RecordSet', BASE, { Condition: two }] };
}

const TWICE = ['eu-central-1 Two Name: A record shop.example.com has no routing policy, as has One of eu-central-1'];

describeRule(duplicateRoutingRecord, {
  holds: {
    'a state within a country': dns(state('CA'), state('NY'), { SetIdentifier: 'us', GeoLocation: { CountryCode: 'US' } }),
    'places of which only a deploy knows a part': dns(state(MAYBE, 'a'), state(MAYBE, 'b')),
    'places that are empty': dns({ SetIdentifier: 'a', GeoLocation: {} }, { SetIdentifier: 'b', GeoLocation: {} }),
    'a simple record beside a routed one, which another rule is about': dns(GERMANY, {}),
    'conditions that exclude each other': assemblyOf(conditional('Old', 'New')),
    'the same product at two stages, the second in two Regions': assemblyOf(
      stackOf(records(GERMANY), { constructPath: 'stage3/Shop' }),
      stackOf({}, { constructPath: 'stage4/Shop/Away', region: 'us-east-1' }),
      stackOf(records(GERMANY), { constructPath: 'stage4/Shop' }),
    ),

    'two locations': dns(GERMANY, ELSEWHERE),
    'a location that only a deploy knows': dns(GERMANY, { SetIdentifier: 'x', GeoLocation: { CountryCode: MAYBE } }),
    'two equal weights': dns({ Weight: 1, SetIdentifier: 'a' }, { Weight: 1, SetIdentifier: 'b' }),
    'the same product at two stages': assemblyOf(
      stackOf(records(GERMANY), { constructPath: 'stage3/Shop' }),
      stackOf(records(GERMANY), { constructPath: 'stage4/Shop' }),
    ),
    'names that only a deploy knows': dns({ Name: { Ref: 'A' } }, { Name: { Ref: 'B' } }),
  },
  broken: {
    'one state twice': [
      dns(state('CA', 'a'), state('CA', 'b')),
      ['eu-central-1 Two GeoLocation: A record shop.example.com has the location US CA, as has One of eu-central-1'],
    ],
    'one condition for both': [assemblyOf(conditional('Old', 'Old')), TWICE],
    'a condition for the first': [assemblyOf(conditional('Old', undefined)), TWICE],
    'a condition for the second': [assemblyOf(conditional(undefined, 'New')), TWICE],

    'one location twice': [
      dns(GERMANY, { ...GERMANY, SetIdentifier: 'other' }),
      ['eu-central-1 Two GeoLocation: A record shop.example.com has the location DE, as has One of eu-central-1'],
    ],
    'one identifier twice, in two Regions': [
      assemblyOf(records(EUROPE), stackOf(records({ ...ELSEWHERE, SetIdentifier: 'eu' }), { region: 'us-east-1' })),
      ['us-east-1 One SetIdentifier: A record shop.example.com has the SetIdentifier eu, as has One of eu-central-1'],
    ],
    'one Region twice': [
      dns(latency('us-east-1'), { ...latency('us-east-1'), SetIdentifier: 'b' }),
      ['eu-central-1 Two Region: A record shop.example.com has the Region us-east-1, as has One of eu-central-1'],
    ],
    'two primaries': [
      dns(PRIMARY, { ...PRIMARY, SetIdentifier: 'b' }),
      ['eu-central-1 Two Failover: A record shop.example.com has the role PRIMARY, as has One of eu-central-1'],
    ],
    'two simple records in a zone of the assembly': [
      assemblyOf({
        Zone: ['Route53::HostedZone', { Name: 'example.com' }],
        ...records({ HostedZoneId: { Ref: 'Zone' } }, { HostedZoneId: { 'Fn::GetAtt': ['Zone', 'Id'] } }),
      }),
      ['eu-central-1 Two Name: A record shop.example.com has no routing policy, as has One of eu-central-1'],
    ],
    'one name that only a deploy knows': [
      dns({ Name: { Ref: 'A' } }, { Name: { Ref: 'A' } }),
      ['eu-central-1 Two Name: A record of a name that only a deploy knows has no routing policy, as has One of eu-central-1'],
    ],
  },
});

describeRule(geoSetWithoutDefault, {
  holds: {
    'a default': dns(GERMANY, ELSEWHERE),
    'a default in another Region': assemblyOf(records(GERMANY), stackOf(records(ELSEWHERE), { region: 'us-east-1' })),
    'a location that only a deploy knows': dns(GERMANY, { SetIdentifier: 'x', GeoLocation: { CountryCode: MAYBE } }),
    latency: dns(latency('us-east-1')),
  },
  broken: {
    'two locations': [
      dns(GERMANY, EUROPE),
      ['eu-central-1 One GeoLocation: A record shop.example.com has 2 locations and no default'],
    ],
    'a default for another type': [
      dns(GERMANY, { ...ELSEWHERE, Type: 'AAAA' }),
      ['eu-central-1 One GeoLocation: A record shop.example.com has one location and no default'],
    ],
  },
});

describeRule(failoverSetIncomplete, {
  holds: {
    both: dns(PRIMARY, SECONDARY),
    'a role that only a deploy knows': dns(PRIMARY, { SetIdentifier: 'x', Failover: MAYBE }),
    'both in two Regions': assemblyOf(records(PRIMARY), stackOf(records(SECONDARY), { region: 'us-east-1' })),
  },
  broken: {
    'a primary alone': [dns(PRIMARY), ['eu-central-1 One Failover: A record shop.example.com has no SECONDARY']],
    'a secondary alone': [dns(SECONDARY), ['eu-central-1 One Failover: A record shop.example.com has no PRIMARY']],
  },
});

describeRule(failoverPrimaryWithoutHealthCheck, {
  holds: {
    'a health check': dns(PRIMARY),
    'an alias that evaluates': dns({
      ...SECONDARY,
      Failover: 'PRIMARY',
      AliasTarget: { ...ALIAS, EvaluateTargetHealth: 'true' },
    }),
    'an alias of which only a deploy knows': dns({ Failover: 'PRIMARY', AliasTarget: { ...ALIAS, EvaluateTargetHealth: MAYBE } }),
    'a secondary': dns(SECONDARY),
  },
  broken: {
    'a primary without': [
      dns({ ...PRIMARY, HealthCheckId: undefined }, SECONDARY),
      ['eu-central-1 One HealthCheckId: A record shop.example.com has neither'],
    ],
    'an alias that does not evaluate': [
      dns({ ...PRIMARY, HealthCheckId: undefined, AliasTarget: { ...ALIAS, EvaluateTargetHealth: false } }),
      ['eu-central-1 One HealthCheckId: A record shop.example.com has neither'],
    ],
    'an alias of CloudFront, which has no health': [
      dns({
        SetIdentifier: 'a',
        Failover: 'PRIMARY',
        AliasTarget: { DNSName: 'd1.cloudfront.net', HostedZoneId: 'Z2FDTNDATAQYW2' },
      }),
      ['eu-central-1 One HealthCheckId: A record shop.example.com has neither'],
    ],
  },
});

describeRule(routedAliasIgnoresHealth, {
  holds: {
    'an alias that evaluates': dns({ ...GERMANY, AliasTarget: { ...ALIAS, EvaluateTargetHealth: true } }),
    'an alias with a health check': dns({ ...GERMANY, HealthCheckId: 'abc', AliasTarget: ALIAS }),
    'an alias of which only a deploy knows': dns({ ...GERMANY, AliasTarget: { ...ALIAS, EvaluateTargetHealth: MAYBE } }),
    'an alias that only a deploy knows': dns({
      ...GERMANY,
      AliasTarget: { 'Fn::If': ['Maybe', ALIAS, { Ref: 'AWS::NoValue' }] },
    }),
    'an alias of CloudFront, which has no health': dns({ ...GERMANY, AliasTarget: { ...ALIAS, HostedZoneId: 'Z2FDTNDATAQYW2' } }),
    'a simple alias': dns({ AliasTarget: ALIAS }),
  },
  broken: {
    'an alias that does not': [
      dns({ ...latency('us-east-1'), AliasTarget: { ...ALIAS, EvaluateTargetHealth: false } }),
      ['eu-central-1 One AliasTarget.EvaluateTargetHealth: A record shop.example.com, which has latency routing, does neither'],
    ],
  },
});

const OUTPUT = { 'Fn::GetStackOutput': { StackName: 'Shop', Region: 'us-east-1', OutputName: 'Check' } };
const producer = (template: Record<string, unknown>) =>
  stackOf({ Check: ['Route53::HealthCheck', {}], Queue: ['SQS::Queue', {}] }, { region: 'us-east-1', template });

describeRule(healthCheckNotThere, {
  holds: {
    'a health check of the stack': assemblyOf({
      Check: ['Route53::HealthCheck', {}],
      ...records({ HealthCheckId: { Ref: 'Check' } }),
    }),
    'a health check of another stack': assemblyOf(
      records({ HealthCheckId: OUTPUT }),
      producer({ Outputs: { Check: { Value: { Ref: 'Check' } } } }),
    ),
    'an id': dns({ HealthCheckId: 'abcdef11-2222-3333-4444-555555fedcba' }),
    'a parameter': dns({ HealthCheckId: MAYBE }),
    'a stack of another assembly': dns({ HealthCheckId: OUTPUT }),
  },
  broken: {
    'something else': [
      assemblyOf({ Queue: ['SQS::Queue', {}], ...records({ HealthCheckId: { Ref: 'Queue' } }) }),
      ['eu-central-1 One HealthCheckId: it leads to Queue, an AWS::SQS::Queue'],
    ],
    'something else of another stack': [
      assemblyOf(records({ HealthCheckId: OUTPUT }), producer({ Outputs: { Check: { Value: { Ref: 'Queue' } } } })),
      ['eu-central-1 One HealthCheckId: it leads to Queue, an AWS::SQS::Queue'],
    ],
    'an output that is not there': [
      assemblyOf(records({ HealthCheckId: OUTPUT }), producer({ Outputs: {} })),
      ['eu-central-1 One HealthCheckId: stack Shop of us-east-1 has no output Check'],
    ],
  },
});

describeRule(cnameBesideOtherRecords, {
  holds: {
    'CNAME records alone': dns({ ...GERMANY, Type: 'CNAME' }, { ...ELSEWHERE, Type: 'CNAME' }),
    'a CNAME record of another name': dns({}, { Type: 'CNAME', Name: 'www.example.com' }),
  },
  broken: {
    'an A record of another Region': [
      assemblyOf(records({ ...GERMANY, Type: 'CNAME' }), stackOf(records(ELSEWHERE), { region: 'us-east-1' })),
      ['eu-central-1 One Type: shop.example.com has a CNAME record beside the A record One of us-east-1'],
    ],
  },
});

const IPV6 = { Type: 'AAAA' };

describeRule(addressFamiliesRoutedApart, {
  holds: {
    'one identifier among others that only a deploy knows': dns(
      GERMANY,
      { ...GERMANY, ...IPV6 },
      { ...ELSEWHERE, ...IPV6, SetIdentifier: MAYBE },
    ),

    'the same members': dns(GERMANY, ELSEWHERE, { ...ELSEWHERE, ...IPV6 }, { ...GERMANY, ...IPV6 }),
    'one family': dns(GERMANY, ELSEWHERE),
    'an identifier that only a deploy knows': dns(GERMANY, { ...GERMANY, ...IPV6, SetIdentifier: MAYBE }),
  },
  broken: {
    'a location without IPv6': [
      dns(GERMANY, ELSEWHERE, { ...ELSEWHERE, ...IPV6 }),
      [
        'eu-central-1 Three SetIdentifier: shop.example.com has A records geolocation de, geolocation else and AAAA records geolocation else',
      ],
    ],
  },
});
