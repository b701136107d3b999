import type { Picture, PictureEdge, PictureNode } from '../review';
import { type Link, placeSlots, type Slot } from './picture-order';
import { fittedLines, LINE_HEIGHTS, type TextLine } from './picture-text';
import { COLUMN_GAP, type Column, type Route, type Wire, wiresOf } from './picture-wires';

/** A drawn box. */
export interface Box {
  /** @default - the internet */
  readonly node?: PictureNode;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly lines: TextLine[];
}

export interface PictureLayout {
  readonly width: number;
  readonly height: number;
  readonly headings: { readonly text: string; readonly x: number; readonly y: number }[];
  readonly boxes: Box[];
  readonly wires: Wire[];
}

/** Id of the box that stands for the internet. */
export const INTERNET_NODE = '\u0000internet';

const HEADINGS: Record<PictureNode['layer'], string> = {
  edge: 'Edge',
  entry: 'Way in',
  compute: 'Runs',
  messaging: 'Messages',
  data: 'Data',
  elsewhere: 'Elsewhere',
};

const BOX_WIDTH = 150;
const INTERNET_WIDTH = 62;
const MARGIN = 12;
const HEADING_HEIGHT = 34;
export const PADDING = { x: 11, y: 9 };

/** Space a wire takes that passes a column. */
const BEND_HEIGHT = 4;

/** Lays a picture out in columns, from the internet at the left to the data at the right. */
export function layOut({ nodes, edges }: Picture, entrances: ReadonlySet<string>): PictureLayout {
  const known = new Set(nodes.map(({ id }) => id));
  const fromInternet = nodes.filter(({ id }) => entrances.has(id)).map(({ id }) => ({ from: INTERNET_NODE, to: id }));
  const drawn = [...fromInternet, ...unique(edges.filter(({ from, to }) => from !== to && known.has(from) && known.has(to)))];
  const joined = new Set(drawn.flatMap(({ from, to }) => [from, to]));
  // What is nowhere in the way of a request, and joined to nothing, stands below.
  const beside = nodes.filter(({ id, layer }) => layer === 'elsewhere' && !joined.has(id));
  const main = nodes.filter((node) => !beside.includes(node));

  const slots = new Map<string, Slot>();
  const columns = columnsOf(main, fromInternet.length > 0, slots);
  const bends = new Map<string, Slot>();
  const routes = drawn.map((edge) => ({ edge, route: routeOf(edge, slots, columns, bends) }));
  const links = linksOf(routes);
  if (columns.length > 0) {
    placeSlots(
      columns.map((column) => column.slots),
      links,
    );
  }
  const headed = columns.length > 0 ? HEADING_HEIGHT : 0;
  for (const { slots: stacked } of columns) for (const slot of stacked) slot.top += MARGIN + headed;

  const last = columns.at(-1);
  const loops = links.some(([from, to]) => from.column === columns.length - 1 && to.column === columns.length - 1);
  const width = Math.max(last ? last.x + last.width + MARGIN + (loops ? COLUMN_GAP / 2 : 0) : 0, beside.length > 0 ? 640 : 0);
  const bottom = Math.max(MARGIN, ...columns.flatMap((column) => column.slots.map(({ top, height }) => top + height)));
  const band = bandBelow(beside, bottom + (columns.length > 0 ? 28 : 0), width);
  const boxes = [...slots].map(([id, slot]) => {
    const { x, width: boxWidth } = columns[slot.column];
    const node = main.find((candidate) => candidate.id === id);
    const lines = node ? linesOf(node) : INTERNET_LINES;
    return { node, x, y: slot.top, width: boxWidth, height: slot.height, lines };
  });
  return {
    width,
    height: (band.bottom ?? bottom) + MARGIN,
    headings: [...columns.map(({ heading, x }) => ({ text: heading, x, y: MARGIN + 14 })), ...band.headings],
    boxes: [...boxes, ...band.boxes],
    wires: wiresOf(routes, columns),
  };
}

/** The pieces of all wires, shared ones once. */
function linksOf(routes: Route[]): Link[] {
  const links = new Map<Slot, Set<Slot>>();
  for (const { route } of routes) {
    route.slice(1).forEach((slot, index) => {
      const known = links.get(route[index]) ?? new Set();
      links.set(route[index], known.add(slot));
    });
  }
  return [...links].flatMap(([from, ends]) => [...ends].map((to): Link => [from, to]));
}

const INTERNET_LINES: TextLine[] = [{ text: 'Internet', kind: 'detail' }];

function unique(edges: PictureEdge[]): PictureEdge[] {
  return [...new Map(edges.map((edge) => [JSON.stringify([edge.from, edge.to]), edge])).values()];
}

function linesOf({ label, kind, detail }: PictureNode): TextLine[] {
  const width = BOX_WIDTH - 2 * PADDING.x;
  return [
    ...fittedLines(label, 'label', width),
    ...fittedLines(kind, 'kind', width),
    ...(detail === undefined ? [] : fittedLines(detail, 'detail', width)),
  ];
}

function heightOf(lines: TextLine[]): number {
  return lines.reduce((sum, { kind }) => sum + LINE_HEIGHTS[kind], 2 * PADDING.y);
}

function columnsOf(nodes: PictureNode[], internet: boolean, slots: Map<string, Slot>): Column[] {
  const columns: Column[] = [];
  let x = MARGIN;
  const add = (heading: string, width: number, members: { readonly id: string; readonly height: number }[]) => {
    const column: Column = { heading, x, width, slots: [] };
    for (const { id, height } of members) {
      const slot: Slot = { column: columns.length, height, bend: false, top: 0 };
      column.slots.push(slot);
      slots.set(id, slot);
    }
    columns.push(column);
    x += width + COLUMN_GAP;
  };
  if (internet) add('', INTERNET_WIDTH, [{ id: INTERNET_NODE, height: heightOf(INTERNET_LINES) }]);
  for (const layer of Object.keys(HEADINGS) as PictureNode['layer'][]) {
    const members = nodes
      .filter((node) => node.layer === layer)
      .map((node) => ({ id: node.id, height: heightOf(linesOf(node)) }));
    if (members.length > 0) add(HEADINGS[layer], BOX_WIDTH, members);
  }
  return columns;
}

/** The slots a wire passes, with a bend in every column it crosses. Wires to the same box share their bends. */
function routeOf({ from, to }: PictureEdge, slots: Map<string, Slot>, columns: Column[], bends: Map<string, Slot>): Slot[] {
  const [start, end] = [slots.get(from)!, slots.get(to)!];
  const step = Math.sign(end.column - start.column);
  const passed: Slot[] = [];
  for (let column = start.column + step; step !== 0 && column !== end.column; column += step) {
    const key = JSON.stringify([to, column, step]);
    let bend = bends.get(key);
    if (!bend) {
      bend = { column, height: BEND_HEIGHT, bend: true, top: 0 };
      bends.set(key, bend);
      columns[column].slots.push(bend);
    }
    passed.push(bend);
  }
  return [start, ...passed, end];
}

/** Boxes in rows, below the columns. */
function bandBelow(nodes: PictureNode[], top: number, width: number) {
  if (nodes.length === 0) return { boxes: [], headings: [], bottom: undefined };
  const gap = 16;
  const perRow = Math.max(1, Math.floor((width - 2 * MARGIN + gap) / (BOX_WIDTH + gap)));
  const boxes: Box[] = [];
  let y = top + HEADING_HEIGHT - MARGIN;
  for (let start = 0; start < nodes.length; start += perRow) {
    const members = nodes.slice(start, start + perRow).map((node) => ({ node, lines: linesOf(node) }));
    const height = Math.max(...members.map(({ lines }) => heightOf(lines)));
    members.forEach(({ node, lines }, index) => {
      boxes.push({ node, lines, x: MARGIN + index * (BOX_WIDTH + gap), y, width: BOX_WIDTH, height });
    });
    y += height + gap;
  }
  return { boxes, headings: [{ text: 'Beside them', x: MARGIN, y: top + 4 }], bottom: y - gap };
}
