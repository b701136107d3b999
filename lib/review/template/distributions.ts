import type { Assembly } from '../../assembly/cloud-assembly';
import { isObject, items } from '../../assembly/values';
import { type DeployedResource, deployedResources } from './deployed-resources';

/** A CloudFront distribution and its `DistributionConfig`. */
export interface Distribution extends DeployedResource {
  readonly config: Record<string, unknown>;
}

/** A cache behaviour, the default one or another. */
export interface Behavior {
  /** Path below `Properties`. */
  readonly property: string;
  readonly settings: Record<string, unknown>;
}

/** Type of a distribution. */
export const DISTRIBUTION = 'AWS::CloudFront::Distribution';

/** The distributions of an assembly whose configuration the template tells. */
export function distributions(assembly: Assembly): Distribution[] {
  return deployedResources(assembly, DISTRIBUTION).flatMap((resource) => {
    const { DistributionConfig } = resource.properties;
    return isObject(DistributionConfig) ? [{ ...resource, config: DistributionConfig }] : [];
  });
}

/** The behaviours of a distribution, the default one first. */
export function behaviors({ config }: Distribution): Behavior[] {
  const others = items(config.CacheBehaviors).map((settings, index) => ({ at: `CacheBehaviors.${index}`, settings }));
  return [{ at: 'DefaultCacheBehavior', settings: config.DefaultCacheBehavior }, ...others].flatMap(({ at, settings }) =>
    isObject(settings) ? [{ property: `DistributionConfig.${at}`, settings }] : [],
  );
}
