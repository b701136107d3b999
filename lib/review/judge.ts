import type { Check, CheckRun } from './checks/check';
import type { Finding } from './finding';
import type { Place } from './places/place';
import type { Places } from './places/places';
import type { AcknowledgementEntry } from './register/acknowledgement-entry';
import { FAULT_RULES, faultFinding, wideFinding } from './register/acknowledgement-faults';
import { holdsAt, OF_THE_CDK, pathTo } from './register/acknowledgements';
import type { CheckSummary, RuleTally, Severity } from './review';
import { isNamed, OWN_PACK, packOf, ruleOf, spelled, withPack } from './rule-id';

/** A check that is through. */
export interface FinishedCheck extends Pick<Check, 'pack' | 'title'> {
  readonly run: CheckRun;
  readonly milliseconds: number;
}

/** What is left to answer for. */
export interface Judged {
  readonly checks: CheckSummary[];
  readonly findings: Finding[];
  readonly acknowledgements: AcknowledgementEntry[];
}

/** The worst before the rest. */
export const SEVERITIES: Severity[] = ['error', 'warning', 'note'];

/** An acknowledgement on its way through. */
interface Candidate {
  readonly entry: AcknowledgementEntry;
  /** As ids are compared. */
  readonly id: string;
  fault?: string;
  covers: number;
}

/**
 * Matches findings with acknowledgements, as the CDK does: the id is that of the finding to the letter, and the acknowledgement
 * was written at the construct path of the finding or above. One without a good reason answers for nothing. What is wrong with
 * an acknowledgement is a finding, too.
 */
export function judge(finished: FinishedCheck[], written: AcknowledgementEntry[], places: Places): Judged {
  const found = finished.flatMap(({ run }) => run.findings);
  const known = new Set([...finished.flatMap(({ run }) => run.ruleIds ?? []), ...found.map(({ id }) => id)]);
  const packs = finished.filter(({ run }) => run.notRun === undefined).map(({ pack }) => pack);
  // A tool repeats what the metadata of a template told it.
  const told = finished.flatMap(({ run }) => run.acknowledgements ?? []);
  const entries = [
    ...written,
    ...told.filter(({ id, path }) => !written.some((entry) => entry.id === id && entry.path === path)),
  ];
  const candidates = entries.map((entry): Candidate => {
    const id = withPack(entry.id, known, packs);
    return { entry: { ...entry, id }, id: spelled(id), fault: entry.fault, covers: 0 };
  });
  markDuplicates(candidates);
  const valid = candidates.filter(({ fault }) => fault === undefined);
  const findings = found.map((finding): Finding => {
    const answer = finding.fatal ? undefined : answerTo(finding, valid, places);
    if (!answer) return finding;
    answer.covers++;
    return { ...finding, acknowledgement: candidates.indexOf(answer) };
  });
  for (const candidate of valid) candidate.fault = faultOf(candidate, finished);
  const acknowledgements = candidates.map(({ entry, fault, covers }): AcknowledgementEntry => {
    return { ...entry, covers, ...(fault === undefined ? {} : { fault }) };
  });
  const faults = acknowledgements.flatMap((entry) => faultFinding(entry, found, places));
  const wide = acknowledgements.flatMap((entry, index) =>
    wideFinding(
      entry,
      findings.filter(({ acknowledgement }) => acknowledgement === index),
      places,
    ),
  );
  const all = [...findings, ...faults, ...wide];
  return {
    checks: finished.map((check) => summary(check, all, acknowledgements)),
    findings: all.sort(worstFirst),
    acknowledgements,
  };
}

/** The closest one, as in the CDK. */
function answerTo(finding: Finding, valid: Candidate[], places: Places): Candidate | undefined {
  const path = finding.place && pathTo(finding.place, places);
  const id = spelled(finding.id);
  return valid
    .filter(
      (candidate) =>
        isNamed(id, candidate.id) && (path === undefined ? candidate.entry.path === '' : holdsAt(candidate.entry.path, path)),
    )
    .reduce<Candidate | undefined>(
      (best, one) => (best && best.entry.path.length >= one.entry.path.length ? best : one),
      undefined,
    );
}

/** The same rule twice on the way to the root: the one below adds nothing. */
function markDuplicates(candidates: Candidate[]): void {
  const byId = new Map<string, Candidate[]>();
  for (const candidate of candidates) {
    if (candidate.fault !== undefined || candidate.entry.form === OF_THE_CDK) continue;
    const others = byId.get(candidate.id) ?? [];
    byId.set(candidate.id, others);
    others.push(candidate);
  }
  for (const alike of byId.values()) {
    alike.forEach((candidate, index) => {
      const { path } = candidate.entry;
      const isSecond = alike.some(({ entry }, other) => (entry.path === path ? other < index : holdsAt(entry.path, path)));
      if (isSecond) candidate.fault = 'duplicate';
    });
  }
}

/** Only a check that ran can tell that nothing needs an acknowledgement. */
function faultOf({ entry, id, covers }: Candidate, finished: FinishedCheck[]): string | undefined {
  const runs = finished.filter(({ pack, run }) => pack === packOf(id) && run.notRun === undefined);
  // What the CDK wrote nobody can take back.
  if (runs.length === 0 || covers > 0 || entry.form === OF_THE_CDK) return undefined;
  const rules = runs.flatMap(({ run }) => run.ruleIds ?? []);
  const tells = runs.every(({ run }) => run.ruleIds !== undefined);
  if (tells && !rules.some((rule) => spelled(rule) === ruleOf(id))) return 'unknown rule';
  // cfn-lint keeps to itself what its own metadata sets aside.
  return entry.form === 'cfn-lint' ? undefined : 'unused';
}

function summary(
  { pack, title, run, milliseconds }: FinishedCheck,
  findings: Finding[],
  acknowledgements: AcknowledgementEntry[],
): CheckSummary {
  const { version, notRun, ruleIds, notApplicable = [] } = run;
  // How acknowledgements are written is judged here, under the name of our own rules.
  const more = pack === OWN_PACK ? FAULT_RULES : [];
  const idle = acknowledgements.length === 0 ? more : [];
  return {
    pack,
    title,
    ...(version === undefined ? {} : { version }),
    ...(notRun === undefined ? {} : { notRun }),
    ...(ruleIds && notRun === undefined ? { rules: tally([...ruleIds, ...more], [...notApplicable, ...idle], findings) } : {}),
    milliseconds,
  };
}

function tally(ruleIds: string[], notApplicable: string[], findings: Finding[]): RuleTally {
  const states = new Map<string, keyof Omit<RuleTally, 'run'>>(ruleIds.map((id) => [spelled(id), 'passed']));
  for (const id of notApplicable) states.set(spelled(id), 'notApplicable');
  for (const { id, acknowledgement } of findings) {
    const rule = ruleOf(spelled(id));
    if (!states.has(rule) || states.get(rule) === 'open') continue;
    states.set(rule, acknowledgement === undefined ? 'open' : 'acknowledged');
  }
  const count = (wanted: string) => [...states.values()].filter((state) => state === wanted).length;
  return {
    run: states.size,
    passed: count('passed'),
    notApplicable: count('notApplicable'),
    acknowledged: count('acknowledged'),
    open: count('open'),
  };
}

function worstFirst(left: Finding, right: Finding): number {
  const rank = ({ acknowledgement, severity }: Finding) =>
    (acknowledgement === undefined ? 0 : SEVERITIES.length) + SEVERITIES.indexOf(severity);
  return rank(left) - rank(right) || compare(left.place, right.place) || compareText(left.id, right.id);
}

function compare(left: Place | undefined, right: Place | undefined): number {
  return (
    compareText(left?.stack, right?.stack) ||
    compareText(left?.path, right?.path) ||
    compareText(left?.logicalId, right?.logicalId)
  );
}

/** By code unit, so that the order is the same on every machine. */
function compareText(left = '', right = ''): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
