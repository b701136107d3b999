import { CfnCondition, CfnParameter, Fn, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { TAG_PATTERN } from './tag-pattern';

/** Of which stack a tag is followed, and what that stack says of it. */
export interface Leader {
  readonly stack: Stack;
  /** The tag that serves there, as the following stack reads it. */
  readonly tag: string;
}

/**
 * The tag of a stack that runs what another one serves: that one's at its first deploy, and what the other's release runbook set since.
 *
 * Not that one's at every deploy: an update that changes neither the template nor a parameter may be none for CloudFormation, so the
 * runbook has to say something new (CloudFormation user guide, updating stacks; not verified against AWS).
 */
export class FollowedTag extends CfnParameter {
  /** The stack that leads. */
  public readonly leader: Stack;
  /** The tag that serves. */
  public readonly tag: string;

  constructor(scope: Construct, name: string, { stack: leader, tag }: Leader) {
    const stack = Stack.of(scope);
    super(stack, name, {
      type: 'String',
      description: 'Tag of the image that serves, set by the release runbook of the product; empty: the tag of the product',
      default: '',
      allowedPattern: `^$|${TAG_PATTERN}`,
      constraintDescription: 'a tag other than latest, or nothing',
    });
    this.leader = leader;
    const released = new CfnCondition(stack, `${name}Released`, {
      expression: Fn.conditionNot(Fn.conditionEquals(this.valueAsString, '')),
    });
    this.tag = Fn.conditionIf(released.logicalId, this.valueAsString, tag).toString();
  }
}
