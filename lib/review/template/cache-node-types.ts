/**
 * ElastiCache node types by family, as of 2026-11-21.
 *
 * Source: the types of all Regions in AWS's price list, as cfn-lint 1.58.0 packages them (schemas/extensions,
 * aws_elasticache_cachecluster); the previous generations, which it does not have, from AWS::ElastiCache::ReplicationGroup
 * CacheNodeType.
 */
const GRAVITON = 'large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge';

const SIZES: Readonly<Record<string, string>> = {
  c7gn: GRAVITON,
  c8gn: GRAVITON,
  m4: 'large xlarge 2xlarge 4xlarge 10xlarge',
  m5: 'large xlarge 2xlarge 4xlarge 12xlarge 24xlarge',
  m6g: GRAVITON,
  m7g: GRAVITON,
  m8g: GRAVITON,
  r4: 'large xlarge 2xlarge 4xlarge 8xlarge 16xlarge',
  r5: 'large xlarge 2xlarge 4xlarge 12xlarge 24xlarge',
  r6g: GRAVITON,
  r6gd: 'xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge',
  r7g: GRAVITON,
  r8g: GRAVITON,
  t2: 'micro small medium',
  t3: 'micro small medium',
  t4g: 'micro small medium',
  // Previous generations.
  c1: 'xlarge',
  m1: 'small medium large xlarge',
  m2: 'xlarge 2xlarge 4xlarge',
  m3: 'medium large xlarge 2xlarge',
  r3: 'large xlarge 2xlarge 4xlarge 8xlarge',
  t1: 'micro',
};

/** Families of which a global datastore takes sizes from `large` on (ElastiCache User Guide, Prerequisites and limitations). */
const GLOBAL_FAMILIES = ['m5', 'm6g', 'm7g', 'r5', 'r6g', 'r6gd', 'r7g', 'c7gn'];

/** Families that keep a log of every write (ElastiCache User Guide, Durability, Limitations). */
const DURABLE_FAMILIES = ['r6g', 'r7g', 'r8g', 'm6g', 'm7g', 'm8g', 'c7gn', 'c8gn'];

/** Sizes of the family of a node type; undefined if there is no such family. */
export function sizesBeside(nodeType: string): string[] | undefined {
  return SIZES[familyOf(nodeType)]?.split(' ');
}

/** Whether AWS has the node type. */
export function isNodeType(nodeType: string): boolean {
  const [prefix, , size, ...rest] = nodeType.split('.');
  return prefix === 'cache' && rest.length === 0 && sizesBeside(nodeType)?.includes(size) === true;
}

/** Whether a global datastore takes it. */
export function isGlobalNodeType(nodeType: string): boolean {
  return GLOBAL_FAMILIES.includes(familyOf(nodeType));
}

/** Whether it can keep a log of every write. */
export function isDurableNodeType(nodeType: string): boolean {
  return DURABLE_FAMILIES.includes(familyOf(nodeType));
}

function familyOf(nodeType: string): string {
  return nodeType.split('.')[1] ?? '';
}
