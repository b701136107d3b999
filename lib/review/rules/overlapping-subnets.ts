import { overlap } from '../template/cidr';
import { mayMeet } from '../template/deployed-resources';
import { networksOf } from '../template/subnets';
import type { TemplateRule } from './rule';

export const overlappingSubnets: TemplateRule = {
  id: 'overlapping-subnets',
  severity: 'error',
  sentence: 'the subnets of a VPC have no address in common, or EC2 refuses the second one (InvalidSubnet.Conflict)',
  source: 'Amazon VPC User Guide, Subnet CIDR blocks; Amazon EC2 API Reference, Error codes',
  types: ['AWS::EC2::Subnet'],
  find: (assembly) =>
    networksOf(assembly).flatMap(({ subnets }) =>
      subnets.flatMap(({ resource, network }, index) => {
        const { stack, logicalId } = resource;
        const other = subnets
          .slice(0, index)
          .find((earlier) => overlap(earlier.network, network) && mayMeet(earlier.resource, resource));
        if (!other) return [];
        const details = `${network.text} overlaps ${other.network.text} of ${other.resource.logicalId}`;
        return [{ stack, logicalId, property: 'CidrBlock', details }];
      }),
    ),
};
