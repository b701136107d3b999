import type { Review } from '../../review';
import type { Anchors } from '../anchors';
import { grouped } from '../grouped';
import { html, type Markup } from '../markup';
import { breakable, nothing, sourceLine, table } from '../row';
import { FINDINGS, findingRow, ruleSummary, sameForAll, sameRule } from '../rule-group';
import type { Section } from '../section';
import { counted } from '../words';

/** Acknowledged findings, folded: by rule, then by the acknowledgement that answers. */
export function acknowledged(review: Review, anchors: Anchors): Section {
  const indexes = [...review.findings.keys()].filter((index) => review.findings[index].acknowledgement !== undefined);
  const byRule = grouped(indexes, (index) => sameRule(review.findings[index]));
  return {
    id: 'acknowledged',
    title: 'Acknowledged findings',
    count: indexes.length,
    lead: 'By rule, then by the reason that was given. Open a rule to see every place.',
    body:
      indexes.length === 0
        ? nothing('Nothing was set aside.')
        : html`${[...byRule.values()].map((group) => ruleGroup(group, review, anchors))}`,
  };
}

function ruleGroup(indexes: number[], review: Review, anchors: Anchors): Markup {
  const byAcknowledgement = grouped(indexes, (index) => review.findings[index].acknowledgement!);
  const counts = `${counted(indexes.length, 'finding')}, ${counted(byAcknowledgement.size, 'acknowledgement')}`;
  return html`<details class="group" data-group>${ruleSummary(review.findings[indexes[0]], counts)}${[...byAcknowledgement].map(
    ([number, members]) => answered(members, number, review, anchors),
  )}</details>
`;
}

function answered(indexes: number[], number: number, { findings, acknowledgements }: Review, anchors: Anchors): Markup {
  const entry = acknowledgements[number];
  const members = indexes.map((index) => findings[index]);
  const message = sameForAll(members, 'message');
  // What to do about it is of no use once it is set aside.
  const rows = indexes.map((index) =>
    findingRow({ ...findings[index], remedy: undefined, source: undefined }, index, { message }, anchors),
  );
  return html`<div class="answered" data-group><p class="reason">${
    entry?.reason ?? 'The acknowledgement is missing from this review.'
  }</p><p class="source"><a href="#${entry ? `acknowledgement-${number}` : 'acknowledgements'}">Acknowledgement ${number}</a>${
    entry?.where && html`, ${breakable(sourceLine(entry.where))}`
  }${entry?.since !== undefined && `, since ${entry.since}`}</p>
${message !== undefined && html`<p class="source">${message}</p>`}${table(FINDINGS, rows)}</div>`;
}
