import { Annotations } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import type { Construct } from 'constructs';

/** A subnet of another stack, for what stands in it and changes no route: so nobody has to know its route table, and CDK need not warn. */
export function importedSubnet(scope: Construct, id: string, attributes: ec2.SubnetAttributes): ec2.ISubnet {
  const subnet = ec2.Subnet.fromSubnetAttributes(scope, id, attributes);
  Annotations.of(subnet).acknowledgeWarning(
    '@aws-cdk/aws-ec2:noSubnetRouteTableId',
    'What stands in the subnet changes none of its routes',
  );
  return subnet;
}
