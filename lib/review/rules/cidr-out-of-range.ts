import { cidr } from '../template/cidr';
import { deployedResources } from '../template/deployed-resources';
import type { TemplateRule } from './rule';

const TYPES = ['AWS::EC2::VPC', 'AWS::EC2::VPCCidrBlock', 'AWS::EC2::Subnet'];

export const cidrOutOfRange: TemplateRule = {
  id: 'cidr-out-of-range',
  severity: 'error',
  sentence: 'the network of a VPC or a subnet is an IPv4 block from /16 to /28, EC2 refuses any other',
  source: 'Amazon VPC User Guide, VPC CIDR blocks and Subnet CIDR blocks',
  types: TYPES,
  find: (assembly) =>
    deployedResources(assembly, ...TYPES).flatMap(({ stack, logicalId, properties: { CidrBlock } }) => {
      if (typeof CidrBlock !== 'string') return [];
      const network = cidr(CidrBlock);
      if (network && network.prefix >= 16 && network.prefix <= 28) return [];
      const details = network ? `${CidrBlock} is too ${network.prefix < 16 ? 'large' : 'small'}` : `${CidrBlock} is none`;
      return [{ stack, logicalId, property: 'CidrBlock', details }];
    }),
};
