/** What a deploy does to one resource. */
export type Verdict =
  /** Identical before and after. */
  | 'kept'
  /** Changed without losing its identity. */
  | 'updated'
  | 'added'
  /** A new physical resource takes its place. */
  | 'replaced'
  /** Leaves the template and is deleted (with DeletionPolicy Snapshot, only a snapshot remains). */
  | 'destroyed'
  /** Leaves the template and goes on living unmanaged (DeletionPolicy Retain, or its whole stack is left behind). */
  | 'orphaned'
  /** CloudFormation accepts the template, the service or CloudFormation refuses the update: the deploy fails. */
  | 'refused'
  /** Safe, but only in a deploy of its own, before or after the rest. */
  | 'own-deploy';

/** How the rest can be deployed first: take this part of the later template back. */
export interface Hold {
  /** Stack name and region of the template to alter. */
  readonly stackName: string;
  readonly region: string;
  readonly logicalId: string;
  /**
   * Path below the resource, such as `['Properties', 'Replicas']`; empty: the whole resource waits, with everything that
   * refers to it.
   */
  readonly path: string[];
  /** Value to deploy meanwhile; undefined: the path is left out. */
  readonly value?: unknown;
}

/** One finding about one resource. A resource may have several; its verdict is the worst of them. */
export interface Finding {
  readonly ruleId: string;
  readonly verdict: Verdict;
  /** Property path, dotted, without `Properties.`; undefined where the whole resource is meant. */
  readonly property?: string;
  /** Old and new value in a few characters, such as `false -> true`; undefined where they are no plain values. */
  readonly change?: string;
  /** One sentence for people: why. */
  readonly reason: string;
  /** Where that is written: an AWS document, an issue, or a measurement. */
  readonly source: string;
  /** For `own-deploy` (and `refused` where waiting helps): what to hold back so that the rest can go first. */
  readonly holds?: Hold[];
}

/** What happens to one resource between two assemblies. */
export interface ResourceChange {
  readonly stackName: string;
  readonly region: string;
  readonly logicalId: string;
  readonly type: string;
  /** Construct path, where the assembly's metadata tells it. */
  readonly path?: string;
  /** Whether losing the resource loses data, keys, or an identity that others hold on to. */
  readonly stateful: boolean;
  readonly verdict: Verdict;
  readonly findings: Finding[];
  /** Written reason under which a person accepted the loss. */
  readonly acceptedBecause?: string;
}

/** The comparison of two assemblies. */
export interface PromotionReport {
  readonly before: string;
  readonly after: string;
  /** Every resource of either side. */
  readonly changes: ResourceChange[];
  /** True when no stateful resource is replaced, destroyed or orphaned without an accepted reason, and nothing is refused or needs a deploy of its own. */
  readonly safe: boolean;
  /** Acceptances that match nothing: what they accepted no longer happens. */
  readonly unusedAcceptances?: Acceptance[];
}

/** A loss, or a refusal the guard is wrong about, that a person has looked at and accepts. */
export interface Acceptance {
  readonly stackName: string;
  /** Needed where stacks in several regions have that name, so that one loss is not accepted in all of them. @default - the only one */
  readonly region?: string;
  readonly logicalId: string;
  /** The verdict that is accepted; a worse one is reported again. */
  readonly verdict: Verdict;
  /** Why, in at least six words. */
  readonly reason: string;
}
