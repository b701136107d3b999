import type * as autoscaling from 'aws-cdk-lib/aws-autoscaling';
import * as ssm from 'aws-cdk-lib/aws-ssm';
import type { Construct } from 'constructs';

/** A step of a Systems Manager Automation. */
export interface RunbookStep {
  readonly name: string;
  readonly action: string;
  /** What else the action takes. */
  readonly [key: string]: unknown;
}

/** A runbook of Systems Manager Automation. A change of it is a new version in place: whoever starts it goes on finding it by its name. */
export function automation(scope: Construct, id: string, content: object): ssm.CfnDocument {
  return new ssm.CfnDocument(scope, id, {
    documentType: 'Automation',
    documentFormat: 'JSON',
    updateMethod: 'NewVersion',
    content: { schemaVersion: '0.3', ...content },
  });
}

/** What a command does on the machine. */
export interface MachineCommand {
  readonly description: string;
  /** Parameters of the document. @default - none */
  readonly parameters?: object;
  /** Name of its one step. */
  readonly name: string;
  /** Lines of shell. */
  readonly lines: string[];
  /** @default - an hour, as Systems Manager has it */
  readonly timeoutSeconds?: number;
}

/** A command that runs on a machine. A change of it is a new version in place. */
export function machineCommand(scope: Construct, id: string, command: MachineCommand): ssm.CfnDocument {
  const { lines: runCommand, timeoutSeconds } = command;
  return commandDocument(scope, id, 'NewVersion', command, {
    runCommand,
    ...(timeoutSeconds !== undefined && { timeoutSeconds: String(timeoutSeconds) }),
  });
}

/**
 * A file that machines fetch and nobody runs as a command. Another text is another document: who pinned the checksum of the one before
 * still finds that (AWS::SSM::Document, UpdateMethod).
 */
export function machineFile(scope: Construct, id: string, file: MachineCommand): ssm.CfnDocument {
  return commandDocument(scope, id, 'Replace', file, { runCommand: file.lines });
}

/** Finds the machine of a group of one that is there now, as `{{ NAME.InstanceId }}`: a tag as target would be content with none. */
export function findMachine(name: string, group: autoscaling.IAutoScalingGroup, then: object = {}): RunbookStep {
  return {
    name,
    action: 'aws:executeAwsApi',
    inputs: {
      Service: 'autoscaling',
      Api: 'DescribeAutoScalingGroups',
      AutoScalingGroupNames: [group.autoScalingGroupName],
    },
    outputs: [{ Name: 'InstanceId', Selector: '$.AutoScalingGroups[0].Instances[0].InstanceId', Type: 'String' }],
    ...then,
  };
}

function commandDocument(
  scope: Construct,
  id: string,
  updateMethod: string,
  { description, parameters, name }: MachineCommand,
  inputs: object,
): ssm.CfnDocument {
  return new ssm.CfnDocument(scope, id, {
    documentType: 'Command',
    documentFormat: 'JSON',
    updateMethod,
    targetType: '/AWS::EC2::Instance',
    content: {
      schemaVersion: '2.2',
      description,
      ...(parameters && { parameters }),
      mainSteps: [{ action: 'aws:runShellScript', name, inputs }],
    },
  });
}
