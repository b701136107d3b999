import type { Review } from '../../review';
import type { Anchors } from '../anchors';
import { grouped } from '../grouped';
import { html, type Markup } from '../markup';
import { nothing, table } from '../row';
import { FINDINGS, findingRow, ruleSummary, sameForAll, sameRule } from '../rule-group';
import type { Section } from '../section';
import { counted } from '../words';

/** So many findings are read in one go; of more, a reviewer wants to see the rules first. */
const UNFOLDED = 40;

/** Open findings by rule, in the order of the review: the worst first. */
export function findings({ findings }: Review, anchors: Anchors): Section {
  const open = [...findings.keys()].filter((index) => findings[index].acknowledgement === undefined);
  const groups = [...grouped(open, (index) => sameRule(findings[index])).values()];
  const folded = open.length > UNFOLDED;
  return {
    id: 'findings',
    title: 'Open findings',
    count: open.length,
    alarming: open.length,
    lead: folded ? `Of ${counted(groups.length, 'rule')}. Open a rule to see every place.` : undefined,
    body:
      open.length === 0
        ? nothing('Nothing is open: every finding is fixed, or acknowledged with a reason.')
        : html`${groups.map((group) => ruleGroup(group, findings, !folded, anchors))}`,
  };
}

function ruleGroup(indexes: number[], findings: Review['findings'], open: boolean, anchors: Anchors): Markup {
  const members = indexes.map((index) => findings[index]);
  const message = sameForAll(members, 'message');
  const remedy = sameForAll(members, 'remedy');
  const source = sameForAll(members, 'source');
  const rows = indexes.map((index) => findingRow(findings[index], index, { message, remedy, source }, anchors));
  return html`<details class="group" data-group${open && ' open'}>${ruleSummary(members[0], counted(indexes.length, 'finding'))}<div class="answered" data-group>${
    message !== undefined && html`<p class="reason">${message}</p>`
  }${remedy !== undefined && html`<p class="remedy"><b>Fix</b> ${remedy}</p>`}${
    source !== undefined && html`<p class="source">${source}</p>`
  }${table(FINDINGS, rows)}</div></details>
`;
}
