import { Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** A policy rule that does not hold for a resource, and why that is right. */
export interface PolicyAcknowledgement {
  /** Rule id with its pack, as the policy report prints it, such as `AwsSolutions::AwsSolutions-S1`. */
  readonly id: string;
  /** What the rule guards against, why that does not apply here, and what compensates: at least one full sentence. */
  readonly reason: string;
}

/**
 * Records that a policy rule does not hold for a construct (and what is below it).
 *
 * cdk-nag 3 accepts ids without a pack, empty reasons and misspelt ids in silence, and a bare id leaves no trace in the
 * report (measured with cdk-nag 3.0.2); so this is the only door, and it demands both.
 */
export function acknowledge(construct: IConstruct, ...acknowledgements: PolicyAcknowledgement[]): void {
  for (const { id, reason } of acknowledgements) {
    if (!/^[A-Za-z0-9.]+::\S+$/.test(id)) {
      throw new Error(`id '${id}' names no policy pack, write it as PACK::RULE, such as AwsSolutions::AwsSolutions-S1`);
    }
    if (reason.trim().split(/\s+/).length < 6) {
      throw new Error(`reason '${reason}' for ${id} is too short to sign, say why the rule does not apply and what compensates`);
    }
    Validations.of(construct).acknowledge({ id, reason });
  }
}
