/** Something that stands in a column: a box, or the bend of a wire that passes between boxes. */
export interface Slot {
  readonly column: number;
  readonly height: number;
  /** No box: a wire runs through. */
  readonly bend: boolean;
  /** Upper edge, set by `placeSlots`. */
  top: number;
}

/** A piece of a wire between two slots of neighbouring columns, or of one column. */
export type Link = readonly [Slot, Slot];

const ROUNDS = 12;

/** Space below a box and below a wire. */
const GAPS = { box: 18, bend: 10 };

/** Orders the slots of every column so that few wires cross, then gives each its height on the page. */
export function placeSlots(columns: Slot[][], links: Link[]): void {
  const neighbours = neighboursOf(links);
  orderColumns(columns, neighbours, links);
  for (const column of columns) stack(column);
  for (let round = 0; round < ROUNDS; round++) {
    const order = round % 2 === 0 ? columns : [...columns].reverse();
    for (const column of order) straighten(column, neighbours);
  }
  const least = Math.min(...columns.flat().map(({ top }) => top));
  for (const slot of columns.flat()) slot.top -= least;
}

function neighboursOf(links: Link[]): Map<Slot, Slot[]> {
  const neighbours = new Map<Slot, Slot[]>();
  for (const [from, to] of links) {
    neighbours.set(from, [...(neighbours.get(from) ?? []), to]);
    neighbours.set(to, [...(neighbours.get(to) ?? []), from]);
  }
  return neighbours;
}

/** Sweeps to and fro: each slot goes to the middle of what it is joined to. Keeps the order that costs least. */
function orderColumns(columns: Slot[][], neighbours: Map<Slot, Slot[]>, links: Link[]): void {
  let best = columns.map((column) => [...column]);
  let least = cost(columns, links);
  for (let round = 0; round < ROUNDS && least > 0; round++) {
    const order = round % 2 === 0 ? columns : [...columns].reverse();
    for (const column of order) sortByMiddle(column, columns, neighbours);
    swapNeighbours(columns, neighbours);
    const now = cost(columns, links);
    if (now < least) {
      least = now;
      best = columns.map((column) => [...column]);
    }
  }
  for (const [index, column] of best.entries()) columns[index].splice(0, columns[index].length, ...column);
}

function sortByMiddle(column: Slot[], columns: Slot[][], neighbours: Map<Slot, Slot[]>): void {
  const position = new Map(columns.flatMap((slots) => slots.map((slot, index) => [slot, (index + 0.5) / slots.length])));
  const around = (slot: Slot) => neighbours.get(slot) ?? [];
  const outside = (slot: Slot) => around(slot).filter((other) => other.column !== slot.column);
  const middle = new Map<Slot, number>();
  for (const slot of column)
    if (outside(slot).length > 0) middle.set(slot, mean(outside(slot).map((other) => position.get(other)!)));
  // What is joined within the column only stands below what it is joined to; what is joined to nothing, at the foot.
  const inside = (slot: Slot) => around(slot).flatMap((other) => middle.get(other) ?? []);
  for (const slot of column.filter((candidate) => !middle.has(candidate))) {
    const near = inside(slot);
    middle.set(slot, near.length > 0 ? mean(near) + 0.001 : 2);
  }
  column.sort((left, right) => middle.get(left)! - middle.get(right)!);
}

/** Swaps two slots one below the other wherever fewer wires cross then. */
function swapNeighbours(columns: Slot[][], neighbours: Map<Slot, Slot[]>): void {
  const index = indexesOf(columns);
  const crossed = (upper: Slot, lower: Slot) => {
    let count = 0;
    for (const one of neighbours.get(upper) ?? []) {
      for (const other of neighbours.get(lower) ?? []) {
        if (one.column === other.column && one.column !== upper.column && index.get(one)! > index.get(other)!) count++;
      }
    }
    return count;
  };
  for (const column of columns) {
    for (let pass = 0; pass < 2; pass++) {
      for (let at = 0; at + 1 < column.length; at++) {
        const [upper, lower] = [column[at], column[at + 1]];
        if (crossed(lower, upper) >= crossed(upper, lower)) continue;
        column[at] = lower;
        column[at + 1] = upper;
        index.set(lower, at).set(upper, at + 1);
      }
    }
  }
}

function indexesOf(columns: Slot[][]): Map<Slot, number> {
  return new Map(columns.flatMap((column) => column.map((slot, position) => [slot, position])));
}

/** Wires that cross, and slots that a wire within its column passes by. */
function cost(columns: Slot[][], links: Link[]): number {
  const index = indexesOf(columns);
  const spans = links
    .map(([from, to]) => (from.column < to.column ? [from, to] : [to, from]))
    .map(([left, right]) => ({
      column: left.column,
      loop: left.column === right.column,
      left: index.get(left)!,
      right: index.get(right)!,
    }));
  let count = 0;
  for (const [position, one] of spans.entries()) {
    if (one.loop) count += 2 * (Math.abs(one.left - one.right) - 1);
    else {
      for (const other of spans.slice(position + 1)) {
        if (one.column === other.column && !other.loop && (one.left - other.left) * (one.right - other.right) < 0) count++;
      }
    }
  }
  return count;
}

function stack(column: Slot[]): void {
  let top = 0;
  for (const slot of column) {
    slot.top = top;
    top += slot.height + gapBelow(slot);
  }
}

function gapBelow({ bend }: Slot): number {
  return bend ? GAPS.bend : GAPS.box;
}

/** Moves each slot as near to the middle of its neighbours as the order and the gaps allow (least squares). */
function straighten(column: Slot[], neighbours: Map<Slot, Slot[]>): void {
  const offsets: number[] = [];
  column.forEach((_slot, index) => {
    const above = column[index - 1];
    offsets.push(above ? offsets[index - 1] + above.height + gapBelow(above) : 0);
  });
  const blocks: { sum: number; weight: number; count: number }[] = [];
  column.forEach((slot, index) => {
    const around = (neighbours.get(slot) ?? []).filter((other) => other.column !== slot.column);
    const wanted = around.length > 0 ? mean(around.map(centre)) - slot.height / 2 : slot.top;
    const weight = around.length > 0 ? 1 : 0.01;
    blocks.push({ sum: (wanted - offsets[index]) * weight, weight, count: 1 });
    while (blocks.length > 1 && level(blocks[blocks.length - 2]) > level(blocks[blocks.length - 1])) {
      const last = blocks.pop()!;
      const into = blocks[blocks.length - 1];
      into.sum += last.sum;
      into.weight += last.weight;
      into.count += last.count;
    }
  });
  let index = 0;
  for (const block of blocks) {
    for (const end = index + block.count; index < end; index++) column[index].top = level(block) + offsets[index];
  }
}

function level({ sum, weight }: { readonly sum: number; readonly weight: number }): number {
  return sum / weight;
}

function centre({ top, height }: Slot): number {
  return top + height / 2;
}

function mean(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
