import { CfnOutput, CfnParameter, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { ChildId } from './child-ids';

/** Name of the parameter in which a move of this product's data leaves its record: the same at every stage. */
export function moveRecordName(stage: Construct): string {
  const stack = Stack.of(stage);
  const below = stage.node.path.slice(stack.node.path.length).replace(/[^A-Za-z0-9_.\-/]/g, '-');
  return `/data-move/${stack.stackName}${below}`;
}

/**
 * Makes the template one that CloudFormation only deploys when the record is there: it reads the parameters of this type before it
 * changes anything, and refuses with "Unable to fetch parameters" (CloudFormation user guide, SSM parameter types; not verified
 * against AWS).
 */
export function requireMoveRecord(stage: Construct): void {
  const parameter = new CfnParameter(stage, ChildId.DATA_MOVE_RECORD, {
    type: 'AWS::SSM::Parameter::Value<String>',
    default: moveRecordName(stage),
    description:
      'Record of the verification that the data of the server moved. Missing: run the runbook of the move (docs/moving.md), or say ' +
      'ServerOption.retiredWithoutRecord(...)',
  });
  new CfnOutput(stage, 'DataMoved', {
    value: parameter.valueAsString,
    description: 'What was verified when the data of the server moved',
  });
}
