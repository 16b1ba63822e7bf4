/** A straight line: intercept and slope. */
export type Line = readonly [intercept: number, slope: number];

/** An output that falls where its target rises is no reading: a line rises by this at least, in targets for each of the output. */
const LEAST_SLOPE = 1e-3;

/** Outputs that differ by less, relatively and squared, are all the same but for rounding. */
const ROUNDING = 1e-14;

/** Sums over pairs of an output v and its target t, from which the straight line t ≈ a + b·v of least squares is known at any time. */
export class LineMoments {
  /** Σw, Σwv, Σwt, Σwv², Σwvt, Σwt²: all there is to know of it, as plain data. */
  readonly sums: Float64Array;

  /** Goes on with sums that were known before; default: none. */
  constructor(sums: Float64Array = new Float64Array(6)) {
    this.sums = sums;
  }

  add(v: number, t: number, weight = 1): void {
    const s = this.sums;
    s[0]! += weight;
    s[1]! += weight * v;
    s[2]! += weight * t;
    s[3]! += weight * v * v;
    s[4]! += weight * v * t;
    s[5]! += weight * t * t;
  }

  addAll({ sums }: LineMoments): void {
    for (let k = 0; k < sums.length; k += 1) this.sums[k]! += sums[k]!;
  }

  /** The line of least squares among those that rise; [NaN, …] of no pairs. */
  line(): Line {
    const [w, v, t, vv, vt] = this.sums as unknown as readonly [number, number, number, number, number];
    const spread = vv - v ** 2 / w;
    const common = vt - (v * t) / w;
    const slope = Math.max(LEAST_SLOPE, spread > ROUNDING * vv ? common / spread : 0);
    return [(t - slope * v) / w, slope];
  }

  /** Mean squared error of reading v by a line. */
  meanSquare([a, b]: Line): number {
    const [w, v, t, vv, vt, tt] = this.sums as unknown as readonly [number, number, number, number, number, number];
    const sum = tt - 2 * a * t - 2 * b * vt + a * a * w + 2 * a * b * v + b * b * vv;
    return Math.max(0, sum / w);
  }
}
