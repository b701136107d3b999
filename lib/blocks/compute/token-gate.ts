import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { Admission, GuardedRoute } from './admission';
import type { TokenRequirement } from './route-options';

/** Behind the rules of the services and the page for outages, before the rule that admits everything else. */
const FIRST_PRIORITY = 49_801;
const MOST_RULES = 99;

/**
 * Lets requests for some paths of the core through only with a token.
 *
 * @throws if a path belongs to another service, whose rule is asked first and would let it through unasked, or there are too many
 */
export function gate(admission: Admission, routes: GuardedRoute[], requirement: TokenRequirement): void {
  const core = routes.find(({ pathPatterns }) => !pathPatterns);
  if (!core) throw new Error('requireToken needs a route without paths, to which requests with a token go: make it first');
  for (const path of requirement.paths) checkFree(path, routes);
  const { room } = admission;
  const count = Math.ceil(requirement.paths.length / room);
  if (count > MOST_RULES) {
    throw new Error(
      `paths must be at most ${MOST_RULES * room}, got ${requirement.paths.length}: choose patterns that cover more of them`,
    );
  }
  for (let index = 0; index < count; index++) {
    const rule = admission.admit(
      `Token${index + 1}`,
      FIRST_PRIORITY + index,
      requirement.paths.slice(index * room, (index + 1) * room),
      elbv2.ListenerAction.authenticateJwt({
        issuer: requirement.issuer,
        jwksEndpoint: requirement.jwksUrl,
        next: elbv2.ListenerAction.forward([core.targets]),
      }),
    );
    // An identity token has the same issuer and keys, and says who somebody is, not what its bearer may do.
    (rule.node.defaultChild as elbv2.CfnListenerRule).addPropertyOverride(
      'Actions.0.JwtValidationConfig.AdditionalClaims',
      Object.entries(requirement.claims ?? {}).map(([Name, value]) => ({ Format: 'single-string', Name, Values: [value] })),
    );
  }
}

/**
 * @throws if the path belongs to a service with paths of its own
 */
export function checkFree(path: string, routes: Pick<GuardedRoute, 'id' | 'pathPatterns'>[]): void {
  for (const { id, pathPatterns = [] } of routes) {
    const other = pathPatterns.find((pattern) => patternsMeet(path, pattern));
    if (other === undefined) continue;
    throw new Error(
      `paths: '${path}' meets '${other}' of route '${id}', whose rule is asked first and checks no token: let that service check, and leave the path out`,
    );
  }
}

/** Whether some path fits both patterns, in which `*` stands for any characters and `?` for one. */
export function patternsMeet(a: string, b: string): boolean {
  const known = new Map<number, boolean>();
  const meet = (i: number, j: number): boolean => {
    const key = i * (b.length + 1) + j;
    const before = known.get(key);
    if (before !== undefined) return before;
    const found = decide(i, j);
    known.set(key, found);
    return found;
  };
  const decide = (i: number, j: number): boolean => {
    if (a[i] === '*') return meet(i + 1, j) || (j < b.length && meet(i, j + 1));
    if (b[j] === '*') return meet(i, j + 1) || (i < a.length && meet(i + 1, j));
    if (i === a.length || j === b.length) return i === a.length && j === b.length;
    return (a[i] === b[j] || a[i] === '?' || b[j] === '?') && meet(i + 1, j + 1);
  };
  return meet(0, 0);
}

/**
 * Lets a load balancer fetch the keys that tokens are checked with. AWS says only that their address must be public; for its other
 * identity providers the security group has to let it out, so it does here too (not verified against AWS).
 */
export function letOutForKeys(connections: ec2.Connections): void {
  connections.allowTo(ec2.Peer.anyIpv4(), ec2.Port.HTTPS, 'Keys that tokens are checked with');
}
