import type { Place } from '../../places/place';
import type { Review } from '../../review';
import type { Anchors, Mention } from '../anchors';
import { grouped } from '../grouped';
import { html, joined, type Markup } from '../markup';
import { nothing, placeLines, row, type TableShape, table } from '../row';
import type { Section } from '../section';
import { counted, shortType } from '../words';

export const RESOURCES: TableShape = {
  name: 'resources',
  columns: [
    { heading: 'Resource', width: 62, plain: true },
    { heading: 'Said about it', width: 38 },
  ],
};

const ABOUT: Record<Mention['about'], (count: number) => string> = {
  open: (count) => counted(count, 'open finding'),
  acknowledged: (count) => counted(count, 'acknowledged finding'),
  entrance: (count) => (count === 1 ? 'way in' : `${count} ways in`),
  state: () => 'state',
  encryption: () => 'encryption',
  statement: (count) => counted(count, 'IAM statement'),
  change: () => 'change',
};

/** Every resource that this page names, and where: what the pictures lead to. */
export function resources(_review: Review, anchors: Anchors): Section {
  const all = [...anchors.resources];
  const byStack = grouped(all, ([, { place }]) => anchors.stack(place));
  const groups = [...byStack].sort(([left], [right]) => left - right);
  return {
    id: 'resources',
    title: 'Resources',
    count: all.length,
    lead: 'Every resource that is named above, and what is said about it.',
    body:
      all.length === 0
        ? nothing('No row is about a single resource.')
        : html`${groups.map(([index, members]) => {
            const { stack, region } = anchors.stacks[index];
            const rows = members
              .sort(([, left], [, right]) => (left.place.path ?? '').localeCompare(right.place.path ?? '', 'en'))
              .map(([anchor, { place, mentions }]) => resourceRow(anchor, place, mentions, index));
            return html`<details class="group" data-group><summary><b>${stack}</b> <span class="type">${region}</span> <span class="count">${counted(members.length, 'resource')}</span></summary>${table(RESOURCES, rows)}</details>
`;
          })}`,
  };
}

function resourceRow(anchor: string, place: Place, mentions: Mention[], stack: number): Markup {
  const links = [...grouped(mentions, ({ about }) => about)].map(
    ([about, members]) => html`<a href="#${members[0].anchor}">${ABOUT[about](members.length)}</a>`,
  );
  return row(anchor, { stacks: [stack] }, [
    html`<div class="at"><span class="id">${place.logicalId}</span> <span class="type">${shortType(place.type)}</span>${placeLines(place)}</div>`,
    links.length > 0 ? joined(links, ', ') : 'drawn only',
  ]);
}
