import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import {
  type IPolicyValidationContext,
  type IPolicyValidationPlugin,
  NestedStack,
  type PolicyValidationPluginReport,
  type PolicyViolation,
  Stack,
  Token,
} from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { libraryVersion } from '../assembly/library-version';
import { counterpart, type Difference, differences, LOCK_FILE, namesake, readLock } from './lock';

/** Properties of a promotion lock. */
export interface PromotionLockProps {
  /**
   * Lock file, relative to the folder that the app runs in. `npx scale-tiers lock ASSEMBLY` writes it; commit it.
   *
   * @default - scale-tiers.lock.json
   */
  readonly lockFile?: string;
}

/**
 * Holds every synthesis against a committed lock file: a stateful resource that is gone, has another type, or another value
 * in a property that it keeps for life, fails the synthesis, unless the lock holds a written reason for exactly that change.
 *
 * Resources and stacks that the lock does not know are new, and fine. Attach it to the app; in an app that synthesizes the
 * same stack at several stages, attach it to the one `Stage` that is deployed:
 *
 *     Validations.of(app).addPlugins(new PromotionLock());
 *
 * A missing lock file, or one of a later format, fails the synthesis with the command that helps.
 */
export class PromotionLock implements IPolicyValidationPlugin {
  /** Name in validation reports. */
  public readonly name = 'PromotionLock';
  /** Version of this library. */
  public readonly version?: string = libraryVersion();
  /** Rules that violations are reported under. */
  public readonly ruleIds?: string[] = Object.values(RULES);

  private readonly lockFile: string;
  /** App and environment of the first call of a synthesis: the CDK calls a plugin once per environment. */
  private first?: { readonly app: IConstruct; readonly environment: string };

  public constructor(props: PromotionLockProps = {}) {
    this.lockFile = props.lockFile ?? LOCK_FILE;
  }

  /** Called by the CDK after synthesis. */
  public validate(context: IPolicyValidationContext): PolicyValidationPluginReport {
    const assembly = folderOf(context);
    const lock = readLock(this.lockFile, assembly);
    const stacks = context.stackTemplates.flatMap(({ stackConstructPath, templatePath }) => {
      const stack = find(context.appConstruct, stackConstructPath);
      if (!stack) return [];
      return family(stack, templatePath).map((member) => ({
        ...member,
        template: JSON.parse(readFileSync(member.templatePath, 'utf8')),
      }));
    });
    const twice = namesake(stacks);
    if (twice) {
      throw new Error(
        `two stacks are named ${twice.stackName} in ${twice.region}: attach PromotionLock to the Stage that is deployed, not to the App`,
      );
    }
    const inApp = context.appConstruct.node
      .findAll()
      .filter((construct): construct is Stack => Stack.isStack(construct) && !NestedStack.isNestedStack(construct))
      .flatMap((stack) => family(stack, join(assembly, stack.templateFile)));

    const violations: PolicyViolation[] = [];
    for (const locked of lock.stacks) {
      const stack = counterpart(locked, stacks);
      const missing = !counterpart(locked, inApp);
      if (!stack && !(missing && this.isFirstCall(context))) continue;
      for (const difference of differences(lock, locked, stack)) {
        violations.push(violation(difference, stack?.templatePath, `npx scale-tiers lock ${assembly} --out ${this.lockFile}`));
      }
    }
    return { success: violations.length === 0, violations };
  }

  /** A stack that the app no longer has belongs to no call; the first one reports it. */
  private isFirstCall({ appConstruct, accountId, region }: IPolicyValidationContext): boolean {
    const environment = `${accountId} ${region}`;
    if (this.first?.app !== appConstruct) this.first = { app: appConstruct, environment };
    return this.first.environment === environment;
  }
}

const RULES: Record<Difference['kind'], string> = {
  gone: 'stateful-resource-gone',
  type: 'stateful-type-changed',
  property: 'immutable-property-changed',
};

/** What to do instead, where the change is not wanted. */
const REMEDIES: Record<Difference['kind'], string> = {
  gone: 'Bring the construct back under its old id and path (logical ids come from the path)',
  type: 'Put the new resource under an id of its own and leave this one until its data has moved',
  property: 'Set the property back',
};

function violation(difference: Difference, templatePath: string | undefined, command: string): PolicyViolation {
  const { kind, sentence, property, logicalId, path, stackName, region, what } = difference;
  const known = kind !== 'gone' && templatePath !== undefined;
  return {
    ruleName: RULES[kind],
    // Fatal, because the CDK lets anything less be acknowledged away without a word in the lock.
    severity: 'fatal',
    description: sentence,
    violatingResources: [
      {
        ...(known ? { resourceLogicalId: logicalId, templatePath } : { constructPath: path ?? `${stackName}/${logicalId}` }),
        locations: property === undefined ? [] : [`Properties/${property.replaceAll('.', '/')}`],
      },
    ],
    fix: `${REMEDIES[kind]}. If the change is wanted and the data is safe, write why into the lock: ${command} --reason "..."`,
    ruleMetadata: { stackName, region, logicalId, what },
  };
}

/** The assembly that is being validated; it is written although the synthesis fails. */
function folderOf({ templatePaths }: IPolicyValidationContext): string {
  const folder = templatePaths.length > 0 ? dirname(templatePaths[0]) : 'cdk.out';
  const nearby = relative(process.cwd(), folder);
  return nearby === '' || nearby.startsWith('..') ? folder : nearby;
}

/** Where a stack is deployed, and its template. */
interface Member {
  readonly stackName: string;
  readonly region: string;
  readonly account: string;
  readonly templatePath: string;
}

/** A stack and the nested stacks in it, named as the assembly reader names them. */
function family(stack: Stack, templatePath: string, stackName = stack.stackName): Member[] {
  const known = (value: string, unknown: string) => (Token.isUnresolved(value) ? unknown : value);
  const own: Member = {
    stackName,
    region: known(stack.region, 'unknown-region'),
    account: known(stack.account, 'unknown-account'),
    templatePath,
  };
  const nested = stack.node.findAll().filter((child): child is NestedStack => NestedStack.isNestedStack(child));
  return [
    own,
    ...nested
      .filter(({ nestedStackParent }) => nestedStackParent === stack)
      .flatMap((child) => {
        const logicalId = stack.resolve(child.nestedStackResource?.logicalId);
        return family(child, join(dirname(templatePath), child.templateFile), `${stackName}/${logicalId}`);
      }),
  ];
}

function find(app: IConstruct, path: string): Stack | undefined {
  const found = path.split('/').reduce<IConstruct | undefined>((scope, id) => scope?.node.tryFindChild(id), app);
  return found && Stack.isStack(found) ? found : undefined;
}
