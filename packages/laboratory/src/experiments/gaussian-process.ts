import { choleskyFactor, choleskySolve, minimiseLbfgs } from '@neuroprint/numeric';
import type { Space } from './space.ts';

/** What a Gaussian process says of a point: normal with this mean and standard deviation, in the units of the observations. */
export interface Prediction {
  readonly mean: number;
  readonly std: number;
}

/** Priors of the logs: length scales log-normal about half the range, noise small. They keep a fit of few points from extremes. */
const LOG_LENGTH_MEAN = Math.log(0.5);
const LOG_LENGTH_STD = 1;
const LOG_SIGNAL_STD = 1;
const LOG_NOISE_MEAN = Math.log(1e-3);
const LOG_NOISE_STD = 2;
/** Bounds of the same logs, outside which the prior grows steeply. */
const LEAST_NOISE = 1e-5;
const FIT_ITERATIONS = 60;
const SQRT5 = Math.sqrt(5);

/**
 * Gaussian process with a Matérn 5/2 kernel, a length scale ℓ_k for every factor:
 *
 *   k(x, x′) = s²·(1 + √5·r + 5/3·r²)·e^(−√5·r),   r² = Σ_k (x_k − x′_k)²/ℓ_k²
 *
 * on observations standardised to mean 0 and variance 1, with noise variance n². ln ℓ, ln s and ln n maximise the
 * posterior (marginal likelihood times log-normal priors) by L-BFGS (Rasmussen and Williams, "Gaussian processes for
 * machine learning", 2006, chapters 2 and 5).
 */
export class GaussianProcess {
  readonly space: Space;
  /** Row-major [points × dimensions]. */
  readonly #points: Float64Array;
  readonly #count: number;
  readonly #mean: number;
  readonly #scale: number;
  /** ln ℓ of every factor, ln s, ln n. */
  readonly parameters: Float64Array;
  readonly #factor: Float64Array;
  readonly #weights: Float64Array;

  /** Fits to observations; `starts` are parameters to begin the search from besides the prior's middle. */
  constructor(space: Space, points: Float64Array, values: Float64Array, starts: readonly Float64Array[] = []) {
    this.space = space;
    this.#points = points;
    this.#count = values.length;
    this.#mean = values.reduce((sum, v) => sum + v, 0) / values.length;
    const variance = values.reduce((sum, v) => sum + (v - this.#mean) ** 2, 0) / values.length;
    this.#scale = variance > 0 ? Math.sqrt(variance) : 1;
    const y = values.map((v) => (v - this.#mean) / this.#scale);
    const middle = new Float64Array(space.factors.length + 2);
    middle.fill(LOG_LENGTH_MEAN, 0, space.factors.length);
    middle[middle.length - 1] = LOG_NOISE_MEAN;
    const objective = (x: Float64Array, gradient: Float64Array) => this.#negativeLogPosterior(x, y, gradient);
    const found = [middle, ...starts].map((start) =>
      minimiseLbfgs(objective, start, { iterations: FIT_ITERATIONS, gradientTolerance: 1e-4 }),
    );
    this.parameters = found.reduce((best, one) => (one.value < best.value ? one : best)).x;
    this.#factor = this.#covariance(this.parameters);
    let extra = 1e-10;
    while (!choleskyFactor(this.#factor, this.#count)) {
      this.#factor.set(this.#covariance(this.parameters));
      extra *= 10;
      for (let i = 0; i < this.#count; i += 1) this.#factor[i * this.#count + i]! += extra;
    }
    this.#weights = y.slice();
    choleskySolve(this.#factor, this.#count, this.#weights);
  }

  /** Mean and standard deviation of the (noise-free) function at coordinates `x`. */
  predict(x: Float64Array): Prediction {
    const k = new Float64Array(this.#count);
    const signal = Math.exp(2 * this.parameters.at(-2)!);
    let mean = 0;
    for (let i = 0; i < this.#count; i += 1) {
      k[i] = signal * matern(this.#distance(this.parameters, x, 0, i));
      mean += k[i]! * this.#weights[i]!;
    }
    let explained = 0;
    const n = this.#count;
    for (let i = 0; i < n; i += 1) {
      let sum = k[i]!;
      for (let j = 0; j < i; j += 1) sum -= this.#factor[i * n + j]! * k[j]!;
      k[i] = sum / this.#factor[i * n + i]!;
      explained += k[i]! * k[i]!;
    }
    const std = Math.sqrt(Math.max(1e-12 * signal, signal - explained));
    return { mean: this.#mean + this.#scale * mean, std: this.#scale * std };
  }

  /** How far apart two points are, in length scales: r of the kernel. */
  distance(a: Float64Array, b: Float64Array): number {
    const { factorOf } = this.space;
    const sum = a.reduce((s, value, d) => s + ((value - b[d]!) * Math.exp(-this.parameters[factorOf[d]!]!)) ** 2, 0);
    return Math.sqrt(sum);
  }

  /** r between `x` (from `at` on) and observed point i. */
  #distance(parameters: Float64Array, x: Float64Array, at: number, i: number): number {
    const { dimensions, factorOf } = this.space;
    let sum = 0;
    for (let d = 0; d < dimensions; d += 1) {
      const difference = x[at + d]! - this.#points[i * dimensions + d]!;
      if (difference !== 0) sum += difference * difference * Math.exp(-2 * parameters[factorOf[d]!]!);
    }
    return Math.sqrt(sum);
  }

  #covariance(parameters: Float64Array): Float64Array {
    const n = this.#count;
    const { dimensions } = this.space;
    const signal = Math.exp(2 * parameters.at(-2)!);
    const noise = Math.exp(2 * parameters.at(-1)!) + LEAST_NOISE ** 2;
    const matrix = new Float64Array(n * n);
    for (let i = 0; i < n; i += 1) {
      for (let j = 0; j < i; j += 1) {
        const value = signal * matern(this.#distance(parameters, this.#points, i * dimensions, j));
        matrix[i * n + j] = value;
        matrix[j * n + i] = value;
      }
      matrix[i * n + i] = signal + noise;
    }
    return matrix;
  }

  #negativeLogPosterior(parameters: Float64Array, y: Float64Array, gradient: Float64Array): number {
    const n = this.#count;
    const { dimensions, factorOf } = this.space;
    const factors = this.space.factors.length;
    gradient.fill(0);
    if (parameters.some((p) => Math.abs(p) > 20)) return Infinity;
    const signal = Math.exp(2 * parameters.at(-2)!);
    const factor = this.#covariance(parameters);
    if (!choleskyFactor(factor, n)) return Infinity;
    const weights = y.slice();
    choleskySolve(factor, n, weights);
    let value = 0;
    for (let i = 0; i < n; i += 1) value += 0.5 * y[i]! * weights[i]! + Math.log(factor[i * n + i]!);
    const inverse = inverseOf(factor, n);
    for (let i = 0; i < n; i += 1) {
      for (let j = 0; j <= i; j += 1) {
        // ∂(−ln p)/∂K_ij of the pair, which the matrix holds twice off its diagonal
        const slope = (i === j ? 0.5 : 1) * (inverse[i * n + j]! - weights[i]! * weights[j]!);
        if (i === j) {
          gradient[factors]! += 2 * slope * signal;
          gradient[factors + 1]! += 2 * slope * Math.exp(2 * parameters.at(-1)!);
          continue;
        }
        const r = this.#distance(parameters, this.#points, i * dimensions, j);
        const decay = signal * Math.exp(-SQRT5 * r);
        gradient[factors]! += 2 * slope * decay * (1 + SQRT5 * r + (5 / 3) * r * r);
        const byLog = slope * (5 / 3) * decay * (1 + SQRT5 * r);
        for (let d = 0; d < dimensions; d += 1) {
          const difference = this.#points[i * dimensions + d]! - this.#points[j * dimensions + d]!;
          if (difference !== 0)
            gradient[factorOf[d]!]! += byLog * difference * difference * Math.exp(-2 * parameters[factorOf[d]!]!);
        }
      }
    }
    const prior = (k: number, mean: number, std: number): void => {
      const z = (parameters[k]! - mean) / std;
      value += 0.5 * z * z;
      gradient[k]! += z / std;
    };
    for (let k = 0; k < factors; k += 1) prior(k, LOG_LENGTH_MEAN, LOG_LENGTH_STD);
    prior(factors, 0, LOG_SIGNAL_STD);
    prior(factors + 1, LOG_NOISE_MEAN, LOG_NOISE_STD);
    return value;
  }
}

function matern(r: number): number {
  return (1 + SQRT5 * r + (5 / 3) * r * r) * Math.exp(-SQRT5 * r);
}

/** (L·Lᵀ)⁻¹, column by column. */
function inverseOf(factor: Float64Array, n: number): Float64Array {
  const inverse = new Float64Array(n * n);
  for (let i = 0; i < n; i += 1) {
    const column = inverse.subarray(i * n, (i + 1) * n);
    column[i] = 1;
    choleskySolve(factor, n, column);
  }
  return inverse;
}
