import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fullDiff, ResourceImpact } from '@aws-cdk/cloudformation-diff';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as cxapi from 'aws-cdk-lib/cx-api';
import { ACCOUNT } from '../stacks';

/** Makes something in a stack. */
export type Build = (stack: Stack) => void;

const FLAG_FILE = join(__dirname, '../../node_modules/aws-cdk-lib/recommended-feature-flags.json');
const RECOMMENDED: Record<string, unknown> = JSON.parse(readFileSync(FLAG_FILE, 'utf8'));

/** The template of a stack with a concrete environment. */
export function templateOf(build: Build, context: Record<string, unknown> = {}): Template {
  const stack = new Stack(new App({ context }), 'Shop', { env: { account: ACCOUNT, region: 'us-east-1' } });
  build(stack);
  return Template.fromStack(stack);
}

/** Resources that the change from one to the other replaces, may replace, destroys or orphans, as `TYPE IMPACT`. */
export function losses(before: Build, after: Build): string[] {
  const impacts = [
    ResourceImpact.WILL_REPLACE,
    ResourceImpact.MAY_REPLACE,
    ResourceImpact.WILL_DESTROY,
    ResourceImpact.WILL_ORPHAN,
  ];
  const found: string[] = [];
  fullDiff(templateOf(before).toJSON(), templateOf(after).toJSON()).resources.forEachDifference((_, change) => {
    if (impacts.includes(change.changeImpact)) found.push(`${change.resourceType} ${change.changeImpact}`);
  });
  return found.sort();
}

/** Resources that differ between a stack with no feature flag and one with all recommended ones, among the given types. */
export function flagDependent(build: Build, ...types: string[]): string[] {
  // Partition literals only spell the same ARN in another way.
  const literals = { [cxapi.ENABLE_PARTITION_LITERALS]: true };
  const [without, with_] = [templateOf(build, literals).toJSON(), templateOf(build, RECOMMENDED).toJSON()];
  const ids = Object.keys({ ...without.Resources, ...with_.Resources });
  return ids.filter((id) => {
    const [a, b] = [without.Resources[id], with_.Resources[id]];
    return types.includes((a ?? b).Type) && JSON.stringify(a) !== JSON.stringify(b);
  });
}

/** A VPC that is there already, with isolated subnets in so many zones, and whose stack needs no environment. */
export function existingVpc(stack: Stack, zones = 3): ec2.IVpc {
  const all = ['us-east-1a', 'us-east-1b', 'us-east-1c', 'us-east-1d'].slice(0, zones);
  return ec2.Vpc.fromVpcAttributes(stack, 'Vpc', {
    vpcId: 'vpc-0123456789abcdef0',
    availabilityZones: all,
    isolatedSubnetIds: all.map((_, index) => `subnet-0123456789abcdef${index}`),
    isolatedSubnetRouteTableIds: all.map((_, index) => `rtb-0123456789abcdef${index}`),
  });
}
