import type { Assembly } from '../../assembly/cloud-assembly';
import { isObject, items } from '../../assembly/values';
import { type DeployedResource, deployedResources } from '../template/deployed-resources';
import { makersOf } from '../template/regional-things';
import type { TemplateRule } from './rule';

const TYPE = 'AWS::ElasticLoadBalancingV2::LoadBalancer';

export const loadBalancerZones: TemplateRule = {
  id: 'load-balancer-zones',
  severity: 'error',
  sentence: 'an application load balancer has subnets in at least two Availability Zones and one in each, or it is refused',
  source: 'CloudFormation AWS::ElasticLoadBalancingV2::LoadBalancer, Subnets and SubnetMappings',
  types: [TYPE],
  find: (assembly) =>
    deployedResources(assembly, TYPE).flatMap((balancer) => {
      const { stack, logicalId, properties } = balancer;
      const property = properties.Subnets === undefined ? 'SubnetMappings' : 'Subnets';
      const zones = properties.Type === undefined || properties.Type === 'application' ? zonesOf(balancer, assembly) : undefined;
      if (zones === undefined || zones.length === 0) return [];
      const twice = zones.find((zone, index) => zones.indexOf(zone) < index);
      if (new Set(zones).size < 2)
        return [{ stack, logicalId, property, details: `all of its subnets lie in ${inWords(zones[0])}` }];
      return twice === undefined ? [] : [{ stack, logicalId, property, details: `two of its subnets lie in ${inWords(twice)}` }];
    }),
};

/** The zone of each subnet, undefined where the templates do not tell, or it lies where one subnet is enough. */
function zonesOf({ stack, properties }: DeployedResource, assembly: Assembly): string[] | undefined {
  const mapped = items(properties.SubnetMappings).map((mapping) => (isObject(mapping) ? mapping.SubnetId : undefined));
  const zones = [...items(properties.Subnets), ...mapped].map((subnet) => {
    const [site] = makersOf(subnet, stack, assembly, 'AWS::EC2::Subnet');
    const made = site && deployedResources(assembly, 'AWS::EC2::Subnet').find((other) => isSame(other, site));
    const { AvailabilityZone, AvailabilityZoneId, OutpostArn } = made?.properties ?? {};
    const zone = AvailabilityZone ?? AvailabilityZoneId;
    if (zone === undefined || OutpostArn !== undefined || isLocal(zone)) return undefined;
    return typeof zone === 'string' ? zone : JSON.stringify(zone);
  });
  return zones.every((zone) => zone !== undefined) ? zones : undefined;
}

/** A zone whose name only a deploy knows is known by how it is spelled. */
function inWords(zone: string): string {
  return zone.startsWith('{') ? 'the same zone' : zone;
}

function isSame(left: { stack: unknown; logicalId: string }, right: { stack: unknown; logicalId: string }): boolean {
  return left.stack === right.stack && left.logicalId === right.logicalId;
}

/** `us-west-2-lax-1a`: application load balancers take a single local zone. */
function isLocal(zone: unknown): boolean {
  return typeof zone === 'string' && /^[a-z]{2}(-[a-z]+)+-\d+-/.test(zone);
}
