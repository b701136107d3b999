import type { Finding, PromotionReport, ResourceChange, Verdict } from './change';
import { isProblem } from './compare';
import { CAUTION_IDS } from './rules';
import { UNKNOWN_TO_SCHEMAS } from './rules/identity';

/** How a report is printed. */
export interface TableOptions {
  /** List every resource. @default - what holds state, and every problem */
  readonly all?: boolean;
  /** Use terminal colours. @default false */
  readonly colour?: boolean;
}

const WIDTH = 120;
const ORDER: Verdict[] = ['kept', 'updated', 'added', 'own-deploy', 'refused', 'orphaned', 'replaced', 'destroyed'];

/** What to do about each verdict. */
const ADVICE: Record<Verdict, string> = {
  kept: '',
  updated: '',
  added: '',
  'own-deploy': 'deploy it by itself, before or after the rest',
  refused: 'take this change back, the deploy fails with it',
  orphaned: 'keep declaring it, or accept the loss in writing (--accept)',
  replaced: 'take this change back, or accept the loss in writing (--accept)',
  destroyed: 'deploy it with RemovalPolicy.RETAIN first, or accept the loss in writing (--accept)',
};

/** A report as a table for people. */
export function reportTable(report: PromotionReport, options: TableOptions = {}): string {
  const { changes } = report;
  const paint = (code: number, text: string) => (options.colour ? `\u001b[${code}m${text}\u001b[0m` : text);
  const names = namesOf(changes);
  const problems = changes.filter(isProblem);
  const lines = [
    `${report.before} -> ${report.after}`,
    `${changes.length} resources: ${counts(changes)}`,
    ...statefulLines(changes, names),
    ...(options.all ? allLines(changes, names) : []),
    ...problemLines(problems, names, (verdict) => paint(31, verdict)),
    ...acceptedLines(changes, names),
    ...noteLines(report, names),
    '',
    report.safe
      ? paint(32, 'Safe: nothing that holds state is replaced, destroyed or orphaned, and one deploy does it.')
      : paint(31, `Not safe: ${counts(problems)}.`),
    ...planLines(report, problems.filter(canBePlanned).length, problems.length),
  ];
  return `${lines.join('\n')}\n`;
}

function canBePlanned(change: ResourceChange): boolean {
  return change.findings.some(({ verdict, holds }) => verdict === change.verdict && holds !== undefined);
}

function planLines({ before, after }: PromotionReport, planned: number, problems: number): string[] {
  if (planned === 0) return [];
  const which = planned === problems ? 'Several deploys, one after the other, do it' : `Several deploys do ${planned} of these`;
  return [`${which}: scale-tiers plan ${before} ${after}`];
}

function counts(changes: ResourceChange[]): string {
  return ORDER.map((verdict) => ({ verdict, count: changes.filter((change) => change.verdict === verdict).length }))
    .filter(({ count }) => count > 0)
    .map(({ verdict, count }) => `${count} ${verdict}`)
    .join(', ');
}

type Names = (change: ResourceChange) => string;

/** Construct paths without what all resources of a stack have in common. */
function namesOf(changes: ResourceChange[]): Names {
  const prefixes = new Map<string, string[]>();
  for (const change of changes) {
    const path = change.path?.split('/').slice(0, -1);
    if (!path || change.type === 'AWS::CDK::Metadata') continue;
    const common = prefixes.get(stackOf(change)) ?? path;
    // The two sides may lie in stages of different names, which is the first segment.
    const end = common.findIndex((segment, index) => index > 0 && segment !== path[index]);
    prefixes.set(stackOf(change), end < 0 ? common : common.slice(0, end));
  }
  return (change) => {
    const prefix = prefixes.get(stackOf(change)) ?? [];
    return change.path?.split('/').slice(prefix.length).join('/') || change.logicalId;
  };
}

function stackOf({ stackName, region }: ResourceChange): string {
  return region === 'unknown-region' ? stackName : `${stackName} (${region})`;
}

function byStack(changes: ResourceChange[]): Map<string, ResourceChange[]> {
  const stacks = new Map<string, ResourceChange[]>();
  for (const change of changes) stacks.set(stackOf(change), [...(stacks.get(stackOf(change)) ?? []), change]);
  return stacks;
}

function statefulLines(changes: ResourceChange[], names: Names): string[] {
  const stateful = changes.filter((change) => change.stateful);
  if (stateful.length === 0) return ['', 'Nothing here holds state.'];
  const lines = ['', `Holding state: ${counts(stateful)}`];
  for (const [stack, members] of byStack(stateful)) {
    lines.push(`  ${stack}`);
    for (const verdict of ['kept', 'updated', 'added'] as const) {
      const listed = members.filter((change) => change.verdict === verdict);
      if (listed.length === 0) continue;
      const text = listed.map((change) => `${names(change)}${verdict === 'updated' ? changedProperties(change) : ''}`).join(', ');
      lines.push(...wrapped(text, `    ${verdict.padEnd(8)} `, ' '.repeat(13)));
    }
  }
  return lines;
}

function changedProperties({ findings }: ResourceChange): string {
  const properties = [...new Set(findings.map(({ property }) => property).filter(Boolean))];
  return properties.length === 0 ? '' : ` (${properties.join(', ')})`;
}

function allLines(changes: ResourceChange[], names: Names): string[] {
  const lines = ['', 'All resources'];
  for (const [stack, members] of byStack(changes)) {
    lines.push(`  ${stack}`);
    const sorted = [...members].sort((a, b) => ORDER.indexOf(b.verdict) - ORDER.indexOf(a.verdict));
    for (const change of sorted) {
      const state = change.stateful ? ' (holds state)' : '';
      lines.push(`    ${change.verdict.padEnd(10)} ${names(change)}  ${change.type}${state}${changedProperties(change)}`);
    }
  }
  return lines;
}

/** Problems with the same reason are told once. */
function problemLines(problems: ResourceChange[], names: Names, paint: (verdict: string) => string): string[] {
  const groups = new Map<string, ResourceChange[]>();
  for (const change of problems) {
    const key = JSON.stringify([change.verdict, decisive(change).map(({ holds: _, ...told }) => told)]);
    groups.set(key, [...(groups.get(key) ?? []), change]);
  }
  const worstFirst = [...groups.values()].sort((a, b) => ORDER.indexOf(b[0].verdict) - ORDER.indexOf(a[0].verdict));
  return worstFirst.flatMap((group) => {
    const [first] = group;
    const verdict = first.verdict.toUpperCase();
    const who = [...byStack(group)].map(
      ([stack, members]) => `${members.map((member) => named(member, names)).join(', ')} in ${stack}`,
    );
    const title = wrapped(who.join('; '), `${verdict.padEnd(10)} `, ' '.repeat(11));
    title[0] = title[0].replace(verdict, paint(verdict));
    const why = decisive(first).flatMap((found) => [
      ...wrapped(`${subject(found)}${found.reason}`, '  ', '    '),
      ...wrapped(`rule ${found.ruleId}, source: ${found.source}`, '    ', '    '),
    ]);
    return ['', ...title, ...why, ...(canBePlanned(first) ? [] : wrapped(`what to do: ${ADVICE[first.verdict]}`, '  ', '    '))];
  });
}

function named(change: ResourceChange, names: Names): string {
  return `${names(change)} (${change.type}${change.stateful ? '' : ', holds no state'})`;
}

/** The findings that a change has its verdict from. */
function decisive({ findings, verdict }: ResourceChange): Finding[] {
  return findings.filter((found) => found.verdict === verdict);
}

function subject({ property, change }: Finding): string {
  if (property === undefined) return change === undefined ? '' : `${change}: `;
  return `${property}${change === undefined ? '' : ` ${change}`}: `;
}

function acceptedLines(changes: ResourceChange[], names: Names): string[] {
  const accepted = changes.filter((change) => change.acceptedBecause !== undefined);
  if (accepted.length === 0) return [];
  const lines = accepted.flatMap((change) =>
    wrapped(`${change.verdict}: ${names(change)} in ${stackOf(change)}, because ${change.acceptedBecause}`, '  ', '    '),
  );
  return ['', 'Accepted in writing', ...lines];
}

function noteLines({ changes, unusedAcceptances }: PromotionReport, names: Names): string[] {
  const lines: string[] = [];
  const stateless = changes.filter((change) => !change.stateful && change.acceptedBecause === undefined);
  const note = (verdict: Verdict, what: string) => {
    const found = stateless.filter((change) => change.verdict === verdict);
    if (found.length === 0) return;
    const text = `${found.length} without state ${what}: ${typeCounts(found)} (--all names them)`;
    lines.push(...wrapped(text, '  ', '    '));
  };
  note('replaced', 'replaced (at worst downtime, no data)');
  note('destroyed', 'removed');
  note('orphaned', 'left behind');
  for (const change of changes) {
    for (const found of change.findings.filter((one) => isCaution(one, change))) {
      lines.push(...wrapped(`${names(change)} ${subject(found)}${found.reason}`, '  ', '    '));
    }
  }
  for (const { stackName, logicalId, verdict } of unusedAcceptances ?? []) {
    lines.push(`  the acceptance of ${logicalId} in ${stackName} as ${verdict} matches nothing: remove it`);
  }
  return lines.length > 0 ? ['', 'Notes', ...lines] : [];
}

/** What the schemas do not know matters where it may hold state. */
function isCaution({ ruleId }: Finding, { stateful }: ResourceChange): boolean {
  return CAUTION_IDS.includes(ruleId) && (stateful || ruleId !== UNKNOWN_TO_SCHEMAS.id);
}

function typeCounts(changes: ResourceChange[]): string {
  const count = new Map<string, number>();
  for (const { type } of changes) count.set(type, (count.get(type) ?? 0) + 1);
  const sorted = [...count].sort(([, a], [, b]) => b - a).map(([type, number]) => `${number} ${type.replace(/^AWS::/, '')}`);
  const rest = sorted.slice(5).length;
  return sorted.slice(0, 5).join(', ') + (rest > 0 ? `, and ${rest} more types` : '');
}

function wrapped(text: string, first: string, next: string): string[] {
  const lines: string[] = [];
  let line = first;
  for (const word of text.split(' ')) {
    const start = lines.length === 0 ? first : next;
    if (line.length > start.length && line.length + word.length >= WIDTH) {
      lines.push(line.trimEnd());
      line = next;
    }
    line += `${word} `;
  }
  return [...lines, line.trimEnd()];
}
