import { Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

/**
 * Name of a stack that a construct makes beside its own: the product's stack, the construct's whole path in it, so that two of a
 * kind get two stacks, and what the stack is for. A construct id may hold what a stack name may not.
 */
export function siblingStackName(construct: Construct, purpose: string): string {
  const stack = Stack.of(construct);
  const path = construct.node.scopes.slice(stack.node.scopes.length).map(({ node }) => node.id);
  return [stack.stackName, ...path, purpose].join('-').replace(/[^A-Za-z0-9-]+/g, '-');
}
