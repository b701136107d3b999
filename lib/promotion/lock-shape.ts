import { isObject } from '../assembly/values';

/** The part of a lock file's content that is not as a lock has it: a wrong merge, or an edit by hand. */
export function brokenPart(lock: Record<string, unknown>): string | undefined {
  if (!isObject(lock.immutableProperties) || !Object.values(lock.immutableProperties).every(Array.isArray)) {
    return lock.stacks === undefined ? 'stacks' : 'immutableProperties';
  }
  if (!areLike(lock.stacks, isStack)) return 'stacks';
  return areLike(lock.identityChanges, isIdentityChange) ? undefined : 'identityChanges';
}

function areLike(list: unknown, isLike: (item: Record<string, unknown>) => boolean): boolean {
  return Array.isArray(list) && list.every((item) => isObject(item) && isLike(item));
}

function isStack(stack: Record<string, unknown>): boolean {
  return hasTexts(stack, ['stackName', 'region']) && areLike(stack.resources, isResource);
}

function isResource(resource: Record<string, unknown>): boolean {
  return hasTexts(resource, ['logicalId', 'type']) && isObject(resource.immutable);
}

function isIdentityChange(change: Record<string, unknown>): boolean {
  return hasTexts(change, ['stackName', 'region', 'logicalId', 'what', 'reason']);
}

function hasTexts(item: Record<string, unknown>, names: string[]): boolean {
  return names.every((name) => typeof item[name] === 'string');
}
