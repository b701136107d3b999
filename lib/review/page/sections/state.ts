import type { Review, StateFacts } from '../../review';
import type { Anchors } from '../anchors';
import { html, type Markup } from '../markup';
import { attentionNote, nothing, placeCell, row, type TableShape, table } from '../row';
import type { Section } from '../section';

export const STATE: TableShape = {
  name: 'state',
  columns: [
    { heading: 'Holds', width: 33, plain: true },
    { heading: 'When it goes', width: 23 },
    { heading: 'Backup', width: 19 },
    { heading: 'When the Region is lost', width: 25 },
  ],
};

/** What holds state, and what happens to it. */
export function state({ state }: Review, anchors: Anchors): Section {
  const order = [...state.keys()].sort((left, right) => rank(state[left]) - rank(state[right]));
  return {
    id: 'state',
    title: 'What holds state',
    count: state.length,
    alarming: state.filter(({ attention }) => attention !== undefined).length,
    lead: 'What becomes of it when its stack deletes or replaces it, and when its Region is lost.',
    body:
      state.length === 0
        ? nothing('No template has anything that holds state.')
        : table(
            STATE,
            order.map((index) => stateRow(state[index], index, anchors)),
          ),
  };
}

function rank({ attention }: { readonly attention?: string }): number {
  return attention === undefined ? 1 : 0;
}

function stateRow(facts: StateFacts, index: number, anchors: Anchors): Markup {
  const { place, holds, onDelete, onReplace, protection, backup, onRegionLoss, recoveryPoint, attention } = facts;
  const status = attention === undefined ? [] : ['attention' as const];
  return row(`state-${index}`, { stacks: [anchors.stack(place)], status }, [
    html`<b class="kind">${holds}</b>${placeCell(place, anchors)}${attentionNote(attention)}`,
    html`<dl><dt>Deleted</dt><dd>${onDelete}</dd><dt>Replaced</dt><dd>${onReplace}</dd><dt>Protection</dt><dd>${protection}</dd></dl>`,
    backup,
    html`<p>${onRegionLoss}</p><dl><dt>Lost at worst</dt><dd>${recoveryPoint}</dd></dl>`,
  ]);
}
