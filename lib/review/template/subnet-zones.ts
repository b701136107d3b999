import { valueAt } from '../../assembly/values';
import { behind, type FoundResource } from './found-resource';
import { knownList } from './known-values';

/** The subnets of a list, as far as the assembly has them. */
export function subnetsIn(list: unknown, from: FoundResource): FoundResource[] {
  return (knownList(list) ?? []).flatMap((subnet) => behind(subnet, from, ['AWS::EC2::Subnet']));
}

/**
 * How many zones a list of subnets can reach at most; undefined where that cannot be told.
 *
 * Zones need not be known by name: two subnets that spell their zone alike are in the same one.
 */
export function mostZones(list: unknown, from: FoundResource): number | undefined {
  const subnets = knownList(list);
  // An item may itself be a list, such as the split value of a parameter.
  if (!subnets || subnets.some((subnet) => hidesMany(subnet))) return undefined;
  const zones = subnets.map((subnet) => {
    const [found] = behind(subnet, from, ['AWS::EC2::Subnet']);
    const zone = found?.properties.AvailabilityZone ?? found?.properties.AvailabilityZoneId;
    return JSON.stringify(zone ?? subnet);
  });
  return new Set(zones).size;
}

function hidesMany(subnet: unknown): boolean {
  return valueAt(subnet, ['Fn::Split']) !== undefined || valueAt(subnet, ['Fn::If']) !== undefined;
}
