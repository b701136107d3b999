import { Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';

/**
 * Where data goes unless somebody says otherwise: subnets without a way out, else private ones.
 *
 * @throws if the VPC has fewer than two of them: a database and a cache need two zones
 */
export function dataSubnets(vpc: ec2.IVpc, vpcSubnets?: ec2.SubnetSelection): ec2.SubnetSelection {
  const isolated = vpc.isolatedSubnets.length > 0;
  const selection = vpcSubnets ?? {
    subnetType: isolated ? ec2.SubnetType.PRIVATE_ISOLATED : ec2.SubnetType.PRIVATE_WITH_EGRESS,
  };
  const { subnetIds } = vpc.selectSubnets(selection);
  if (!Token.isUnresolved(subnetIds) && subnetIds.length < 2) {
    throw new Error(
      `vpcSubnets must select at least 2 subnets, got ${subnetIds.length}: choose subnets in two availability zones`,
    );
  }
  return selection;
}
