import type { Assembly, AssemblyStack, TemplateResource } from './cloud-assembly';
import { isObject, REPLACED } from './values';

/** A reference that a resource or output makes, as far as the templates tell where it leads. */
export type Reference =
  /** To a resource of the same stack. */
  | { readonly kind: 'resource'; readonly logicalId: string }
  /** To an output of another stack, resolved when the consumer deploys (weak). */
  | { readonly kind: 'output'; readonly stackName: string; readonly region: string; readonly outputName: string }
  /** To an export of another stack (strong). */
  | { readonly kind: 'export'; readonly name: string };

/** A resource in a stack. */
export interface Site {
  readonly stack: AssemblyStack;
  readonly logicalId: string;
}

/** Every reference below a value in a stack's template. */
export function referencesIn(value: unknown, stack: AssemblyStack): Reference[] {
  const found: Reference[] = [];
  collect(value, stack, found);
  return found;
}

/** Whole templates are searched again and again: a list for every value would take most of the time of a plan. */
function collect(value: unknown, stack: AssemblyStack, found: Reference[]): void {
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    for (const item of value) collect(item, stack, found);
    return;
  }
  const record = value as Record<string, unknown>;
  for (const key of Object.keys(record)) {
    if (key === 'Ref' || key.startsWith('Fn::')) found.push(...direct(key, record[key], stack));
    collect(record[key], stack, found);
  }
}

/** The resources that a value leads to, through outputs and exports of other stacks too. */
export function resourcesBehind(value: unknown, stack: AssemblyStack, assembly: Assembly, depth = 0): Site[] {
  // Outputs may pass an output on; a circle of outputs cannot be deployed, but must not hang the check.
  if (depth > 8) return [];
  return referencesIn(value, stack).flatMap((reference) => {
    if (reference.kind === 'resource') {
      return stack.template.Resources?.[reference.logicalId] ? [{ stack, logicalId: reference.logicalId }] : [];
    }
    return outputsBehind(reference, assembly).flatMap(({ producer, output }) =>
      resourcesBehind(output.Value, producer, assembly, depth + 1),
    );
  });
}

function outputsBehind(reference: Reference, assembly: Assembly): { producer: AssemblyStack; output: Record<string, unknown> }[] {
  return assembly.stacks.flatMap((producer) =>
    Object.entries(producer.template.Outputs ?? {})
      .filter(([name, output]) => {
        if (reference.kind === 'export') return isObject(output.Export) && output.Export.Name === reference.name;
        if (reference.kind !== 'output') return false;
        return (
          producer.stackName === reference.stackName && producer.region === reference.region && name === reference.outputName
        );
      })
      .map(([, output]) => ({ producer, output })),
  );
}

function direct(key: string, argument: unknown, stack: AssemblyStack): Reference[] {
  switch (key) {
    case 'Ref':
      return typeof argument === 'string' ? [{ kind: 'resource', logicalId: argument }] : [];
    case 'Fn::GetAtt':
      return [{ kind: 'resource', logicalId: attributeOwner(argument) }];
    case 'Fn::Sub':
      return substituted(argument).map((logicalId) => ({ kind: 'resource', logicalId }));
    case 'Fn::GetStackOutput': {
      const { StackName, OutputName, Region } = isObject(argument) ? argument : {};
      if (typeof StackName !== 'string' || typeof OutputName !== 'string') return [];
      const region = typeof Region === 'string' ? Region : stack.region;
      return [{ kind: 'output', stackName: StackName, region, outputName: OutputName }];
    }
    case 'Fn::ImportValue':
      return typeof argument === 'string' ? [{ kind: 'export', name: argument }] : [];
    default:
      return [];
  }
}

function attributeOwner(argument: unknown): string {
  return String(Array.isArray(argument) ? argument[0] : argument).split('.')[0];
}

/** Logical ids in `${Id}` and `${Id.Attribute}` of a Fn::Sub. */
function substituted(argument: unknown): string[] {
  const [text, variables] = Array.isArray(argument) ? argument : [argument, {}];
  const ids = [...String(text).matchAll(/\$\{([^!}.][^}.]*)[^}]*\}/g)].map((match) => match[1].trim());
  return ids.filter((id) => !(isObject(variables) && id in variables));
}

/** What stands in a marked template where a reference to a replaced resource stood. */
export interface ReplacedReference {
  readonly logicalId: string;
  readonly stackName: string;
  readonly type: string;
  /** In one sentence, where it is not a resource that is replaced but a value that is decided elsewhere. */
  readonly why?: string;
}

/**
 * Marks every reference to a replaced resource, in its own stack and, through outputs, in every other one, so that a
 * comparison sees that its value changes although its text does not.
 *
 * `fullDiff` does this for references that are a property's whole value; it does not look into `Fn::Join` and the like, nor
 * across stacks.
 *
 * @param stacks whose resources it exchanges for marked ones
 * @returns the stacks in which a resource refers to it
 */
export function markReplaced(stacks: MarkedStack[], stack: MarkedStack, logicalId: string): MarkedStack[] {
  const touched: MarkedStack[] = [];
  const marker: ReplacedReference = { logicalId, stackName: stack.stackName, type: stack.resources[logicalId]?.Type ?? '' };
  const leadsThere = (reference: Reference) => reference.kind === 'resource' && reference.logicalId === logicalId;
  if (markResources(stack, leadsThere, marker)) touched.push(stack);
  for (const [outputName, output] of Object.entries(stack.template.Outputs ?? {})) {
    if (!referencesIn(output, stack).some(leadsThere)) continue;
    const exported = isObject(output.Export) ? output.Export.Name : undefined;
    for (const consumer of stacks) {
      const leadsHere = (reference: Reference) =>
        (reference.kind === 'export' && reference.name === exported) ||
        (reference.kind === 'output' &&
          reference.stackName === stack.stackName &&
          reference.region === stack.region &&
          reference.outputName === outputName);
      if (markResources(consumer, leadsHere, marker)) touched.push(consumer);
    }
  }
  return touched;
}

/** A stack and its resources, in which references to replaced ones may be marked. */
export interface MarkedStack extends AssemblyStack {
  readonly resources: Record<string, TemplateResource>;
}

function markResources(stack: MarkedStack, leads: (reference: Reference) => boolean, marker: ReplacedReference): boolean {
  let found = false;
  for (const [logicalId, resource] of Object.entries(stack.resources)) {
    const Properties = marked(resource.Properties, leads, stack, marker);
    if (Properties === resource.Properties) continue;
    stack.resources[logicalId] = { ...resource, Properties: Properties as TemplateResource['Properties'] };
    found = true;
  }
  return found;
}

/** A copy in which the references that lead somewhere are wrapped; the value itself if there are none. */
function marked(
  value: unknown,
  leads: (reference: Reference) => boolean,
  stack: AssemblyStack,
  marker: ReplacedReference,
): unknown {
  if (Array.isArray(value)) {
    const items = value.map((item) => marked(item, leads, stack, marker));
    return items.some((item, index) => item !== value[index]) ? items : value;
  }
  if (!isObject(value) || REPLACED in value) return value;
  const entries = Object.entries(value);
  if (entries.length === 1 && direct(entries[0][0], entries[0][1], stack).some(leads)) {
    return { [REPLACED]: { ...marker, original: value } };
  }
  const copies = entries.map(([key, child]): [string, unknown] => [key, marked(child, leads, stack, marker)]);
  return copies.some(([, copy], index) => copy !== entries[index][1]) ? Object.fromEntries(copies) : value;
}

/** The replaced resource that a marked value refers to. */
export function replacedReferenceIn(value: unknown): ReplacedReference | undefined {
  if (Array.isArray(value)) return first(value.map(replacedReferenceIn));
  if (!isObject(value)) return undefined;
  if (isObject(value[REPLACED])) return value[REPLACED] as unknown as ReplacedReference;
  return first(Object.values(value).map(replacedReferenceIn));
}

function first<T>(values: (T | undefined)[]): T | undefined {
  return values.find((value) => value !== undefined);
}

/** A marked value as it stood in the template. */
export function unmarked(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(unmarked);
  if (!isObject(value)) return value;
  if (isObject(value[REPLACED])) return value[REPLACED].original;
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, unmarked(child)]));
}
