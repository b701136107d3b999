/**
 * A Jest matcher: `expect(next).toPromoteFrom(deployed)`.
 *
 * Import it once in a test or set-up file: `import 'cdk-scale-tiers/lib/promotion/jest'`.
 */
import { Stage } from 'aws-cdk-lib';
import { type Assembly, readAssembly } from '../assembly/cloud-assembly';
import type { PromotionReport } from './change';
import { comparePromotion } from './compare';
import { reportTable } from './report-table';

/** Folder of a cloud assembly, or an `App` or `Stage` to synthesize. */
export type Promotable = string | Stage;

/** What Jest wants to know from a matcher. */
export interface MatcherResult {
  readonly pass: boolean;
  readonly message: () => string;
}

/** Passes if one deploy leads from an assembly to another without a stateful loss, a refusal, or a need for several deploys. */
export function toPromoteFrom(after: Promotable, before: Promotable): MatcherResult {
  const report = comparePromotion(assemblyOf(before), assemblyOf(after));
  return {
    pass: report.safe,
    message: () => (report.safe ? unexpectedlySafe(report) : `expected a safe promotion, but:\n\n${reportTable(report)}`),
  };
}

function assemblyOf(promotable: Promotable): Assembly {
  if (typeof promotable === 'string') return readAssembly(promotable);
  if (Stage.isStage(promotable)) return readAssembly(promotable.synth().directory);
  throw new Error('toPromoteFrom takes the folder of a cloud assembly, an App or a Stage: give a Stack its own App');
}

function unexpectedlySafe(report: PromotionReport): string {
  return `expected the promotion from ${report.before} to ${report.after} not to be safe, but it is`;
}

declare global {
  namespace jest {
    // The type parameters must be those of @types/jest, letter by letter, or the declarations do not merge.
    // biome-ignore lint/complexity/noBannedTypes: see above
    interface Matchers<R, T = {}> {
      /**
       * Passes if one deploy leads from `before` to the expected value without a stateful resource being replaced, destroyed
       * or orphaned, and without anything that the services refuse.
       *
       * @param before folder of a cloud assembly, or an `App` or `Stage`
       */
      toPromoteFrom(before: string | Stage): R;
    }
  }
}

// Under Jest `expect` is global; elsewhere, hand `toPromoteFrom` to your test runner's `expect.extend`.
(globalThis as { expect?: { extend?: (matchers: object) => void } }).expect?.extend?.({ toPromoteFrom });
