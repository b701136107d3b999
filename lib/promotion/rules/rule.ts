import type { Assembly, AssemblyStack, TemplateResource } from '../../assembly/cloud-assembly';
import type { Finding, Verdict } from '../change';

/** Something the guard knows, with where that is written. */
export interface Rule {
  readonly id: string;
  /** One sentence for people: why a finding under this rule has its verdict. */
  readonly sentence: string;
  /** AWS document, issue, or measurement. */
  readonly source: string;
}

/** A change of one property of one resource that stays in the template. */
export interface PropertyChange {
  readonly type: string;
  /** Dotted path below `Properties`. */
  readonly property: string;
  readonly oldValue: unknown;
  readonly newValue: unknown;
  readonly before: TemplateResource;
  readonly after: TemplateResource;
}

/** A rule about one property: it decides instead of the schema, for the property and everything below it. */
export interface PropertyRule extends Rule {
  readonly types: string[];
  /** Dotted paths below `Properties`. */
  readonly properties: string[];
  readonly verdict: Verdict;
  /** Which changes of the property are meant. @default - all */
  readonly when?: (change: PropertyChange) => boolean;
  /** Value that can be deployed meanwhile, where waiting helps. @default - waiting does not help */
  readonly meanwhile?: (change: PropertyChange) => unknown;
}

/** One deployed stack, before and after. */
export interface StackPair {
  readonly stackName: string;
  readonly region: string;
  readonly before?: AssemblyStack;
  readonly after?: AssemblyStack;
  /** Whether CloudFormation deletes the stack when it leaves its parent's template. */
  readonly isNested?: boolean;
}

/** One resource, before and after. */
export interface ResourcePair {
  readonly stack: StackPair;
  readonly logicalId: string;
  readonly type: string;
  readonly before?: TemplateResource;
  readonly after?: TemplateResource;
  /** Top-level properties whose value changes, and `UpdatePolicy` and the like; without `Metadata` and `DependsOn`. */
  readonly changed: string[];
}

/** What rules about a whole deploy look at. */
export interface Deploy {
  readonly before: Assembly;
  readonly after: Assembly;
  readonly resources: ResourcePair[];
}

/** A finding and the resource it is about. */
export interface Located {
  readonly resource: ResourcePair;
  readonly finding: Finding;
}

/** A rule about what may happen together in one deploy. */
export interface DeployRule extends Rule {
  readonly find: (deploy: Deploy) => Located[];
}

/** A finding under a rule, in the rule's own words unless something more exact can be said. */
export function finding(rule: Rule, verdict: Verdict, details: Partial<Omit<Finding, 'ruleId' | 'verdict'>> = {}): Finding {
  return { ruleId: rule.id, verdict, reason: rule.sentence, source: rule.source, ...details };
}

/** Whether a pair stays in its stack with the type it had. */
export function stays(pair: ResourcePair): pair is ResourcePair & { before: TemplateResource; after: TemplateResource } {
  return pair.before !== undefined && pair.after !== undefined && pair.before.Type === pair.after.Type;
}
