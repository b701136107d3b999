import type { Finding } from './finding';
import type { Place } from './places/place';
import type { AcknowledgementEntry } from './register/acknowledgement-entry';

/** Everything a reviewer reads before signing: what `review.json` holds, and what the page is drawn from. */
export interface Review {
  /** Version of this format. It grows by optional members only. */
  readonly version: 1;
  /** When it was made, ISO 8601. */
  readonly made: string;
  /** Version of this library. */
  readonly library: string;
  /** The folder that was reviewed, as it was given. */
  readonly assembly: string;
  readonly verdict: ReviewVerdict;
  readonly checks: CheckSummary[];
  /** Open ones first, the worst before the rest. */
  readonly findings: Finding[];
  readonly acknowledgements: AcknowledgementEntry[];
  readonly stacks: StackFacts[];
  /** What the internet can reach. */
  readonly entrances: Entrance[];
  /** What holds state. */
  readonly state: StateFacts[];
  /** Encryption of everything that stores or carries data. */
  readonly encryption: EncryptionFacts[];
  /** IAM statements with a wildcard, or open to another account or to anyone. */
  readonly statements: StatementFacts[];
  /** One picture per stack that has something to draw. */
  readonly pictures: Picture[];
  /** What changed since an earlier assembly. @default - no earlier one was given */
  readonly changes?: ReviewChanges;
}

/** The answer to "can I sign this". */
export interface ReviewVerdict {
  readonly clean: boolean;
  /** The least severity that makes a review fail. */
  readonly failOn: Severity;
  /** One sentence. */
  readonly sentence: string;
  /** Open findings by severity. */
  readonly open: Record<Severity, number>;
  readonly acknowledged: number;
}

/** How bad a finding is. */
export type Severity = 'error' | 'warning' | 'note';

/** One check (a pack of rules, a validator), and what it did. */
export interface CheckSummary {
  /** What its rule ids begin with, such as `AwsSolutions`. */
  readonly pack: string;
  readonly title: string;
  /** Version of the tool. */
  readonly version?: string;
  /** Why it did not run. @default - it ran */
  readonly notRun?: string;
  /** Rules that it has. @default - the tool does not tell */
  readonly rules?: RuleTally;
  readonly milliseconds: number;
}

/** What became of the rules of a pack: they add up to `run`. */
export interface RuleTally {
  readonly run: number;
  readonly passed: number;
  readonly notApplicable: number;
  /** Rules whose every finding is acknowledged. */
  readonly acknowledged: number;
  /** Rules with an open finding. */
  readonly open: number;
}

/** One stack and its distance from CloudFormation's limits. */
export interface StackFacts {
  /** Construct path, which tells apart the stacks of several stages in one assembly. */
  readonly stack: string;
  readonly stackName: string;
  readonly region: string;
  readonly account: string;
  /** Template file, relative to the assembly. */
  readonly templateFile: string;
  readonly resources: LimitFacts;
  readonly templateBytes: LimitFacts;
  readonly outputs: LimitFacts;
  readonly parameters: LimitFacts;
}

/** A number and the most that CloudFormation takes. */
export interface LimitFacts {
  readonly value: number;
  readonly limit: number;
}

/** A way by which the internet reaches something. */
export interface Entrance {
  /** The resource that answers the internet. */
  readonly place: Place;
  /** What answers: `CloudFront`, `load balancer`, `instance` ... */
  readonly kind: string;
  /** Who may come, in words: `anyone`, `CloudFront only`, `addresses 10.0.0.0/8` ... */
  readonly from: string;
  /** Protocols and ports, such as `tcp 443`. */
  readonly ports: string;
  /** Resources behind it in the order a request passes them, the first is `place`. */
  readonly path: Place[];
  /** What stands in between, such as a firewall. */
  readonly guards: string[];
  /** DNS names of public records that lead to `place`. @default - none in this assembly */
  readonly names?: string[];
  /** What lies behind the end of the path, outside of the assembly. @default - the path ends in the assembly */
  readonly beyond?: string;
}

/** A resource that holds state, and what happens to it. */
export interface StateFacts {
  readonly place: Place;
  /** What it holds, in words. */
  readonly holds: string;
  readonly onDelete: string;
  readonly onReplace: string;
  /** Deletion protection: `on`, `off`, or `none` where the type has no such thing. */
  readonly protection: string;
  readonly backup: string;
  /** When the Region is lost. */
  readonly onRegionLoss: string;
  /** Data lost at worst when the Region is lost, as designed. */
  readonly recoveryPoint: string;
  /** Whether a reviewer should look: nothing keeps it when its stack goes, or it has no copy anywhere. */
  readonly attention?: string;
}

/** How a resource encrypts. */
export interface EncryptionFacts {
  readonly place: Place;
  /** `customer key`, `AWS managed key`, `service default`, `none`, or `nothing at rest`. */
  readonly atRest: string;
  /** `required`, `offered`, `none`, or `does not travel`. */
  readonly inTransit: string;
  /** Property that says so. */
  readonly because: string;
  readonly attention?: string;
}

/** An IAM statement a reviewer must read. */
export interface StatementFacts {
  readonly place: Place;
  readonly effect: string;
  readonly principals: string[];
  readonly actions: string[];
  readonly resources: string[];
  readonly conditions: string[];
  /** Why it is listed. */
  readonly why: string[];
  /** Acknowledgement that answers for it, as an index into `acknowledgements`. */
  readonly acknowledgement?: number;
}

/** What a stack looks like. */
export interface Picture {
  readonly stack: string;
  readonly region: string;
  readonly nodes: PictureNode[];
  readonly edges: PictureEdge[];
}

/** A box: one resource, or several alike. */
export interface PictureNode {
  readonly id: string;
  readonly label: string;
  /** Such as `CloudFront distribution`. */
  readonly kind: string;
  /** From the internet to the data. */
  readonly layer: 'edge' | 'entry' | 'compute' | 'messaging' | 'data' | 'elsewhere';
  /** Such as `2 to 5 tasks`. */
  readonly detail?: string;
  readonly place: Place;
}

/** An arrow from who calls to who is called. */
export interface PictureEdge {
  readonly from: string;
  readonly to: string;
  readonly label?: string;
}

/** What changed since an earlier assembly. */
export interface ReviewChanges {
  /** The earlier folder, as it was given. */
  readonly against: string;
  readonly added: Place[];
  readonly removed: Place[];
  readonly changed: { readonly place: Place; readonly properties: string[] }[];
  /** Findings, and acknowledgements, that the earlier one did not have, by their `id` at a construct path. */
  readonly newFindings: string[];
  readonly newAcknowledgements: string[];
  readonly goneAcknowledgements: string[];
  /** What the promotion guard says. */
  readonly promotion: { readonly safe: boolean; readonly sentence: string; readonly problems: PromotionProblem[] };
}

/** Something the promotion guard objects to. */
export interface PromotionProblem {
  readonly place: Place;
  readonly verdict: string;
  readonly sentence: string;
  readonly source: string;
}
