/** Splines are cubic: so many basis functions overlap. */
export const ORDER = 4;

/** y(a, b) with its slopes. */
export interface SplineValue {
  readonly value: number;
  readonly byFirst: number;
  readonly bySecond: number;
}

/**
 * y(a, b) = Σ c_ij·B_i(a)·B_j(b) with cubic B-splines over ascending breaks (de Boor, "A practical guide to splines", 1978):
 * twice differentiable, and outside the breaks it goes on straight in each variable.
 */
export class TensorSpline {
  readonly #first: Float64Array;
  readonly #second: Float64Array;
  readonly #coefficients: ArrayLike<number>;
  readonly #basis = new Float64Array(2 * ORDER);
  readonly #secondBasis = new Float64Array(2 * ORDER);

  /** @param coefficients (breaks + 2) of the first × (breaks + 2) of the second. Throws RangeError where they do not fit. */
  constructor(first: ArrayLike<number>, second: ArrayLike<number>, coefficients: ArrayLike<number>) {
    this.#first = knotsOf(first);
    this.#second = knotsOf(second);
    this.#coefficients = coefficients;
    const needed = (first.length + 2) * (second.length + 2);
    if (coefficients.length !== needed)
      throw new RangeError(`${coefficients.length} coefficients are given, and ${needed} are needed.`);
  }

  at(a: number, b: number): SplineValue {
    const first = clamped(this.#first, a);
    const second = clamped(this.#second, b);
    const i = cubicBasis(this.#first, first, this.#basis);
    const j = cubicBasis(this.#second, second, this.#secondBasis);
    const columns = this.#second.length - ORDER;
    let [value, byFirst, bySecond, byBoth] = [0, 0, 0, 0];
    for (let p = 0; p < ORDER; p += 1) {
      let [sum, slope] = [0, 0];
      for (let q = 0; q < ORDER; q += 1) {
        const c = this.#coefficients[(i + p) * columns + j + q]!;
        sum += c * this.#secondBasis[q]!;
        slope += c * this.#secondBasis[ORDER + q]!;
      }
      value += this.#basis[p]! * sum;
      byFirst += this.#basis[ORDER + p]! * sum;
      bySecond += this.#basis[p]! * slope;
      byBoth += this.#basis[ORDER + p]! * slope;
    }
    const [over, secondOver] = [a - first, b - second];
    return {
      value: value + byFirst * over + bySecond * secondOver + byBoth * over * secondOver,
      byFirst: byFirst + byBoth * secondOver,
      bySecond: bySecond + byBoth * over,
    };
  }
}

/** Breaks with three more at each end, as far apart as the last two. Throws RangeError where they do not ascend. */
export function knotsOf(breaks: ArrayLike<number>): Float64Array {
  const last = breaks.length - 1;
  for (let i = 1; i <= last; i += 1)
    if (!(breaks[i]! > breaks[i - 1]!)) throw new RangeError('The breaks of a spline ascend.');
  if (last < 1) throw new RangeError('A spline has two breaks at least.');
  const below = breaks[1]! - breaks[0]!;
  const above = breaks[last]! - breaks[last - 1]!;
  const beyond = ORDER - 1;
  return Float64Array.from({ length: breaks.length + 2 * beyond }, (_, i) => {
    if (i < beyond) return breaks[0]! - (beyond - i) * below;
    return i - beyond <= last ? breaks[i - beyond]! : breaks[last]! + (i - beyond - last) * above;
  });
}

function clamped(knots: Float64Array, x: number): number {
  return Math.min(knots[knots.length - ORDER]!, Math.max(knots[ORDER - 1]!, x));
}

/**
 * The four basis functions that are not zero at x inside the breaks, then their derivatives, into `out`. Returns the number
 * of the interval, which is that of the first of them.
 */
export function cubicBasis(knots: Float64Array, x: number, out: Float64Array): number {
  let low = ORDER - 1;
  let high = knots.length - ORDER - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (knots[middle]! <= x) low = middle;
    else high = middle - 1;
  }
  const t = (offset: number) => knots[low + offset]!;
  out[0] = 1;
  for (let degree = 1; degree < ORDER; degree += 1) {
    if (degree === ORDER - 1) {
      // the quadratic ones give the derivatives
      for (let r = 0; r < ORDER; r += 1) {
        const rising = r > 0 ? out[r - 1]! / (t(r) - t(r - degree)) : 0;
        const falling = r < degree ? out[r]! / (t(r + 1) - t(r + 1 - degree)) : 0;
        out[ORDER + r] = degree * (rising - falling);
      }
    }
    let carried = 0;
    for (let r = 0; r < degree; r += 1) {
      const right = t(r + 1) - x;
      const left = x - t(1 + r - degree);
      const share = out[r]! / (right + left);
      out[r] = carried + right * share;
      carried = left * share;
    }
    out[degree] = carried;
  }
  return low - (ORDER - 1);
}
