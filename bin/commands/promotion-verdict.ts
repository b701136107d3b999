import type { Assembly, AssemblyStack } from '../../lib/assembly/cloud-assembly';
import { everyStack } from '../../lib/assembly/cloud-assembly';
import type { ResourceChange } from '../../lib/promotion/change';
import { comparePromotion, isProblem } from '../../lib/promotion/compare';
import { placesOf } from '../../lib/review/places/places';
import type { PromotionProblem, ReviewChanges } from '../../lib/review/review';

/** What the promotion guard says about deploying one assembly over another, as a review tells it. */
export function promotionVerdict(before: Assembly, after: Assembly): ReviewChanges['promotion'] {
  const { changes, safe } = comparePromotion(before, after);
  const problems = changes.filter(isProblem).flatMap((change) => problemsOf(change, before, after));
  const count = changes.filter(isProblem).length;
  return {
    safe,
    sentence: safe
      ? 'Safe: nothing that holds state is replaced, destroyed or orphaned, and one deploy does it.'
      : `Not safe: ${count} ${count === 1 ? ONE : MANY} (scale-tiers check ${before.directory} ${after.directory}).`,
    problems,
  };
}

const ONE = 'resource is at risk, refused, or needs a deploy of its own';
const MANY = 'resources are at risk, refused, or need a deploy of their own';

function problemsOf(change: ResourceChange, before: Assembly, after: Assembly): PromotionProblem[] {
  const place = placeOf(change, after) ?? placeOf(change, before);
  if (!place) return [];
  return change.findings
    .filter(({ verdict }) => verdict === change.verdict)
    .map(({ reason, source, property }) => ({
      place,
      verdict: change.verdict,
      sentence: property === undefined ? reason : `${property}: ${reason}`,
      source,
    }));
}

function placeOf({ stackName, region, logicalId }: ResourceChange, assembly: Assembly) {
  const has = (stack: AssemblyStack) => stack.template.Resources?.[logicalId] !== undefined;
  const stack = everyStack(assembly).find((one) => one.stackName === stackName && one.region === region && has(one));
  return stack && placesOf(assembly).place(stack, logicalId);
}
