import type { CheckSummary, Review, RuleTally } from '../../review';
import { packOf } from '../../rule-id';
import { html, type Markup } from '../markup';
import { row, type TableShape, table } from '../row';
import type { Section } from '../section';
import { counted, number } from '../words';

export const CHECKS: TableShape = {
  name: 'checks',
  columns: [
    { heading: 'Check', width: 31, plain: true },
    { heading: 'Version', width: 10 },
    { heading: 'Rules run', width: 9, number: true },
    { heading: 'Passed', width: 9, number: true },
    { heading: 'Not applicable', width: 12, number: true },
    { heading: 'Acknowledged', width: 14, number: true },
    { heading: 'Open', width: 7, number: true },
    { heading: 'Share', width: 8, plain: true },
  ],
};

/** Which tools looked, and what became of their rules. */
export function checks(review: Review): Section {
  return {
    id: 'checks',
    title: 'Checks',
    count: review.checks.length,
    lead: 'Rules of each check. A rule is open as long as one finding of it is.',
    body: table(
      CHECKS,
      review.checks.map((check, index) => checkRow(check, index, review)),
    ),
  };
}

function checkRow({ pack, title, version, notRun, rules, milliseconds }: CheckSummary, index: number, review: Review): Markup {
  const name = html`<b>${title}</b>${title !== pack && html`<span class="path">${pack}</span>`}`;
  const findings = review.findings.filter(({ id }) => packOf(id) === pack);
  const open = findings.filter(({ acknowledgement }) => acknowledgement === undefined).length;
  const marks = { pack, status: open > 0 ? ['open' as const] : [] };
  if (notRun !== undefined) {
    const said = html`<span class="mark warning">did not run</span> ${notRun}`;
    return row(`check-${index}`, marks, [name, version ?? '', said], 6);
  }
  if (!rules) {
    const told = `ran in ${seconds(milliseconds)}, does not tell its rules: ${counted(findings.length - open, 'acknowledged finding')}, ${counted(open, 'open finding')}`;
    return row(`check-${index}`, marks, [name, version ?? '', told], 6);
  }
  const { run, passed, notApplicable, acknowledged } = rules;
  const mark = rules.open > 0 ? html`<a class="mark error" href="#findings">${number(rules.open)}</a>` : html`0`;
  const cells = [name, version ?? '', ...[run, passed, notApplicable, acknowledged].map(number), mark, share(rules)];
  return row(`check-${index}`, marks, cells);
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}

/** Passed, acknowledged and open as parts of a bar; what does not apply is left out. */
function share({ run, passed, notApplicable, acknowledged, open }: RuleTally): Markup {
  const whole = Math.max(run - notApplicable, 1);
  let start = 0;
  const parts = [
    { kind: 'passed', count: passed },
    { kind: 'quiet', count: acknowledged },
    { kind: 'error', count: open },
  ].map(({ kind, count }) => {
    const width = (count / whole) * 100;
    start += width;
    return count === 0
      ? html``
      : html`<rect class="${kind}" x="${(start - width).toFixed(2)}" width="${width.toFixed(2)}" height="8"/>`;
  });
  const title = `${passed} passed, ${acknowledged} acknowledged, ${open} open`;
  return html`<svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" role="img" aria-label="${title}"><title>${title}</title><rect class="rail" width="100" height="8"/>${parts}</svg>`;
}
