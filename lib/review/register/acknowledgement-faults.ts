import type { Finding } from '../finding';
import type { Place } from '../places/place';
import type { Places } from '../places/places';
import { ruleOf } from '../rule-id';
import type { AcknowledgementEntry } from './acknowledgement-entry';
import { holdsAt, OF_THE_CDK, pathTo } from './acknowledgements';

/** What the fault of an acknowledgement is reported as. */
const RULES: Record<string, { readonly id: string; readonly sentence: string; readonly remedy: string }> = {
  unused: {
    id: 'ScaleTiers::acknowledgement-unused',
    sentence: 'answers for no finding: it would hide the next one',
    remedy: 'Remove it',
  },
  duplicate: {
    id: 'ScaleTiers::acknowledgement-duplicate',
    sentence: 'is written a second time: one at the same construct, or above it, holds already',
    remedy: 'Keep the narrower one of the two that is enough',
  },
  'unknown rule': {
    id: 'ScaleTiers::acknowledgement-unknown-rule',
    sentence: 'names a rule that its pack does not have',
    remedy: 'Spell the id as the finding does, with its pack, or remove it',
  },
  'no reason': {
    id: 'ScaleTiers::acknowledgement-no-reason',
    sentence: 'gives no reason that somebody could sign, and so answers for nothing',
    remedy: 'Say in six different words or more what the rule guards against, why that does not apply here, and what compensates',
  },
};

const WIDE = 'ScaleTiers::acknowledgement-of-a-whole-stack';

/** Ids of the rules that hold for acknowledgements. */
export const FAULT_RULES = [...Object.values(RULES).map(({ id }) => id), WIDE];

/** One at a stack or above it answers for what it was written for, and for whatever comes later. */
export function wideFinding(entry: AcknowledgementEntry, answered: Finding[], places: Places): Finding[] {
  const { path, stack } = entry;
  const isAtTop = path === '' || stack === undefined || path === stack || stack.startsWith(`${path}/`);
  const below = answered.filter(({ place }) => place && pathTo(place, places) !== entry.path);
  if (!isAtTop || entry.form === OF_THE_CDK || below.length === 0) return [];
  const place = places.below(entry.path);
  return [
    {
      id: WIDE,
      severity: 'note',
      message: `the acknowledgement of ${entry.id} at ${entry.path || 'the app'} answers for all that is below, and for whatever comes later: for now ${below.length} ${below.length === 1 ? 'finding' : 'findings'}`,
      remedy: 'Write it at the construct that it is about',
      source:
        'cdk-scale-tiers: an acknowledgement is signed together with the template, so it must be as narrow as the tool allows',
      ...(place ? { place: withPath(place, entry) } : {}),
    },
  ];
}

/** What is wrong with an acknowledgement, as a finding. It is judged last, so nothing acknowledges it away. */
export function faultFinding(entry: AcknowledgementEntry, findings: Finding[], places: Places): Finding[] {
  const rule = RULES[entry.fault ?? ''];
  if (!rule) return [];
  const below = findings.filter(({ place }) => place && holdsAt(entry.path, pathTo(place, places)));
  const hint = entry.fault === 'unused' ? findingLevel(entry, below) : undefined;
  const place = places.below(entry.path);
  const quoted = entry.fault === 'no reason' && entry.reason !== '' ? `: '${entry.reason}'` : '';
  return [
    {
      id: rule.id,
      severity: 'warning',
      message: `the acknowledgement of ${entry.id} at ${entry.path || 'the app'} ${rule.sentence}${quoted}`,
      remedy: hint ?? rule.remedy,
      source:
        'cdk-scale-tiers: an acknowledgement is signed together with the template, so it must be needed, known and reasoned',
      ...(place ? { place: withPath(place, entry) } : {}),
    },
  ];
}

/** Some rules of cdk-nag tell their findings apart, and then the rule alone names none of them. */
function findingLevel({ id }: AcknowledgementEntry, below: Finding[]): string | undefined {
  const single = below.find((finding) => finding.id !== id && ruleOf(finding.id) === id);
  return single && `Name the finding, not the rule alone, such as ${single.id}`;
}

/** The acknowledgement may be written at a construct that is no resource itself. */
function withPath(place: Place, { path, where }: AcknowledgementEntry): Place {
  const shown = path === '' ? place.path : path.replace(/\/Resource$/, '');
  return { ...place, ...(shown === undefined ? {} : { path: shown }), ...(where ? { source: where } : {}) };
}
