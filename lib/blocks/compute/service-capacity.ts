import * as ecs from 'aws-cdk-lib/aws-ecs';
import { Dependable, type IDependable } from 'constructs';
import type { ServiceSize } from './service-size';

/** Fargate, and Spot for what is above a base; a change of it is an update in place. */
export function capacity({ spotBase }: ServiceSize): ecs.CapacityProviderStrategy[] {
  if (spotBase === undefined) return [{ capacityProvider: 'FARGATE', weight: 1 }];
  return [
    { capacityProvider: 'FARGATE', base: spotBase, weight: 0 },
    { capacityProvider: 'FARGATE_SPOT', weight: 1 },
  ];
}

/** What ties capacity providers to a cluster; CDK makes it when it synthesizes. */
export function capacityProviders(cluster: ecs.ICluster): IDependable {
  const tie: IDependable = {};
  Dependable.implement(tie, {
    get dependencyRoots() {
      return cluster.node.findAll().filter((child) => child instanceof ecs.CfnClusterCapacityProviderAssociations);
    },
  });
  return tie;
}
