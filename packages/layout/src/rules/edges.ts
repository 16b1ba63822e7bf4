import { Index, type Region } from '../geometry/region.ts';
import type { Rectangle } from '../layout.ts';

/** An edge along x (level) or y (upright): `line` is its other coordinate, `low` whether what is covered lies on the lower side of it. */
interface Edge {
  readonly upright: boolean;
  readonly line: number;
  readonly from: number;
  readonly to: number;
  readonly low: boolean;
}

/** A right-angled corner; `x` and `y` say to which side what is covered extends, and whether that is a quarter of the plane or three. */
interface Corner {
  readonly x: number;
  readonly y: number;
  readonly right: boolean;
  readonly up: boolean;
  readonly convex: boolean;
}

/** Places of a region that are narrower, or nearer to each other, than allowed. Measured between edges and, at corners, as the crow flies. */
export class Distances {
  readonly #edges: Edge[] = [];
  readonly #corners: Corner[] = [];
  readonly #edgeIndex: Index;
  readonly #cornerIndex: Index;
  /** Outlines with a slanting edge, which cannot be measured. */
  readonly slanting: Rectangle[] = [];

  constructor(region: Region) {
    for (const path of region) {
      const edges: Edge[] = [];
      let last = path.at(-1)!;
      let slanting = false;
      for (const point of path) {
        const upright = point.x === last.x;
        if (!upright && point.y !== last.y) slanting = true;
        // what is covered lies to the left of the way
        const low = upright ? point.y > last.y : point.x < last.x;
        const [a, b] = upright ? [last.y, point.y] : [last.x, point.x];
        edges.push({ upright, line: upright ? point.x : point.y, from: Math.min(a, b), to: Math.max(a, b), low });
        last = point;
      }
      if (slanting) {
        const [xs, ys] = [path.map(({ x }) => x), path.map(({ y }) => y)];
        this.slanting.push({ x1: Math.min(...xs), y1: Math.min(...ys), x2: Math.max(...xs), y2: Math.max(...ys) });
        continue;
      }
      this.#edges.push(...edges);
      for (const [k, point] of path.entries()) {
        // edge k ends at point k, the next begins there
        const [before, after] = [edges[k]!, edges[(k + 1) % edges.length]!];
        if (before.upright === after.upright) continue;
        const [upright, level] = before.upright ? [before, after] : [after, before];
        const turn = cross(path.at(k - 1)!, point, path[(k + 1) % path.length]!);
        this.#corners.push({ ...point, right: !upright.low, up: !level.low, convex: turn > 0 });
      }
    }
    this.#edgeIndex = new Index(this.#edges.map((edge) => rectangleOf(edge)));
    this.#cornerIndex = new Index(this.#corners.map(({ x, y }) => ({ x1: x, y1: y, x2: x, y2: y })));
  }

  /** Places narrower than `width`. */
  narrow(width: number): Rectangle[] {
    return [...this.#facing(width, false), ...this.#diagonal(width, false)];
  }

  /** Places where two edges that face each other over what is not covered are nearer than `gap`. */
  near(gap: number): Rectangle[] {
    return [...this.#facing(gap, true), ...this.#diagonal(gap, true)];
  }

  #facing(distance: number, outside: boolean): Rectangle[] {
    const found: Rectangle[] = [];
    for (const edge of this.#edges) {
      // from the lower edge of the pair upwards: outside, what is covered lies below it
      if (edge.low !== outside) continue;
      const { upright, line, from, to } = edge;
      const reach = upright
        ? { x1: line, y1: from, x2: line + distance, y2: to }
        : { x1: from, y1: line, x2: to, y2: line + distance };
      for (const k of this.#edgeIndex.near(reach)) {
        const other = this.#edges[k]!;
        if (other.upright !== upright || other.low === outside) continue;
        if (other.line <= line || other.line >= line + distance) continue;
        const [a, b] = [Math.max(from, other.from), Math.min(to, other.to)];
        if (a >= b) continue;
        found.push(upright ? { x1: line, y1: a, x2: other.line, y2: b } : { x1: a, y1: line, x2: b, y2: other.line });
      }
    }
    return found;
  }

  #diagonal(distance: number, outside: boolean): Rectangle[] {
    const found: Rectangle[] = [];
    for (const corner of this.#corners) {
      // outside: the corner's quarter lies to the left; inside: what is not covered does
      if (corner.convex !== outside || corner.right === outside) continue;
      const { x, y, up } = corner;
      const upwards = outside ? !up : up;
      const reach = { x1: x, y1: upwards ? y : y - distance, x2: x + distance, y2: upwards ? y + distance : y };
      for (const k of this.#cornerIndex.near(reach)) {
        const other = this.#corners[k]!;
        if (other.convex !== outside || other.right !== outside || other.up === up) continue;
        const [dx, dy] = [other.x - x, upwards ? other.y - y : y - other.y];
        if (dx <= 0 || dy <= 0 || dx * dx + dy * dy >= distance * distance) continue;
        found.push({ x1: x, y1: Math.min(y, other.y), x2: other.x, y2: Math.max(y, other.y) });
      }
    }
    return found;
  }
}

interface Point {
  readonly x: number;
  readonly y: number;
}

function cross(a: Point, b: Point, c: Point): number {
  return (b.x - a.x) * (c.y - b.y) - (b.y - a.y) * (c.x - b.x);
}

function rectangleOf({ upright, line, from, to }: Edge): Rectangle {
  return upright ? { x1: line, y1: from, x2: line, y2: to } : { x1: from, y1: line, x2: to, y2: line };
}
