import type { Place } from './places/place';
import type { Severity } from './review';

/** Something a check objects to. */
export interface Finding {
  /** `PACK::RULE`, such as `AwsSolutions::AwsSolutions-S1`: what an acknowledgement of it must name. */
  readonly id: string;
  readonly severity: Severity;
  /** The CDK lets nobody acknowledge it: it is certain to fail. @default false */
  readonly fatal?: boolean;
  /** One sentence. */
  readonly message: string;
  /** What to do about it. */
  readonly remedy?: string;
  /** Where the rule is written. */
  readonly source?: string;
  /** @default - the assembly as a whole */
  readonly place?: Place;
  /** Path of the property below the resource's `Properties`, dotted. */
  readonly property?: string;
  /** The acknowledgement that answers for it, as an index into the review's list. @default - it is open */
  readonly acknowledgement?: number;
}
