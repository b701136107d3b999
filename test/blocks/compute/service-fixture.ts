import type { App, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { AppContract } from '../../../lib/blocks/compute/app-contract';
import { ContainerService, type ContainerServiceProps } from '../../../lib/blocks/compute/container-service';
import { ProductImage } from '../../../lib/blocks/compute/product-image';
import { ServiceSize } from '../../../lib/blocks/compute/service-size';
import { openAndUnused } from '../../policy-findings';

export const QUEUE_URL = 'https://sqs.us-east-1.amazonaws.com/123456789012/jobs';

/** A VPC that is there already, with public and private subnets in two zones. */
export function appVpc(stack: Stack): ec2.IVpc {
  const ids = (prefix: string) => ['a', 'b'].map((zone) => `${prefix}-0123456789abcdef${zone}`);
  return ec2.Vpc.fromVpcAttributes(stack, 'Vpc', {
    vpcId: 'vpc-0123456789abcdef0',
    availabilityZones: ['us-east-1a', 'us-east-1b'],
    publicSubnetIds: ids('subnet-public'),
    publicSubnetRouteTableIds: ids('rtb-public'),
    privateSubnetIds: ids('subnet-private'),
    privateSubnetRouteTableIds: ids('rtb-private'),
  });
}

/** A secret that is there already. */
export function secret(stack: Stack, id: string): secretsmanager.ISecret {
  return secretsmanager.Secret.fromSecretCompleteArn(
    stack,
    id,
    `arn:aws:secretsmanager:us-east-1:123456789012:secret:${id}-AbCdEf`,
  );
}

/** A service as an application makes it. */
export function service(stack: Stack, props: Partial<ContainerServiceProps> = {}, id = 'Service'): ContainerService {
  const cluster =
    props.cluster ??
    new ecs.Cluster(stack, 'Cluster', {
      vpc: appVpc(stack),
      enableFargateCapacityProviders: true,
      containerInsightsV2: ecs.ContainerInsights.ENABLED,
    });
  return new ContainerService(stack, id, {
    image: ProductImage.fromRegistry('example/shop:1.0.0'),
    contract: new AppContract({ port: 3000, jobQueueUrl: QUEUE_URL }),
    processType: 'web',
    size: ServiceSize.SMALL,
    port: 3000,
    ...props,
    cluster,
  });
}

/** What AwsSolutions says about everything in the stack's app, construct by construct. */
export function policy(stack: Stack): { open: string[]; unused: string[] } {
  return openAndUnused(stack.node.root as App);
}

export const CLEAN = { open: [], unused: [] };
