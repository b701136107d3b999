import type { EncryptionFacts, Review } from '../../review';
import type { Anchors } from '../anchors';
import { html, type Markup } from '../markup';
import { attentionNote, nothing, placeCell, row, type TableShape, table } from '../row';
import type { Section } from '../section';

export const ENCRYPTION: TableShape = {
  name: 'encryption',
  columns: [
    { heading: 'Resource', width: 40, plain: true },
    { heading: 'At rest', width: 17 },
    { heading: 'In transit', width: 17 },
    { heading: 'Said by', width: 26 },
  ],
};

/** Encryption at rest and in transit. */
export function encryption({ encryption }: Review, anchors: Anchors): Section {
  const order = [...encryption.keys()].sort((left, right) => rank(encryption[left]) - rank(encryption[right]));
  return {
    id: 'encryption',
    title: 'Encryption',
    count: encryption.length,
    alarming: encryption.filter(({ attention }) => attention !== undefined).length,
    lead: 'Of everything that stores or carries data.',
    body:
      encryption.length === 0
        ? nothing('No template has anything that stores or carries data.')
        : table(
            ENCRYPTION,
            order.map((index) => encryptionRow(encryption[index], index, anchors)),
          ),
  };
}

function rank({ attention }: EncryptionFacts): number {
  return attention === undefined ? 1 : 0;
}

function encryptionRow(
  { place, atRest, inTransit, because, attention }: EncryptionFacts,
  index: number,
  anchors: Anchors,
): Markup {
  const status = attention === undefined ? [] : ['attention' as const];
  return row(`encryption-${index}`, { stacks: [anchors.stack(place)], status }, [
    html`${placeCell(place, anchors)}${attentionNote(attention)}`,
    html`<span class="${strength(atRest)}">${atRest}</span>`,
    html`<span class="${strength(inTransit)}">${inTransit}</span>`,
    html`<code>${because}</code>`,
  ]);
}

function strength(value: string): string {
  return value === 'none' ? 'weak' : 'plain';
}
