import type { Assembly } from '../../assembly/cloud-assembly';
import type { Finding } from '../finding';
import type { AcknowledgementEntry } from '../register/acknowledgement-entry';

/** A tool that looks at templates. */
export interface Check {
  /** What its rule ids begin with. */
  readonly pack: string;
  readonly title: string;
  /** It only tells what a file says about one assembly: nobody can ask it about an earlier one. @default false */
  readonly imported?: boolean;
  /** Runs over all stacks; every finding is reported, acknowledged or not. */
  run(assembly: Assembly): Promise<CheckRun>;
}

/** What a check did. */
export interface CheckRun {
  readonly version?: string;
  /** Why it did not run. @default - it ran */
  readonly notRun?: string;
  readonly findings: Finding[];
  /** Ids (with pack) of its rules. @default - the tool does not tell */
  readonly ruleIds?: string[];
  /** Those of them that found nothing to look at. */
  readonly notApplicable?: string[];
  /** What the tool says was set aside in its own way, such as by a comment. @default - nothing */
  readonly acknowledgements?: AcknowledgementEntry[];
}
