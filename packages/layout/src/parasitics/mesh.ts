import type { Island } from '../geometry/region.ts';

/** A rectangle of a conductor. */
interface Cell {
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
}

/** Cells that share a side, and the squares from centre to centre. */
interface Link {
  readonly cells: readonly [number, number];
  readonly squares: number;
}

/** A conductor cut into rectangles: the sheet's equation on a grid that is no finer than the conductor's own corners ask for. */
export interface Mesh {
  readonly cells: readonly Cell[];
  readonly links: readonly Link[];
}

/**
 * Cuts an island along the coordinates of its own corners and the given ones, `fine` cuts every interval further. Undefined for an outline with a slanting
 * edge. Straight pieces are exact; a corner or junction is one cell, whose arms end in its middle.
 */
export function meshOf(
  island: Island,
  extra: { readonly xs: readonly number[]; readonly ys: readonly number[] },
  fine = false,
): Mesh | undefined {
  const uprights: { readonly x: number; readonly y1: number; readonly y2: number }[] = [];
  const own = { xs: new Set<number>(), ys: new Set<number>() };
  for (const path of [island.outline, ...island.holes]) {
    let last = path.at(-1)!;
    for (const point of path) {
      if (point.x !== last.x && point.y !== last.y) return undefined;
      if (point.x === last.x)
        uprights.push({ x: point.x, y1: Math.min(last.y, point.y), y2: Math.max(last.y, point.y) });
      own.xs.add(point.x);
      own.ys.add(point.y);
      last = point;
    }
  }
  uprights.sort((a, b) => a.x - b.x);
  const xs = cuts(own.xs, extra.xs, fine);
  const ys = cuts(own.ys, extra.ys, fine);
  const cells: Cell[] = [];
  const links: Link[] = [];
  let below = new Map<number, number>();
  for (let k = 0; k + 1 < ys.length; k += 1) {
    const [y1, y2] = [ys[k]!, ys[k + 1]!];
    const row = new Map<number, number>();
    const crossed = uprights.filter((edge) => edge.y1 <= y1 && edge.y2 >= y2);
    for (let e = 0; e + 1 < crossed.length; e += 2) {
      const to = crossed[e + 1]!.x;
      for (let at = place(xs, crossed[e]!.x); xs[at]! < to; at += 1) {
        const cell = { x1: xs[at]!, y1, x2: xs[at + 1]!, y2 };
        const left = xs[at]! > crossed[e]!.x ? cells.length - 1 : -1;
        const under = below.get(at);
        if (left >= 0) link(cells, links, left, cell, (y2 - y1) / 0.5, 'x');
        if (under !== undefined) link(cells, links, under, cell, (cell.x2 - cell.x1) / 0.5, 'y');
        row.set(at, cells.length);
        cells.push(cell);
      }
    }
    below = row;
  }
  return { cells, links };
}

/** A link from a known cell to the next one; `across` is twice the length of their common side. */
function link(cells: readonly Cell[], links: Link[], from: number, to: Cell, across: number, axis: 'x' | 'y'): void {
  const size = ({ x1, x2, y1, y2 }: Cell): number => (axis === 'x' ? x2 - x1 : y2 - y1);
  links.push({ cells: [from, cells.length], squares: (size(cells[from]!) + size(to)) / across });
}

/** Coordinates in order: all own ones, and of the others those between them; `fine` cuts every interval. */
function cuts(own: ReadonlySet<number>, extra: readonly number[], fine: boolean): number[] {
  const [low, high] = [Math.min(...own), Math.max(...own)];
  const all = new Set([...own, ...extra.filter((at) => at > low && at < high)]);
  const sorted = [...all].sort((a, b) => a - b);
  if (!fine) return sorted;
  const narrowest = sorted.reduce(
    (least, at, k) => (k === 0 ? least : Math.min(least, at - sorted[k - 1]!)),
    high - low,
  );
  return sorted.flatMap((at, k) => {
    const next = sorted[k + 1];
    if (next === undefined) return [at];
    return cutsOf((next - at) / narrowest).map((share) => at + share * narrowest);
  });
}

/** Where an interval is cut: a short one into quarters, a long one so near its ends, where what is beside it bends the current. */
function cutsOf(length: number): readonly number[] {
  if (length < 3) return [0, 1, 2, 3].map((k) => (k * length) / 4);
  return [0, 0.25, 0.5, 1, length / 2, length - 1, length - 0.5, length - 0.25];
}

/** The place of a number in a sorted list that has it. */
function place(sorted: readonly number[], value: number): number {
  let [low, high] = [0, sorted.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
