import { Annotations, Stack, Token } from 'aws-cdk-lib';
import { RegionInfo } from 'aws-cdk-lib/region-info';
import type { Construct } from 'constructs';
import { MAX_GLOBAL_CACHE_REGIONS } from '../blocks/data/global-cache';
import type { GeographicArea } from '../blocks/edge/geographic-area';
import { ZONES } from '../blocks/network/availability-zones';
import { overlap, parseVpcCidr } from '../blocks/network/cidr';
import { PRIMARY_VPC_CIDR, regionFacts } from '../blocks/network/region-facts';
import type { StageProps } from './stage-props';

/** A Region beside the primary one. */
export interface FurtherRegion {
  /** Name of the Region, such as `eu-central-1`. */
  readonly region: string;
  /**
   * Areas whose users it serves. Given for every further Region or for none; the primary Region serves everybody else.
   * @default - the users that are nearest by latency
   */
  readonly serves?: GeographicArea[];
  /**
   * Three zones by name, in an order that never changes.
   * @default - the first three zones of the Region
   */
  readonly availabilityZones?: string[];
  /**
   * Range of its VPC, a /16 to /18 that no other Region has. It can never change.
   * @default - fixed by the Region's name, such as 10.19.0.0/16 in eu-central-1 (docs/regions.md)
   */
  readonly vpcCidr?: string;
  /**
   * Whether the Region has a read-only copy of the primary Region's cache beside its own. At most two Regions can
   * (ElastiCache user guide, global datastores).
   * @default true
   */
  readonly cacheCopy?: boolean;
}

/** What messages call the stack's own Region. */
const PRIMARY = 'the primary Region';

/** The VPC range of a further Region. */
export function furtherRegionCidr({ region, vpcCidr }: FurtherRegion): string {
  const cidr = vpcCidr ?? regionFacts(region)?.vpcCidr;
  if (cidr === undefined) {
    throw new Error(
      `regions: '${region}' needs a vpcCidr, because this library plans no range for it: give one no other Region has`,
    );
  }
  return cidr;
}

/**
 * Checks that the Regions of a product fit together.
 * @throws if they do not, naming the Region
 */
export function checkFurtherRegions(stage: Construct, props: StageProps & { readonly regions: FurtherRegion[] }): void {
  const primary = Stack.of(stage).region;
  if (Token.isUnresolved(primary) || Token.isUnresolved(Stack.of(stage).account)) {
    throw new Error(
      'the stack of Stage4Global must have a concrete account and Region: give it env, since replicas are placed by Region',
    );
  }
  const regions = props.regions ?? [];
  if (regions.length === 0) {
    throw new Error(
      'regions must name at least one further Region, got none: say where the data shall live, there is no safe default',
    );
  }
  const names = regions.map(({ region }) => region);
  for (const [index, name] of names.entries()) {
    if (Token.isUnresolved(name)) {
      throw new Error('regions must be AWS Regions by their concrete names, got a token: write the name, such as eu-central-1');
    }
    const known = RegionInfo.regions.find((info) => info.name === name);
    if (!known) throw new Error(`regions: '${name}' is no AWS Region, write its name as in eu-central-1`);
    if (known.partition !== RegionInfo.get(primary).partition) {
      throw new Error(`regions: '${name}' lies in another partition than ${primary}, choose a Region that the product can reach`);
    }
    if (name === primary) throw new Error(`regions: '${name}' is the stack's own Region, leave it out`);
    if (names.indexOf(name) !== index) throw new Error(`regions: '${name}' stands twice, name every Region once`);
  }
  checkKey(props);
  checkZones(regions);
  checkSizes(props);
  checkAreas(regions);
  checkCaches(regions);
  checkRanges(props.vpc ? undefined : (props.vpcCidr ?? PRIMARY_VPC_CIDR), regions);
}

/** Says that without a domain only the primary Region serves. */
export function warnWithoutDomain(stage: Construct, { domain }: StageProps): void {
  if (domain) return;
  Annotations.of(stage).addWarningV2(
    'cdk-scale-tiers:regionsWithoutDomain',
    'without a domain there is no record that could send users to the nearest Region: all traffic goes to the primary one, the others hold copies; give the product a domain',
  );
}

function checkKey({ encryptionKey }: StageProps): void {
  if (!encryptionKey || Token.isUnresolved(encryptionKey.keyArn)) return;
  // AWS KMS developer guide: the id of a multi-Region key starts with mrk-, and a key can never become one.
  if (!/:key\/mrk-[0-9a-f]+$/.test(encryptionKey.keyArn)) {
    throw new Error(
      `encryptionKey must be a multi-Region key, whose id starts with mrk-, got: '${encryptionKey.keyArn}': other Regions can only replicate such a key`,
    );
  }
}

function checkZones(regions: FurtherRegion[]): void {
  for (const { region, availabilityZones: zones } of regions) {
    if (!zones || Token.isUnresolved(zones) || zones.length === ZONES) continue;
    throw new Error(
      `regions: availabilityZones of '${region}' must name three zones, got ${zones.length}: an event stream made in fewer can never spread to a third`,
    );
  }
}

function checkSizes({ sizes, regions }: StageProps & { readonly regions: FurtherRegion[] }): void {
  if (sizes?.database?.autoPauses) {
    throw new Error(
      'sizes.database must not start at 0 ACU at Stage4Global, got 0: choose DatabaseSize.USERS_10M (a global database never pauses; AWS recommends 8 ACU or more)',
    );
  }
  const copied = regions.some(({ cacheCopy }) => cacheCopy !== false);
  if (copied && sizes?.cache && !sizes.cache.supportsGlobalDatastore) {
    throw new Error(
      `sizes.cache must be of size large or above of m5, m6g, m7g, r5, r6g, r7g or c7gn where Regions copy the cache, got '${sizes.cache.nodeType}': choose CacheSize.USERS_10M, or set cacheCopy to false everywhere`,
    );
  }
}

function checkAreas(regions: FurtherRegion[]): void {
  const without = regions.filter(({ serves }) => serves === undefined);
  if (without.length > 0 && without.length < regions.length) {
    const names = without.map(({ region }) => region).join(', ');
    throw new Error(`regions: serves must be given for every further Region or for none, missing for: ${names}`);
  }
  const taken = new Map<string, string>();
  for (const { region, serves } of regions) {
    if (serves?.length === 0) throw new Error(`regions: serves of '${region}' must name an area, got none`);
    for (const { key } of serves ?? []) {
      const other = taken.get(key);
      if (other === region) throw new Error(`regions: serves of '${region}' names ${key} twice, name every area once`);
      if (other) throw new Error(`regions: '${other}' and '${region}' both serve ${key}, one area belongs to one Region`);
      taken.set(key, region);
    }
  }
}

function checkCaches(regions: FurtherRegion[]): void {
  const copies = regions.filter(({ cacheCopy }) => cacheCopy !== false);
  const most = MAX_GLOBAL_CACHE_REGIONS - 1;
  if (copies.length > most) {
    throw new Error(
      `regions: at most ${most} further Regions can have a copy of the cache, got ${copies.length}: set cacheCopy to false on '${copies[most].region}'`,
    );
  }
}

function checkRanges(primary: string | undefined, regions: FurtherRegion[]): void {
  const ranges = regions.map((region) => ({ name: region.region, value: furtherRegionCidr(region) }));
  if (primary !== undefined) ranges.unshift({ name: PRIMARY, value: primary });
  const known = ranges.filter(({ value }) => !Token.isUnresolved(value));
  const parsed = known.map(({ name, value }) => {
    const prop = name === PRIMARY ? 'vpcCidr' : `regions: vpcCidr of '${name}'`;
    return { name, value, cidr: parseVpcCidr(prop, value) };
  });
  for (const [index, one] of parsed.entries()) {
    const other = parsed.slice(0, index).find(({ cidr }) => overlap(cidr, one.cidr));
    if (other) {
      throw new Error(
        `regions: vpcCidr ${one.value} of '${one.name}' overlaps ${other.value} of ${other.name}, give every Region a range of its own`,
      );
    }
  }
}
