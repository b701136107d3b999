import * as iam from 'aws-cdk-lib/aws-iam';
import * as msk from 'aws-cdk-lib/aws-msk';
import type { Construct } from 'constructs';
import { acknowledge } from '../operations/acknowledge';

/** Lets Amazon MSK connect to a cluster from other VPCs, as a Replicator in another Region has it done. */
export function openToOtherVpcs(scope: Construct, clusterArn: string): void {
  const policy = new msk.CfnClusterPolicy(scope, 'ClusterPolicy', {
    clusterArn,
    policy: new iam.PolicyDocument({
      statements: [
        new iam.PolicyStatement({
          principals: [new iam.ServicePrincipal('kafka.amazonaws.com')],
          actions: ['kafka:CreateVpcConnection', 'kafka:GetBootstrapBrokers', 'kafka:DescribeClusterV2'],
          resources: [clusterArn],
        }),
      ],
    }),
  });
  acknowledge(policy, {
    id: 'ScaleTiers::service-principal-without-source',
    reason:
      'The rule wants aws:SourceArn or aws:SourceAccount, so that no other customer has a service act here on their behalf. ' +
      'This is the policy that Amazon MSK prescribes for the source of a Replicator (MSK developer guide, Prepare the source ' +
      'cluster), and no document says that MSK sends those keys; it opens a way to the brokers, who let nobody in without IAM.',
  });
}
