import { Stack } from 'aws-cdk-lib';
import * as appscaling from 'aws-cdk-lib/aws-applicationautoscaling';
import type { IConstruct } from 'constructs';

/**
 * Names every scaling policy below a construct after its logical id. CDK's own names hold the path through the whole app, so a stack
 * that is put under another `Stage` would replace every policy.
 */
export function nameScalingPolicies(scope: IConstruct): void {
  for (const policy of scope.node.findAll()) {
    if (policy instanceof appscaling.CfnScalingPolicy) policy.policyName = String(Stack.of(policy).resolve(policy.logicalId));
  }
}
