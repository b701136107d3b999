/** What this library knows by heart about a Region, because synthesis never asks AWS. */
export interface RegionFacts {
  /** Letters of the zones every account sees; the first three are the default. */
  readonly zoneLetters: string;
  /** VPC range of a further Region, fixed by name so that adding or reordering Regions never moves a VPC. */
  readonly vpcCidr: string;
  /** Managed prefix list `com.amazonaws.global.cloudfront.origin-facing` of the Region. */
  readonly cloudFrontPrefixListId: string;
}

/**
 * The ten Regions of this library's price table. A Region that is not here works too, but must be given its zones and its
 * range, and its load balancer cannot tell CloudFront from others by address.
 *
 * Zone letters: AWS's Region and zone list; in ap-northeast-1 newer accounts do not see zone b. Prefix list ids: as they stand
 * in public infrastructure code for each Region (not verified against AWS; `aws ec2 describe-managed-prefix-lists` shows them).
 */
const REGIONS: { [region: string]: RegionFacts } = {
  'us-east-1': { zoneLetters: 'abcdef', vpcCidr: '10.16.0.0/16', cloudFrontPrefixListId: 'pl-3b927c52' },
  'us-east-2': { zoneLetters: 'abc', vpcCidr: '10.17.0.0/16', cloudFrontPrefixListId: 'pl-b6a144df' },
  'us-west-2': { zoneLetters: 'abcd', vpcCidr: '10.18.0.0/16', cloudFrontPrefixListId: 'pl-82a045eb' },
  'eu-central-1': { zoneLetters: 'abc', vpcCidr: '10.19.0.0/16', cloudFrontPrefixListId: 'pl-a3a144ca' },
  'eu-west-1': { zoneLetters: 'abc', vpcCidr: '10.20.0.0/16', cloudFrontPrefixListId: 'pl-4fa04526' },
  'eu-west-2': { zoneLetters: 'abc', vpcCidr: '10.21.0.0/16', cloudFrontPrefixListId: 'pl-93a247fa' },
  'ap-southeast-1': { zoneLetters: 'abc', vpcCidr: '10.22.0.0/16', cloudFrontPrefixListId: 'pl-31a34658' },
  'ap-southeast-2': { zoneLetters: 'abc', vpcCidr: '10.23.0.0/16', cloudFrontPrefixListId: 'pl-b8a742d1' },
  'ap-northeast-1': { zoneLetters: 'acdb', vpcCidr: '10.24.0.0/16', cloudFrontPrefixListId: 'pl-58a04531' },
  'ap-south-1': { zoneLetters: 'abc', vpcCidr: '10.25.0.0/16', cloudFrontPrefixListId: 'pl-9aa247f3' },
};

/** VPC range of the Region the product starts in, whichever that is; no further Region has it. */
export const PRIMARY_VPC_CIDR = '10.0.0.0/16';

/** Regions with facts, for messages. */
export const KNOWN_REGIONS: string[] = Object.keys(REGIONS);

/** Facts of a Region, or undefined for one that is not in the list or not known before the deploy. */
export function regionFacts(region: string): RegionFacts | undefined {
  return REGIONS[region];
}
