import {
  booleanOpWithPolyTree,
  ClipType,
  difference,
  EndType,
  FillRule,
  inflatePaths,
  intersect,
  JoinType,
  type Path64,
  type Paths64,
  type PolyPath64,
  PolyTree64,
  union,
} from 'clipper2-ts';
import type { Rectangle } from '../layout.ts';

/** Areas on whole numbers: outlines counter-clockwise, holes clockwise, nothing overlaps. */
export type Region = Paths64;
export type Outline = Path64;

/** The area that is covered by any of the outlines, however they run. */
export function merged(outlines: readonly (readonly { readonly x: number; readonly y: number }[])[]): Region {
  // outlines in files run either way, and clipper counts windings
  const same = outlines.map((points): Path64 => {
    const path = points.map(({ x, y }) => ({ x, y }));
    return signedArea(path) < 0 ? path.reverse() : path;
  });
  return same.length === 0 ? [] : union(same, FillRule.NonZero);
}

export function mergedRectangles(rectangles: Iterable<Rectangle>): Region {
  return merged(Array.from(rectangles, outlineOf));
}

export function outlineOf({ x1, y1, x2, y2 }: Rectangle): Outline {
  return [
    { x: x1, y: y1 },
    { x: x2, y: y1 },
    { x: x2, y: y2 },
    { x: x1, y: y2 },
  ];
}

export function and(a: Region, b: Region): Region {
  return a.length === 0 || b.length === 0 ? [] : intersect(a, b, FillRule.NonZero);
}

export function minus(a: Region, b: Region): Region {
  return a.length === 0 || b.length === 0 ? a : difference(a, b, FillRule.NonZero);
}

export function or(a: Region, b: Region): Region {
  if (a.length === 0) return b;
  return b.length === 0 ? a : union(a, b, FillRule.NonZero);
}

/** Every edge moved outwards by so many whole units, corners kept square; a negative number shrinks. */
export function sized(region: Region, by: number): Region {
  if (region.length === 0 || by === 0) return region;
  // each outline is grown for itself, and what meets then must become one
  return union(inflatePaths(region, by, JoinType.Miter, EndType.Polygon), FillRule.NonZero);
}

export function areaOf(region: Region): number {
  return region.reduce((sum, path) => sum + signedArea(path), 0);
}

export function signedArea(path: readonly { readonly x: number; readonly y: number }[]): number {
  let twice = 0;
  let last = path.at(-1)!;
  for (const point of path) {
    twice += last.x * point.y - point.x * last.y;
    last = point;
  }
  return twice / 2;
}

export function boundsOfPath(path: Outline): Rectangle {
  let [x1, y1, x2, y2] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const { x, y } of path) {
    x1 = Math.min(x1, x);
    y1 = Math.min(y1, y);
    x2 = Math.max(x2, x);
    y2 = Math.max(y2, y);
  }
  return { x1, y1, x2, y2 };
}

/** A connected piece of a region with its holes. */
export interface Island {
  readonly outline: Outline;
  readonly holes: readonly Outline[];
}

/** The connected pieces of a region. */
export function islandsOf(region: Region): Island[] {
  if (region.length === 0) return [];
  const tree = new PolyTree64();
  booleanOpWithPolyTree(ClipType.Union, region, null, tree, FillRule.NonZero);
  const islands: Island[] = [];
  const visit = (node: PolyPath64): void => {
    for (let k = 0; k < node.count; k += 1) {
      const child = node.child(k);
      const holes: Outline[] = [];
      for (let h = 0; h < child.count; h += 1) {
        const hole = child.child(h);
        holes.push(hole.polygon!);
        visit(hole);
      }
      islands.push({ outline: child.polygon!, holes });
    }
  };
  visit(tree);
  return islands;
}

/** A point inside an island: halfway between the first two edges that a line just above its lowest corner crosses. */
export function pointInside({ outline, holes }: Island): { readonly x: number; readonly y: number } {
  const ys = [...new Set([outline, ...holes].flatMap((path) => path.map(({ y }) => y)))].sort((a, b) => a - b);
  const y = (ys[0]! + ys[1]!) / 2;
  const xs = crossings(outline, y).sort((a, b) => a - b);
  return { x: (xs[0]! + xs[1]!) / 2, y };
}

function crossings(path: Outline, y: number): number[] {
  const xs: number[] = [];
  let last = path.at(-1)!;
  for (const point of path) {
    if (last.y > y !== point.y > y) xs.push(last.x + ((y - last.y) / (point.y - last.y)) * (point.x - last.x));
    last = point;
  }
  return xs;
}

function isInside(path: Outline, x: number, y: number): boolean {
  let inside = false;
  let last = path.at(-1)!;
  for (const point of path) {
    if (last.y > y !== point.y > y && x < last.x + ((y - last.y) / (point.y - last.y)) * (point.x - last.x))
      inside = !inside;
    last = point;
  }
  return inside;
}

/** Whether a point lies on an island. */
export function isOnIsland({ outline, holes }: Island, x: number, y: number): boolean {
  return isInside(outline, x, y) && !holes.some((hole) => isInside(hole, x, y));
}

/** Rectangles that can be asked which of them lie near a place. */
export class Index {
  readonly #side: number;
  readonly #cells = new Map<number, number[]>();
  readonly #x: number;
  readonly #y: number;
  readonly #width: number;
  readonly #height: number;

  constructor(rectangles: readonly Rectangle[]) {
    const all = rectangles.reduce(
      (sum, one) => ({
        x1: Math.min(sum.x1, one.x1),
        y1: Math.min(sum.y1, one.y1),
        x2: Math.max(sum.x2, one.x2),
        y2: Math.max(sum.y2, one.y2),
      }),
      { x1: 0, y1: 0, x2: 1, y2: 1 },
    );
    [this.#x, this.#y] = [all.x1, all.y1];
    // a few rectangles to a cell; long ones lie in many
    this.#side = Math.min(96, Math.ceil(Math.sqrt(rectangles.length) / 2) + 1);
    this.#width = (all.x2 - all.x1) / this.#side;
    this.#height = (all.y2 - all.y1) / this.#side;
    rectangles.forEach((rectangle, k) => {
      for (const cell of this.#around(rectangle)) {
        const list = this.#cells.get(cell);
        if (list === undefined) this.#cells.set(cell, [k]);
        else list.push(k);
      }
    });
  }

  /** Numbers of the rectangles whose neighbourhood meets the given one; some do not meet it themselves. */
  near(rectangle: Rectangle): Iterable<number> {
    const cells = this.#around(rectangle);
    if (cells.length === 1) return this.#cells.get(cells[0]!) ?? [];
    return new Set(cells.flatMap((cell) => this.#cells.get(cell) ?? []));
  }

  #around({ x1, y1, x2, y2 }: Rectangle): number[] {
    const at = (value: number): number => Math.min(this.#side - 1, Math.max(0, Math.floor(value)));
    const [left, right] = [at((x1 - this.#x) / this.#width), at((x2 - this.#x) / this.#width)];
    const [low, high] = [at((y1 - this.#y) / this.#height), at((y2 - this.#y) / this.#height)];
    const cells: number[] = [];
    for (let i = left; i <= right; i += 1) for (let j = low; j <= high; j += 1) cells.push(i * this.#side + j);
    return cells;
  }
}

/** Islands that can be asked which of them is at a point. */
export class IslandMap {
  readonly islands: readonly Island[];
  readonly #index: Index;

  constructor(region: Region) {
    this.islands = islandsOf(region);
    this.#index = new Index(this.islands.map(({ outline }) => boundsOfPath(outline)));
  }

  /** The island at a point, or −1. */
  at({ x, y }: { readonly x: number; readonly y: number }): number {
    for (const k of this.#index.near({ x1: x, y1: y, x2: x, y2: y })) if (isOnIsland(this.islands[k]!, x, y)) return k;
    return -1;
  }
}
