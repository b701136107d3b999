import type { Property, PropertyType, Resource } from '@aws-cdk/service-spec-types';
import { serviceSpec } from '../assembly/service-spec';
import { isIntrinsic, isObject, sameValue } from '../assembly/values';

/** A changed property below a top-level property, that the schema marks as create-only. */
export interface CreateOnlyChange {
  /** Property names from the top; list indexes and map keys are left out. */
  readonly path: string[];
  /** `maybe` where the schema says conditional, or where an intrinsic function hides which part changed. */
  readonly certainty: 'yes' | 'maybe';
}

/**
 * Finds create-only properties that changed inside a changed top-level property.
 *
 * `fullDiff` looks at the top level alone; create-only subnets of an MSK cluster, for one, lie two levels down.
 */
export function nestedCreateOnlyChanges(model: Resource, name: string, before: unknown, after: unknown): CreateOnlyChange[] {
  const changes: CreateOnlyChange[] = [];
  const property = model.properties[name];
  if (property) descend(typesOf(property), before, after, [name], changes);
  for (const path of model.additionalReplacementProperties ?? []) {
    if (path[0] !== name || sameValue(valuesAt(before, path.slice(1)), valuesAt(after, path.slice(1)))) continue;
    changes.push({ path: path.filter((segment) => segment !== '*'), certainty: 'yes' });
  }
  const unique = new Map(changes.map((change) => [change.path.join('.'), change]));
  return [...unique.values()];
}

function typesOf(property: Property): PropertyType[] {
  return [property.type, ...(property.previousTypes ?? [])];
}

function descend(types: PropertyType[], before: unknown, after: unknown, path: string[], changes: CreateOnlyChange[]): void {
  if (sameValue(before, after)) return;
  for (const type of types) {
    switch (type.type) {
      case 'union':
        descend(type.types, before, after, path, changes);
        break;
      case 'array':
        for (const [left, right] of aligned(before, after)) descend([type.element], left, right, path, changes);
        break;
      case 'map': {
        if (isIntrinsic(before) || isIntrinsic(after)) {
          descend([type.element], before, after, path, changes);
          break;
        }
        const keys = new Set([before, after].flatMap((value) => (isObject(value) ? Object.keys(value) : [])));
        for (const key of keys) {
          descend(
            [type.element],
            isObject(before) ? before[key] : undefined,
            isObject(after) ? after[key] : undefined,
            path,
            changes,
          );
        }
        break;
      }
      case 'ref':
        descendObject(type.reference.$ref, before, after, path, changes);
        break;
    }
  }
}

function descendObject(definition: string, before: unknown, after: unknown, path: string[], changes: CreateOnlyChange[]): void {
  const { properties } = serviceSpec().get('typeDefinition', definition);
  const hidden = isIntrinsic(before) || isIntrinsic(after);
  for (const [name, property] of Object.entries(properties)) {
    const deeper = [...path, name];
    // A type may hold itself (a WAF statement in a statement); no create-only property lies that deep.
    if (deeper.length > 8) continue;
    const certainty = property.causesReplacement ?? 'no';
    if (hidden) {
      if (certainty !== 'no') changes.push({ path: deeper, certainty: 'maybe' });
      else if (deeper.length < 4) descend(typesOf(property), before, after, deeper, changes);
      continue;
    }
    const left = isObject(before) ? before[name] : undefined;
    const right = isObject(after) ? after[name] : undefined;
    if (sameValue(left, right)) continue;
    if (certainty === 'no') descend(typesOf(property), left, right, deeper, changes);
    else changes.push({ path: deeper, certainty });
  }
}

/** Pairs the items of two lists: equal ones first, then those with the same name, then in order. */
function aligned(before: unknown, after: unknown): [unknown, unknown][] {
  if (isIntrinsic(before) || isIntrinsic(after)) return [[before, after]];
  const left = Array.isArray(before) ? [...before] : [];
  const right = Array.isArray(after) ? [...after] : [];
  const pairs: [unknown, unknown][] = [];
  const take = (match: (a: unknown, b: unknown) => boolean, keep: boolean) => {
    for (let i = 0; i < left.length; i++) {
      const j = right.findIndex((candidate) => match(left[i], candidate));
      if (j < 0) continue;
      const [a] = left.splice(i--, 1);
      const [b] = right.splice(j, 1);
      if (keep) pairs.push([a, b]);
    }
  };
  take(sameValue, false);
  take((a, b) => nameOf(a) !== undefined && sameValue(nameOf(a), nameOf(b)), true);
  take((a, b) => nameOf(a) === undefined && nameOf(b) === undefined, true);
  return [
    ...pairs,
    ...left.map((item): [unknown, unknown] => [item, undefined]),
    ...right.map((item): [unknown, unknown] => [undefined, item]),
  ];
}

const NAMES = ['IndexName', 'AttributeName', 'DeviceName', 'Region', 'Key', 'Name', 'Id'];

/** The property by which people tell the items of a list apart. */
function nameOf(item: unknown): unknown {
  const name = isObject(item) ? NAMES.find((candidate) => candidate in item) : undefined;
  return name === undefined ? undefined : (item as Record<string, unknown>)[name];
}

function valuesAt(value: unknown, path: string[]): unknown[] {
  if (path.length === 0) return [value];
  const [segment, ...rest] = path;
  if (segment === '*') return (Array.isArray(value) ? value : []).flatMap((item) => valuesAt(item, rest));
  return isObject(value) ? valuesAt(value[segment], rest) : [];
}
