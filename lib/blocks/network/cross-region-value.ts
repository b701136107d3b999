import { CfnOutput, Fn, Stack, Token } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

/** A value of one stack that another stack reads when it deploys. */
export interface CrossRegionValueProps {
  /** Construct whose stack makes the value. */
  readonly producer: Construct;
  /** Name of the output; part of the contract between the two stacks. */
  readonly name: string;
  /** The value, usually a token of the producing stack. */
  readonly value: string;
  /**
   * Whether the producing stack deploys first. False where it already waits for the consumer, because two stacks cannot wait for
   * each other: then the first deploy has to go without the value, and the promotion plan says so.
   * @default true
   */
  readonly producerFirst?: boolean;
}

/**
 * Hands a value to another stack by a weak reference (`Fn::GetStackOutput`): no export that locks the producer, no generated
 * physical name that would replace the resource, no custom resource.
 *
 * CDK's own reference is strong unless the *user's* stack says otherwise, and a library cannot set that for a stack that already
 * has children; so the output and the reference are spelled out here.
 *
 * @throws if the name stands for another value of the same producer
 */
export function crossRegionValue(consumer: Construct, props: CrossRegionValueProps): string {
  const from = Stack.of(props.producer);
  const to = Stack.of(consumer);
  if (from === to) return props.value;
  const id = `Output${props.name}`;
  const known = props.producer.node.tryFindChild(id) as CfnOutput | undefined;
  if (known && JSON.stringify(from.resolve(known.value)) !== JSON.stringify(from.resolve(props.value))) {
    throw new Error(
      `name '${props.name}' already stands for another value of ${props.producer.node.path}: give each value its own`,
    );
  }
  const output = known ?? new CfnOutput(props.producer, id, { value: props.value });
  if (props.producerFirst ?? true) to.addStackDependency(from);
  // An agnostic stack deploys wherever its reader does.
  const region = Token.isUnresolved(from.region) ? undefined : from.region;
  return Fn.getStackOutput(from.stackName, from.resolve(output.logicalId), region);
}
