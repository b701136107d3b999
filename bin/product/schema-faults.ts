import * as fs from 'node:fs';
import * as path from 'node:path';
import { Ajv2020, type ErrorObject } from 'ajv/dist/2020';
import { below, type Fault, show } from './fault';
import { nearestName } from './nearest-name';
import type { ProductFile } from './product';

/** A value as far as the schema found it sound: what it faulted is left out, so anything may be missing. */
type Sound<T> = T extends (infer E)[]
  ? (Sound<E> | undefined)[]
  : T extends object
    ? { readonly [K in keyof T]?: Sound<T[K]> }
    : T;

/** A product as far as the schema found it sound. */
export type SoundProduct = Sound<ProductFile>;

/** What the schema says of a value. */
export interface SchemaFindings {
  readonly faults: Fault[];
  /** The value without what was faulted; undefined if it is no object. */
  readonly sound?: SoundProduct;
}

/** The part of JSON Schema this module walks; `x-allowed` and `x-do` are our own words for the reader of a fault. */
interface SchemaNode {
  readonly 'x-allowed'?: string;
  readonly 'x-do'?: string;
  readonly $ref?: string;
  readonly properties?: { readonly [name: string]: SchemaNode };
  readonly items?: SchemaNode;
  readonly additionalProperties?: SchemaNode | boolean;
  readonly propertyNames?: SchemaNode;
  readonly $defs?: { readonly [name: string]: SchemaNode };
}

interface Place {
  /** Keys from the root to the value. */
  readonly keys: (string | number)[];
  readonly path: string;
  readonly value: unknown;
  readonly node: SchemaNode;
}

/** Where the schema lies, for editors and tests. */
export const SCHEMA_FILE = path.join(__dirname, 'product.schema.json');

/** Holds a value against product.schema.json. */
export function schemaFaults(value: unknown): SchemaFindings {
  const schema: SchemaNode = JSON.parse(fs.readFileSync(SCHEMA_FILE, 'utf8'));
  const ajv = new Ajv2020({ allErrors: true });
  ajv.addVocabulary(['x-allowed', 'x-do']);
  ajv.validate(schema, value);
  const found = (ajv.errors ?? []).flatMap((error) => faultOf(error, place(schema, value, error.instancePath)));
  const faults = [...new Map(found.map(({ fault }) => [`${fault.path} ${fault.rule}`, fault])).values()];
  if (found.some(({ keys }) => keys.length === 0)) return { faults };
  const sound = structuredClone(value) as SoundProduct;
  for (const { keys } of found) remove(sound, keys);
  return { faults, sound };
}

interface FoundFault {
  readonly fault: Fault;
  readonly keys: (string | number)[];
}

function faultOf(error: ErrorObject, at: Place): FoundFault[] {
  const { params } = error;
  // These two only repeat what another error says.
  if (error.keyword === 'if' || error.propertyName !== undefined) return [];
  if (error.keyword === 'required') {
    const name: string = params.missingProperty;
    const node = at.node.properties?.[name];
    return [found(at, name, `must be given (${node?.['x-allowed']})`, 'nothing', node?.['x-do'])];
  }
  if (error.keyword === 'additionalProperties') {
    const name: string = params.additionalProperty;
    const known = Object.keys(at.node.properties ?? {});
    const near = nearestName(name, known);
    const remedy = near === undefined ? 'delete it' : `did you mean ${near}?`;
    return [found(at, name, `must not be there (known here: ${known.join(', ')})`, show(field(at.value, name)), remedy)];
  }
  if (error.keyword === 'propertyNames') {
    const name: string = params.propertyName;
    const node = at.node.propertyNames;
    return [found(at, name, `must have ${node?.['x-allowed']}`, show(name), node?.['x-do'])];
  }
  const { keys, path, node } = at;
  const fault = { path, rule: `must be ${node['x-allowed']}`, given: show(at.value), remedy: `${node['x-do']}` };
  return [{ keys, fault }];
}

function found(at: Place, name: string, rule: string, given: string, remedy?: string): FoundFault {
  return { keys: [...at.keys, name], fault: { path: below(at.path, name), rule, given, remedy: `${remedy}` } };
}

// The schema node is looked up by the value's path, because ajv reports the node behind a $ref, which has no words of its own.
function place(schema: SchemaNode, root: unknown, pointer: string): Place {
  let at: Place = { keys: [], path: '$', value: root, node: schema };
  for (const segment of pointer.split('/').slice(1)) {
    const name = segment.replaceAll('~1', '/').replaceAll('~0', '~');
    const key = Array.isArray(at.value) ? Number(name) : name;
    const rest = at.node.additionalProperties;
    const child =
      typeof key === 'number' ? at.node.items : (at.node.properties?.[key] ?? (typeof rest === 'object' ? rest : undefined));
    const behind = child?.$ref === undefined ? {} : schema.$defs?.[child.$ref.replace('#/$defs/', '')];
    at = { keys: [...at.keys, key], path: below(at.path, key), value: field(at.value, key), node: { ...behind, ...child } };
  }
  return at;
}

function field(value: unknown, key: string | number): unknown {
  return (value as { [key: string | number]: unknown })[key];
}

// In a list the place stays, so that the paths of what comes after still hold.
function remove(root: unknown, keys: (string | number)[]): void {
  let holder = root as { [key: string | number]: unknown } | undefined;
  for (const key of keys.slice(0, -1)) holder = holder?.[key] as typeof holder;
  if (holder) holder[keys[keys.length - 1]] = undefined;
}
