import { cidr } from '../template/cidr';
import { deployedResources } from '../template/deployed-resources';
import type { TemplateRule } from './rule';

const TYPES = ['AWS::EC2::VPC', 'AWS::EC2::VPCCidrBlock', 'AWS::EC2::Subnet'];

export const cidrWithHostBits: TemplateRule = {
  id: 'cidr-with-host-bits',
  severity: 'warning',
  sentence: 'a network is written by its first address, or EC2 makes another one than the template says',
  source: 'CloudFormation AWS::EC2::VPC, CidrBlock ("we modify it to its canonical form")',
  types: TYPES,
  find: (assembly) =>
    deployedResources(assembly, ...TYPES).flatMap(({ stack, logicalId, properties: { CidrBlock } }) => {
      const network = cidr(CidrBlock);
      if (!network || network.canonical === network.text) return [];
      return [{ stack, logicalId, property: 'CidrBlock', details: `${network.text} becomes ${network.canonical}` }];
    }),
};
