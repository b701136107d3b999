import { Stack } from 'aws-cdk-lib';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type { IConstruct } from 'constructs';
import { acknowledge, acknowledgeWildcards, inPacks, sameReason } from '../operations/acknowledge';

/** Records why the function that keeps up the search domain is as it is. */
export function acknowledgeFunction(keeper: lambda.CfnFunction): void {
  acknowledge(
    keeper,
    ...sameReason(
      'The rules want room reserved for a function, and a limit. It runs once an hour for some seconds, two runs at a time do each other ' +
        'no harm, since each reads before it writes, and reserving would take from the 10 executions a new account has, so that the deploy ' +
        'would fail there.',
      ...inPacks('LambdaConcurrency', 'HIPAA.Security', 'NIST.800.53.R5'),
      'Checkov::CKV_AWS_115',
    ),
    ...sameReason(
      'The rules want calls kept that failed. A call of this function carries no work of its own: it says how the domain shall be, and so ' +
        'does the one an hour later. An alarm tells people of failures.',
      ...inPacks('LambdaDLQ', 'HIPAA.Security', 'NIST.800.53.R5', 'Serverless'),
      'Checkov::CKV_AWS_116',
    ),
    {
      id: 'Serverless::Serverless-LambdaTracing',
      reason:
        'The rule wants to see where time goes in a chain of calls. Nobody waits for this function, and its log names each request that ' +
        'failed; tracing would need a permission on every resource.',
    },
  );
}

/** Records that a function is in a network whose subnets another stack names. */
export function acknowledgeSubnets(keeper: lambda.CfnFunction, subnetIds: string[]): void {
  if (!isOfOtherStack(keeper, subnetIds)) return;
  acknowledge(keeper, {
    id: 'ControlTower::CT.LAMBDA.PR.3',
    reason:
      'The control wants a function inside a network, and takes only subnets that it can read as texts or that are of the same template. ' +
      'This function is in such subnets, of the stack of the product, which are named by weak references.',
  });
}

/** Records why a policy lets a function write into a log group that is named by another stack. */
export function acknowledgeLog(policy: IConstruct, logGroupArn: string): void {
  if (!isOfOtherStack(policy, logGroupArn)) return;
  acknowledgeWildcards(
    policy,
    'The wildcard stands for the streams of one log group, which Lambda names as it makes them; the group is of the stack of the ' +
      'product and is named by a weak reference.',
    logGroupArn,
  );
}

function isOfOtherStack(scope: IConstruct, value: unknown): boolean {
  return JSON.stringify(Stack.of(scope).resolve(value)).includes('Fn::GetStackOutput');
}

/** Records why a policy lets the function have a place in the network. */
export function acknowledgeNetwork(policy: IConstruct): void {
  acknowledge(
    policy,
    ...sameReason(
      'Lambda makes the network interfaces of the function with the role of the function, before any of them has a name to put into a ' +
        'policy, and wants these six actions allowed on every resource (Lambda developer guide, giving functions access to a VPC). To the ' +
        'function itself, whose calls carry its ARN, the second statement denies them.',
      'AwsSolutions::AwsSolutions-IAM5[Resource::*]',
      'Checkov::CKV_AWS_111',
      'Cloudsplaining::InfrastructureModification',
      'Parliament::RESOURCE_STAR',
    ),
  );
}
