import { type App, Stack } from 'aws-cdk-lib';
import type { Assembly } from '../../lib/assembly/cloud-assembly';
import { isStateful } from '../../lib/assembly/stateful-types';
import { CacheSize } from '../../lib/blocks/data/cache-size';
import { Network } from '../../lib/blocks/network/network';
import type { Finding } from '../../lib/promotion/change';
import { comparePromotion } from '../../lib/promotion/compare';
import { type Plan, planPromotion } from '../../lib/promotion/plan';
import { ServerOption } from '../../lib/stages/server-option';
import { Stage2Replicated } from '../../lib/stages/stage2-replicated';
import { Stage3Specialized } from '../../lib/stages/stage3-specialized';
import { ACCOUNT } from '../stacks';
import { addStage, IMAGE, testDomain, testProps } from '../synth-stages';
import { faultsOfPlan, isLoss, problemsOf, productStack, referenceStage, synthesized } from './ladder';

/** The climbs, the deploys each takes, and the rules that refuse to do it in one. */
const MATRIX: { from: number; to: number; deploys: number; refusedBy: string[] }[] = [
  { from: 1, to: 2, deploys: 1, refusedBy: [] },
  { from: 2, to: 3, deploys: 2, refusedBy: ['canary-after-two-groups', 'resharding-alone'] },
  {
    from: 3,
    to: 4,
    deploys: 3,
    refusedBy: ['multi-vpc-at-creation', 'one-replica-per-update', 'reference-before-its-output', 'replicator-before-its-source'],
  },
  { from: 1, to: 3, deploys: 1, refusedBy: [] },
  {
    from: 1,
    to: 4,
    deploys: 3,
    refusedBy: ['multi-vpc-at-creation', 'reference-before-its-output', 'replicator-before-its-source'],
  },
  {
    from: 2,
    to: 4,
    deploys: 4,
    refusedBy: [
      'canary-after-two-groups',
      'multi-vpc-at-creation',
      'reference-before-its-output',
      'replicator-before-its-source',
      'resharding-alone',
      'resharding-before-joining',
    ],
  },
];

function stoppingRules({ jump }: Plan): string[] {
  const stopping = jump.changes.flatMap(({ findings }) => findings.filter(stops));
  return [...new Set(stopping.map(({ ruleId }) => ruleId))].sort();
}

function stops({ verdict }: Finding): boolean {
  return verdict === 'refused' || verdict === 'own-deploy';
}

describe.each(MATRIX)('stage $from to stage $to', ({ from, to, deploys, refusedBy }) => {
  let before: Assembly;
  let after: Assembly;
  let plan: Plan;

  beforeAll(() => {
    before = referenceStage(from);
    after = referenceStage(to);
    plan = planPromotion(before, after, comparePromotion);
  });

  test(`takes ${deploys} ${deploys === 1 ? 'deploy' : 'deploys'}, each of which passes and loses nothing`, () => {
    expect(faultsOfPlan(before, after, plan)).toEqual([]);
    expect(plan.deploys).toHaveLength(deploys);
  });

  test('every deploy passes against what the one before left', () => {
    let state = before;
    for (const { assembly, report } of plan.deploys) {
      expect(comparePromotion(state, assembly)).toEqual(report);
      expect(report.safe).toBe(true);
      state = assembly;
    }
  });

  test('loses nothing even where one deploy is not enough', () => {
    expect(problemsOf(comparePromotion(before, after))).toEqual([]);
  });

  test(refusedBy.length > 0 ? 'is refused in one deploy, by name' : 'is safe in one deploy', () => {
    expect(plan.jump.safe).toBe(refusedBy.length === 0);
    expect(stoppingRules(plan)).toEqual(refusedBy);
  });

  test('keeps or updates everything stateful of the earlier stage', () => {
    const stateful = plan.jump.changes.filter(({ stateful }) => stateful);
    const earlier = Object.entries(productStack(before).template.Resources!).filter(([, one]) => isStateful(one.Type, one));
    const kept = earlier.map(([id]) => stateful.find(({ stackName, logicalId }) => stackName === 'Shop' && logicalId === id));

    expect(earlier.length).toBeGreaterThanOrEqual(7);
    expect(kept.filter((change) => change === undefined || change.verdict === 'added' || isLoss(change))).toEqual([]);
    expect(stateful.some(({ verdict }) => verdict === 'added')).toBe(true);
  });

  test('what waits has a reason, a source, and comes with a later deploy', () => {
    for (const [index, deploy] of plan.deploys.entries()) {
      const isLast = index === plan.deploys.length - 1;
      expect(deploy.heldBack.length > 0).toBe(!isLast);
      expect(deploy.waitFor.length > 0).toBe(!isLast);
      for (const { reason, source } of deploy.heldBack)
        expect([reason, source]).toEqual([expect.stringMatching(/\w+ \w+/), expect.stringMatching(/\w/)]);
    }
  });
});

describe('a stage that stands somewhere else', () => {
  const STAGE_2_TO_3 = { from: 2, to: 3, deploys: 2, rules: ['canary-after-two-groups', 'resharding-alone'] };

  function stackOf(app: App): Stack {
    return new Stack(app, 'Shop', { env: { account: ACCOUNT, region: 'us-east-1' } });
  }

  test('inside a plain App it climbs likewise', () => {
    const [before, after] = [2, 3].map((stage) =>
      synthesized((app) => {
        const stack = stackOf(app);
        addStage(stack, stage, testProps(stack));
      }),
    );
    const plan = planPromotion(before, after, comparePromotion);

    expect(faultsOfPlan(before, after, plan)).toEqual([]);
    expect(plan.deploys).toHaveLength(STAGE_2_TO_3.deploys);
    expect(stoppingRules(plan)).toEqual(STAGE_2_TO_3.rules);
  });

  test('a plain App continues what an App with a Stage began, because no id knows the Stage', () => {
    const inApp = synthesized((app) => {
      const stack = stackOf(app);
      addStage(stack, 3, testProps(stack));
    });
    const report = comparePromotion(referenceStage(3), inApp);

    const changed = report.changes.filter(({ verdict }) => verdict !== 'kept');

    expect(report.safe).toBe(true);
    // A VPC and what is made with it carry their whole path in the tag Name.
    expect(new Set(changed.flatMap(({ findings }) => findings.map(({ property }) => property)))).toEqual(new Set(['Tags']));
  });

  test('two products in one stack grow side by side', () => {
    // In one network and without servers, and one stays at stage 2: two of the third pass the 500 resources of a stack.
    const server = ServerOption.never('starts with several tasks');
    const [before, after] = [Stage2Replicated, Stage3Specialized].map((StageClass, index) =>
      synthesized((app) => {
        const stack = stackOf(app);
        const { hostedZone } = testDomain(stack);
        const { vpc } = new Network(stack, 'Network', { natGateways: 1 });
        const product = (name: string) => ({ image: IMAGE, domain: { name: `${name}.example.com`, hostedZone }, vpc, server });
        new StageClass(stack, 'ProductA', product('shop'));
        const cache = CacheSize.of('cache.r7g.large', 1 + index);
        new Stage2Replicated(stack, 'ProductB', { ...product('store'), sizes: { cache } });
      }),
    );
    const plan = planPromotion(before, after, comparePromotion);

    expect(faultsOfPlan(before, after, plan)).toEqual([]);
    expect(stoppingRules(plan)).toEqual(['canary-after-two-groups', 'resharding-alone']);
    // Only one change of shards fits into an update, so the second cache waits for the first.
    expect(plan.deploys.map(({ notable }) => notable.filter((line) => line.includes('NumNodeGroups')))).toEqual([
      [],
      [expect.stringMatching(/Product[AB]\/Cache: NumNodeGroups/)],
      [expect.stringMatching(/Product[AB]\/Cache: NumNodeGroups/)],
    ]);
  });
});
