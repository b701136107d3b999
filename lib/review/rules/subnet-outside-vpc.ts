import { contains } from '../template/cidr';
import { networksOf } from '../template/subnets';
import type { TemplateRule } from './rule';

export const subnetOutsideVpc: TemplateRule = {
  id: 'subnet-outside-vpc',
  severity: 'error',
  sentence: 'the network of a subnet lies in one of its VPC, or EC2 refuses it (InvalidSubnet.Range)',
  source: 'Amazon VPC User Guide, Subnet CIDR blocks; Amazon EC2 API Reference, Error codes',
  types: ['AWS::EC2::Subnet'],
  find: (assembly) =>
    networksOf(assembly).flatMap(({ networks, subnets }) =>
      subnets
        .filter(({ network }) => !networks.some((block) => contains(block, network)))
        .map(({ resource: { stack, logicalId }, network }) => ({
          stack,
          logicalId,
          property: 'CidrBlock',
          details: `${network.text} is not in ${networks.map(({ text }) => text).join(' or ')}`,
        })),
    ),
};
