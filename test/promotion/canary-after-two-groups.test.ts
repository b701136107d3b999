import type { TemplateResource } from '../../lib/assembly/cloud-assembly';
import { comparePromotion } from '../../lib/promotion/compare';
import { planPromotion } from '../../lib/promotion/plan';
import { assembly, ref, resource, retained, stack } from './templates';

type Properties = Record<string, unknown>;

const ROLLING = { MaximumPercent: 200, Strategy: 'ROLLING', LifecycleHooks: [] };
const CANARY = {
  ...{ MaximumPercent: 200, Strategy: 'CANARY', BakeTimeInMinutes: 5 },
  CanaryConfiguration: { CanaryPercent: 10, CanaryBakeTimeInMinutes: 5 },
  Alarms: { AlarmNames: [ref('Errors')], Enable: true, Rollback: true },
  LifecycleHooks: [{ HookTargetArn: 'hook' }],
};
const one = [{ TargetGroupArn: 'blue' }];
const two = [{ TargetGroupArn: 'blue', AdvancedConfiguration: { AlternateTargetGroupArn: 'green' } }];
const mesh = { Enabled: true, Namespace: 'shop' };

const service = (DeploymentConfiguration: Properties | undefined, LoadBalancers?: unknown, more: Properties = {}) =>
  resource('AWS::ECS::Service', { DeploymentConfiguration, LoadBalancers, ...more });
const shop = (Core?: TemplateResource, more: Record<string, TemplateResource> = {}) =>
  assembly(stack('Shop', { ...(Core && { Core }), Errors: resource('AWS::CloudWatch::Alarm'), ...more }));
const findings = (before?: TemplateResource, after?: TemplateResource) =>
  comparePromotion(shop(before), shop(after))
    .changes.filter(({ logicalId }) => logicalId === 'Core')
    .flatMap((change) => change.findings.filter(({ ruleId }) => ruleId === 'canary-after-two-groups'));

describe('a service that starts to shift traffic', () => {
  test.each<[string, TemplateResource, TemplateResource]>([
    ['gets its second target group and a canary at once', service(ROLLING, one), service(CANARY, two)],
    ['said nothing of its strategy before', service({ MaximumPercent: 200 }, one), service(CANARY, two)],
    ['said nothing of its releases before', service(undefined, one), service(CANARY, two)],
    ['was behind no load balancer before', service(ROLLING), service({ Strategy: 'LINEAR' }, two)],
    [
      'joins Service Connect in the same update',
      service(ROLLING, two),
      service(CANARY, two, { ServiceConnectConfiguration: mesh }),
    ],
  ])('waits where it %s', (_, before, after) => {
    const report = comparePromotion(shop(before), shop(after));
    expect(report.safe).toBe(false);
    expect(findings(before, after)).toMatchObject([{ verdict: 'own-deploy', property: 'DeploymentConfiguration.Strategy' }]);
  });

  test.each<[string, TemplateResource | undefined, TemplateResource | undefined]>([
    ['is new', undefined, service(CANARY, two)],
    ['leaves', service(ROLLING, one), undefined],
    ['has had its second group', service(ROLLING, two), service(CANARY, two)],
    ['gets the second group and rolls on', service(ROLLING, one), service(ROLLING, two)],
    ['is silent about its strategy', service(ROLLING, one), service({ MaximumPercent: 200 }, two)],
    [
      'shifted traffic before',
      service({ Strategy: 'BLUE_GREEN' }, two),
      service(CANARY, two, { ServiceConnectConfiguration: mesh }),
    ],
    ['leaves Service Connect', service(ROLLING, two, { ServiceConnectConfiguration: mesh }), service(CANARY, two)],
    ['goes back to rolling', service(CANARY, two), service(ROLLING, two)],
  ])('need not wait where it %s', (_, before, after) => {
    expect(findings(before, after)).toEqual([]);
  });

  test('rolls meanwhile, with what its releases had before', () => {
    const held = (old: Properties) => findings(service(old, one), service(CANARY, two))[0].holds;
    const path = ['Properties', 'DeploymentConfiguration'];
    const hold = { stackName: 'Shop', region: 'us-east-1', logicalId: 'Core', path };
    expect(held(ROLLING)).toEqual([{ ...hold, value: ROLLING }]);
    const Alarms = { AlarmNames: ['mine'], Enable: true, Rollback: true };
    expect(held({ MaximumPercent: 150, Alarms })).toEqual([
      { ...hold, value: { MaximumPercent: 200, Strategy: 'ROLLING', Alarms } },
    ]);
  });
});

describe('the deploys', () => {
  const cache = (NumNodeGroups: number) =>
    retained('AWS::ElastiCache::ReplicationGroup', { NumNodeGroups }, { UpdatePolicy: { UseOnlineResharding: true } });
  const plan = (...[before, after]: [TemplateResource, Record<string, TemplateResource>][]) =>
    planPromotion(shop(...before), shop(...after), comparePromotion).deploys;

  test('are two: the second group, then the shift; the shards come with the shift, which starts nothing', () => {
    const deploys = plan([service(ROLLING, one), { Cache: cache(1) }], [service(CANARY, two), { Cache: cache(3) }]);
    expect(deploys.map(({ heldBack }) => heldBack.map(({ ruleId }) => ruleId).sort())).toEqual([
      ['canary-after-two-groups', 'resharding-alone'],
      [],
    ]);
    const [first, second] = deploys.map(({ assembly: { stacks } }) => stacks[0].template.Resources!.Core.Properties);
    expect([first, second]).toEqual([
      { DeploymentConfiguration: ROLLING, LoadBalancers: two },
      { DeploymentConfiguration: CANARY, LoadBalancers: two },
    ]);
  });

  test('are three where more than the releases of a service changes with the shards', () => {
    const tasks = (TaskDefinition: string) => ({ TaskDefinition });
    const report = comparePromotion(
      shop(service(ROLLING, two, tasks('one')), { Cache: cache(1) }),
      shop(service(CANARY, two, tasks('two')), { Cache: cache(3) }),
    );
    expect(report.changes.find(({ logicalId }) => logicalId === 'Cache')?.verdict).toBe('own-deploy');
  });
});
