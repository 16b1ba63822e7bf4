/** φ and φ′ at a step length. */
export interface Slice {
  readonly value: number;
  readonly slope: number;
}

const SUFFICIENT_DECREASE = 1e-4;
const CURVATURE = 0.9;
const MOST_EVALUATIONS = 30;

interface Point extends Slice {
  readonly step: number;
}

/**
 * Finds a step with φ(s) ≤ φ(0) + 1e-4·s·φ′(0) and |φ′(s)| ≤ 0.9·|φ′(0)| (Nocedal and Wright, "Numerical optimization",
 * 2006, algorithms 3.5 and 3.6). The last call of `along` is at the step that is returned by its value; undefined where
 * there is none within 30 evaluations. Values that are not finite count as too high.
 */
export function strongWolfeStep(
  along: (step: number) => Slice,
  startValue: number,
  startSlope: number,
  firstStep: number,
): number | undefined {
  const tooHigh = (p: Point) => !(p.value <= startValue + SUFFICIENT_DECREASE * p.step * startSlope);
  const flat = (p: Point) => Math.abs(p.slope) <= -CURVATURE * startSlope;
  const at = (step: number): Point => ({ step, ...along(step) });
  let low: Point = { step: 0, value: startValue, slope: startSlope };
  let high: Point | undefined;
  let step = firstStep;
  for (let evaluation = 0; evaluation < MOST_EVALUATIONS; evaluation += 1) {
    const point = at(step);
    if (tooHigh(point) || (point.value >= low.value && low.step > 0)) high = point;
    else if (flat(point)) return point.value;
    else {
      // The bracket keeps a slope at `low` that points into it.
      if (high === undefined ? point.slope >= 0 : point.slope * (high.step - low.step) >= 0) high = low;
      low = point;
    }
    step = high === undefined ? step * 2.5 : between(low, high);
    if (high !== undefined && Math.abs(high.step - low.step) <= 1e-14 * Math.abs(high.step)) break;
  }
  // No flat place, but lower than the start: good enough to go on from.
  return low.step > 0 && low.value < startValue ? at(low.step).value : undefined;
}

/** The minimum of the cubic through two points with their slopes, kept 10 % away from both ends. */
function between(a: Point, b: Point): number {
  const width = b.step - a.step;
  const d1 = a.slope + b.slope - (3 * (b.value - a.value)) / width;
  const d2 = Math.sign(width) * Math.sqrt(d1 * d1 - a.slope * b.slope);
  const cubic = b.step - (width * (b.slope + d2 - d1)) / (b.slope - a.slope + 2 * d2);
  const share = (cubic - a.step) / width;
  return (
    a.step + width * (share > 0.1 && share < 0.9 ? share : Number.isFinite(share) ? (share <= 0.1 ? 0.1 : 0.9) : 0.5)
  );
}
