import * as fc from 'fast-check';
import { COMBINATIONS, climbAll, climbsOf, traitsOf } from './option-combinations';

/** Which combinations to try. */
export interface Generation {
  /** Decides which ones; a failing run prints it, and the same seed finds the same combinations again. */
  readonly seed: number;
  readonly runs: number;
  /** Feature flags, the same before and after. */
  readonly flags: Record<string, unknown>;
}

/** Tests that every climb of many generated combinations loses nothing, and that the combinations tried everything. */
export function expectEveryCombinationToClimb({ seed, runs, flags }: Generation): void {
  const tried = new Set<string>();
  const covered = new Map<string, Set<string>>();

  test(`nothing stateful is lost on any climb with ${runs} combinations of options (seed ${seed})`, () => {
    const property = fc.property(COMBINATIONS, (combination) => {
      tried.add(JSON.stringify(combination));
      for (const [from, to] of climbsOf(combination)) {
        const traits = covered.get(`${from} to ${to}`) ?? new Set();
        covered.set(`${from} to ${to}`, traits);
        for (const trait of traitsOf(combination)) traits.add(trait);
      }
      expect(climbAll(combination, flags).faults).toEqual([]);
    });
    fc.assert(property, { seed, numRuns: runs, endOnFailure: true });
  }, 1_800_000);

  test('the combinations differ, and try every option on every climb', () => {
    expect(tried.size).toBeGreaterThan(runs - 2);
    expect([...covered.keys()].sort()).toEqual(['1 to 2', '1 to 3', '1 to 4', '2 to 3', '2 to 4', '3 to 4']);
    const everything = new Set(fc.sample(COMBINATIONS, { seed, numRuns: 2000 }).flatMap(traitsOf));
    const missing = [...covered].flatMap(([climb, traits]) =>
      [...everything]
        .filter((trait) => !traits.has(trait))
        .filter((trait) => !(trait === 'environment agnostic' && climb.endsWith('4')))
        .filter((trait) => !(trait === 'server never' && climb.startsWith('1')))
        .map((trait) => `${climb} ${trait}`),
    );
    expect(missing).toEqual([]);
  });
}
