import { Stack, Validations } from 'aws-cdk-lib';
import type * as iam from 'aws-cdk-lib/aws-iam';
import { Construct, type IConstruct } from 'constructs';
import { isTooShort } from './reason';

const KEY = Validations.ACKNOWLEDGED_RULES_METADATA_KEY;

/** A policy rule that does not hold for a resource, and why that is right. */
export interface PolicyAcknowledgement {
  /**
   * Rule id with its pack, as the policy report prints it, such as `AwsSolutions::AwsSolutions-S1`, or one finding of a rule, such
   * as `AwsSolutions::AwsSolutions-IAM5[Resource::*]`.
   */
  readonly id: string;
  /** What the rule guards against, why that does not apply here, and what compensates: at least one full sentence. */
  readonly reason: string;
}

/**
 * Records that a policy rule does not hold for a construct (and what is below it).
 *
 * cdk-nag 3 accepts ids without a pack, empty reasons and misspelt ids in silence, and a bare id leaves no trace in the
 * report (measured with cdk-nag 3.0.2); so this is the only door, and it demands both. The line that calls it is kept beside it
 * in the cloud assembly, where `scale-tiers review` reads it.
 *
 * @throws if an id has no pack, or a reason is too short to sign
 */
export function acknowledge(construct: IConstruct, ...acknowledgements: PolicyAcknowledgement[]): void {
  for (const { id, reason } of acknowledgements) {
    if (!/^[A-Za-z0-9.-]+::\S+$/.test(id)) {
      throw new Error(`id '${id}' names no policy pack, write it as PACK::RULE, such as AwsSolutions::AwsSolutions-S1`);
    }
    if (isTooShort(reason)) {
      throw new Error(`reason '${reason}' for ${id} is too short to sign, say why the rule does not apply and what compensates`);
    }
    // A grant that is made twice needs its reason once.
    if (construct.node.metadata.some(({ type, data }) => type === KEY && data[id] === reason)) continue;
    // As `Validations.acknowledge` writes it, which refuses a second '::' and so every finding about an ARN, and keeps no line.
    construct.node.addMetadata(KEY, { [id]: reason }, { stackTrace: true, traceFromFunction: acknowledge });
  }
}

/** One reason for several rules, of one pack or of several. */
export function sameReason(reason: string, ...ids: string[]): PolicyAcknowledgement[] {
  return ids.map((id) => ({ id, reason }));
}

/** The ids of one rule of cdk-nag in several packs, such as `HIPAA.Security` and `PCI.DSS.321`. */
export function inPacks(rule: string, ...packs: string[]): string[] {
  return packs.map((pack) => `${pack}::${pack}-${rule}`);
}

/**
 * Records why a grant needs a wildcard, at the role that got it. Nothing to record where the role exists outside the app.
 */
export function acknowledgeGrant(grantee: iam.IGrantable, ...acknowledgements: PolicyAcknowledgement[]): void {
  const principal: unknown = grantee.grantPrincipal;
  if (Construct.isConstruct(principal)) acknowledge(principal, ...acknowledgements);
}

/**
 * Records why a role's policies end these resources in a wildcard, for exactly these resources: a wildcard that somebody adds
 * later is still found.
 * @param resources ARNs as they stand in the policy; tokens are welcome
 */
export function acknowledgeWildcards(construct: IConstruct, reason: string, ...resources: string[]): void {
  acknowledge(construct, ...resources.map((arn) => ({ id: wildcardResource(construct, arn), reason })));
}

/** Id of the finding that a policy allows something on a resource with a wildcard. */
export function wildcardResource(scope: IConstruct, arn: string): string {
  return `AwsSolutions::AwsSolutions-IAM5[Resource::${flatten(Stack.of(scope).resolve(arn))}]`;
}

/** Id of the finding that a policy allows actions by a wildcard. */
export function wildcardAction(action: string): string {
  return `AwsSolutions::AwsSolutions-IAM5[Action::${action}]`;
}

/** A CloudFormation value as cdk-nag spells it in the name of a finding. */
function flatten(value: unknown): string {
  if (typeof value === 'string') return value.replaceAll('${', '<').replaceAll('}', '>');
  const node = value as { Ref?: string; 'Fn::GetAtt'?: string[]; 'Fn::Join'?: [string, unknown[]]; 'Fn::Sub'?: unknown };
  if (node['Fn::Join']) return node['Fn::Join'][1].map(flatten).join(node['Fn::Join'][0]);
  if (node['Fn::Sub']) return flatten(node['Fn::Sub']);
  if (node['Fn::GetAtt']) return `<${node['Fn::GetAtt'].map(flatten).join('.')}>`;
  return node.Ref === undefined ? JSON.stringify(value) : `<${flatten(node.Ref)}>`;
}
