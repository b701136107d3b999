import type { Assembly, AssemblyStack } from '../../assembly/cloud-assembly';
import type { Severity } from '../review';

/** Something CloudFormation or AWS refuses, or nobody should sign, that no other check sees. */
export interface TemplateRule {
  /** In kebab case, unique. */
  readonly id: string;
  readonly severity: Severity;
  /** One sentence: what must hold, and what happens otherwise. */
  readonly sentence: string;
  /** AWS document, or measurement. */
  readonly source: string;
  /** Types it looks at: where the assembly has none, it does not apply. Empty for all types. */
  readonly types: string[];
  /**
   * Looks at all stacks of all Regions at once.
   *
   * @throws RuleCannotRun if something is missing that it needs
   */
  readonly find: (assembly: Assembly) => RuleFinding[];
}

/** Where a rule is broken. */
export interface RuleFinding {
  readonly stack: AssemblyStack;
  readonly logicalId: string;
  /** Dotted path below `Properties`. */
  readonly property?: string;
  /** What stands there and what is allowed, in one sentence: it follows the rule's own sentence. */
  readonly details?: string;
}

/** A rule cannot tell whether it holds: it must not pass for one that does. The message is one sentence for the user. */
export class RuleCannotRun extends Error {}
