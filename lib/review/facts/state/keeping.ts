import type { Landscape, Thing } from '../landscape';

/** What keeps the content of a resource beside the resource itself. */
export interface Keeping {
  /** In words; what AWS Backup does is added to it. */
  readonly backup: string;
  /** Whether there is a copy to go back to; undefined where nobody backs such a thing up. */
  readonly isBackedUp?: boolean;
  /** What is left when the Region is lost. @default - nothing is */
  readonly elsewhere?: Elsewhere;
}

/** A copy outside of the Region. */
export interface Elsewhere {
  readonly where: string;
  /** Data lost at worst, as designed. */
  readonly recoveryPoint: string;
}

/** Tells how things of a type are kept. */
export type Keeper = (thing: Thing, landscape: Landscape) => Keeping;

/** Regions in words, in alphabetical order. */
export function regions(names: string[]): string {
  return [...new Set(names)].sort().join(', ');
}

export function days(count: number): string {
  return count === 1 ? '1 day' : `${count} days`;
}

/** A number that a property holds, or its default; undefined where only a deploy knows it. */
export function numberIn(value: unknown, byDefault: number): number | undefined {
  if (value === undefined) return byDefault;
  const known = typeof value === 'object' ? Number.NaN : Number(value);
  return Number.isNaN(known) ? undefined : known;
}
