import { Index } from '../geometry/region.ts';
import type { Layout, Rectangle, Shape } from '../layout.ts';
import type { Layer } from '../process.ts';

/** Two nets whose lines run side by side on a layer, with no other line between them. */
export interface Neighbours {
  readonly layer: string;
  /** In alphabetical order. */
  readonly nets: readonly [string, string];
  /** Between the two where they are nearest. */
  readonly gap: number;
  /** Length of all the runs side by side. */
  readonly run: number;
  /** What lies between them along the nearest run; where several are, the longest. */
  readonly place: Rectangle;
}

/** Two nets whose lines cross, one on each metal. */
export interface Crossing {
  readonly nets: readonly [bottom: string, top: string];
  readonly times: number;
  /** Of all of them. */
  readonly area: number;
  readonly place: Rectangle;
}

/** A piece of the upper edge that is seen from above, while one looks from below upwards. */
interface Seen {
  readonly x1: number;
  readonly x2: number;
  readonly shape: Shape;
}

/**
 * Which lines could be shorted by a blot of ink: pairs of nets on each metal, the nearest first and of those the longest. Lengths in database
 * units. Lines are those of the whole print and the pads at its edge, not the metal of devices.
 */
export function neighboursOf({ shapes, process }: Pick<Layout, 'shapes' | 'process'>): Neighbours[] {
  const pairs = new Map<string, Neighbours>();
  for (const layer of [process.bottom, process.top]) {
    const own = linesOf(shapes, layer);
    sideBySide(own, (a, b, place) => add(pairs, layer, a, b, place, place.y2 - place.y1, place.x2 - place.x1));
    const turned = own.map((shape) => ({ ...shape, ...turn(shape) }));
    sideBySide(turned, (a, b, place) => add(pairs, layer, a, b, turn(place), place.y2 - place.y1, place.x2 - place.x1));
  }
  return [...pairs.values()].sort(
    (a, b) =>
      a.gap - b.gap || b.run - a.run || (`${a.layer} ${a.nets.join(' ')}` < `${b.layer} ${b.nets.join(' ')}` ? -1 : 1),
  );
}

/** Which lines cross, and could be shorted by a hole in the dielectric; in the order in which the upper ones were drawn. */
export function crossingsOf({ shapes, process }: Pick<Layout, 'shapes' | 'process'>): Crossing[] {
  const bottom = linesOf(shapes, process.bottom);
  const index = new Index(bottom);
  const pairs = new Map<string, Crossing>();
  for (const upper of linesOf(shapes, process.top))
    for (const k of index.near(upper)) {
      const lower = bottom[k]!;
      const [x1, x2] = [Math.max(upper.x1, lower.x1), Math.min(upper.x2, lower.x2)];
      const [y1, y2] = [Math.max(upper.y1, lower.y1), Math.min(upper.y2, lower.y2)];
      if (x1 >= x2 || y1 >= y2 || upper.net === lower.net) continue;
      const key = `${lower.net} ${upper.net}`;
      const old = pairs.get(key);
      const [times, area] = [(old?.times ?? 0) + 1, (old?.area ?? 0) + (x2 - x1) * (y2 - y1)];
      pairs.set(key, { nets: [lower.net, upper.net], times, area, place: old?.place ?? { x1, y1, x2, y2 } });
    }
  return [...pairs.values()];
}

function linesOf(shapes: readonly Shape[], layer: Layer): Shape[] {
  return shapes.filter((shape) => shape.layer === layer && shape.net !== '');
}

function turn({ x1, y1, x2, y2 }: Rectangle): Rectangle {
  return { x1: y1, y1: x1, x2: y2, y2: x2 };
}

function add(
  pairs: Map<string, Neighbours>,
  { name }: Layer,
  a: Shape,
  b: Shape,
  place: Rectangle,
  gap: number,
  run: number,
): void {
  if (a.net === b.net || gap <= 0) return;
  const nets: [string, string] = a.net < b.net ? [a.net, b.net] : [b.net, a.net];
  const key = `${name} ${nets.join(' ')}`;
  const old = pairs.get(key);
  const runOf = ({ x1, y1, x2, y2 }: Rectangle): number => Math.max(x2 - x1, y2 - y1);
  const nearer = old === undefined || gap < old.gap || (gap === old.gap && runOf(place) > runOf(old.place));
  pairs.set(key, { ...(nearer ? { layer: name, nets, gap, place } : old), run: run + (old?.run ?? 0) });
}

/** Calls `each` for every rectangle and every one that is next below it, with what lies between. */
function sideBySide(shapes: readonly Shape[], each: (a: Shape, b: Shape, place: Rectangle) => void): void {
  let seen: Seen[] = [];
  for (const shape of [...shapes].sort((a, b) => a.y1 - b.y1 || a.x1 - b.x1)) {
    const next: Seen[] = [];
    for (const piece of seen) {
      const [x1, x2] = [Math.max(piece.x1, shape.x1), Math.min(piece.x2, shape.x2)];
      if (x1 >= x2) {
        next.push(piece);
        continue;
      }
      each(piece.shape, shape, { x1, y1: piece.shape.y2, x2, y2: shape.y1 });
      // what it ends below stays in sight
      const hidden = piece.shape.y2 > shape.y2;
      if (hidden) next.push(piece);
      else {
        if (piece.x1 < x1) next.push({ ...piece, x2: x1 });
        if (piece.x2 > x2) next.push({ ...piece, x1: x2 });
      }
    }
    next.push({ x1: shape.x1, x2: shape.x2, shape });
    seen = next;
  }
}
