/** The list of addresses by which CloudFront comes to origins, com.amazonaws.global.cloudfront.origin-facing, by Region. */
// The same as in lib/blocks/network/region-facts.ts, which this floor may not know: from public infrastructure code of each
// Region, not verified against AWS. A list that is not here is told by its id.
const CLOUDFRONT_LISTS = new Set([
  'pl-3b927c52', // us-east-1
  'pl-b6a144df', // us-east-2
  'pl-82a045eb', // us-west-2
  'pl-a3a144ca', // eu-central-1
  'pl-4fa04526', // eu-west-1
  'pl-93a247fa', // eu-west-2
  'pl-31a34658', // ap-southeast-1
  'pl-b8a742d1', // ap-southeast-2
  'pl-58a04531', // ap-northeast-1
  'pl-9aa247f3', // ap-south-1
]);

/** The list admits every distribution, whoever owns it. */
export const CLOUDFRONT_ONLY = "CloudFront only (anybody's distribution)";

export function isCloudFrontList(id: string): boolean {
  return CLOUDFRONT_LISTS.has(id);
}

/** Whether a range of addresses lies wholly where the internet does not route. */
export function isPrivateRange(cidr: string): boolean {
  const [address, bits] = cidr.split('/');
  if (address.includes(':')) return /^(f[cd][0-9a-f]{2}|fe[89ab][0-9a-f]):/i.test(address) || address === '::1';
  const prefix = bits === undefined ? 32 : Number(bits);
  const value = number(address);
  return PRIVATE.some(([start, length]) => {
    // Shifting by 32 shifts by nothing.
    const size = 2 ** (32 - length);
    return prefix >= length && Math.floor(value / size) === Math.floor(number(start) / size);
  });
}

/** RFC 1918, 6598 (carriers), 3927 (link-local), 1122 (loopback), 919 (broadcast). */
const PRIVATE: [string, number][] = [
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['100.64.0.0', 10],
  ['169.254.0.0', 16],
  ['127.0.0.0', 8],
  ['255.255.255.255', 32],
];

function number(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}
