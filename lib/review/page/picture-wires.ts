import type { PictureEdge } from '../review';
import type { Slot } from './picture-order';

/** Space between columns, where the wires bend. */
export const COLUMN_GAP = 46;

export interface Column {
  readonly heading: string;
  readonly x: number;
  readonly width: number;
  readonly slots: Slot[];
}

/** A drawn arrow. */
export interface Wire {
  readonly edge: PictureEdge;
  /** SVG path from who calls to who is called. */
  readonly path: string;
  /** The tip of its arrow, and where it points. */
  readonly tip: { readonly x: number; readonly y: number; readonly left: boolean };
}

/** An edge, and the slots it passes. */
export interface Route {
  readonly edge: PictureEdge;
  readonly route: Slot[];
}

/** Draws the wires. All that reach a side of a box end at one point of it, and all that leave it begin at another. */
export function wiresOf(routes: Route[], columns: Column[]): Wire[] {
  const ports = portsOf(routes);
  const point = (slot: Slot, other: Slot, direction: Direction) => {
    const { x, width } = columns[slot.column];
    const left = other.column < slot.column;
    const height = ports.get(slot)?.[left ? 'left' : 'right'][direction] ?? 0.5;
    return { x: left ? x : x + width, y: slot.top + slot.height * height };
  };
  return routes.map(({ edge, route }) => {
    const pieces = route.slice(1).map((slot, index) => ({
      start: point(route[index], slot, 'out'),
      end: point(slot, route[index], 'in'),
      loop: slot.column === route[index].column,
    }));
    const final = pieces[pieces.length - 1];
    return { edge, path: pathOf(pieces), tip: { ...final.end, left: final.loop || final.end.x < final.start.x } };
  });
}

type Direction = 'in' | 'out';

/** How far down a side the wires reach it and leave it, as shares of its height. */
type Ports = Record<'left' | 'right', Partial<Record<Direction, number>>>;

function portsOf(routes: Route[]): Map<Slot, Ports> {
  const towards = new Map<Slot, Record<'left' | 'right', Record<Direction, number[]>>>();
  const visit = (slot: Slot, other: Slot, direction: Direction) => {
    if (slot.bend) return;
    const sides = towards.get(slot) ?? { left: { in: [], out: [] }, right: { in: [], out: [] } };
    towards.set(slot, sides);
    sides[other.column < slot.column ? 'left' : 'right'][direction].push(other.top + other.height / 2);
  };
  for (const { route } of routes) {
    route.slice(1).forEach((slot, index) => {
      visit(route[index], slot, 'out');
      visit(slot, route[index], 'in');
    });
  }
  return new Map([...towards].map(([slot, { left, right }]) => [slot, { left: apart(left), right: apart(right) }]));
}

/** One point in the middle; two, where wires go both ways, the upper one for those that lead up. */
function apart({ in: reach, out: leave }: Record<Direction, number[]>): Partial<Record<Direction, number>> {
  if (reach.length === 0 || leave.length === 0) return {};
  const mean = (heights: number[]) => heights.reduce((sum, height) => sum + height, 0) / heights.length;
  return mean(reach) < mean(leave) ? { in: 0.32, out: 0.68 } : { in: 0.68, out: 0.32 };
}

interface Piece {
  readonly start: { readonly x: number; readonly y: number };
  readonly end: { readonly x: number; readonly y: number };
  /** Within one column: out at the right, and in again. */
  readonly loop: boolean;
}

function pathOf(pieces: Piece[]): string {
  const at = (x: number, y: number) => `${round(x)} ${round(y)}`;
  const curves = pieces.map(({ start, end, loop }) => {
    const pull = loop ? Math.min(18 + Math.abs(end.y - start.y) / 8, COLUMN_GAP - 12) : (end.x - start.x) / 2;
    const [first, second] = loop ? [start.x + pull, end.x + pull] : [start.x + pull, end.x - pull];
    return `L${at(start.x, start.y)}C${at(first, start.y)} ${at(second, end.y)} ${at(end.x, end.y)}`;
  });
  return curves.join('').replace(/^L/, 'M');
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
