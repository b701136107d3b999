/** Sixteen Regions: the first is the primary one. The library plans no ranges and zones for all of them, so they are given. */
export const REGIONS = [
  'us-east-1',
  'us-west-2',
  'eu-central-1',
  'ap-southeast-1',
  'us-east-2',
  'eu-west-1',
  'eu-west-2',
  'ap-southeast-2',
  'ap-northeast-1',
  'ap-south-1',
  'eu-west-3',
  'eu-north-1',
  'eu-south-1',
  'ca-central-1',
  'sa-east-1',
  'ap-northeast-2',
].map((region, index) => ({
  region,
  vpcCidr: `10.${index === 0 ? 0 : index + 15}.0.0/16`,
  // Zone b of ap-northeast-1 is not there for newer accounts.
  availabilityZones: [...(region === 'ap-northeast-1' ? 'acd' : 'abc')].map((letter) => `${region}${letter}`),
}));
