import type { Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { ProductImage } from '../../../lib/blocks/compute/product-image';
import { ServerVolume } from '../../../lib/blocks/compute/server-volume';
import { SingleServer, type SingleServerProps } from '../../../lib/blocks/compute/single-server';

export const ZONES = ['us-east-1a', 'us-east-1b'];

/** A VPC that is there already, with a public subnet in two zones. */
export function publicVpc(stack: Stack): ec2.IVpc {
  return ec2.Vpc.fromVpcAttributes(stack, 'Vpc', {
    vpcId: 'vpc-0123456789abcdef0',
    availabilityZones: ZONES,
    publicSubnetIds: ['subnet-0123456789abcdefa', 'subnet-0123456789abcdefb'],
    publicSubnetRouteTableIds: ['rtb-0123456789abcdefa', 'rtb-0123456789abcdefb'],
  });
}

/** A volume and the server on it, the way a stage makes them. */
export function server(stack: Stack, props: Partial<SingleServerProps> = {}): SingleServer {
  const volume = props.volume ?? new ServerVolume(stack, 'ServerVolume', { availabilityZone: ZONES[1] });
  return new SingleServer(stack, 'Server', {
    vpc: props.vpc ?? publicVpc(stack),
    image: ProductImage.fromRegistry('example/shop:1.0.0'),
    port: 3000,
    healthCheckPath: '/health',
    ...props,
    volume,
  });
}
