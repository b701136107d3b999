import { Fn, Token } from 'aws-cdk-lib';
import { KNOWN_REGIONS, regionFacts } from './region-facts';

/** Zones the subnet plan has room for; a third zone may come later, a fourth never. */
export const ZONES = 3;

/**
 * The zones to lay subnets in, in an order that must never change (a subnet's zone is create-only).
 *
 * @throws if the zones are not two or three of the stack's Region, or none are given for a Region without known zones
 */
export function resolveAvailabilityZones(region: string, given?: string[]): string[] {
  if (given) {
    check(region, given);
    return given;
  }
  if (Token.isUnresolved(region)) return [0, 1, 2].map((index) => Fn.select(index, Fn.getAzs()));
  const facts = regionFacts(region);
  if (!facts) {
    throw new Error(
      `availabilityZones must be given in Region '${region}', whose zones this library does not know: name three (known: ${KNOWN_REGIONS.join(', ')})`,
    );
  }
  return [...facts.zoneLetters].slice(0, ZONES).map((letter) => `${region}${letter}`);
}

function check(region: string, given: string[]): void {
  if (Token.isUnresolved(given)) {
    throw new Error('availabilityZones must be a list known at synthesis, got a token: name two or three zones, one subnet each');
  }
  if (given.length < 2 || given.length > ZONES) {
    throw new Error(`availabilityZones must name two or three zones, got ${given.length}: the subnet plan holds three for life`);
  }
  const names = given.filter((zone) => !Token.isUnresolved(zone));
  if (new Set(names).size < names.length) {
    throw new Error(`availabilityZones must name each zone once, got: ${names.join(', ')}`);
  }
  if (Token.isUnresolved(region)) return;
  const letters = regionFacts(region)?.zoneLetters ?? 'abcdef';
  const unknown = names.find(
    (zone) => !(zone.startsWith(region) && new RegExp(`^[${letters}]$`).test(zone.slice(region.length))),
  );
  if (unknown !== undefined) {
    throw new Error(
      `availabilityZones must be zones of ${region} (${[...letters].map((letter) => region + letter).join(', ')}), got: '${unknown}'`,
    );
  }
}
