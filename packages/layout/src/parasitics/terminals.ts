import type { End } from '../extract/extract.ts';
import { boundsOfPath, type Island, isOnIsland } from '../geometry/region.ts';
import type { Rectangle } from '../layout.ts';
import type { Mesh } from './mesh.ts';

/** A pad is so much wider than the lines that lead to it. */
const PAD_WIDER = 2;

/** Where current enters or leaves a conductor: along an edge, over an area, or at the rectangle around a point. */
export type Terminal =
  | { readonly kind: 'edge'; readonly site: number; readonly end: End }
  | { readonly kind: 'area'; readonly site: number; readonly island: Island }
  | { readonly kind: 'point'; readonly site: number; readonly x: number; readonly y: number };

/** What of a terminal a cell takes. */
interface Share {
  /** Of its current; the shares of a terminal add up to 1. */
  readonly share: number;
  /** Squares from the cell's middle to the edge where current enters; 0 where it enters from above. */
  readonly squares: number;
}

/** The cells of a terminal. */
export type Shares = ReadonlyMap<number, Share>;

/** Whether the metal around a point reaches further to all four sides than a line does: it is a pad that somebody touches. */
export function isOnPad({ outline, holes }: Island, x: number, y: number): boolean {
  let [reach, narrowest] = [Infinity, Infinity];
  for (const path of [outline, ...holes]) {
    let last = path.at(-1)!;
    for (const point of path) {
      if (last.y > y !== point.y > y) reach = Math.min(reach, Math.abs(x - point.x));
      if (last.x > x !== point.x > x) reach = Math.min(reach, Math.abs(y - point.y));
      narrowest = Math.min(narrowest, Math.abs(point.x - last.x) + Math.abs(point.y - last.y));
      last = point;
    }
  }
  const { x1, y1, x2, y2 } = boundsOfPath(outline);
  const isBare = outline.length === 4 && Math.max(x2 - x1, y2 - y1) <= PAD_WIDER * narrowest;
  return isBare || 2 * reach > PAD_WIDER * narrowest;
}

/** Coordinates at which a mesh must be cut for its terminals. */
export function cutsFor(terminals: readonly Terminal[]): { readonly xs: number[]; readonly ys: number[] } {
  const xs: number[] = [];
  const ys: number[] = [];
  for (const terminal of terminals) {
    if (terminal.kind === 'point') continue;
    const { x1, y1, x2, y2 } = boundsOf(terminal);
    xs.push(x1, x2);
    ys.push(y1, y2);
  }
  return { xs, ys };
}

/**
 * Coordinates at which a coarse mesh must be cut: where a cell goes on beyond a terminal by more than it is wide, it is cut there, as far from the terminal's
 * middle as the cell is wide. A via or contact in a line so takes the line's whole width, and a wide foot of one is not cut at all.
 */
export function coarseCutsFor(
  { cells }: Mesh,
  terminals: readonly Terminal[],
): { readonly xs: number[]; readonly ys: number[] } {
  const xs: number[] = [];
  const ys: number[] = [];
  const along = (out: number[], [low, high]: Range, [from, to]: Range, width: number): void => {
    if (from - low + (high - to) <= width) return;
    const half = Math.max(to - from, width) / 2;
    out.push((from + to) / 2 - half, (from + to) / 2 + half);
  };
  for (const terminal of terminals) {
    if (terminal.kind === 'point') continue;
    const at = boundsOf(terminal);
    for (const cell of cells) {
      if (at.x2 < cell.x1 || at.x1 > cell.x2 || at.y2 < cell.y1 || at.y1 > cell.y2) continue;
      along(xs, [cell.x1, cell.x2], [at.x1, at.x2], cell.y2 - cell.y1);
      along(ys, [cell.y1, cell.y2], [at.y1, at.y2], cell.x2 - cell.x1);
    }
  }
  return { xs, ys };
}

type Range = readonly [number, number];

function boundsOf(terminal: Terminal): Rectangle {
  if (terminal.kind === 'area') return boundsOfPath(terminal.island.outline);
  if (terminal.kind === 'edge') return segmentOf(terminal.end);
  return { x1: terminal.x, x2: terminal.x, y1: terminal.y, y2: terminal.y };
}

/** The edge of a contact; one on several sides is a point at its mean place. */
function segmentOf({ x, y, upright, level }: End): Rectangle {
  if (upright > 0 && level > 0) return { x1: x, y1: y, x2: x, y2: y };
  // means of whole numbers, up to rounding
  const [x1, x2, y1, y2] = [x - level / 2, x + level / 2, y - upright / 2, y + upright / 2].map(Math.round);
  return { x1: x1!, x2: x2!, y1: y1!, y2: y2! };
}

/** The cells of a terminal: of a coarse mesh those that it touches. A terminal that touches no cell as it should takes the nearest. */
export function sharesOf(mesh: Mesh, terminal: Terminal): Shares {
  const weights = terminal.kind === 'edge' ? alongEdge(mesh, terminal.end) : overArea(mesh, terminal);
  const total = [...weights.values()].reduce((sum, { share }) => sum + share, 0);
  if (total > 0)
    return new Map([...weights].map(([cell, { share, squares }]) => [cell, { share: share / total, squares }]));
  const { x, y } = placeOf(terminal);
  let [best, least] = [0, Number.POSITIVE_INFINITY];
  mesh.cells.forEach(({ x1, y1, x2, y2 }, k) => {
    const far = Math.hypot(Math.max(x1 - x, 0, x - x2), Math.max(y1 - y, 0, y - y2));
    if (far < least) [best, least] = [k, far];
  });
  return new Map([[best, { share: 1, squares: 0 }]]);
}

export function placeOf(terminal: Terminal): { readonly x: number; readonly y: number } {
  if (terminal.kind === 'edge') return terminal.end;
  if (terminal.kind === 'point') return terminal;
  const { x1, y1, x2, y2 } = boundsOfPath(terminal.island.outline);
  return { x: (x1 + x2) / 2, y: (y1 + y2) / 2 };
}

function alongEdge({ cells }: Mesh, { level, upright, ...end }: End): Map<number, Share> {
  const segment = segmentOf({ level, upright, ...end });
  const shares = new Map<number, Share>();
  cells.forEach(({ x1, y1, x2, y2 }, k) => {
    const isBeside =
      level === 0 ? x1 === segment.x1 || x2 === segment.x1 : upright === 0 && (y1 === segment.y1 || y2 === segment.y1);
    if (!isBeside) return;
    const [low, high] = level === 0 ? [segment.y1, segment.y2] : [segment.x1, segment.x2];
    const [side, depth] = level === 0 ? [[y1, y2] as const, x2 - x1] : [[x1, x2] as const, y2 - y1];
    const share = Math.min(side[1], high) - Math.max(side[0], low);
    if (share > 0) shares.set(k, { share, squares: depth / 2 / share });
  });
  return shares;
}

function overArea({ cells }: Mesh, terminal: Exclude<Terminal, { kind: 'edge' }>): Map<number, Share> {
  const shares = new Map<number, Share>();
  const island = terminal.kind === 'area' ? terminal.island : undefined;
  const around = island && boundsOfPath(island.outline);
  const isRectangle = island?.outline.length === 4 && island.holes.length === 0;
  cells.forEach(({ x1, y1, x2, y2 }, k) => {
    const [x, y] = [(x1 + x2) / 2, (y1 + y2) / 2];
    const isIn =
      terminal.kind === 'point'
        ? terminal.x >= x1 && terminal.x <= x2 && terminal.y >= y1 && terminal.y <= y2
        : x > around!.x1 &&
          x < around!.x2 &&
          y > around!.y1 &&
          y < around!.y2 &&
          (isRectangle || isOnIsland(island!, x, y));
    if (isIn) shares.set(k, { share: (x2 - x1) * (y2 - y1), squares: 0 });
  });
  return shares;
}
