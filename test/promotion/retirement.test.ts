import type { Assembly } from '../../lib/assembly/cloud-assembly';
import { isStateful } from '../../lib/assembly/stateful-types';
import type { PromotionReport } from '../../lib/promotion/change';
import { comparePromotion } from '../../lib/promotion/compare';
import { ServerOption } from '../../lib/stages/server-option';
import { testDomain } from '../synth-stages';
import { planClimb, problemsOf, stageWith } from './ladder';

const MOVED = ServerOption.movedOut('row counts compared, see runbook 7');
const RETIRED = ServerOption.retired('two weeks without a request');

function stage(number: number, server: ServerOption): Assembly {
  return stageWith(number, { props: (stack) => ({ domain: testDomain(stack), regions: [{ region: 'us-west-2' }], server }) });
}

function verdicts({ changes }: PromotionReport, pattern: RegExp): Record<string, string> {
  const matching = changes.filter(({ path }) => path !== undefined && pattern.test(path));
  return Object.fromEntries(matching.map(({ path, verdict }) => [path!.split('/Product/')[1], verdict]));
}

/** What keeps the server's data: the volume, the backups and the logs. */
const KEPT = /Product\/(ServerVolume\/(Volume|Vault)|ServerLogs)$/;

describe.each([2, 3, 4])('at stage %d', (number) => {
  test('retiring the server removes only what holds nothing', () => {
    const report = comparePromotion(stage(number, MOVED), stage(number, RETIRED));
    const removed = report.changes.filter(({ verdict }) => verdict === 'destroyed');

    expect(report.safe).toBe(true);
    expect(removed.filter(({ stateful, type }) => stateful || isStateful(type))).toEqual([]);
    expect(removed.every(({ path }) => /Server|DataMove/.test(path ?? ''))).toBe(true);
    expect(removed.map(({ type }) => type)).toEqual(
      expect.arrayContaining(['AWS::EC2::EIP', 'AWS::AutoScaling::AutoScalingGroup']),
    );
    expect(verdicts(report, KEPT)).toEqual({
      'ServerVolume/Volume': 'kept',
      'ServerVolume/Vault': 'kept',
      ServerLogs: 'kept',
    });
  });

  test('moving out points the site at CloudFront and touches no store', () => {
    const report = comparePromotion(stage(number, ServerOption.withDatabase()), stage(number, MOVED));

    expect(report.safe).toBe(true);
    expect(problemsOf(report)).toEqual([]);
    expect(verdicts(report, /SiteAddress\/Record$/)).toEqual({ 'SiteAddress/Record': 'updated' });
    expect(verdicts(report, KEPT)).toMatchObject({ 'ServerVolume/Volume': 'kept', 'ServerVolume/Vault': 'kept' });
  });

  test('a server that never held the database leaves its volume behind as well, declared', () => {
    const report = comparePromotion(stage(number, ServerOption.withoutDatabase()), stage(number, RETIRED));

    expect(report.safe).toBe(true);
    expect(verdicts(report, KEPT)).toMatchObject({ 'ServerVolume/Volume': 'kept', 'ServerVolume/Vault': 'kept' });
  });

  test('bringing the server back is additions only', () => {
    const { plan, faults } = planClimb(stage(number, RETIRED), stage(number, MOVED));

    expect(faults).toEqual([]);
    expect(plan.deploys).toHaveLength(1);
  });
});

test('the whole life of the server, climbing all the while, keeps its volume', () => {
  const life: [number, ServerOption][] = [
    [1, ServerOption.withDatabase()],
    [2, ServerOption.withDatabase()],
    [2, MOVED],
    [3, MOVED],
    [3, RETIRED],
    [4, RETIRED],
  ];
  const assemblies = life.map(([number, server]) => stage(number, server));
  const volume = (assembly: Assembly) =>
    Object.entries(assembly.stacks[0].template.Resources!).filter(([, { Type }]) => Type === 'AWS::EC2::Volume');

  for (const [index, assembly] of assemblies.entries()) {
    if (index > 0) expect(planClimb(assemblies[index - 1], assembly).faults).toEqual([]);
    expect(volume(assembly)).toEqual(volume(assemblies[0]));
  }
});
