import type { Picture } from '../review';
import { html, type Markup, type Piece } from './markup';
import { type Box, INTERNET_NODE, layOut, PADDING } from './picture-layout';
import { LINE_HEIGHTS } from './picture-text';
import type { Wire } from './picture-wires';
import { counted } from './words';

/** How a picture sits in its page. */
export interface PictureSetting {
  /** Start of every id in the drawing. */
  readonly id: string;
  /** Ids of the nodes that the internet reaches. */
  readonly entrances: ReadonlySet<string>;
  /** Anchor of a node's row. */
  readonly anchorOf: (node: Picture['nodes'][number]) => string | undefined;
}

/** Draws a picture as SVG. Its colours are variables of the page. */
export function drawPicture(picture: Picture, { id, entrances, anchorOf }: PictureSetting): Markup {
  const { width, height, headings, boxes, wires } = layOut(picture, entrances);
  const names = new Map(picture.nodes.map(({ id: node, label }) => [node, label]));
  const number = new Map([INTERNET_NODE, ...picture.nodes.map((node) => node.id)].map((node, index) => [node, index]));
  const ends = ({ edge }: Wire) => html`data-a="${number.get(edge.from)!}" data-b="${number.get(edge.to)!}"`;
  return html`<svg class="picture" id="${id}-drawing" viewBox="0 0 ${round(width)} ${round(height)}" width="${round(width)}" height="${round(height)}" role="img" aria-labelledby="${id}-name ${id}-told">
<title id="${id}-name">${picture.stack} in ${picture.region}</title><desc id="${id}-told">${told(picture, entrances)}</desc>
${headings.map(({ text, x, y }) => html`<text class="column" x="${x}" y="${y}">${text}</text>`)}
${wires.map((wire) => html`<g class="wire" ${ends(wire)}><title>${sentence(wire, names)}</title><path d="${wire.path}"/><path class="tip" d="${tip(wire)}"/></g>`)}
${boxes.map((box) => boxMarkup(box, number, anchorOf))}
</svg>`;
}

/** Who calls whom, for those who do not see the drawing or want to search it. */
export function wireList(picture: Picture, entrances: ReadonlySet<string>): string[] {
  const names = new Map(picture.nodes.map(({ id, label }) => [id, label]));
  return layOut(picture, entrances).wires.map((wire) => sentence(wire, names));
}

function told({ nodes, edges }: Picture, entrances: ReadonlySet<string>): string {
  return `${counted(nodes.length, 'box', 'boxes')}, ${counted(edges.length, 'arrow')}, ${counted(entrances.size, 'way', 'ways')} in from the internet.`;
}

function sentence({ edge }: Wire, names: Map<string, string>): string {
  const name = (id: string) => (id === INTERNET_NODE ? 'Internet' : (names.get(id) ?? id));
  return `${name(edge.from)} → ${name(edge.to)}${edge.label === undefined ? '' : `: ${edge.label}`}`;
}

function tip({ tip: { x, y, left } }: Wire): string {
  const back = left ? 7 : -7;
  return `M${round(x)} ${round(y)}l${back} -3.5v7z`;
}

function boxMarkup(box: Box, number: Map<string, number>, anchorOf: PictureSetting['anchorOf']): Markup {
  const { node, x, y, width, height, lines } = box;
  if (!node) {
    return html`<g class="node internet" data-n="${number.get(INTERNET_NODE)!}"><rect x="${round(x)}" y="${round(y)}" width="${width}" height="${height}" rx="${height / 2}"/>
<text class="detail" x="${round(x + width / 2)}" y="${round(y + height / 2 + 4)}" text-anchor="middle">${lines[0].text}</text></g>
`;
  }
  let baseline = y + PADDING.y - 4;
  const texts = lines.map(({ text, kind }) => {
    baseline += LINE_HEIGHTS[kind];
    return html`<text class="${kind}" x="${round(x + PADDING.x)}" y="${round(baseline)}">${text}</text>`;
  });
  const title = [node.label, node.kind, node.detail, node.place.logicalId].filter((part) => part !== undefined).join(', ');
  const anchor = anchorOf(node);
  const drawn: Piece = html`<title>${title}</title><rect x="${round(x)}" y="${round(y)}" width="${width}" height="${round(height)}" rx="7"/><rect class="stripe" x="${round(x)}" y="${round(y + 9)}" width="3" height="${round(height - 18)}" rx="1.5"/>${texts}`;
  const group = html`<g class="node ${node.layer}" data-n="${number.get(node.id)!}">${drawn}</g>`;
  return anchor ? html`<a href="#${anchor}">${group}</a>\n` : html`${group}\n`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
