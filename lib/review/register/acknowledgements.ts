import { type Assembly, type AssemblyStack, everyStack } from '../../assembly/cloud-assembly';
import { isObject, items } from '../../assembly/values';
import { firstLine } from '../places/code-line';
import type { Places } from '../places/places';
import { acknowledgedAbove } from './acknowledged-above';
import type { AcknowledgementEntry } from './acknowledgement-entry';
import { isOfTheCdk } from './cdk-acknowledgements';
import { sinceOf } from './since';

/**
 * Every rule that somebody set aside, in the construct tree or in the metadata of a template, in the order of the stacks.
 *
 * What stands in a template and repeats an acknowledgement of the construct tree (cdk-nag 3 writes such copies on request) is
 * left out.
 */
export async function acknowledgementsOf(assembly: Assembly, places: Places): Promise<AcknowledgementEntry[]> {
  const inTemplates = everyStack(assembly).flatMap((stack) => fromTemplate(stack, places));
  const inTree = [...acknowledgedAbove(assembly), ...assembly.stacks.flatMap(fromTree)].map((entry) => {
    // The template does what the tool needs, and the construct tree gives the reason: one acknowledgement, in the tool's form.
    const silent = inTemplates.find((other) => other.reason === '' && isCopy(other, entry));
    return silent ? { ...entry, form: silent.form } : entry;
  });
  const entries = [...inTree, ...inTemplates.filter((entry) => !inTree.some((other) => isCopy(entry, other)))];
  const since = await sinceOf(entries.map(({ where }) => where).filter((where) => where !== undefined));
  return entries.map((entry): AcknowledgementEntry => {
    const day = entry.where && since(entry.where);
    return {
      ...entry,
      ...(day === undefined ? {} : { since: day }),
      covers: 0,
      ...(isReason(entry.reason) ? {} : { fault: 'no reason' }),
    };
  });
}

/**
 * Whether a reason says enough to be signed: six different words at least, of which none is "n/a", and it does not put the work
 * off.
 */
export function isReason(reason: string): boolean {
  if (/^\W*(todo|tbd|fixme|xxx)\b/i.test(reason)) return false;
  const words = reason.toLowerCase().split(/\s+/);
  return new Set(words.filter((word) => /\p{L}/u.test(word) && !/^n\/a\W*$/.test(word))).size >= 6;
}

/** Whether something written at one construct path holds at another: at the path itself and below. */
export function holdsAt(path: string, place: string): boolean {
  return path === '' || place === path || place.startsWith(`${path}/`);
}

/** The construct path of a place to its end; one that is made up where the assembly knows none, so that places stay apart. */
export function pathTo(place: Parameters<Places['fullPath']>[0], places: Places): string {
  return places.fullPath(place) ?? `${place.stack}/${place.logicalId}`;
}

/** The form of what no app wrote. */
export const OF_THE_CDK = 'aws-cdk-lib';

/** As it is read, before anybody knows what it answers for. */
export type Written = Omit<AcknowledgementEntry, 'covers' | 'since' | 'fault'>;

function fromTree(stack: AssemblyStack): Written[] {
  return (stack.acknowledgements ?? []).flatMap(({ path, rules, trace }) => {
    const where = firstLine(trace ?? [], isCaller);
    return Object.entries(rules).map(([id, reason]) => ({
      id,
      reason,
      path,
      stack: stack.constructPath ?? stack.stackName,
      form: isOfTheCdk(id, reason) ? OF_THE_CDK : 'cdk',
      ...(where ? { where } : {}),
    }));
  });
}

/** Our own helper, and those of the CDK and cdk-nag, are not where a person wrote it. */
function isCaller(file: string): boolean {
  return !/[/\\]operations[/\\]acknowledge\.[jt]s$|[/\\](aws-cdk-lib|constructs|cdk-nag)[/\\]/.test(file);
}

function fromTemplate(stack: AssemblyStack, places: Places): Written[] {
  const name = stack.constructPath ?? stack.stackName;
  const own = written(stack.template.Metadata).map((one) => ({ ...one, path: name, stack: name }));
  const below = Object.entries(stack.template.Resources ?? {}).flatMap(([logicalId, resource]) => {
    const found = written(resource.Metadata);
    if (found.length === 0) return [];
    const path = pathTo(places.place(stack, logicalId), places);
    return found.map((one) => ({ ...one, path, stack: name }));
  });
  return [...own, ...below];
}

/** What the metadata of a resource, or of a whole template, sets aside. */
function written(metadata: unknown): Pick<Written, 'id' | 'reason' | 'form'>[] {
  if (!isObject(metadata)) return [];
  return Object.entries(FORMS).flatMap(([form, read]) =>
    (isObject(metadata[form]) ? read(metadata[form]) : []).map((one) => ({ ...one, form })),
  );
}

/** How tools let a template set their rules aside, by the key of the metadata. */
const FORMS: Record<string, (metadata: Record<string, unknown>) => { id: string; reason: string }[]> = {
  cdk_nag: ({ rules_to_suppress: rules }) =>
    items(rules)
      .filter(isObject)
      .flatMap(({ id, reason, applies_to: findings }) =>
        nagIds(text(id), items(findings)).map((one) => ({ id: one, reason: text(reason) })),
      ),
  checkov: ({ skip }) =>
    items(skip)
      .filter(isObject)
      .map(({ id, comment }) => ({ id: `Checkov::${text(id)}`, reason: text(comment) })),
  'cfn-lint': ({ config }) =>
    items(isObject(config) ? config.ignore_checks : undefined).map((id) => ({ id: `cfn-lint::${text(id)}`, reason: '' })),
  guard: ({ SuppressedRules: rules }) => items(rules).map((id) => ({ id: text(id), reason: '' })),
};

/** cdk-nag 2 names the findings of a rule beside it: words, or `{ regex: '/.../g' }`. */
function nagIds(id: string, findings: unknown[]): string[] {
  if (findings.length === 0) return [id];
  return findings.map((one) => `${id}[${isObject(one) ? text(one.regex) : text(one)}]`);
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** Two of the forms have no room for a reason: one in the construct tree gives it. */
function isCopy(entry: Written, other: Written): boolean {
  const sameRule = bare(entry.id) === bare(other.id);
  return sameRule && holdsAt(other.path, entry.path) && (entry.reason === '' || entry.reason === other.reason);
}

/** An id without its pack. */
function bare(id: string): string {
  return id.replace(/^[^[]*?::/, '');
}
