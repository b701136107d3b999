import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AssemblyStack, Template } from '../assembly/cloud-assembly';
import { hashesOf, immutableProperties, isHarmless } from './immutable-properties';
import { isStateful } from './stateful-types';
import { isObject } from './values';

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
  /** Short hash by property, of each immutable property that is set. */
  readonly immutable: Record<string, string>;
}

/** A change of identity that a person agreed to. */
export interface IdentityChange {
  readonly stackName: string;
  readonly region: string;
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
export type LockableStack = Pick<AssemblyStack, 'stackName' | 'region' | 'template'> & Partial<Pick<AssemblyStack, 'paths'>>;

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
  const sorted = [...stacks].sort(byText(({ stackName, region }) => `${stackName} ${region}`));
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

/** A stack that has the name and region of an earlier one. */
export function namesake<T extends { readonly stackName: string; readonly region: string }>(stacks: T[]): T | undefined {
  return stacks.find((stack, index) => stacks.slice(0, index).some((other) => isSame(stack, other)));
}

function lockStack({ stackName, region, template, paths }: LockableStack): LockedStack {
  const resources = Object.entries(template.Resources ?? {})
    .filter(([, resource]) => isStateful(resource.Type, resource))
    .sort(byText(([logicalId]) => logicalId))
    .map(([logicalId, resource]): LockedResource => {
      const path = paths?.[logicalId];
      const { Type: type, DeletionPolicy: deletionPolicy } = resource;
      return { logicalId, path, type, deletionPolicy, immutable: hashesOf(resource, immutableProperties(type)) };
    });
  return { stackName, region, stage: stageOf(template), resources };
}

/** The stages leave their name in the template's metadata. */
function stageOf(template: Template): string {
  const metadata = isObject(template.Metadata) ? template.Metadata['cdk-scale-tiers'] : undefined;
  return isObject(metadata) && typeof metadata.stage === 'string' ? metadata.stage : 'unknown';
}

/** What changed the identity of a locked stack's resources; no stack: all of it is gone. Accepted changes are left out. */
export function differences(lock: Lock, locked: LockedStack, stack: LockableStack | undefined): Difference[] {
  const found = locked.resources.flatMap((resource) => resourceDifferences(lock, locked, resource, stack));
  return found.filter((difference) => !lock.identityChanges.some((change) => accepts(change, difference)));
}

function resourceDifferences(lock: Lock, locked: LockedStack, resource: LockedResource, stack: LockableStack | undefined) {
  const { logicalId, path, type } = resource;
  const name = `${path ?? logicalId} (${type})`;
  const base = { stackName: locked.stackName, region: locked.region, logicalId, path, type };
  const current = stack?.template.Resources?.[logicalId];
  if (!current) {
    const where = stack ? `stack ${locked.stackName}` : `the app, with its whole stack ${locked.stackName} (${locked.region})`;
    const sentence = `${name} holds state and is gone from ${where}, where it had the logical id ${logicalId}`;
    return [{ ...base, kind: 'gone', what: 'gone', sentence } satisfies Difference];
  }
  if (current.Type !== type) {
    const sentence = `${name} holds state and became an ${current.Type} under the same logical id ${logicalId}`;
    return [{ ...base, kind: 'type', what: `type ${type} -> ${current.Type}`, sentence } satisfies Difference];
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
export function counterpart<T extends { readonly stackName: string; readonly region: string }>(
  locked: LockedStack,
  stacks: T[],
): T | undefined {
  const named = stacks.filter(({ stackName }) => stackName === locked.stackName);
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
  const { stackName, region, logicalId, what } = difference;
  return { stackName, region, logicalId, what, reason };
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
  const broken = ['stacks', 'immutableProperties', 'identityChanges'].find((section) => typeof lock[section] !== 'object');
  if (broken) throw new LockError(`lock file '${file}' is broken: it has no ${broken}, take it from version control again`);
  return lock as unknown as Lock;
}

/** The text of a lock file. */
export function lockText(lock: Lock): string {
  return `${JSON.stringify(lock, undefined, 2)}\n`;
}

/** Version of this library. */
export function libraryVersion(): string {
  return JSON.parse(readFileSync(join(__dirname, '..', '..', 'package.json'), 'utf8')).version;
}

function isSame(
  left: { readonly stackName: string; readonly region: string },
  right: { readonly stackName: string; readonly region: string },
): boolean {
  return left.stackName === right.stackName && left.region === right.region;
}

/** Order by code unit: the same on every machine, whatever its language. */
function byText<T>(text: (item: T) => string): (left: T, right: T) => number {
  return (left, right) => {
    const [a, b] = [text(left), text(right)];
    return a === b ? 0 : a < b ? -1 : 1;
  };
}
