import { Stack, Token } from 'aws-cdk-lib';
import type * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';

/**
 * Regions a secret is copied to. Adding one is an update in place; the copy keeps the name and the random suffix of the original
 * (Secrets Manager User Guide, replicate-secrets), encrypted by the AWS managed key of its Region, because a customer key would
 * have to exist there before this stack deploys.
 *
 * @throws if a Region is named twice, is no Region, or is the stack's own
 */
export function replicaRegions(scope: Construct, prop: string, regions: string[] = []): secretsmanager.ReplicaRegion[] {
  const seen = new Set<string>();
  for (const region of regions) {
    if (Token.isUnresolved(region)) continue;
    if (!/^[a-z]{2}(-[a-z]+)+-\d$/.test(region)) {
      throw new Error(`${prop} must hold Region names, got '${region}': write it as in us-west-2`);
    }
    if (seen.has(region)) {
      throw new Error(`${prop} must name each Region once, got '${region}' twice: remove one`);
    }
    if (region === Stack.of(scope).region) {
      throw new Error(`${prop} must not hold the stack's own Region, got '${region}': the original is there already`);
    }
    seen.add(region);
  }
  return regions.map((region) => ({ region }));
}
