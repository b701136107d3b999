import type { Assembly } from '../../assembly/cloud-assembly';
import type { Judged } from '../judge';
import type { ReviewChanges } from '../review';
import { packOf } from '../rule-id';

/** Something with an id at a construct path. */
interface Located {
  readonly id: string;
  readonly path: string;
}

/**
 * Findings and acknowledgements that an earlier assembly did not have, and acknowledgements that only it had. What a check
 * finds that nobody ran over the earlier one may be as old as that.
 */
export function newSince(
  before: Assembly,
  old: Judged,
  after: Assembly,
  fresh: Judged,
): Pick<ReviewChanges, 'newFindings' | 'newAcknowledgements' | 'goneAcknowledgements'> {
  const [was, is] = [normal(before), normal(after)];
  const ran = new Set(old.checks.filter(({ notRun }) => notRun === undefined).map(({ pack }) => pack));
  const comparable = findings(fresh).filter(({ id }) => ran.has(packOf(id) ?? ''));
  return {
    newFindings: without(comparable, is, findings(old), was),
    newAcknowledgements: without(fresh.acknowledgements, is, old.acknowledgements, was),
    goneAcknowledgements: without(old.acknowledgements, was, fresh.acknowledgements, is),
  };
}

function findings({ findings }: Judged): Located[] {
  return findings.map(({ id, place }) => ({ id, path: place?.path ?? (place ? `${place.stack}/${place.logicalId}` : '') }));
}

function without(all: Located[], own: Normal, others: Located[], theirs: Normal): string[] {
  const known = new Set(others.map(({ id, path }) => `${id} ${theirs(path)}`));
  const rest = all.filter(({ id, path }) => !known.has(`${id} ${own(path)}`));
  return [...new Set(rest.map(({ id, path }) => `${id} at ${path || 'the app'}`))];
}

type Normal = (path: string) => string;

/**
 * A path from its stack as CloudFormation knows it: what a product has at `stage1/Shop` and at `stage2/Shop` is the same, and
 * is deployed one over the other.
 */
function normal({ stacks }: Assembly): Normal {
  const known = stacks
    .map(({ constructPath, stackName, region }) => ({ path: constructPath ?? stackName, name: `${stackName} (${region})` }))
    .sort((left, right) => right.path.length - left.path.length);
  return (path) => {
    const stack = known.find((one) => path === one.path || path.startsWith(`${one.path}/`));
    return stack ? `${stack.name}${path.slice(stack.path.length)}` : path;
  };
}
