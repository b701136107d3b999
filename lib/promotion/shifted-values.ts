import type { TemplateResource } from '../assembly/cloud-assembly';
import type { MarkedStack, ReplacedReference } from '../assembly/references';
import type { ResolvedTemplate } from '../assembly/resolved';
import { isObject, REPLACED, sameValue } from '../assembly/values';
import type { StackPair } from './rules/rule';

/** One deployed stack that stays, with its templates worked out. */
export interface ResolvedPair {
  readonly pair: StackPair;
  readonly before: ResolvedTemplate;
  readonly after: ResolvedTemplate;
  /** The later stack, in which references are marked. */
  readonly marked: MarkedStack;
}

/** Whether a resource of a later stack is replaced. */
export type IsReplaced = (stack: MarkedStack, logicalId: string) => boolean;

type Matches = (key: string, argument: unknown) => boolean;

/**
 * Marks the references whose value is decided in another template and changes there although their own text stays: outputs
 * and exports of other stacks, and parameters and outputs of nested stacks.
 *
 * @returns the stacks in which something was marked; none once everything is
 */
export function markShifted(stacks: ResolvedPair[], isReplaced: IsReplaced): MarkedStack[] {
  return stacks.flatMap((stack) => {
    const { pair, marked } = stack;
    const outputs = shiftedOutputs(stack, isReplaced);
    const readers = outputs.flatMap((name) => {
      const why = `output ${name} of ${pair.stackName} (${pair.region}) leads elsewhere now`;
      return stacks.map((other) => ({ in: other.marked, matches: readsOutput(stack, name, other.marked), why }));
    });
    const nested = stacks.filter((other) => other.pair.isNested && pair.after?.nested?.[idOf(other)] === other.pair.after);
    const family = nested.flatMap((inner) => {
      const id = idOf(inner);
      const down = shiftedParameters(stack, id).map((name) => ({
        in: inner.marked,
        matches: (key: string, argument: unknown) => key === 'Ref' && argument === name,
        why: `the parent stack gives parameter ${name} another value`,
      }));
      const up = shiftedOutputs(inner, isReplaced).map((name) => ({
        in: marked,
        matches: (key: string, argument: unknown) => key === 'Fn::GetAtt' && sameValue(argument, [id, `Outputs.${name}`]),
        why: `output ${name} of the nested stack ${id} leads elsewhere now`,
      }));
      return [...down, ...up];
    });
    return [...readers, ...family].filter((site) => mark(site.in, site.matches, site.why)).map((site) => site.in);
  });
}

function idOf({ pair }: ResolvedPair): string {
  return pair.stackName.split('/').at(-1)!;
}

/** Outputs of both sides that lead elsewhere now: by their text, or because what they lead to is replaced. */
function shiftedOutputs({ before, after, marked }: ResolvedPair, isReplaced: IsReplaced): string[] {
  return Object.keys(after.outputs).filter((name) => {
    const [old, fresh] = [before.outputs[name], after.outputs[name]];
    if (old === undefined) return false;
    return !sameValue(old.Value, fresh.Value) || resourcesIn(fresh.Value).some((id) => isReplaced(marked, id));
  });
}

function resourcesIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(resourcesIn);
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([key, argument]) => {
    if (key === 'Ref') return [String(argument)];
    return key === 'Fn::GetAtt' && Array.isArray(argument) ? [String(argument[0])] : resourcesIn(argument);
  });
}

function readsOutput({ pair, after, marked }: ResolvedPair, name: string, reader: MarkedStack): Matches {
  const { Export } = after.outputs[name];
  const exported = isObject(Export) ? Export.Name : undefined;
  const isNear = reader.region === marked.region && reader.account === marked.account;
  return (key, argument) => {
    if (key === 'Fn::ImportValue') return isNear && exported !== undefined && sameValue(argument, exported);
    if (key !== 'Fn::GetStackOutput' || !isObject(argument)) return false;
    const { StackName, OutputName, Region = reader.region } = argument;
    return StackName === pair.stackName && OutputName === name && Region === pair.region;
  };
}

/** Parameters of a nested stack that its parent gives another value, or one that leads to something replaced. */
function shiftedParameters({ before, marked }: ResolvedPair, logicalId: string): string[] {
  const [old, fresh] = [before.resources[logicalId], marked.resources[logicalId]].map(
    (resource) => (resource?.Properties?.Parameters ?? {}) as Record<string, unknown>,
  );
  return Object.keys(fresh).filter((name) => name in old && !sameValue(old[name], fresh[name]));
}

/** Wraps what matches; false if nothing was left to wrap. */
function mark(stack: MarkedStack, matches: Matches, why: string): boolean {
  const marker: ReplacedReference = { logicalId: '', stackName: stack.stackName, type: '', why };
  let found = false;
  for (const [logicalId, resource] of Object.entries(stack.resources)) {
    const Properties = wrapped(resource.Properties, matches, marker) as TemplateResource['Properties'];
    if (Properties === resource.Properties) continue;
    stack.resources[logicalId] = { ...resource, Properties };
    found = true;
  }
  return found;
}

function wrapped(value: unknown, matches: Matches, marker: ReplacedReference): unknown {
  if (Array.isArray(value)) {
    const items = value.map((item) => wrapped(item, matches, marker));
    return items.some((item, index) => item !== value[index]) ? items : value;
  }
  if (!isObject(value) || REPLACED in value) return value;
  const entries = Object.entries(value);
  if (entries.length === 1 && matches(...entries[0])) return { [REPLACED]: { ...marker, original: value } };
  const copies = entries.map(([key, child]): [string, unknown] => [key, wrapped(child, matches, marker)]);
  return copies.some(([, copy], index) => copy !== entries[index][1]) ? Object.fromEntries(copies) : value;
}
