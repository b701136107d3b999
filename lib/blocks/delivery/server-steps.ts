import { Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { SingleServer } from '../compute/single-server';
import { acknowledge, sameReason, wildcardResource } from '../operations/acknowledge';
import type { RunbookStep } from '../operations/runbook';
import { findMachine } from '../operations/runbook';

/** Runs the image on the single server, which goes back by itself and fails where its health check does not answer. */
export function serverSteps(server: SingleServer, image: string): RunbookStep[] {
  return [
    findMachine('FindServer', server.autoScalingGroup),
    {
      name: 'RunOnServer',
      action: 'aws:runCommand',
      timeoutSeconds: 3600,
      inputs: {
        DocumentName: server.runbooks.deployCommand.ref,
        InstanceIds: ['{{ FindServer.InstanceId }}'],
        Parameters: { Image: [image] },
      },
    },
  ];
}

/** What `serverSteps` takes: one command, on machines of the one group. */
export function letRunOnServer(role: iam.Role, server: SingleServer): void {
  const stack = Stack.of(role);
  const { autoScalingGroupName } = server.autoScalingGroup;
  const anyInstance = stack.formatArn({ service: 'ec2', resource: 'instance', resourceName: '*' });
  const document = stack.formatArn({ service: 'ssm', resource: 'document', resourceName: server.runbooks.deployCommand.ref });
  // A policy of its own, so that a wildcard added to the role's other one is still found.
  const policy = new iam.ManagedPolicy(role, 'RunOnServer', {
    description: 'Running an image of the product on its server',
    roles: [role],
    statements: [
      new iam.PolicyStatement({ actions: ['ssm:SendCommand'], resources: [document] }),
      new iam.PolicyStatement({
        actions: ['ssm:SendCommand'],
        resources: [anyInstance],
        conditions: { StringEquals: { 'aws:ResourceTag/aws:autoscaling:groupName': autoScalingGroupName } },
      }),
      new iam.PolicyStatement({
        actions: [
          'autoscaling:DescribeAutoScalingGroups',
          'ssm:DescribeInstanceInformation',
          'ssm:GetCommandInvocation',
          'ssm:ListCommandInvocations',
          'ssm:ListCommands',
        ],
        resources: ['*'],
      }),
    ],
  });
  acknowledge(
    policy,
    {
      id: wildcardResource(policy, anyInstance),
      reason:
        'An instance id is not known before the group starts it, so the tag that Auto Scaling sets stands in for it; what may be sent ' +
        'there is one document, which runs an image.',
    },
    {
      id: 'Parliament::RESOURCE_MISMATCH',
      reason:
        'ssm:SendCommand needs a document and an instance, and the tool looks for both in one statement. They stand in two, so that the ' +
        'condition on the tag of the instance does not ask the same of the document; IAM adds the statements up.',
    },
    ...sameReason(
      'Looking up groups, instances and the state of commands knows no resource but *, and changes nothing.',
      wildcardResource(policy, '*'),
    ),
  );
}
