import { type Island, islandsOf, type Outline, pointInside, type Region, signedArea } from '../geometry/region.ts';

/** Part of an outline: it runs along `line` (x of an upright edge, y of a level one) from `from` to `to`. */
interface Edge {
  readonly upright: boolean;
  readonly line: number;
  readonly from: number;
  readonly to: number;
}

/** Where a body meets a conductor: the piece of conductor, its net, and how long the common edges are, upright and level. */
export interface Contact {
  readonly piece: number;
  readonly net: number;
  readonly upright: number;
  readonly level: number;
  /** Mean place of those edges. */
  readonly x: number;
  readonly y: number;
}

/** Undefined for an outline with a slanting edge. */
function edgesOf({ outline, holes }: Island): Edge[] | undefined {
  const edges: Edge[] = [];
  for (const path of [outline, ...holes]) {
    let last = path.at(-1)!;
    for (const point of path) {
      const upright = point.x === last.x;
      if (!upright && point.y !== last.y) return undefined;
      const [a, b] = upright ? [last.y, point.y] : [last.x, point.x];
      edges.push({ upright, line: upright ? point.x : point.y, from: Math.min(a, b), to: Math.max(a, b) });
      last = point;
    }
  }
  return edges;
}

/** Pieces of conductor under ink or semiconductor, to be asked which of their edges a body shares. */
export class Contacts {
  readonly #edges = new Map<string, { readonly edge: Edge; readonly piece: number; readonly net: number }[]>();
  #pieces = 0;

  /** Adds the pieces of a region; `netAt` gives the net of the conductor at a point. */
  add(region: Region, netAt: (point: { readonly x: number; readonly y: number }) => number): void {
    for (const island of islandsOf(region)) {
      const net = netAt(pointInside(island));
      for (const edge of edgesOf(island) ?? []) {
        const key = keyOf(edge);
        const list = this.#edges.get(key);
        const entry = { edge, piece: this.#pieces, net };
        if (list === undefined) this.#edges.set(key, [entry]);
        else list.push(entry);
      }
      this.#pieces += 1;
    }
  }

  /** The contacts of a body; undefined for one with a slanting edge. */
  of(body: Island): Contact[] | undefined {
    const found = new Map<number, { net: number; upright: number; level: number; x: number; y: number }>();
    const edges = edgesOf(body);
    if (edges === undefined) return undefined;
    for (const edge of edges)
      for (const other of this.#edges.get(keyOf(edge)) ?? []) {
        const [from, to] = [Math.max(edge.from, other.edge.from), Math.min(edge.to, other.edge.to)];
        if (from >= to) continue;
        const sum = found.get(other.piece) ?? { net: other.net, upright: 0, level: 0, x: 0, y: 0 };
        const middle = (from + to) / 2;
        sum.x += (edge.upright ? edge.line : middle) * (to - from);
        sum.y += (edge.upright ? middle : edge.line) * (to - from);
        sum[edge.upright ? 'upright' : 'level'] += to - from;
        found.set(other.piece, sum);
      }
    return [...found].map(([piece, { net, upright, level, x, y }]) => ({
      piece,
      net,
      upright,
      level,
      x: x / (upright + level),
      y: y / (upright + level),
    }));
  }
}

function keyOf({ upright, line }: Edge): string {
  return `${upright ? 'x' : 'y'}${line}`;
}

/**
 * Squares of a piece of ink between two contacts at opposite ends: the sum of length over width along the way. Undefined where it is no
 * straight piece: contacts on other sides, a slanting edge, a hole.
 */
export function squaresOf({ outline, holes }: Island, [a, b]: readonly [Contact, Contact]): number | undefined {
  if (holes.length > 0) return undefined;
  if (a.upright === 0 && b.upright === 0) return slabs(outline, a.y, b.y);
  if (a.level === 0 && b.level === 0)
    return slabs(
      outline.map(({ x, y }) => ({ x: y, y: x })),
      a.x,
      b.x,
    );
  return undefined;
}

/** ∫ dy / width(y) between two heights. */
function slabs(outline: Outline, from: number, to: number): number | undefined {
  const [low, high] = [Math.min(from, to), Math.max(from, to)];
  const ys = [...new Set([low, high, ...outline.map(({ y }) => y)])].filter((y) => y >= low && y <= high);
  ys.sort((p, q) => p - q);
  let squares = 0;
  for (let k = 0; k + 1 < ys.length; k += 1) {
    const middle = (ys[k]! + ys[k + 1]!) / 2;
    let width = 0;
    let last = outline.at(-1)!;
    // upright edges that the level crosses: those that run up on the left, those that run down on the right
    for (const point of outline) {
      if (last.y > middle !== point.y > middle) width += point.y > last.y ? last.x : -last.x;
      last = point;
    }
    if (width === 0) return undefined;
    squares += (ys[k + 1]! - ys[k]!) / Math.abs(width);
  }
  return squares;
}

/** W and L of a channel between two contacts: W is the mean of their lengths, L the area over it. */
export function channelOf({ outline, holes }: Island, [a, b]: readonly [Contact, Contact]): { w: number; l: number } {
  const w = (a.upright + a.level + b.upright + b.level) / 2;
  const area = [outline, ...holes].reduce((sum, path) => sum + signedArea(path), 0);
  return { w, l: Math.abs(area) / w };
}
