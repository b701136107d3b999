import { Token } from 'aws-cdk-lib';
import type * as ecs from 'aws-cdk-lib/aws-ecs';

/** What was taken of each task already. */
const TAKEN = new WeakMap<ecs.FargateTaskDefinition, number>();

/**
 * Takes memory of a task away from its first container, for what runs beside it: the memory of the containers must not be more than
 * the task's (Amazon ECS developer guide, container definition, memory). A task whose memory is a token keeps it.
 */
export function takeMemory(taskDefinition: ecs.FargateTaskDefinition, mebibytes: number): void {
  const { memoryMiB } = taskDefinition;
  if (Token.isUnresolved(memoryMiB)) return;
  const taken = (TAKEN.get(taskDefinition) ?? 0) + mebibytes;
  TAKEN.set(taskDefinition, taken);
  const resource = taskDefinition.node.defaultChild as ecs.CfnTaskDefinition;
  resource.addPropertyOverride('ContainerDefinitions.0.Memory', memoryMiB - taken);
}
