import type { Thing } from '../landscape';

/** An entrance before its resources have got their places. */
export interface Door {
  readonly kind: string;
  readonly from: string;
  readonly ports: string;
  /** What a request passes; the first answers the internet. */
  readonly path: Thing[];
  readonly guards: string[];
  /** What lies behind the end of the path, outside of the assembly. */
  readonly beyond?: string;
}

/** A way on from something, which may branch. */
export interface Way {
  readonly path: Thing[];
  readonly guards: string[];
  readonly beyond?: string;
}

export const ANYONE = 'anyone';

/** Who may come, where a template leaves it to a deploy whether anybody may at all. */
export function maybe(from: string, why: string): string {
  return `${from}, if ${why}`;
}
