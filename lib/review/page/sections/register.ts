import type { AcknowledgementEntry } from '../../register/acknowledgement-entry';
import type { Review } from '../../review';
import { packOf } from '../../rule-id';
import type { Anchors } from '../anchors';
import { grouped } from '../grouped';
import { html, type Markup } from '../markup';
import { breakable, nothing, row, sourceLine, type TableShape, table } from '../row';
import type { Section } from '../section';
import { counted } from '../words';

export const REGISTER: TableShape = {
  name: 'register',
  columns: [
    { heading: 'Rule', width: 46, plain: true },
    { heading: 'Holds at and below', width: 38 },
    { heading: 'Covers', width: 16 },
  ],
};

/** More rows than this are folded: the reason above them stays in sight. */
const UNFOLDED = 3;

/** Everything that was set aside, by its reason; those at fault first. */
export function register({ acknowledgements }: Review, anchors: Anchors): Section {
  const indexes = [...acknowledgements.keys()];
  const groups = [...grouped(indexes, (index) => writtenAs(acknowledgements[index])).values()];
  const faulty = (group: number[]) => group.some((index) => acknowledgements[index].fault !== undefined);
  return {
    id: 'acknowledgements',
    title: 'Acknowledgements',
    count: acknowledgements.length,
    alarming: acknowledgements.filter(({ fault }) => fault !== undefined).length,
    lead: 'Every rule that somebody set aside in writing: why, where that is written, since when, and how many findings it answers for.',
    body:
      acknowledgements.length === 0
        ? nothing('Nobody set a rule aside.')
        : html`${[...groups.filter(faulty), ...groups.filter((group) => !faulty(group))].map((group) =>
            reasonGroup(group, acknowledgements, anchors),
          )}`,
  };
}

/** One reason at one line of code may name several rules, and hold at several constructs. */
function writtenAs({ reason, where, since, form }: AcknowledgementEntry): string {
  return JSON.stringify([reason, where?.file, where?.line, since, form]);
}

function reasonGroup(indexes: number[], acknowledgements: AcknowledgementEntry[], anchors: Anchors): Markup {
  const { reason, where, since, form } = acknowledgements[indexes[0]];
  const covers = indexes.reduce((sum, index) => sum + acknowledgements[index].covers, 0);
  const faulty = indexes.some((index) => acknowledgements[index].fault !== undefined);
  const rows = table(
    REGISTER,
    indexes.map((index) => entryRow(acknowledgements[index], index, anchors)),
  );
  const facts = html`<p class="written"><span class="lines">${
    where ? sourceLine(where) : 'where it is written is not known'
  }</span> · ${since ? `since ${since}` : 'since when is not known'} · ${form} · covers ${counted(covers, 'finding')}</p>`;
  const folded =
    indexes.length > UNFOLDED
      ? html`<details${faulty && ' open'}><summary>${counted(indexes.length, 'entry', 'entries')}</summary>${rows}</details>`
      : rows;
  return html`<article class="entry${faulty && ' faulty'}" data-group><p class="reason">${
    reason.trim() === '' ? html`<em>no reason was written</em>` : reason
  }</p>${facts}${folded}</article>
`;
}

function entryRow({ id, path, stack, covers, fault }: AcknowledgementEntry, index: number, anchors: Anchors): Markup {
  const marks = { pack: packOf(id), stacks: anchors.stacksAt(stack), status: ['acknowledged' as const] };
  const said = fault === undefined ? '' : html` <span class="mark error">${fault}</span>`;
  return row(`acknowledgement-${index}`, marks, [
    html`<code class="rule">${id}</code>`,
    html`<span class="path">${breakable(path)}</span>`,
    html`${counted(covers, 'finding')}${said}`,
  ]);
}
