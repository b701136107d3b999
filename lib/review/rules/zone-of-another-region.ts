import { isObject } from '../../assembly/values';
import { deployedResources } from '../template/deployed-resources';
import type { TemplateRule } from './rule';

/** Properties that hold zones: `AvailabilityZone`, `PreferredAvailabilityZones`, `PreferredCacheClusterAZs` ... */
const ZONE_PROPERTY = /(AvailabilityZones?|ClusterAZs)$/;
const ZONE = /^([a-z]{2}(?:-[a-z]+)+-\d+)(?:-[a-z]+-\d+)?[a-z]$/;

/** Its settings are for several Regions. */
const MANY_REGIONS = ['AWS::ElastiCache::GlobalReplicationGroup'];

export const zoneOfAnotherRegion: TemplateRule = {
  id: 'zone-of-another-region',
  severity: 'error',
  sentence: 'an Availability Zone lies in the Region of its stack, or the service refuses it',
  source: 'Amazon EC2 User Guide, Regions and Zones',
  types: [],
  find: (assembly) =>
    deployedResources(assembly)
      .filter(({ stack, type }) => stack.region !== 'unknown-region' && !MANY_REGIONS.includes(type))
      .flatMap(({ stack, logicalId, properties }) =>
        zonesIn(properties, []).flatMap(({ path, zone }) => {
          const region = ZONE.exec(zone)?.[1];
          if (region === undefined || region === stack.region) return [];
          return [{ stack, logicalId, property: path.join('.'), details: `${zone} is no zone of ${stack.region}` }];
        }),
      ),
};

function zonesIn(value: unknown, path: string[]): { path: string[]; zone: string }[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => zonesIn(item, [...path, String(index)]));
  if (isObject(value)) return Object.entries(value).flatMap(([key, child]) => zonesIn(child, [...path, key]));
  const property = path.filter((segment) => !/^\d+$/.test(segment)).at(-1) ?? '';
  return typeof value === 'string' && ZONE_PROPERTY.test(property) ? [{ path, zone: value }] : [];
}
