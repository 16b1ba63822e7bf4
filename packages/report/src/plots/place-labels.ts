/** A rectangle in pixels; y grows downwards. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** A point that is named, in pixels. */
export interface Named {
  readonly x: number;
  readonly y: number;
  /** Pixels of its name. */
  readonly width: number;
}

/** Where the name of a point stands: its left end and its middle line. */
export interface Placed {
  readonly left: number;
  readonly middle: number;
  /** So far from its point that a line has to lead to it. */
  readonly isFar: boolean;
}

const HEIGHT = 13;
/** Room about a name. */
const GAP = 3;
/** From a point to the nearest places of its name, and by how much these grow. */
const NEAR = 9;
const STEP = 8;
const RINGS = 24;
/** A name that is further than this is led to. */
const LED = 22;
const DIRECTIONS = 16;

/**
 * Places names beside their points so that no name lies over an obstacle, over another name or outside the frame: each at the nearest
 * free place, in the order of the points. Where a picture is so full that there is none, the place that is covered least.
 */
export function placeLabels(points: readonly Named[], obstacles: readonly Box[], frame: Box): Placed[] {
  const taken: Box[] = [...obstacles];
  return points.map(({ x, y, width }) => {
    let best: { box: Box; covered: number; isFar: boolean } | undefined;
    for (let ring = 0; ring < RINGS && best?.covered !== 0; ring += 1) {
      const reach = NEAR + ring * STEP;
      for (let k = 0; k < DIRECTIONS; k += 1) {
        // right, then left, then what is between, so that names read as belonging to their points
        const angle = 2 * Math.PI * ((k % 2 === 0 ? k / 2 : DIRECTIONS / 2 + (k - 1) / 2) / DIRECTIONS);
        const box = boxAt(x + reach * Math.cos(angle), y - reach * Math.sin(angle), width, Math.cos(angle));
        const covered = taken.reduce((sum, other) => sum + overlap(box, other), outside(box, frame));
        if (best === undefined || covered < best.covered) best = { box, covered, isFar: reach > LED };
        if (covered === 0) break;
      }
    }
    const { box, isFar } = best!;
    taken.push(box);
    return { left: box.left + GAP, middle: (box.top + box.bottom) / 2, isFar };
  });
}

/** The box of a name that begins, ends or is centred at a point, by the side of its point that it stands on. */
function boxAt(x: number, y: number, width: number, side: number): Box {
  const whole = width + 2 * GAP;
  const left = x - whole * (0.5 - 0.5 * side);
  return { left, top: y - HEIGHT / 2, right: left + whole, bottom: y + HEIGHT / 2 };
}

/** The area that two boxes share. */
function overlap(a: Box, b: Box): number {
  const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
  const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
  return Math.max(0, wide) * Math.max(0, high);
}

/** The area of a box that lies beyond a frame. */
function outside(box: Box, frame: Box): number {
  return (box.right - box.left) * (box.bottom - box.top) - overlap(box, frame);
}
