/** A device in a drawing and where its middle is. */
export interface Spot {
  readonly device: string;
  readonly x: number;
  readonly y: number;
}

export type Direction = 'left' | 'right' | 'up' | 'down';

const ALONG: Readonly<Record<Direction, readonly [x: number, y: number]>> = {
  left: [-1, 0],
  right: [1, 0],
  up: [0, -1],
  down: [0, 1],
};
/** What lies beside the way counts for so much more than what lies on it. */
const ASIDE = 2.5;

/** The next spot that way; undefined where there is none. */
export function nearest(spots: readonly Spot[], from: Spot, direction: Direction): Spot | undefined {
  const [ax, ay] = ALONG[direction];
  let best: Spot | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const spot of spots) {
    if (spot.device === from.device) continue;
    const [dx, dy] = [spot.x - from.x, spot.y - from.y];
    const along = dx * ax + dy * ay;
    if (along <= 1e-6) continue;
    const cost = along + ASIDE * Math.abs(dx * ay - dy * ax);
    if (cost < least) {
      least = cost;
      best = spot;
    }
  }
  return best;
}
