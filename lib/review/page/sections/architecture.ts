import type { Picture, Review } from '../../review';
import type { Anchors } from '../anchors';
import { html, type Markup } from '../markup';
import { drawPicture, wireList } from '../picture';
import { nothing, rowAttributes } from '../row';
import type { Section } from '../section';
import { counted, isOpen } from '../words';

/** More pictures than this are folded, but for the first. */
const UNFOLDED = 2;

/** A picture per stack, drawn from its template. */
export function architecture({ pictures, entrances }: Review, anchors: Anchors): Section {
  const open = new Set(entrances.filter(({ from }) => isOpen(from)).map(({ place }) => anchors.resource(place)));
  const many = pictures.length > UNFOLDED;
  return {
    id: 'architecture',
    title: 'Architecture',
    count: pictures.length,
    lead: 'Drawn from the templates. Arrows lead from who calls to who is called; a box leads to its resource.',
    body:
      pictures.length === 0
        ? nothing('No stack has anything to draw.')
        : html`${pictures.map((picture, index) => {
            const reached = new Set(
              picture.nodes.filter(({ place }) => open.has(anchors.resource(place))).map((node) => node.id),
            );
            return figure(picture, index, reached, index === 0 || !many, anchors);
          })}`,
  };
}

function figure(picture: Picture, index: number, reached: ReadonlySet<string>, open: boolean, anchors: Anchors): Markup {
  const { stack, region, nodes } = picture;
  const id = `picture-${index}`;
  const drawing = drawPicture(picture, { id, entrances: reached, anchorOf: ({ place }) => anchors.resource(place) });
  const wires = wireList(picture, reached);
  const name = `${stack} in ${region}`;
  const list =
    wires.length > 0 &&
    html`<details class="wires"><summary>The arrows in words</summary><ul>${wires.map((wire) => html`<li>${wire}</li>`)}</ul></details>`;
  return html`<details class="group drawn" data-group${open && ' open'}><summary><b>${stack}</b> <span class="type">${region}</span> <span class="count">${counted(nodes.length, 'box', 'boxes')}</span></summary>
<figure ${rowAttributes(id, { stacks: anchors.stacksAt(stack).filter((at) => anchors.stacks[at].region === region) })}><div class="frame" tabindex="0" role="group" aria-label="Drawing of ${name}">${drawing}</div>${list}</figure></details>
`;
}
