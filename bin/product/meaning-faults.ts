import { RegionInfo } from 'aws-cdk-lib/region-info';
import { MAX_GLOBAL_CACHE_REGIONS } from '../../lib/blocks/data/global-cache';
import { type Cidr, overlap, parseVpcCidr } from '../../lib/blocks/network/cidr';
import { PRIMARY_VPC_CIDR, regionFacts } from '../../lib/blocks/network/region-facts';
import { areaFaults } from './area-faults';
import { type Fault, show } from './fault';
import { imageFault } from './image-reference';
import { nearestName } from './nearest-name';
import { optionFaults } from './option-faults';
import type { SoundProduct } from './schema-faults';

/** A Region of the product and where the file says it. */
interface RegionEntry {
  /** Path of what holds the Region's fields. */
  readonly base: string;
  readonly primary: boolean;
  readonly region?: string;
  readonly availabilityZones?: (string | undefined)[];
  readonly vpcCidr?: string;
}

/**
 * What no schema can say: whether the fields of a product fit one another and the world.
 *
 * @param product the file as far as the schema found it sound
 * @param faulty paths the schema faulted, so that a value left out for that is not taken for one not given
 */
export function meaningFaults(product: SoundProduct, faulty: Set<string>): Fault[] {
  const further = (product.furtherRegions ?? []).map((entry, index) => {
    return { ...entry, base: `$.furtherRegions[${index}]`, primary: false };
  });
  const regions: RegionEntry[] = [{ ...product, base: '$', primary: true }, ...further];
  return [
    ...(product.image === undefined ? [] : imageFault('$.image', product.image)),
    ...regions.flatMap((entry) => regionFault(entry)),
    ...repeatedRegions(regions),
    ...regions.flatMap((entry) => zoneFaults(entry)),
    ...thirdZoneFault(product),
    ...cacheCopyFaults(product, faulty),
    ...rangeFaults(regions, faulty),
    ...domainFaults(product),
    ...serverFaults(product),
    ...areaFaults(product, faulty),
    ...optionFaults(product, faulty),
  ];
}

/** Regions a product can climb in. */
function climbable(): string[] {
  return RegionInfo.regions.filter((region) => region.partition === 'aws').map((region) => region.name);
}

function regionFault({ base, region }: RegionEntry): Fault[] {
  if (region === undefined || climbable().includes(region)) return [];
  const fault = { path: `${base}.region`, given: show(region) };
  if (RegionInfo.regions.some(({ name }) => name === region)) {
    const remedy = "choose another (CloudFront's certificate and firewall stand in us-east-1, out of reach of the others)";
    return [{ ...fault, rule: 'must be a Region of the partition aws', remedy }];
  }
  const near = nearestName(region, climbable());
  const remedy = near === undefined ? `choose one of ${climbable().join(', ')}` : `did you mean ${near}?`;
  return [{ ...fault, rule: 'must be an AWS Region', remedy }];
}

function repeatedRegions(regions: RegionEntry[]): Fault[] {
  return regions.flatMap(({ base, region }, index) => {
    const first = regions.findIndex((other) => other.region === region);
    if (region === undefined || first === index) return [];
    const rule =
      first === 0 ? 'must be another Region than the primary one' : `must be there once, as ${regions[first].base}.region is`;
    return [{ path: `${base}.region`, rule, given: show(region), remedy: 'delete this further Region or name another' }];
  });
}

function zoneFaults({ base, primary, region, availabilityZones }: RegionEntry): Fault[] {
  if (region === undefined || !climbable().includes(region)) return [];
  const letters = regionFacts(region)?.zoneLetters;
  const path = `${base}.availabilityZones`;
  if (availabilityZones === undefined) {
    if (letters !== undefined) return [];
    const rule = `must be given in ${region}, whose zones this library does not know`;
    return [{ path, rule, given: 'nothing', remedy: `name ${primary ? 'two or three' : 'three'} zones, such as ${region}a` }];
  }
  const zones = [...(letters ?? 'abcdef')].map((letter) => `${region}${letter}`);
  return availabilityZones.flatMap((zone, index) => {
    if (zone === undefined) return [];
    const fault = { path: `${path}[${index}]`, given: show(zone) };
    if (!zones.includes(zone)) {
      return [
        {
          ...fault,
          rule: `must be a zone of ${region} (${zones.join(', ')})`,
          remedy: 'write one of these names (an id such as use1-az1 is no name)',
        },
      ];
    }
    if (availabilityZones.indexOf(zone) === index) return [];
    return [{ ...fault, rule: 'must be another zone than those before it', remedy: 'name another zone of the Region' }];
  });
}

// Redshift Serverless takes no fewer than three zones, and from stage 3 on there is one.
function thirdZoneFault({ stage, availabilityZones }: SoundProduct): Fault[] {
  if (stage === undefined || stage < 3 || availabilityZones?.length !== 2) return [];
  const remedy = 'append a third; its addresses are reserved, nothing moves';
  const rule = `must name three zones at stage ${stage}`;
  return [{ path: '$.availabilityZones', rule, given: show(availabilityZones), remedy }];
}

// Said of the Regions one too many, so that deleting or denying any of these is enough.
function cacheCopyFaults({ furtherRegions = [] }: SoundProduct, faulty: Set<string>): Fault[] {
  const copies = [...furtherRegions.entries()].filter(([index, entry]) => {
    return entry && entry.cacheCopy !== false && !faulty.has(`$.furtherRegions[${index}].cacheCopy`);
  });
  const most = MAX_GLOBAL_CACHE_REGIONS - 1;
  return copies.slice(most).map(([index, entry]) => ({
    path: `$.furtherRegions[${index}].cacheCopy`,
    rule: `must be false, because at most ${most} further Regions can have a copy of the cache`,
    given: show(entry?.cacheCopy),
    remedy: 'write false (the Region still has a cache of its own)',
  }));
}

interface Range {
  readonly path: string;
  readonly region?: string;
  readonly text: string;
  readonly cidr: Cidr;
  readonly given: boolean;
}

function rangeFaults(regions: RegionEntry[], faulty: Set<string>): Fault[] {
  const faults: Fault[] = [];
  const ranges: Range[] = [];
  for (const { base, primary, region, vpcCidr } of regions) {
    const path = `${base}.vpcCidr`;
    if (faulty.has(path)) continue;
    const text = vpcCidr ?? (primary ? PRIMARY_VPC_CIDR : region && regionFacts(region)?.vpcCidr);
    const cidr = text === undefined || text === '' ? undefined : parsed(text);
    if (text && cidr) {
      const clash = ranges.find((other) => overlap(other.cidr, cidr) && (vpcCidr !== undefined || other.given));
      ranges.push({ path, region, text, cidr, given: vpcCidr !== undefined });
      if (clash) faults.push(overlapFault(ranges[ranges.length - 1], clash));
    } else if (vpcCidr !== undefined) {
      const rule = 'must be an IPv4 range from /16 to /18 that starts at its network address';
      faults.push({ path, rule, given: show(vpcCidr), remedy: 'write a range such as 10.40.0.0/16; it can never change' });
    } else if (region !== undefined && climbable().includes(region)) {
      const rule = `must be given in ${region}, for which this library keeps no range`;
      faults.push({ path, rule, given: 'nothing', remedy: 'write a range no other Region has, such as 10.40.0.0/16' });
    }
  }
  return faults;
}

// Said of the range the file gives; of two given ones, of the later.
function overlapFault(later: Range, earlier: Range): Fault {
  const [blamed, other] = later.given ? [later, earlier] : [earlier, later];
  const whose = `${other.region ?? 'another Region'} (${other.text}${other.given ? '' : ', the default'})`;
  const remedy = 'choose another range (Regions whose ranges overlap can never be joined)';
  return { path: blamed.path, rule: `must not overlap the range of ${whose}`, given: show(blamed.text), remedy };
}

function parsed(text: string): Cidr | undefined {
  try {
    return parseVpcCidr('vpcCidr', text);
  } catch {
    return undefined;
  }
}

function domainFaults({ domain, region, account }: SoundProduct): Fault[] {
  const { name, zoneName, certificateArn, edgeCertificateArn } = domain ?? {};
  const faults: Fault[] = [];
  if (name !== undefined && zoneName !== undefined && name !== zoneName && !name.endsWith(`.${zoneName}`)) {
    const remedy = 'name the zone that holds the name, or another name';
    faults.push({ path: '$.domain.name', rule: `must be ${zoneName} or a name below it`, given: show(name), remedy });
  }
  const primary = `the primary Region${region === undefined ? '' : `, ${region}`}`;
  return [
    ...faults,
    ...certificateFaults('$.domain.certificateArn', certificateArn, {
      region,
      account,
      where: primary,
      why: 'a load balancer takes no other',
    }),
    ...certificateFaults('$.domain.edgeCertificateArn', edgeCertificateArn, {
      region: 'us-east-1',
      account,
      where: 'us-east-1',
      why: 'CloudFront takes no other',
    }),
  ];
}

interface CertificateHome {
  readonly region?: string;
  readonly account?: string;
  readonly where: string;
  readonly why: string;
}

function certificateFaults(path: string, arn: string | undefined, home: CertificateHome): Fault[] {
  if (arn === undefined) return [];
  const [, , , region, account] = arn.split(':');
  const faults: Fault[] = [];
  const remedy = 'name a certificate from there, or leave it out to have one issued';
  if (home.region !== undefined && region !== home.region) {
    faults.push({ path, rule: `must be a certificate in ${home.where} (${home.why})`, given: show(arn), remedy });
  }
  if (home.account !== undefined && account !== home.account) {
    faults.push({ path, rule: `must be a certificate of account ${home.account}`, given: show(arn), remedy });
  }
  return faults;
}

function serverFaults({ stage, server }: SoundProduct): Fault[] {
  if (stage !== 1 || server === undefined || server.database !== undefined) return [];
  const key = (['retired', 'retiredWithoutRecord', 'never'] as const).find((option) => server[option] !== undefined);
  if (key === undefined) return [];
  const reason = server[key];
  const remedy = 'leave server out, or set stage to 2 or more';
  return [{ path: `$.server.${key}`, rule: 'must not be there at stage 1, which is the server', given: show(reason), remedy }];
}
