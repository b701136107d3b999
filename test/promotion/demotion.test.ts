import type { Assembly } from '../../lib/assembly/cloud-assembly';
import { isStateful } from '../../lib/assembly/stateful-types';
import { comparePromotion } from '../../lib/promotion/compare';
import { planPromotion } from '../../lib/promotion/plan';
import { isLoss, referenceStage } from './ladder';
import { catchOutput, check } from './run-check';

catchOutput();

/** Everything stateful of one assembly that another has not, found without the guard. */
function missing(from: Assembly, to: Assembly): { key: string; name: string; type: string }[] {
  return from.stacks.flatMap((stack) => {
    const left = to.stacks.find(({ stackName, region }) => stackName === stack.stackName && region === stack.region);
    return Object.entries(stack.template.Resources ?? {})
      .filter(([id, resource]) => isStateful(resource.Type, resource) && !left?.template.Resources?.[id])
      .map(([id, { Type }]) => {
        const below = stack.paths[id].slice(`${stack.constructPath}/`.length);
        const name = stack.stackName === 'Shop' ? below.slice('Product/'.length) : below;
        return { key: `${stack.stackName} ${id}`, name, type: Type };
      });
  });
}

/** The demotions, and how many parts that hold state would be left without a template. */
const DEMOTIONS = [
  { from: 2, to: 1, atLeast: 8, among: ['Database/Cluster', 'Database/Secret', 'Cache', 'Assets/Bucket', 'DataKey/Key'] },
  {
    from: 3,
    to: 2,
    atLeast: 14,
    among: ['Search/Domain', 'SharedTable/Table', 'Users/Pool', 'Users/Pool/Client', 'Warehouse/Namespace', 'Events/Topic'],
  },
  {
    from: 4,
    to: 3,
    atLeast: 50,
    among: ['EventStream/Cluster', 'DatabaseReplication', 'CacheReplication', 'Database/Cluster', 'DataKey', 'CacheCopy'],
  },
  {
    from: 4,
    to: 1,
    atLeast: 70,
    among: ['Database/Cluster', 'Search/Domain', 'EventStream/Cluster', 'DataKey/Key', 'Users/Pool'],
  },
];

describe.each(DEMOTIONS)('stage $from back to stage $to', ({ from, to, atLeast, among }) => {
  test('names everything stateful that would leave, and nothing else', async () => {
    const [later, earlier] = [referenceStage(from), referenceStage(to)];
    const expected = missing(later, earlier);
    const { code, report, table } = await check(later.directory, earlier.directory);
    const lost = report.changes.filter(isLoss);

    expect(expected.length).toBeGreaterThanOrEqual(atLeast);
    expect(expected.map(({ name }) => name)).toEqual(expect.arrayContaining(among));
    expect(lost.map(({ stackName, logicalId }) => `${stackName} ${logicalId}`).sort()).toEqual(
      expected.map(({ key }) => key).sort(),
    );
    // All of it was declared with Retain, so that even here the data itself survives.
    expect(new Set(lost.map(({ verdict }) => verdict))).toEqual(new Set(['orphaned']));
    const words = table.replaceAll(/\s+/g, ' ');
    expect(expected.filter(({ name, type }) => !words.includes(`${name} (${type})`))).toEqual([]);
    expect(words).toContain(`${lost.length} orphaned`);
    expect(report.safe).toBe(false);
    expect(code).toBe(1);
  });

  test('no plan pretends to do it', () => {
    const plan = planPromotion(referenceStage(from), referenceStage(to), comparePromotion);

    expect(plan.deploys).toEqual([]);
    expect(plan.impossible).toMatch(/^no sequence of deploys is safe: .+ is orphaned: .+/);
  });
});
