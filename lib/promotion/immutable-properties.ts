import { createHash } from 'node:crypto';
import type { PropertyType, Resource } from '@aws-cdk/service-spec-types';
import type { TemplateResource } from '../assembly/cloud-assembly';
import { resourceModel, serviceSpec } from '../assembly/service-spec';
import { isObject, valueAt } from '../assembly/values';
import { DOCUMENTED_REPLACEMENT } from './rules/documented-replacement';
import { FALSE_ALARMS } from './rules/false-alarms';
import type { PropertyRule } from './rules/rule';
import { UPDATE_REFUSED } from './rules/update-refused';

/**
 * Rules under which a property is for life, so that a hash of its value is enough to tell that it changed. The other rules
 * judge by both values (a volume may grow but not shrink); they are the guard's, which sees both templates.
 */
export const RULES_FOR_LIFE = [
  'cache-durability',
  'cluster-joins-global',
  'cluster-user-name',
  'database-engine',
  'ebs-volume-immutable',
  'kms-key-immutable',
  'local-index-changed',
  'log-group-class',
  'search-encryption',
  'user-pool-sign-in',
];

/**
 * The properties of a type that decide its identity, as dotted paths below `Properties`, sorted: create-only by schema, also
 * inside of other properties, or for life by one of our rules; without our reviewed false alarms.
 *
 * Create-only fields of list items are not among them: an item is added and removed as a whole, and only the guard, which sees
 * both sides, can pair the items.
 */
export function immutableProperties(type: string): string[] {
  const model = resourceModel(type);
  const bySchema = model ? createOnlyPaths(model) : [];
  const falseAlarms = FALSE_ALARMS.filter(({ types }) => types.includes(type)).flatMap(({ properties }) => properties);
  const byRule = rulesForLife(type).flatMap(({ properties }) => properties);
  return [...new Set([...bySchema.filter((path) => !falseAlarms.includes(path)), ...byRule])].sort();
}

function createOnlyPaths(model: Resource): string[] {
  const paths = (model.additionalReplacementProperties ?? []).filter((path) => !path.includes('*')).map((path) => path.join('.'));
  const walk = (properties: Resource['properties'], above: string[], seen: string[]) => {
    for (const [name, property] of Object.entries(properties)) {
      const path = [...above, name];
      if (property.causesReplacement === 'yes') paths.push(path.join('.'));
      else for (const definition of objectTypes(property.type)) if (!seen.includes(definition)) into(definition, path, seen);
    }
  };
  const into = (definition: string, path: string[], seen: string[]) =>
    walk(serviceSpec().get('typeDefinition', definition).properties, path, [...seen, definition]);
  walk(model.properties, [], []);
  return paths;
}

function objectTypes(type: PropertyType): string[] {
  if (type.type === 'ref') return [type.reference.$ref];
  return type.type === 'union' ? type.types.flatMap(objectTypes) : [];
}

function rulesForLife(type: string): PropertyRule[] {
  return [...UPDATE_REFUSED, ...DOCUMENTED_REPLACEMENT].filter(
    ({ id, types }) => RULES_FOR_LIFE.includes(id) && types.includes(type),
  );
}

/** Short hashes of a resource's values at the given paths; unset values, and defaults written out, have none. */
export function hashesOf(resource: TemplateResource, paths: string[]): Record<string, string> {
  const hashes: Record<string, string> = {};
  for (const path of paths) {
    const value = valueAt(resource.Properties, path.split('.'));
    if (value !== undefined && value !== null && !isDefault(resource, path, value)) hashes[path] = hash(value);
  }
  return hashes;
}

/** Short hash of any value. */
export function hash(value: unknown): string {
  return createHash('sha256').update(canonical(value)).digest('hex').slice(0, 12);
}

/** Whether an immutable property's change is one that its rule has nothing against; the old value is only known as set or not. */
export function isHarmless(resource: TemplateResource, path: string, wasSet: boolean): boolean {
  const newValue = valueAt(resource.Properties, path.split('.'));
  return mayChange(resource, path, wasSet ? UNKNOWN : undefined, newValue);
}

/** Stands for a value that only its hash is known of; it is equal to nothing. */
const UNKNOWN = { 'cdk-scale-tiers': 'unknown' };

/** A default written out changes nothing, in neither direction. */
function isDefault(resource: TemplateResource, path: string, value: unknown): boolean {
  return mayChange(resource, path, undefined, value) && mayChange(resource, path, value, undefined);
}

function mayChange(resource: TemplateResource, property: string, oldValue: unknown, newValue: unknown): boolean {
  const rules = rulesForLife(resource.Type).filter(({ properties }) => properties.includes(property));
  const change = { type: resource.Type, property, oldValue, newValue, before: resource, after: resource };
  return rules.length > 0 && rules.every(({ when }) => when !== undefined && !when(change));
}

/** The same text for values that CloudFormation takes for the same. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (!isObject(value)) return JSON.stringify(String(value));
  const entries = Object.entries(value).map(([key, child]): [string, unknown] => [
    key,
    key === 'Fn::GetAtt' && typeof child === 'string' ? splitOnce(child) : child,
  ]);
  return `{${entries
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([key, child]) => `${JSON.stringify(key)}:${canonical(child)}`)
    .join(',')}}`;
}

function splitOnce(attribute: string): string[] {
  const dot = attribute.indexOf('.');
  return dot < 0 ? [attribute] : [attribute.slice(0, dot), attribute.slice(dot + 1)];
}
