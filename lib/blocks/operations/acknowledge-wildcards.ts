import { Stack } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { acknowledge } from './acknowledge';

/**
 * Records why a role's policies end these resources in a wildcard (AwsSolutions-IAM5), for exactly these resources: a wildcard
 * that somebody adds later is still found.
 * @param resources ARNs as they stand in the policy; tokens are welcome
 */
export function acknowledgeWildcards(construct: IConstruct, reason: string, ...resources: string[]): void {
  for (const resource of resources) {
    const finding = flat(Stack.of(construct).resolve(resource));
    acknowledge(construct, { id: `AwsSolutions::AwsSolutions-IAM5[Resource::${finding}]`, reason });
  }
}

/** A resolved value as cdk-nag 3 writes it into the id of a finding. */
function flat(value: unknown): string {
  if (typeof value === 'string') return value;
  const { 'Fn::Join': join, 'Fn::GetAtt': attribute, Ref: ref } = value as Intrinsic;
  if (join) return join[1].map(flat).join(join[0]);
  if (attribute) return `<${attribute.join('.')}>`;
  if (ref) return `<${ref}>`;
  return JSON.stringify(value);
}

interface Intrinsic {
  readonly 'Fn::Join'?: [string, unknown[]];
  readonly 'Fn::GetAtt'?: [string, string];
  readonly Ref?: string;
}
