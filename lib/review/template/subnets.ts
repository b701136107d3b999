import type { Assembly } from '../../assembly/cloud-assembly';
import { isIntrinsic } from '../../assembly/values';
import { type Cidr, cidr } from './cidr';
import { type DeployedResource, deployedResources } from './deployed-resources';
import { deployments } from './deployments';
import { makersOf } from './regional-things';

/** A subnet whose network and VPC the templates tell. */
export interface Subnet {
  readonly resource: DeployedResource;
  readonly network: Cidr;
}

/** A VPC whose networks the templates tell, and its subnets. */
export interface Network {
  readonly networks: Cidr[];
  readonly subnets: Subnet[];
}

const VPC = 'AWS::EC2::VPC';

/** The VPCs of an assembly with all their networks. */
export function networksOf(assembly: Assembly): Network[] {
  return deployments(assembly).flatMap((deployment) => {
    const further = deployedResources(deployment, 'AWS::EC2::VPCCidrBlock');
    const subnets = deployedResources(deployment, 'AWS::EC2::Subnet');
    return deployedResources(deployment, VPC).flatMap((vpc) => {
      const isOf = ({ stack, properties }: DeployedResource) =>
        makersOf(properties.VpcId, stack, deployment, VPC).some(
          (site) => site.logicalId === vpc.logicalId && site.stack === vpc.stack,
        );
      const blocks = [vpc, ...further.filter(isOf)].filter(({ properties }) => properties.Ipv6Pool === undefined);
      const unknown = blocks.some(({ properties: { CidrBlock, Ipv4IpamPoolId } }) => isIntrinsic(CidrBlock) || Ipv4IpamPoolId);
      if (unknown) return [];
      const networks = blocks.flatMap(({ properties }) => cidr(properties.CidrBlock) ?? []);
      const known = subnets.filter(isOf).flatMap((resource) => {
        const network = cidr(resource.properties.CidrBlock);
        return network ? [{ resource, network }] : [];
      });
      return networks.length === 0 ? [] : [{ networks, subnets: known }];
    });
  });
}
