import { dot } from '../linear/matrix.ts';
import { strongWolfeStep } from './line-search.ts';

/** Returns f(x) and writes ∇f(x) into `gradient`. */
export type Objective = (x: Float64Array, gradient: Float64Array) => number;

export interface LbfgsOptions {
  /** Most iterations; default 500. */
  readonly iterations?: number;
  /** Pairs of steps and gradient changes that are kept; default 20. */
  readonly memory?: number;
  /** Largest component of the gradient at which it is done; default 1e-10. */
  readonly gradientTolerance?: number;
  /** Called after every iteration; `x` may be read, not kept. True stops. */
  readonly onIteration?: (iteration: number, value: number, x: Float64Array) => boolean;
}

export interface LbfgsResult {
  readonly x: Float64Array;
  readonly value: number;
  readonly iterations: number;
  /** The gradient is within tolerance; false when stopped, out of iterations or at the limit of rounding. */
  readonly converged: boolean;
}

/**
 * Limited-memory BFGS (Nocedal and Wright, "Numerical optimization", 2006, algorithms 7.4 and 7.5) with a strong Wolfe
 * line search, so that the curvature condition sᵀy > 0 holds for every pair that is kept.
 */
export function minimiseLbfgs(objective: Objective, start: Float64Array, options: LbfgsOptions = {}): LbfgsResult {
  const limit = options.iterations ?? 500;
  const memory = options.memory ?? 20;
  const tolerance = options.gradientTolerance ?? 1e-10;
  const size = start.length;
  let x = Float64Array.from(start);
  let gradient = new Float64Array(size);
  let nextX = new Float64Array(size);
  let nextGradient = new Float64Array(size);
  const direction = new Float64Array(size);
  const history: Pair[] = [];
  let value = objective(x, gradient);
  for (let iteration = 1; iteration <= limit; iteration += 1) {
    if (largest(gradient) <= tolerance) return { x, value, iterations: iteration - 1, converged: true };
    twoLoop(history, gradient, direction);
    let slope = dot(direction, gradient);
    if (!(slope < 0)) {
      history.length = 0;
      for (let i = 0; i < size; i += 1) direction[i] = -gradient[i]!;
      slope = dot(direction, gradient);
    }
    const firstStep = history.length === 0 ? Math.min(1, 1 / Math.sqrt(-slope)) : 1;
    const from = x;
    const along = (step: number) => {
      for (let i = 0; i < size; i += 1) nextX[i] = from[i]! + step * direction[i]!;
      const f = objective(nextX, nextGradient);
      return { value: f, slope: dot(direction, nextGradient) };
    };
    const found = strongWolfeStep(along, value, slope, firstStep);
    if (found === undefined) {
      // Along the steepest descent nothing is gained either: this is as low as rounding lets it go.
      if (history.length === 0) return { x, value, iterations: iteration - 1, converged: false };
      history.length = 0;
      continue;
    }
    const pair = history.length === memory ? history.shift()! : newPair(size);
    for (let i = 0; i < size; i += 1) {
      pair.step[i] = nextX[i]! - x[i]!;
      pair.change[i] = nextGradient[i]! - gradient[i]!;
    }
    const curvature = dot(pair.step, pair.change);
    if (curvature > 0) {
      pair.rho = 1 / curvature;
      pair.scale = curvature / dot(pair.change, pair.change);
      history.push(pair);
    }
    [x, nextX] = [nextX, x];
    [gradient, nextGradient] = [nextGradient, gradient];
    value = found;
    if (options.onIteration?.(iteration, value, x) === true)
      return { x, value, iterations: iteration, converged: false };
  }
  return { x, value, iterations: limit, converged: false };
}

interface Pair {
  readonly step: Float64Array;
  readonly change: Float64Array;
  rho: number;
  scale: number;
  weight: number;
}

function newPair(size: number): Pair {
  return { step: new Float64Array(size), change: new Float64Array(size), rho: 0, scale: 1, weight: 0 };
}

/** direction = −H·gradient, H the inverse Hessian that the pairs describe. */
function twoLoop(history: readonly Pair[], gradient: Float64Array, direction: Float64Array): void {
  for (let i = 0; i < direction.length; i += 1) direction[i] = -gradient[i]!;
  for (let p = history.length - 1; p >= 0; p -= 1) {
    const pair = history[p]!;
    pair.weight = pair.rho * dot(pair.step, direction);
    addScaled(direction, pair.change, -pair.weight);
  }
  const scale = history.at(-1)?.scale ?? 1;
  for (let i = 0; i < direction.length; i += 1) direction[i] = direction[i]! * scale;
  for (const pair of history) {
    addScaled(direction, pair.step, pair.weight - pair.rho * dot(pair.change, direction));
  }
}

function addScaled(out: Float64Array, vector: Float64Array, factor: number): void {
  for (let i = 0; i < out.length; i += 1) out[i] = out[i]! + factor * vector[i]!;
}

function largest(vector: Float64Array): number {
  let max = 0;
  for (let i = 0; i < vector.length; i += 1) max = Math.max(max, Math.abs(vector[i]!));
  return max;
}
