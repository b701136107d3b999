import type { Finding } from '../finding';
import { packOf, ruleOf } from '../rule-id';
import type { Anchors } from './anchors';
import { html, type Markup } from './markup';
import { placeCell, type RowMarks, row, severityMark, type TableShape } from './row';
import { ruleName } from './words';

export const FINDINGS: TableShape = {
  name: 'findings',
  columns: [
    { heading: 'Where', width: 60, plain: true },
    { heading: 'What was found', width: 40, plain: true },
  ],
};

/** What findings of one rule may share, and then say once. */
export type Shared = Pick<Finding, 'remedy' | 'source'> & { readonly message?: string };

/** What findings are gathered by. */
export function sameRule({ id, severity }: Finding): string {
  return `${severity} ${ruleOf(id)}`;
}

/** What all of them say, if they say the same. */
export function sameForAll(findings: Finding[], member: 'message' | 'remedy' | 'source'): string | undefined {
  const [first, ...others] = findings.map((finding) => finding[member]);
  return others.every((text) => text === first) ? first : undefined;
}

/** The line of a rule that stays in sight when its findings are folded. */
export function ruleSummary({ id, severity, message }: Finding, count: string): Markup {
  return html`<summary>${severityMark(severity)} <code class="rule">${ruleName(id)}</code> <span class="type">${
    packOf(id) ?? 'no pack'
  }</span> <span class="count">${count}</span><span class="gist">${message}</span></summary>`;
}

/** A finding below its rule: where it is, and what the rule's other findings do not say. */
export function findingRow(finding: Finding, index: number, shared: Shared, anchors: Anchors): Markup {
  const { id, message, remedy, source } = finding;
  const detail = id.includes('[') && html`<code>${id.slice(id.indexOf('['))}</code>`;
  return row(`finding-${index}`, marks(finding, anchors), [
    placed(finding, anchors),
    html`${detail}${shared.message === undefined && html`<p>${message}</p>`}${
      remedy !== undefined && remedy !== shared.remedy && html`<p class="remedy"><b>Fix</b> ${remedy}</p>`
    }${source !== undefined && source !== shared.source && html`<p class="source">${source}</p>`}`,
  ]);
}

/** What the filters go by. */
function marks({ id, severity, place, acknowledgement }: Finding, anchors: Anchors): RowMarks {
  return {
    severity,
    pack: packOf(id),
    stacks: place ? [anchors.stack(place)] : [],
    status: [acknowledgement === undefined ? 'open' : 'acknowledged'],
  };
}

function placed({ place, property }: Finding, anchors: Anchors): Markup {
  const at = place ? placeCell(place, anchors) : html`<span class="type">the assembly as a whole</span>`;
  return html`${at}${property !== undefined && html`<span class="property">${property}</span>`}`;
}
