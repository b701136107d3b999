import type { Finding } from '../finding';
import type { Place } from '../places/place';

/**
 * A gap in what a check looked at, as a finding of that check: nobody should sign for what was not looked at without
 * reading so.
 */
export function notChecked(pack: string, place: Place, why: string): Finding {
  return { id: `${pack}::${NOT_CHECKED}`, severity: 'warning', message: `not checked: ${why}`, place };
}

const NOT_CHECKED = 'not-checked';

/** The rules of a pack, with the gaps among them where there are any. */
export function withGaps(ruleIds: string[], findings: Finding[]): string[] {
  const gap = findings.find(({ id }) => id.endsWith(`::${NOT_CHECKED}`));
  return gap ? [...ruleIds, gap.id] : ruleIds;
}

/** Something in a few words, on one line. */
export function inShort(text: string, length: number): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > length ? `${line.slice(0, length - 3)}...` : line;
}
