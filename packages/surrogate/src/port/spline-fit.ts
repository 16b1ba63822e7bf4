import { UsageError } from '@neuroprint/core';
import { cubicBasis, knotsOf, ORDER, TensorSpline } from './spline.ts';

/** Values of a function of two variables, and how much each error counts. */
export interface SplinePoints {
  readonly first: Float64Array;
  readonly second: Float64Array;
  readonly values: Float64Array;
  readonly weights: Float64Array;
}

export interface SplineFit {
  readonly first: readonly number[];
  readonly second: readonly number[];
  readonly coefficients: readonly number[];
  /** Root mean square of the weighted errors of the validation points. */
  readonly validationError: number;
}

export interface SplineFitOptions {
  /** A validation error at which it is fine enough. */
  readonly target: number;
  readonly onRound: (validationError: number) => void;
}

const FIRST_INTERVALS = 8;
const MOST_INTERVALS = 56;
/** Of the second differences of coefficients, beside a weighted error of 1: decides where there are no points. */
const ROUGHNESS = 3e-4;
/** Intervals of a variable that are halved in one round, where they have at least this share of the worst one's error. */
const SPLIT = 2;
const SPLIT_SHARE = 0.3;
/** Digits behind the point that are kept of coefficients. */
const DIGITS = 1e7;

/**
 * Weighted least squares of a tensor spline whose breaks come to where the errors are: from even breaks, the intervals with the
 * largest squared errors are halved, round after round, until the validation points have the wanted error or there are
 * 56 intervals. Returns the round that was best on the validation points.
 */
export function fitSpline(train: SplinePoints, valid: SplinePoints, { target, onRound }: SplineFitOptions): SplineFit {
  let first = evenBreaks(train.first);
  let second = evenBreaks(train.second);
  let best: SplineFit | undefined;
  while (Math.max(first.length, second.length) <= MOST_INTERVALS + 1) {
    const solved = solveSpline(first, second, train);
    if (solved === undefined) break;
    const coefficients = Array.from(solved, (c) => Math.round(c * DIGITS) / DIGITS);
    const spline = new TensorSpline(first, second, coefficients);
    const errors = weightedErrors(spline, valid);
    const validationError = Math.sqrt(errors.reduce((sum, e) => sum + e * e, 0) / errors.length);
    onRound(validationError);
    if (best === undefined || validationError < best.validationError)
      best = { first, second, coefficients, validationError };
    if (validationError <= target) break;
    const trainErrors = weightedErrors(spline, train);
    first = split(first, train.first, trainErrors);
    second = split(second, train.second, trainErrors);
  }
  if (best === undefined)
    throw new UsageError('The points of these sweeps do not span two dimensions.', 'Check the samples.');
  return best;
}

function evenBreaks(at: Float64Array): number[] {
  const [low, high] = [at.reduce((a, b) => Math.min(a, b)), at.reduce((a, b) => Math.max(a, b))];
  return Array.from({ length: FIRST_INTERVALS + 1 }, (_, i) => low + ((high - low) * i) / FIRST_INTERVALS);
}

function weightedErrors(spline: TensorSpline, { first, second, values, weights }: SplinePoints): Float64Array {
  return values.map((value, i) => weights[i]! * (spline.at(first[i]!, second[i]!).value - value));
}

/** Halves the intervals with most of the squared errors. */
function split(breaks: readonly number[], at: Float64Array, errors: Float64Array): number[] {
  const knots = knotsOf(breaks);
  const basis = new Float64Array(2 * ORDER);
  const sums = new Float64Array(breaks.length - 1);
  errors.forEach((error, i) => {
    const interval = cubicBasis(knots, at[i]!, basis);
    sums[interval] = sums[interval]! + error * error;
  });
  const worst = Array.from(sums.keys()).sort((a, b) => sums[b]! - sums[a]! || a - b);
  const chosen = worst.slice(0, SPLIT).filter((i) => sums[i]! >= SPLIT_SHARE * sums[worst[0]!]!);
  return breaks.flatMap((v, i) => (chosen.includes(i) ? [v, 0.5 * (v + breaks[i + 1]!)] : [v]));
}

/**
 * Coefficients of least Σ (w·(y − value))² + Σ (roughness·second difference)², by a banded Cholesky decomposition;
 * undefined where rounding leaves it none.
 */
function solveSpline(
  first: readonly number[],
  second: readonly number[],
  points: SplinePoints,
): Float64Array | undefined {
  const [knots, secondKnots] = [knotsOf(first), knotsOf(second)];
  const [rows, columns] = [first.length + 2, second.length + 2];
  const band = new BandMatrix(rows * columns, (ORDER - 1) * (columns + 1));
  const basis = new Float64Array(2 * ORDER);
  const secondBasis = new Float64Array(2 * ORDER);
  const places = new Int32Array(ORDER * ORDER);
  const factors = new Float64Array(ORDER * ORDER);
  points.values.forEach((value, k) => {
    const i = cubicBasis(knots, points.first[k]!, basis);
    const j = cubicBasis(secondKnots, points.second[k]!, secondBasis);
    for (let p = 0; p < ORDER * ORDER; p += 1) {
      const [down, along] = [p >> 2, p % ORDER];
      places[p] = (i + down) * columns + j + along;
      factors[p] = basis[down]! * secondBasis[along]!;
    }
    band.add(places, factors, value, points.weights[k]! ** 2);
  });
  const difference = (t: Float64Array, at: number, from: number, step: number) => {
    // of divided differences at the knots' averages, times what makes evenly spaced ones 1, −2, 1
    const site = (i: number) => (t[i + 1]! + t[i + 2]! + t[i + 3]!) / 3;
    const [below, above] = [site(at + 1) - site(at), site(at + 2) - site(at + 1)];
    const places = [from, from + step, from + 2 * step];
    const factors = [(2 * above) / (below + above), -2, (2 * below) / (below + above)];
    band.add(places, factors, 0, ROUGHNESS ** 2);
  };
  for (let i = 0; i < rows; i += 1) {
    for (let j = 0; j < columns; j += 1) {
      if (i + 2 < rows) difference(knots, i, i * columns + j, columns);
      if (j + 2 < columns) difference(secondKnots, j, i * columns + j, 1);
    }
  }
  return band.solve();
}

/** Normal equations AᵀA·x = Aᵀb whose unknowns are coupled over a band; the lower half, row by row. */
class BandMatrix {
  readonly #size: number;
  readonly #width: number;
  readonly #values: Float64Array;
  readonly #right: Float64Array;

  constructor(size: number, width: number) {
    this.#size = size;
    this.#width = width;
    this.#values = new Float64Array(size * (width + 1));
    this.#right = new Float64Array(size);
  }

  /** Adds weight·(Σ factor·x_place − value)²; places ascend. */
  add(places: ArrayLike<number>, factors: ArrayLike<number>, value: number, weight: number): void {
    for (let a = 0; a < places.length; a += 1) {
      const row = places[a]!;
      const factor = weight * factors[a]!;
      const diagonal = row * (this.#width + 1) + this.#width;
      this.#right[row] = this.#right[row]! + factor * value;
      for (let b = 0; b <= a; b += 1) {
        const at = diagonal - (row - places[b]!);
        this.#values[at] = this.#values[at]! + factor * factors[b]!;
      }
    }
  }

  /** Solves in place; undefined where the matrix is not positive definite. */
  solve(): Float64Array | undefined {
    const [size, width, a, x] = [this.#size, this.#width, this.#values, this.#right];
    // of row i, column j is a[start(i) + j]
    const start = (row: number) => row * (width + 1) + width - row;
    for (let i = 0; i < size; i += 1) {
      const row = start(i);
      const from = Math.max(0, i - width);
      for (let j = from; j <= i; j += 1) {
        const other = start(j);
        let sum = a[row + j]!;
        for (let k = from; k < j; k += 1) sum -= a[row + k]! * a[other + k]!;
        if (j < i) a[row + j] = sum / a[other + j]!;
        else if (sum > 0) a[row + j] = Math.sqrt(sum);
        else return undefined;
      }
    }
    for (let i = 0; i < size; i += 1) {
      let sum = x[i]!;
      for (let k = Math.max(0, i - width); k < i; k += 1) sum -= a[start(i) + k]! * x[k]!;
      x[i] = sum / a[start(i) + i]!;
    }
    for (let i = size - 1; i >= 0; i -= 1) {
      x[i] = x[i]! / a[start(i) + i]!;
      for (let k = Math.max(0, i - width); k < i; k += 1) x[k] = x[k]! - a[start(i) + k]! * x[i]!;
    }
    return x;
  }
}
