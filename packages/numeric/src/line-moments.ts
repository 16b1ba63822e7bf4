/** A straight line: intercept and slope. */
export type Line = readonly [intercept: number, slope: number];

/** An output that falls where its target rises is no reading: a line rises by this at least, in targets for each of the output. */
const LEAST_SLOPE = 1e-3;

/** Outputs that differ by less, relatively and squared, are all the same but for rounding. */
const ROUNDING = 1e-14;

/** Sums over pairs of an output v and its target t, from which the straight line t ≈ a + b·v of least squares is known at any time. */
export class LineMoments {
  #weight = 0;
  #v = 0;
  #t = 0;
  #vv = 0;
  #vt = 0;
  #tt = 0;

  add(v: number, t: number, weight = 1): void {
    this.#weight += weight;
    this.#v += weight * v;
    this.#t += weight * t;
    this.#vv += weight * v * v;
    this.#vt += weight * v * t;
    this.#tt += weight * t * t;
  }

  addAll(other: LineMoments): void {
    this.#weight += other.#weight;
    this.#v += other.#v;
    this.#t += other.#t;
    this.#vv += other.#vv;
    this.#vt += other.#vt;
    this.#tt += other.#tt;
  }

  /** The line of least squares among those that rise; [NaN, …] of no pairs. */
  line(): Line {
    const spread = this.#vv - this.#v ** 2 / this.#weight;
    const common = this.#vt - (this.#v * this.#t) / this.#weight;
    const slope = Math.max(LEAST_SLOPE, spread > ROUNDING * this.#vv ? common / spread : 0);
    return [(this.#t - slope * this.#v) / this.#weight, slope];
  }

  /** Mean squared error of reading v by a line. */
  meanSquare([a, b]: Line): number {
    const w = this.#weight;
    const sum = this.#tt - 2 * a * this.#t - 2 * b * this.#vt + a * a * w + 2 * a * b * this.#v + b * b * this.#vv;
    return Math.max(0, sum / w);
  }
}
