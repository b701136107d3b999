import { existsSync, readFileSync } from 'node:fs';
import type { AssemblyStack, Template } from '../assembly/cloud-assembly';
import { libraryVersion } from '../assembly/library-version';
import { type ResolvedTemplate, resolvedTemplate } from '../assembly/resolved';
import { isStateful } from '../assembly/stateful-types';
import { isObject } from '../assembly/values';
import { hash, hashesOf, immutableProperties, isHarmless } from './immutable-properties';
import { brokenPart } from './lock-shape';

/** Where the lock lies unless said otherwise. */
export const LOCK_FILE = 'scale-tiers.lock.json';

const FORMAT_VERSION = 1;

/** Words that a reason needs at least: fewer say that something changed, not why that is right. */
const REASON_WORDS = 6;

/** The lock file cannot be used. The message is meant for the user. */
export class LockError extends Error {}

/** The identity of everything stateful, as last agreed on; committed beside the code. */
export interface Lock {
  readonly formatVersion: number;
  /** Version of cdk-scale-tiers that wrote it. */
  readonly libraryVersion: string;
  readonly stacks: LockedStack[];
  /**
   * By resource type, the properties that were looked at: one that a later version of the library learns about has no hash
   * here, and is no change.
   */
  readonly immutableProperties: Record<string, string[]>;
  /** Changes of identity that people agreed to, with their reasons. */
  readonly identityChanges: IdentityChange[];
}

/** A stack in a lock. */
export interface LockedStack {
  readonly stackName: string;
  readonly region: string;
  /** Account, where known. */
  readonly account?: string;
  /** Stage class that made it, or `unknown`. */
  readonly stage: string;
  /** Everything stateful in it, by logical id. */
  readonly resources: LockedResource[];
}

/** A stateful resource in a lock. */
export interface LockedResource {
  readonly logicalId: string;
  /** Construct path, where known. */
  readonly path?: string;
  readonly type: string;
  readonly deletionPolicy?: string;
  /** Short hash of the condition that decides whether it exists, where one does. */
  readonly condition?: string;
  /** Short hash by property, of each immutable property that is set. */
  readonly immutable: Record<string, string>;
}

/** A change of identity that a person agreed to. */
export interface IdentityChange {
  readonly stackName: string;
  readonly region: string;
  /** Given where stacks of several accounts have that name. */
  readonly account?: string;
  readonly logicalId: string;
  /** Exactly what changed, as the violation words it. */
  readonly what: string;
  readonly reason: string;
}

/** A difference between a lock and a template. */
export interface Difference {
  readonly kind: 'gone' | 'type' | 'property';
  readonly stackName: string;
  readonly region: string;
  readonly account?: string;
  readonly logicalId: string;
  readonly path?: string;
  readonly type: string;
  /** For `property`: dotted path below `Properties`. */
  readonly property?: string;
  /** The difference in a form that an {@link IdentityChange} can repeat. */
  readonly what: string;
  /** The same for people. */
  readonly sentence: string;
}

/** What a lock is made of and held against. */
export type LockableStack = Pick<AssemblyStack, 'stackName' | 'region' | 'template'> &
  Partial<Pick<AssemblyStack, 'paths' | 'account'>>;

/** Some stacks with the nested stacks in them: what those hold is locked, too. */
export function withNested(stacks: AssemblyStack[]): AssemblyStack[] {
  return stacks.flatMap((stack) => [stack, ...withNested(Object.values(stack.nested ?? {}))]);
}

/**
 * Makes the lock of some stacks. The same stacks give the same lock, character by character.
 *
 * @throws LockError if two stacks have the same name and region
 */
export function makeLock(stacks: LockableStack[], identityChanges: IdentityChange[]): Lock {
  const twice = namesake(stacks);
  if (twice) {
    throw new LockError(
      `two stacks are named ${twice.stackName} in ${twice.region}: lock one stage's folder, such as cdk.out/assembly-stage2`,
    );
  }
  const sorted = [...stacks].sort(byText(({ stackName, region, account }) => `${stackName} ${region} ${account ?? ''}`));
  const locked = sorted.map(lockStack);
  const types = [...new Set(locked.flatMap(({ resources }) => resources.map(({ type }) => type)))].sort();
  return {
    formatVersion: FORMAT_VERSION,
    libraryVersion: libraryVersion(),
    stacks: locked,
    immutableProperties: Object.fromEntries(types.map((type) => [type, immutableProperties(type)])),
    identityChanges,
  };
}

/** A stack that has the name, region and account of an earlier one. */
export function namesake<T extends Located>(stacks: T[]): T | undefined {
  return stacks.find((stack, index) => stacks.slice(0, index).some((other) => isSame(stack, other)));
}

function lockStack(stack: LockableStack): LockedStack {
  const { stackName, region, template, paths } = stack;
  const resolved = workedOut(stack);
  const resources = Object.entries(resolved.resources)
    .filter(([logicalId, resource]) => isStateful(resource.Type, resource) && resolved.conditionOf(logicalId) !== false)
    .sort(byText(([logicalId]) => logicalId))
    .map(([logicalId, resource]): LockedResource => {
      const path = paths?.[logicalId];
      const { Type: type, DeletionPolicy: deletionPolicy } = resource;
      const condition = conditionHash(resolved, logicalId);
      return { logicalId, path, type, deletionPolicy, condition, immutable: hashesOf(resource, immutableProperties(type)) };
    });
  const account = stack.account === UNKNOWN_ACCOUNT ? undefined : stack.account;
  return { stackName, region, account, stage: stageOf(template), resources };
}

const UNKNOWN_ACCOUNT = 'unknown-account';

/** Mappings and conditions are followed. Region and account are not written in: a stack may get them later. */
function workedOut(stack: LockableStack): ResolvedTemplate {
  return resolvedTemplate(stack, { region: 'unknown-region', account: UNKNOWN_ACCOUNT });
}

function conditionHash(resolved: ResolvedTemplate, logicalId: string): string | undefined {
  const condition = resolved.conditionOf(logicalId);
  return condition === true ? undefined : hash(condition);
}

/** The stages leave their name in the template's metadata. */
function stageOf(template: Template): string {
  const metadata = isObject(template.Metadata) ? template.Metadata['cdk-scale-tiers'] : undefined;
  return isObject(metadata) && typeof metadata.stage === 'string' ? metadata.stage : 'unknown';
}

/** What changed the identity of a locked stack's resources; no stack: all of it is gone. Accepted changes are left out. */
export function differences(lock: Lock, locked: LockedStack, stack: LockableStack | undefined): Difference[] {
  const resolved = stack && workedOut(stack);
  const found = locked.resources.flatMap((resource) => resourceDifferences(lock, locked, resource, resolved));
  return found.filter((difference) => !lock.identityChanges.some((change) => accepts(change, difference)));
}

function resourceDifferences(lock: Lock, locked: LockedStack, resource: LockedResource, stack: ResolvedTemplate | undefined) {
  const { logicalId, path, type } = resource;
  const name = `${path ?? logicalId} (${type})`;
  const { stackName, region } = locked;
  const hasNamesake = lock.stacks.some((other) => other !== locked && other.stackName === stackName && other.region === region);
  const base = { stackName, region, ...(hasNamesake ? { account: locked.account } : {}), logicalId, path, type };
  const current = stack?.conditionOf(logicalId) === false ? undefined : stack?.resources[logicalId];
  if (!stack || !current) {
    const where = stack ? `stack ${locked.stackName}` : `the app, with its whole stack ${locked.stackName} (${locked.region})`;
    const sentence = `${name} holds state and is gone from ${where}, where it had the logical id ${logicalId}`;
    return [{ ...base, kind: 'gone', what: 'gone', sentence } satisfies Difference];
  }
  if (current.Type !== type) {
    const sentence = `${name} holds state and became an ${current.Type} under the same logical id ${logicalId}`;
    return [{ ...base, kind: 'type', what: `type ${type} -> ${current.Type}`, sentence } satisfies Difference];
  }
  const condition = conditionHash(stack, logicalId);
  if (condition !== undefined && condition !== resource.condition) {
    const what = `condition ${resource.condition ?? 'none'} -> ${condition}`;
    const sentence = `${name} holds state, and another condition decides whether it exists: where that is false, it is gone`;
    return [{ ...base, kind: 'gone', what, sentence } satisfies Difference];
  }
  const properties = lock.immutableProperties[type] ?? Object.keys(resource.immutable);
  const hashes = hashesOf(current, properties);
  const changed = properties.filter(
    (property) =>
      hashes[property] !== resource.immutable[property] &&
      !isHarmless(current, property, resource.immutable[property] !== undefined),
  );
  return changed.map((property): Difference => {
    const [old, fresh] = [resource.immutable[property] ?? 'unset', hashes[property] ?? 'unset'];
    const sentence = `${property} of ${name} cannot change while the resource keeps its data, and it changed`;
    return { ...base, kind: 'property', property, what: `${property} ${old} -> ${fresh}`, sentence };
  });
}

/** The locked stack's counterpart. An environment-agnostic stack counts as the one of its name, whatever the region. */
export function counterpart<T extends Located>(locked: LockedStack, stacks: T[]): T | undefined {
  const named = stacks.filter((stack) => stack.stackName === locked.stackName && isSameAccount(stack, locked));
  const exact = named.find(({ region }) => region === locked.region);
  if (exact || named.length !== 1) return exact;
  return [named[0].region, locked.region].includes('unknown-region') ? named[0] : undefined;
}

function accepts(change: IdentityChange, difference: Difference): boolean {
  return (
    isSame(change, difference) &&
    change.logicalId === difference.logicalId &&
    change.what === difference.what &&
    isReason(change.reason)
  );
}

/** Whether a text is a reason that someone can judge later. */
export function isReason(text: string): boolean {
  return text.split(/\s+/).filter((word) => /\p{L}{2,}/u.test(word)).length >= REASON_WORDS;
}

/** A difference, agreed to. */
export function agreed(difference: Difference, reason: string): IdentityChange {
  const { stackName, region, account, logicalId, what } = difference;
  return { stackName, region, ...(account === undefined ? {} : { account }), logicalId, what, reason };
}

/**
 * Whether an agreed change is history: it has happened, and the lock that is written now would not let it happen again. What
 * came back since, under its old identity, must not be lost a second time on the strength of an old reason.
 */
export function isHistory({ logicalId, what, ...place }: IdentityChange, { stacks }: Lock): boolean {
  const resource = stacks
    .filter((stack) => isSame(stack, place))
    .flatMap(({ resources }) => resources)
    .find((candidate) => candidate.logicalId === logicalId);
  if (!resource) return true;
  const [left] = what.split(' -> ');
  if (what === 'gone' || left === `type ${resource.type}` || left === `condition ${resource.condition ?? 'none'}`) return false;
  const [property, old] = left.split(' ');
  return (resource.immutable[property] ?? 'unset') !== old;
}

/**
 * Reads a lock file.
 *
 * @param file the lock file
 * @param assembly folder to name in the advice when there is no lock yet
 * @throws LockError if there is none, or this version cannot read it
 */
export function readLock(file: string, assembly = 'cdk.out'): Lock {
  if (!existsSync(file)) {
    throw new LockError(
      `lock file '${file}' does not exist: write it with 'npx scale-tiers lock ${assembly} --out ${file}' and commit it`,
    );
  }
  let lock: unknown;
  try {
    lock = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new LockError(`lock file '${file}' is not JSON, take it from version control again: ${(error as Error).message}`);
  }
  if (!isObject(lock) || typeof lock.formatVersion !== 'number') {
    throw new LockError(`'${file}' is not a lock file of scale-tiers: it has no formatVersion`);
  }
  if (lock.formatVersion > FORMAT_VERSION) {
    throw new LockError(
      `lock file '${file}' has format ${lock.formatVersion} of cdk-scale-tiers ${lock.libraryVersion}, and cdk-scale-tiers ${libraryVersion()} reads formats up to ${FORMAT_VERSION}: update cdk-scale-tiers`,
    );
  }
  const broken = brokenPart(lock);
  if (broken) throw new LockError(`lock file '${file}' is broken: it has no ${broken}, take it from version control again`);
  return lock as unknown as Lock;
}

/** The text of a lock file. */
export function lockText(lock: Lock): string {
  return `${JSON.stringify(lock, undefined, 2)}\n`;
}

interface Located {
  readonly stackName: string;
  readonly region: string;
  readonly account?: string;
}

function isSame(left: Located, right: Located): boolean {
  return left.stackName === right.stackName && left.region === right.region && isSameAccount(left, right);
}

/** One that is not known may be any. */
function isSameAccount({ account: left }: Located, { account: right }: Located): boolean {
  return left === right || [left, right].some((account) => account === undefined || account === UNKNOWN_ACCOUNT);
}

/** Order by code unit: the same on every machine, whatever its language. */
function byText<T>(text: (item: T) => string): (left: T, right: T) => number {
  return (left, right) => {
    const [a, b] = [text(left), text(right)];
    return a === b ? 0 : a < b ? -1 : 1;
  };
}
