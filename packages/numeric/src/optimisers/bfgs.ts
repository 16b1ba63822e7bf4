import { dot } from '../linear/matrix.ts';
import type { Objective } from './lbfgs.ts';
import { strongWolfeStep } from './line-search.ts';

export interface BfgsOptions {
  /** Most iterations; default 500. */
  readonly iterations?: number;
  /** Largest component of the gradient at which it is done; default 1e-12. */
  readonly gradientTolerance?: number;
  /** Called after every iteration; `x` may be read, not kept. True stops. */
  readonly onIteration?: (iteration: number, value: number, x: Float64Array) => boolean;
}

export interface BfgsResult {
  readonly x: Float64Array;
  readonly value: number;
  readonly iterations: number;
  /** The gradient is within tolerance; false when stopped, out of iterations or at the limit of rounding. */
  readonly converged: boolean;
}

/**
 * BFGS with the whole inverse Hessian H (Nocedal and Wright, "Numerical optimization", 2006, algorithm 6.1), scaled
 * before every update by 1/τ, τ = min(1, sᵀy/sᵀBs) (Al-Baali, "Numerical experience with a class of self-scaling
 * quasi-Newton algorithms", JOTA 96, 1998): eigenvalues of H that are too small grow back at once instead of one a step. Costs
 * n² multiplications and 8·n² bytes, for which n of a few thousand is worth it where L-BFGS creeps.
 */
export function minimiseBfgs(objective: Objective, start: Float64Array, options: BfgsOptions = {}): BfgsResult {
  const limit = options.iterations ?? 500;
  const tolerance = options.gradientTolerance ?? 1e-12;
  const n = start.length;
  let x = Float64Array.from(start);
  let gradient = new Float64Array(n);
  let nextX = new Float64Array(n);
  let nextGradient = new Float64Array(n);
  const direction = new Float64Array(n);
  const step = new Float64Array(n);
  const change = new Float64Array(n);
  const product = new Float64Array(n);
  const inverse = new Float64Array(n * n);
  let fresh = true;
  let value = objective(x, gradient);
  const restart = () => {
    fresh = true;
    for (let i = 0; i < n; i += 1) direction[i] = -gradient[i]!;
  };
  restart();
  for (let iteration = 1; iteration <= limit; iteration += 1) {
    if (gradient.every((g) => Math.abs(g) <= tolerance))
      return { x, value, iterations: iteration - 1, converged: true };
    let slope = dot(direction, gradient);
    if (!(slope < 0)) {
      restart();
      slope = dot(direction, gradient);
    }
    const from = x;
    const along = (length: number) => {
      for (let i = 0; i < n; i += 1) nextX[i] = from[i]! + length * direction[i]!;
      const f = objective(nextX, nextGradient);
      return { value: f, slope: dot(direction, nextGradient) };
    };
    const found = strongWolfeStep(along, value, slope, fresh ? Math.min(1, 1 / Math.sqrt(-slope)) : 1);
    if (found === undefined) {
      if (fresh) return { x, value, iterations: iteration - 1, converged: false };
      restart();
      continue;
    }
    for (let i = 0; i < n; i += 1) {
      step[i] = nextX[i]! - x[i]!;
      change[i] = nextGradient[i]! - gradient[i]!;
    }
    const curvature = dot(step, change);
    if (fresh) {
      setDiagonal(inverse, n, curvature / dot(change, change));
      multiplySymmetric(inverse, change, product, n);
      update(inverse, n, step, product, curvature, dot(change, product), 1);
      fresh = false;
    } else {
      // sᵀBs = −(step length)·sᵀg, because B·d = −g.
      const length = Math.sqrt(dot(step, step) / dot(direction, direction));
      const scale = 1 / Math.min(1, curvature / (-length * dot(step, gradient)));
      multiplySymmetric(inverse, change, product, n);
      update(inverse, n, step, product, curvature, dot(change, product), scale);
    }
    [x, nextX] = [nextX, x];
    [gradient, nextGradient] = [nextGradient, gradient];
    value = found;
    multiplySymmetric(inverse, gradient, direction, n);
    for (let i = 0; i < n; i += 1) direction[i] = -direction[i]!;
    if (options.onIteration?.(iteration, value, x) === true)
      return { x, value, iterations: iteration, converged: false };
  }
  return { x, value, iterations: limit, converged: false };
}

function setDiagonal(matrix: Float64Array, n: number, value: number): void {
  matrix.fill(0);
  for (let i = 0; i < n; i += 1) matrix[i * n + i] = value;
}

/** out = A·x for a symmetric A. */
function multiplySymmetric(a: Float64Array, x: Float64Array, out: Float64Array, n: number): void {
  for (let i = 0; i < n; i += 1) {
    const at = i * n;
    let [s0, s1, s2, s3] = [0, 0, 0, 0];
    let j = 0;
    for (; j + 3 < n; j += 4) {
      s0 += a[at + j]! * x[j]!;
      s1 += a[at + j + 1]! * x[j + 1]!;
      s2 += a[at + j + 2]! * x[j + 2]!;
      s3 += a[at + j + 3]! * x[j + 3]!;
    }
    for (; j < n; j += 1) s0 += a[at + j]! * x[j]!;
    out[i] = s0 + s1 + (s2 + s3);
  }
}

/** H ← scale·(H − (s·uᵀ + u·sᵀ)/c + (yᵀu)/c²·s·sᵀ) + s·sᵀ/c, with u = H·y and c = sᵀy. */
function update(
  h: Float64Array,
  n: number,
  s: Float64Array,
  u: Float64Array,
  curvature: number,
  yu: number,
  scale: number,
): void {
  const rho = 1 / curvature;
  const ss = scale * yu * rho * rho + rho;
  for (let i = 0; i < n; i += 1) {
    const bySecond = ss * s[i]! - scale * rho * u[i]!;
    const byFirst = -scale * rho * s[i]!;
    const at = i * n;
    for (let j = 0; j < n; j += 1) h[at + j] = scale * h[at + j]! + bySecond * s[j]! + byFirst * u[j]!;
  }
}
