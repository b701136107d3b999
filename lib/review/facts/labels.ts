import type { Thing } from './landscape';

/** Last parts of a construct path that say what something is, not which one it is. */
const PLAIN_WORDS = new Set(
  (
    'Queue Bucket Topic Bus Table Pool UserPool Cluster Distribution Service FargateService LoadBalancer LB ALB NLB ASG ' +
    'Group Function LaunchTemplate Volume Domain Namespace WebAcl WebACL Acl Proxy Key Vault Parameter Instance FileSystem ReplicationGroup'
  ).split(' '),
);

/** The construct path below the stack, in segments; the logical id where the assembly does not tell. */
export function segmentsOf({ stack, logicalId }: Thing): string[] {
  const path = stack.paths[logicalId];
  if (path === undefined) return [logicalId];
  const below =
    stack.constructPath && path.startsWith(`${stack.constructPath}/`) ? path.slice(stack.constructPath.length + 1) : path;
  const segments = below.split('/').filter((segment) => segment !== 'Resource' && segment !== 'Default');
  return segments.length === 0 ? [logicalId] : segments;
}

/**
 * A short name for people: the last segment of the construct path that tells a resource apart.
 *
 * @param others among which it must stand out; a word that says what something is stays where its parent holds several
 */
export function labelOf(thing: Thing, others: Thing[] = []): string {
  const { label, segments, length } = shortest(thing, others);
  // `Logs` and, further down, `ServerDumps/Logs`: the deeper one says whose it is.
  const isTaken = others.some((other) => {
    if (other === thing || other.stack !== thing.stack || other.type !== thing.type) return false;
    const its = shortest(other, others);
    return its.label === label && its.length <= length && its.segments.join('/') !== segments.join('/');
  });
  return isTaken && length > 1 ? `${segments[length - 2]} ${label}` : label;
}

function shortest(
  thing: Thing,
  others: Thing[],
): { readonly label: string; readonly segments: string[]; readonly length: number } {
  const segments = segmentsOf(thing);
  const own = segments.join('/');
  const rivals = others
    .filter((other) => other !== thing && other.stack === thing.stack)
    .map((other) => segmentsOf(other).join('/'))
    .filter((path) => path !== own);
  let length = segments.length;
  while (length > 1 && PLAIN_WORDS.has(segments[length - 1])) {
    const parent = segments.slice(0, length - 1).join('/');
    const here = segments.slice(0, length).join('/');
    if (rivals.some((path) => isWithin(path, parent) && !isWithin(path, here))) break;
    length -= 1;
  }
  const last = segments[length - 1];
  // `Service/Service`: whoever built it gave that name; `Events/Topic`: the name is Events.
  const isGivenName = length < segments.length && segments[length] === last;
  const label = length > 1 && PLAIN_WORDS.has(last) && !isGivenName ? `${segments[length - 2]} ${last}` : last;
  return { label, segments, length };
}

function isWithin(path: string, parent: string): boolean {
  return path === parent || path.startsWith(`${parent}/`);
}
