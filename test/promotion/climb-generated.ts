import * as fc from 'fast-check';
import { COMBINATIONS, type Combination, climbAll, climbsOf, traitsOf } from './option-combinations';

/** Which combinations to try. */
export interface Generation {
  /** Decides which ones: the same seed finds the same combinations again. */
  readonly seed: number;
  /** Feature flags, the same before and after. */
  readonly flags: Record<string, unknown>;
}

/** So many more, drawn from the same seed: `COMBINATIONS=100 npx jest generated-options`, at some ten seconds each. */
const MORE = Number(process.env.COMBINATIONS ?? 0);

/** What no climb can try. */
const IMPOSSIBLE = [/^[123] to 4 environment agnostic$/, /^1 to \d server never$/];

/** Tests that every climb of generated combinations loses nothing, and that together they try every option on every climb. */
export function expectEveryCombinationToClimb({ seed, flags }: Generation): void {
  const generated = fc.sample(COMBINATIONS, { seed, numRuns: 1000 });
  const combinations = [...new Set([...fewest(generated), ...generated.slice(0, MORE)])];

  test.each(combinations.map((combination, index): [number, Combination] => [index + 1, combination]))(
    `combination %d of seed ${seed} loses nothing stateful on any climb`,
    (_, combination) => {
      expect({ combination, faults: climbAll(combination, flags).faults }).toEqual({ combination, faults: [] });
    },
    300_000,
  );

  test('the combinations try every option on every climb', () => {
    const tried = new Set(combinations.flatMap(triedBy));
    const climbs = ['1 to 2', '1 to 3', '1 to 4', '2 to 3', '2 to 4', '3 to 4'];
    const everything = climbs.flatMap((climb) => [...new Set(generated.flatMap(traitsOf))].map((trait) => `${climb} ${trait}`));
    const possible = everything.filter((one) => !IMPOSSIBLE.some((pattern) => pattern.test(one)));
    expect(possible.filter((one) => !tried.has(one))).toEqual([]);
    expect(possible.length).toBeGreaterThan(250);
  });
}

/** Each option on each climb that a combination allows. */
function triedBy(combination: Combination): string[] {
  return climbsOf(combination).flatMap(([from, to]) => traitsOf(combination).map((trait) => `${from} to ${to} ${trait}`));
}

/** As few of them as try what all of them try, as far as taking the one that adds most finds them. */
function fewest(generated: Combination[]): Combination[] {
  const left = new Set(generated.flatMap(triedBy));
  const adds = (combination: Combination) => triedBy(combination).filter((one) => left.has(one)).length;
  const taken: Combination[] = [];
  while (left.size > 0) {
    const next = generated.reduce((best, one) => (adds(one) > adds(best) ? one : best));
    taken.push(next);
    for (const one of triedBy(next)) left.delete(one);
  }
  return taken;
}
