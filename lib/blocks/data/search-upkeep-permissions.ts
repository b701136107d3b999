import { Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as logs from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { SearchIndexPoliciesProps } from './search-index-policies';

const NETWORK_CHANGES = [
  'ec2:CreateNetworkInterface',
  'ec2:DeleteNetworkInterface',
  'ec2:AssignPrivateIpAddresses',
  'ec2:UnassignPrivateIpAddresses',
];

/** What the upkeep of a search domain does its work with. */
export function permissions(scope: Construct, props: SearchIndexPoliciesProps, log: logs.ILogGroup): iam.PolicyStatement[] {
  const { region } = Stack.of(scope);
  const allow = (names: string[], resources: string[], conditions?: { [operator: string]: unknown }) =>
    new iam.PolicyStatement({ actions: names, resources, conditions });
  return [
    allow(['secretsmanager:GetSecretValue'], [props.domain.credentials.secretArn]),
    allow(['kms:Decrypt'], [props.encryptionKey.keyArn], {
      StringEquals: { 'kms:ViaService': [`secretsmanager.${region}.amazonaws.com`, `lambda.${region}.amazonaws.com`] },
    }),
    allow(['logs:CreateLogStream', 'logs:PutLogEvents'], [log.logGroupArn]),
    // Lambda makes and removes the function's network interfaces with its role, and wants all of these allowed on every resource
    // (Lambda developer guide, giving functions access to a VPC). What the function itself calls carries its ARN.
    allow(['ec2:DescribeNetworkInterfaces', 'ec2:DescribeSubnets', ...NETWORK_CHANGES], ['*']),
    new iam.PolicyStatement({
      effect: iam.Effect.DENY,
      actions: NETWORK_CHANGES,
      resources: ['*'],
      conditions: { Null: { 'lambda:SourceFunctionArn': 'false' } },
    }),
  ];
}
