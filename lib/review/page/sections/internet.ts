import type { Entrance, Review } from '../../review';
import type { Anchors } from '../anchors';
import { html, joined, type Markup, raw } from '../markup';
import { nothing, placeCell, resourceLink, row, type TableShape, table } from '../row';
import type { Section } from '../section';
import { isAnyone, shortType } from '../words';

export const INTERNET: TableShape = {
  name: 'internet',
  columns: [
    { heading: 'Answers', width: 33, plain: true },
    { heading: 'Open to', width: 27 },
    { heading: 'Way behind it', width: 40 },
  ],
};

/** What the internet can reach, and by which path. */
export function internet({ entrances }: Review, anchors: Anchors): Section {
  const order = [...entrances.keys()].sort((left, right) => rank(entrances[left]) - rank(entrances[right]));
  return {
    id: 'internet',
    title: 'What the internet can reach',
    count: entrances.length,
    alarming: entrances.filter(({ from }) => isAnyone(from)).length,
    lead: 'Every resource that answers an address outside the VPC, and what stands behind it in the order a request passes.',
    body:
      entrances.length === 0
        ? nothing('No template has anything that answers the internet.')
        : table(
            INTERNET,
            order.map((index) => entranceRow(entrances[index], index, anchors)),
          ),
  };
}

function rank({ from }: Entrance): number {
  return isAnyone(from) ? 0 : 1;
}

function entranceRow({ place, kind, from, ports, path, guards }: Entrance, index: number, anchors: Anchors): Markup {
  const steps = path.map(
    (step) => html`<li>${resourceLink(step, anchors)} <span class="type">${shortType(step.type)}</span></li>`,
  );
  return row(`entrance-${index}`, { stacks: [anchors.stack(place)] }, [
    html`<b class="kind">${kind}</b>${placeCell(place, anchors)}`,
    html`<span class="from${isAnyone(from) && ' anyone'}">${from}</span><dl><dt>Ports</dt><dd>${ports}</dd><dt>Between</dt><dd>${
      guards.length > 0 ? joined(guards, raw('<br>')) : 'nothing'
    }</dd></dl>`,
    html`<ol class="way">${steps}</ol>`,
  ]);
}
