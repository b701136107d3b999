import type * as ecs from 'aws-cdk-lib/aws-ecs';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { acknowledgeOwnPolicies } from '../operations/own-policies';

/** Properties of a LifecycleHook. */
export interface LifecycleHookProps {
  /**
   * Is asked at every stage; answers `{"hookStatus": "SUCCEEDED"}`, `"FAILED"` to go back, or `"IN_PROGRESS"` to be asked again in
   * half a minute (Amazon ECS developer guide, lifecycle hooks).
   */
  readonly handler: lambda.IFunction;
  /** When; a stage that the release has not is passed over. */
  readonly stages: ecs.DeploymentLifecycleStage[];
}

/**
 * A function that a release asks before it goes on, with the role by which Amazon ECS calls that one function.
 *
 * @throws if there is no stage, or one twice
 */
export class LifecycleHook extends Construct {
  public readonly role: iam.Role;
  /** What the service's deployment configuration says of it. */
  public readonly configuration: ecs.CfnService.DeploymentLifecycleHookProperty;

  constructor(scope: Construct, id: string, { handler, stages }: LifecycleHookProps) {
    super(scope, id);
    if (stages.length === 0) throw new Error(`stages of hook '${id}' must name a stage, got none: say when it is to be asked`);
    const twice = stages.find((stage, index) => stages.indexOf(stage) !== index);
    if (twice) throw new Error(`stages of hook '${id}' name ${twice} twice: name every stage once`);
    this.role = new iam.Role(this, 'Role', {
      description: 'Asks a function before a release goes on',
      assumedBy: new iam.ServicePrincipal('ecs.amazonaws.com'),
      inlinePolicies: {
        // Not `grantInvoke`, which allows every version of the function, too.
        Invoke: new iam.PolicyDocument({
          statements: [new iam.PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [handler.functionArn] })],
        }),
      },
    });
    acknowledgeOwnPolicies(this.role);
    this.configuration = { hookTargetArn: handler.functionArn, roleArn: this.role.roleArn, lifecycleStages: stages };
  }
}
