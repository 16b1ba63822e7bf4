import { choleskyFactor, choleskySolve } from '../linear/cholesky.ts';

/** min over x of ½·Σ r_i(x)². */
export interface LeastSquaresProblem {
  /** Number of residuals and of parameters. */
  readonly residuals: number;
  readonly parameters: number;
  /** Writes r(x) and, where `jacobian` is given, ∂r_i/∂x_j at [i·parameters + j]. May not keep the arrays. */
  evaluate(x: Float64Array, residuals: Float64Array, jacobian: Float64Array | undefined): void;
}

export interface LevenbergMarquardtOptions {
  /** Most steps tried; default 200. */
  readonly iterations?: number;
  /** Relative change of every parameter at which it is done; default 1e-12. */
  readonly tolerance?: number;
  /** Buffers to use again, of the same number of residuals and parameters. */
  readonly workspace?: LevenbergMarquardtWorkspace;
}

export interface LevenbergMarquardtResult {
  readonly x: Float64Array;
  /** ½·Σ r_i². */
  readonly cost: number;
  readonly iterations: number;
  readonly converged: boolean;
}

/** Buffers of one problem size; with it a fit allocates nothing but its result. */
export class LevenbergMarquardtWorkspace {
  readonly trial: Float64Array;
  readonly step: Float64Array;
  readonly gradient: Float64Array;
  readonly residuals: Float64Array;
  readonly jacobian: Float64Array;
  readonly normal: Float64Array;
  readonly damped: Float64Array;

  constructor(residuals: number, parameters: number) {
    this.trial = new Float64Array(parameters);
    this.step = new Float64Array(parameters);
    this.gradient = new Float64Array(parameters);
    this.residuals = new Float64Array(residuals);
    this.jacobian = new Float64Array(residuals * parameters);
    this.normal = new Float64Array(parameters * parameters);
    this.damped = new Float64Array(parameters * parameters);
  }
}

/** Costs closer than this, relatively, cannot be told apart in float64. */
const ROUNDING = 1e-14;

/**
 * Levenberg–Marquardt with Marquardt's diagonal scaling and Nielsen's damping rule (Madsen, Nielsen and Tingleff,
 * "Methods for non-linear least squares problems", 2004, algorithm 3.16). Near the minimum, where a step's gain is
 * lost in rounding, undamped steps are taken until they no longer shrink, so x is exact to rounding.
 * `converged` is false after too many iterations and where the residuals are not finite.
 */
export function levenbergMarquardt(
  problem: LeastSquaresProblem,
  start: Float64Array,
  options: LevenbergMarquardtOptions = {},
): LevenbergMarquardtResult {
  const { residuals: m, parameters: n } = problem;
  const limit = options.iterations ?? 200;
  const tolerance = options.tolerance ?? 1e-12;
  const work = options.workspace ?? new LevenbergMarquardtWorkspace(m, n);
  const { trial, step, gradient, residuals, jacobian, normal, damped } = work;
  const x = Float64Array.from(start);
  let cost = evaluate(problem, x, work);
  let damping = 1e-3;
  let growth = 2;
  let lastSize = Infinity;
  let refining = false;
  let accepted = true;
  let iteration = 0;
  while (iteration < limit && Number.isFinite(cost) && damping < 1e20) {
    iteration += 1;
    if (accepted) normalEquations(residuals, jacobian, gradient, normal, m, n);
    damped.set(normal);
    const lambda = refining ? 0 : damping;
    for (let j = 0; j < n; j += 1) damped[j * n + j] = normal[j * n + j]! * (1 + lambda) + Number.MIN_VALUE;
    if (!choleskyFactor(damped, n)) {
      if (refining) return { x, cost, iterations: iteration, converged: true };
      damping *= growth;
      growth *= 2;
      accepted = false;
      continue;
    }
    for (let j = 0; j < n; j += 1) step[j] = -gradient[j]!;
    choleskySolve(damped, n, step);
    let size = 0;
    let predicted = 0;
    for (let j = 0; j < n; j += 1) {
      const s = step[j]!;
      trial[j] = x[j]! + s;
      size = Math.max(size, Math.abs(s) / (Math.abs(x[j]!) + tolerance));
      predicted += 0.5 * s * (lambda * normal[j * n + j]! * s - gradient[j]!);
    }
    // A heavily damped step is short without being near the minimum.
    if (size <= tolerance && lambda < 1) return { x, cost, iterations: iteration, converged: true };
    if (refining && size > 0.5 * lastSize) return { x, cost, iterations: iteration, converged: true };
    if (!refining && predicted <= ROUNDING * cost && lambda < 1) {
      refining = true;
      accepted = false;
      continue;
    }
    lastSize = size;
    const trialCost = evaluate(problem, trial, work);
    const gain = (cost - trialCost) / predicted;
    accepted = refining ? trialCost <= cost * (1 + 1e-9) + Number.MIN_VALUE : gain > 0;
    if (accepted) {
      x.set(trial);
      cost = trialCost;
      if (!refining) damping *= Math.max(1 / 10, 1 - (2 * gain - 1) ** 3);
      growth = 2;
    } else if (refining) {
      return { x, cost, iterations: iteration, converged: true };
    } else {
      damping *= growth;
      growth *= 2;
    }
  }
  return { x, cost, iterations: iteration, converged: false };
}

function evaluate(problem: LeastSquaresProblem, x: Float64Array, work: LevenbergMarquardtWorkspace): number {
  const { residuals, jacobian } = work;
  problem.evaluate(x, residuals, jacobian);
  let sum = 0;
  for (let i = 0; i < residuals.length; i += 1) sum += residuals[i]! * residuals[i]!;
  return 0.5 * sum;
}

/** gradient = Jᵀ·r and the lower triangle of normal = Jᵀ·J. */
function normalEquations(
  residuals: Float64Array,
  jacobian: Float64Array,
  gradient: Float64Array,
  normal: Float64Array,
  m: number,
  n: number,
): void {
  gradient.fill(0);
  normal.fill(0);
  for (let i = 0, at = 0; i < m; i += 1, at += n) {
    const r = residuals[i]!;
    for (let j = 0; j < n; j += 1) {
      const d = jacobian[at + j]!;
      gradient[j] = gradient[j]! + d * r;
      for (let k = 0; k <= j; k += 1) normal[j * n + k] = normal[j * n + k]! + d * jacobian[at + k]!;
    }
  }
}
