import { desiredCountOutsideRange } from '../../../lib/review/rules/desired-count-outside-range';
import { keyWithoutAdministrator } from '../../../lib/review/rules/key-without-administrator';
import { scalingRange } from '../../../lib/review/rules/scaling-range';
import { serviceHealthGrace } from '../../../lib/review/rules/service-health-grace';
import { attribute, ref, resource, testRules, UNKNOWN } from './rule-cases';

const service = (properties: Record<string, unknown>) => resource('ECS::Service', properties);
const target = (MinCapacity: unknown, MaxCapacity: unknown) =>
  resource('ApplicationAutoScaling::ScalableTarget', {
    MinCapacity,
    MaxCapacity,
    ResourceId: { 'Fn::Join': ['', ['service/', ref('Cluster'), '/', attribute('Service', 'Name')]] },
  });
const scaled = (DesiredCount: unknown, min: unknown = 2, max: unknown = 10) => ({
  Cluster: resource('ECS::Cluster'),
  Service: service({ DesiredCount }),
  Target: target(min, max),
});
const key = (Statement: unknown, more: Record<string, unknown> = {}) => ({
  Key: resource('KMS::Key', { KeyPolicy: { Statement }, ...more }),
});
const allow = (Principal: unknown, Action: unknown) => [{ Effect: 'Allow', Principal, Action, Resource: '*' }];
const BALANCED = { LoadBalancers: [{ TargetGroupArn: ref('Targets') }] };

testRules([
  {
    rule: serviceHealthGrace,
    passes: {
      'a period': { Service: service({ ...BALANCED, HealthCheckGracePeriodSeconds: 60 }) },
      'a period that is not known': { Service: service({ ...BALANCED, HealthCheckGracePeriodSeconds: UNKNOWN }) },
      'a worker': { Service: service({}) },
      'balancers that are not known': { Service: service({ LoadBalancers: UNKNOWN }) },
    },
    fails: {
      'no period': { in: { Service: service(BALANCED) }, at: ['Service HealthCheckGracePeriodSeconds: it is not set'] },
    },
  },
  {
    rule: scalingRange,
    passes: {
      'a range': { Target: target(2, 10) },
      'a fixed number': { Target: target(0, 0) },
      'a parameter': { Target: target(UNKNOWN, 1) },
    },
    fails: {
      'a range upside down': { in: { Target: target('5', 2) }, at: ['Target MinCapacity: the minimum is 5, the maximum 2'] },
    },
  },
  {
    rule: desiredCountOutsideRange,
    passes: {
      'a count in the range': scaled(3),
      'a count that is left to scaling': scaled(undefined),
      'a count that is not known': scaled(UNKNOWN),
      'a range upside down, which another rule finds': scaled(3, 9, 1),
    },
    fails: {
      'a count below': { in: scaled(1), at: ['Service DesiredCount: it is 1, the range 2 to 10'] },
      'a count above': { in: scaled('40'), at: ['Service DesiredCount: it is 40, the range 2 to 10'] },
    },
  },
  {
    rule: keyWithoutAdministrator,
    passes: {
      'the account': key(allow({ AWS: 'arn:aws:iam::123456789012:root' }, 'kms:*')),
      'a role that may change the policy': key(allow({ AWS: [attribute('Role', 'Arn')] }, ['kms:Decrypt', 'kms:Put*'])),
      'the default policy': { Key: resource('KMS::Key') },
      'a policy that is not known': { Key: resource('KMS::Key', { KeyPolicy: UNKNOWN }) },
    },
    fails: {
      'a key for a service alone': { in: key(allow({ Service: 'sns.amazonaws.com' }, 'kms:*')), at: ['Key KeyPolicy'] },
      'a key that its owner may use and not change': {
        in: key(allow({ AWS: '*' }, ['kms:Decrypt', 'kms:Encrypt']), { BypassPolicyLockoutSafetyCheck: true }),
        at: ['Key KeyPolicy'],
      },
      'a key that denies': {
        in: key([{ ...allow({ AWS: '*' }, 'kms:*')[0], Effect: 'Deny' }]),
        at: ['Key KeyPolicy'],
      },
    },
  },
]);
