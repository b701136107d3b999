import type * as ecs from 'aws-cdk-lib/aws-ecs';
import * as iam from 'aws-cdk-lib/aws-iam';
import { acknowledge, sameReason } from '../operations/acknowledge';

const CHANNELS = ['CreateControlChannel', 'CreateDataChannel', 'OpenControlChannel', 'OpenDataChannel'];

/** Lets the tasks open the channels of ECS Exec. */
export function letExecute(taskDefinition: ecs.FargateTaskDefinition, reason: string): void {
  taskDefinition.addToTaskRolePolicy(
    new iam.PolicyStatement({ actions: CHANNELS.map((name) => `ssmmessages:${name}`), resources: ['*'] }),
  );
  acknowledge(
    taskDefinition.taskRole,
    ...sameReason(
      `The channels of Session Manager know no resource but *. ${reason}`,
      'AwsSolutions::AwsSolutions-IAM5[Resource::*]',
    ),
  );
}
