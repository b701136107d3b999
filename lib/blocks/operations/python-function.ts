import type { Duration } from 'aws-cdk-lib';
import type * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';

/** What tells one function of ours from another. */
export interface PythonFunctionProps {
  readonly description: string;
  /** Its text; it may be longer than 4,096 characters, which CloudFormation takes since 2022 (aws-cdk#20624; aws-cdk a014c30). */
  readonly program: string;
  readonly memoryMiB: number;
  readonly timeout: Duration;
  readonly role: iam.IRole;
  readonly variables: { [name: string]: string };
  /** Key of the variables. @default - AWS Lambda's own */
  readonly kmsKeyArn?: string;
  readonly logGroupName: string;
  /** @default - in no network of ours */
  readonly vpcConfig?: lambda.CfnFunction.VpcConfigProperty;
}

/**
 * A function `Function` of one Python file, with the AWS SDK of its runtime. On the L1: the L2 grants by policies of its own, through
 * the key's policy too, and depends on feature flags.
 */
export function pythonFunction(scope: Construct, props: PythonFunctionProps): lambda.CfnFunction {
  const { program, memoryMiB, timeout, role, variables, logGroupName, ...own } = props;
  return new lambda.CfnFunction(scope, 'Function', {
    code: { zipFile: program },
    handler: 'index.handler',
    runtime: lambda.Runtime.PYTHON_3_14.name,
    architectures: [lambda.Architecture.ARM_64.name],
    memorySize: memoryMiB,
    timeout: timeout.toSeconds(),
    role: role.roleArn,
    environment: { variables },
    loggingConfig: { logGroup: logGroupName },
    ...own,
  });
}
