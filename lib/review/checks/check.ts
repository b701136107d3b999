import type { Assembly } from '../../assembly/cloud-assembly';
import type { Finding } from '../finding';

/** A tool that looks at templates. */
export interface Check {
  /** What its rule ids begin with. */
  readonly pack: string;
  readonly title: string;
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
}
