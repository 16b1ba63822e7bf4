import {
  type Constraint,
  ConstraintError,
  constraintHolds,
  type DesignSpace,
  NeuroprintError,
  parseConstraint,
} from '@neuroprint/core';

/** What of a design space decides its shape. */
export type DesignBox = Pick<DesignSpace, 'parameters' | 'constraints'>;

/** No component values satisfy the ranges and all constraints at once. */
export class ImpossibleConstraintsError extends NeuroprintError {
  override readonly exitCode = 2;
  /** The constraints that contradict each other or the ranges of `parameters`. */
  readonly constraints: readonly string[];
  readonly parameters: readonly string[];

  constructor(constraints: readonly string[], parameters: readonly string[]) {
    const ranges =
      parameters.length === 0 ? '' : ` within the range${parameters.length > 1 ? 's' : ''} of ${parameters.join(', ')}`;
    super(
      `no component values satisfy ${constraints.join(' and ')}${ranges}`,
      'Widen the ranges of these parameters, or change or remove a constraint.',
    );
    this.constraints = constraints;
    this.parameters = parameters;
  }
}

/** An affine function of the logarithms of earlier parameters: constant + Σ coefficients_i·logs[indices_i]. */
export interface AffineBound {
  readonly constant: number;
  readonly indices: readonly number[];
  readonly coefficients: readonly number[];
}

/** A bound's value at a point, and the affine function that is active there: its coefficients are the derivatives. */
export interface ActiveBound extends AffineBound {
  readonly value: number;
}

/**
 * Constraints are kept with this much room in ln(left/right), so that rounding in exp, in the box or in a product
 * can never break them.
 */
const MARGIN = 1e-12;

/** A half space Σ coefficients_k·x_k + constant ≥ 0 in log space, and what it was derived from. */
interface HalfSpace {
  readonly coefficients: Float64Array;
  readonly constant: number;
  readonly constraints: ReadonlySet<number>;
  readonly ranges: ReadonlySet<number>;
}

/**
 * The design space as a polytope in x = ln ω: { ln min_k ≤ x_k ≤ ln max_k, A·x + c ≥ margin }.
 *
 * Fourier–Motzkin elimination from the last parameter to the first gives, for every parameter, the exact range that
 * the earlier ones leave to it: low = max of affine functions of earlier logs, high = min of such. Any choice inside
 * the ranges, one parameter after the other, is a valid design, and every valid design is reached. So a unit cube of
 * shares s_k maps onto the space, x_k = low_k + (high_k − low_k)·s_k, and the map is differentiable piecewise.
 */
export class DesignPolytope {
  readonly parameters: DesignBox['parameters'];
  readonly constraints: readonly Constraint[];
  readonly #low: readonly (readonly AffineBound[])[];
  readonly #high: readonly (readonly AffineBound[])[];

  /** Throws ConstraintError for a constraint that cannot be read, ImpossibleConstraintsError where the space is empty. */
  constructor(space: DesignBox) {
    this.parameters = space.parameters;
    this.constraints = space.constraints.map(parseConstraint);
    const { low, high } = project(this.parameters, this.constraints);
    this.#low = low;
    this.#high = high;
  }

  get dimensions(): number {
    return this.parameters.length;
  }

  /** The range of ln ω_k that the first k entries of `logs` leave. */
  conditionalRange(k: number, logs: ArrayLike<number>): readonly [low: number, high: number] {
    let low = Number.NEGATIVE_INFINITY;
    for (const bound of this.#low[k]!) low = Math.max(low, evaluate(bound, logs));
    let high = Number.POSITIVE_INFINITY;
    for (const bound of this.#high[k]!) high = Math.min(high, evaluate(bound, logs));
    return [low, Math.max(low, high)]; // a degenerate range may cross by rounding
  }

  /** The same range with its derivatives: the affine functions that are active at this point. */
  conditionalBounds(k: number, logs: ArrayLike<number>): { readonly low: ActiveBound; readonly high: ActiveBound } {
    return { low: active(this.#low[k]!, logs, 1), high: active(this.#high[k]!, logs, -1) };
  }

  /** Writes x_k = low_k + (high_k − low_k)·shares_k, every share in 0..1. `logs` may not be the same array as `shares`. */
  logsAt(shares: ArrayLike<number>, logs: Float64Array): void {
    for (let k = 0; k < this.dimensions; k += 1) {
      const [low, high] = this.conditionalRange(k, logs);
      logs[k] = low + (high - low) * shares[k]!;
    }
  }

  /** The inverse of logsAt. Logs outside the space are brought in first; 0.5 where a range is a single point. */
  sharesAt(logs: ArrayLike<number>, shares: Float64Array): void {
    const inside = new Float64Array(this.dimensions);
    for (let k = 0; k < this.dimensions; k += 1) {
      const [low, high] = this.conditionalRange(k, inside);
      inside[k] = Math.min(high, Math.max(low, logs[k]!));
      shares[k] = high > low ? (inside[k]! - low) / (high - low) : 0.5;
    }
  }

  /**
   * The transposed derivative of logsAt: from ∂f/∂x (as if every x_k were free) to ∂f/∂share.
   * `logs` is what logsAt gave for `shares`. Writes into `shareGradient`.
   */
  backward(
    shares: ArrayLike<number>,
    logs: ArrayLike<number>,
    logGradient: ArrayLike<number>,
    shareGradient: Float64Array,
  ): void {
    const total = Float64Array.from(logGradient);
    for (let k = this.dimensions - 1; k >= 0; k -= 1) {
      const { low, high } = this.conditionalBounds(k, logs);
      const gradient = total[k]!;
      const share = shares[k]!;
      shareGradient[k] = gradient * Math.max(0, high.value - low.value);
      for (let i = 0; i < low.indices.length; i += 1) {
        total[low.indices[i]!]! += gradient * (1 - share) * low.coefficients[i]!;
      }
      for (let i = 0; i < high.indices.length; i += 1) {
        total[high.indices[i]!]! += gradient * share * high.coefficients[i]!;
      }
    }
  }

  /** ω_k = e^log, held inside its closed range, which rounding could leave. In ohms or metres. */
  valueOfLog(k: number, log: number): number {
    const { min, max } = this.parameters[k]!;
    return Math.min(max, Math.max(min, Math.exp(log)));
  }

  /** Whether values (in the order of the parameters) lie in the closed box and satisfy every constraint. */
  contains(values: ArrayLike<number>): boolean {
    const inBox = this.parameters.every(({ min, max }, k) => values[k]! >= min && values[k]! <= max);
    if (!inBox) return false;
    const named = Object.fromEntries(this.parameters.map(({ name }, k) => [name, values[k]!]));
    return this.constraints.every((constraint) => constraintHolds(constraint, named));
  }
}

function evaluate(bound: AffineBound, logs: ArrayLike<number>): number {
  let value = bound.constant;
  for (let i = 0; i < bound.indices.length; i += 1) value += bound.coefficients[i]! * logs[bound.indices[i]!]!;
  return value;
}

/** The largest (sign 1) or smallest (sign −1) of the bounds; the first one wins a tie. */
function active(bounds: readonly AffineBound[], logs: ArrayLike<number>, sign: 1 | -1): ActiveBound {
  let best = bounds[0]!;
  let value = evaluate(best, logs);
  for (let i = 1; i < bounds.length; i += 1) {
    const other = evaluate(bounds[i]!, logs);
    if (sign * (other - value) > 0) {
      best = bounds[i]!;
      value = other;
    }
  }
  // field by field: training asks for this at every step, and a spread costs ten times as much
  return { constant: best.constant, indices: best.indices, coefficients: best.coefficients, value };
}

/** Fourier–Motzkin elimination: per parameter its lower and upper bounds as functions of the parameters before it. */
function project(parameters: DesignBox['parameters'], constraints: readonly Constraint[]) {
  const n = parameters.length;
  const low: AffineBound[][] = [];
  const high: AffineBound[][] = [];
  let rows = [...boxRows(parameters), ...constraintRows(parameters, constraints)];
  for (let k = n - 1; k >= 0; k -= 1) {
    const below = rows.filter((row) => row.coefficients[k]! > 0);
    const above = rows.filter((row) => row.coefficients[k]! < 0);
    low[k] = below.map((row) => boundOf(row, k));
    high[k] = above.map((row) => boundOf(row, k));
    const rest = rows.filter((row) => row.coefficients[k] === 0);
    const pairs = below.flatMap((b) => above.map((a) => combine(b, a, k)));
    rows = prune([...rest, ...pairs], parameters);
  }
  const broken = rows.find((row) => row.constant < 0);
  if (broken !== undefined) {
    throw new ImpossibleConstraintsError(
      [...broken.constraints].sort((a, b) => a - b).map((i) => constraints[i]!.text),
      [...broken.ranges].sort((a, b) => a - b).map((k) => parameters[k]!.name),
    );
  }
  return { low, high };
}

function boxRows(parameters: DesignBox['parameters']): HalfSpace[] {
  const n = parameters.length;
  const unit = (k: number, value: number) => Float64Array.from({ length: n }, (_, j) => (j === k ? value : 0));
  return parameters.flatMap(({ min, max }, k) => {
    const from = { constraints: new Set<number>(), ranges: new Set([k]) };
    return [
      { coefficients: unit(k, 1), constant: -Math.log(min), ...from },
      { coefficients: unit(k, -1), constant: Math.log(max), ...from },
    ];
  });
}

function constraintRows(parameters: DesignBox['parameters'], constraints: readonly Constraint[]): HalfSpace[] {
  return constraints.map((constraint, i) => {
    const coefficients = new Float64Array(parameters.length);
    for (const [name, exponent] of constraint.exponents) {
      const k = parameters.findIndex((parameter) => parameter.name === name);
      if (k < 0) throw new ConstraintError(constraint.text, `there is no parameter ${name}`);
      coefficients[k] = exponent;
    }
    return { coefficients, constant: constraint.logConstant - MARGIN, constraints: new Set([i]), ranges: new Set() };
  });
}

/** Row solved for x_k: the others move to the other side. */
function boundOf(row: HalfSpace, k: number): AffineBound {
  const pivot = row.coefficients[k]!;
  const indices = [...row.coefficients.keys()].filter((j) => j !== k && row.coefficients[j] !== 0);
  return {
    constant: -row.constant / pivot,
    indices,
    coefficients: indices.map((j) => -row.coefficients[j]! / pivot),
  };
}

/** The row without x_k that a lower and an upper bound of x_k imply: upper ≥ lower. */
function combine(below: HalfSpace, above: HalfSpace, k: number): HalfSpace {
  const b = below.coefficients[k]!;
  const a = -above.coefficients[k]!;
  const coefficients = below.coefficients.map((x, j) => (j === k ? 0 : x / b + above.coefficients[j]! / a));
  return {
    // cancelled terms must vanish exactly, or they would count as bounds
    coefficients: coefficients.map((x) => (Math.abs(x) < 1e-12 ? 0 : x)),
    constant: below.constant / b + above.constant / a,
    constraints: new Set([...below.constraints, ...above.constraints]),
    ranges: new Set([...below.ranges, ...above.ranges]),
  };
}

/** Drops rows that the box alone implies and all but the tightest of parallel rows; keeps the box and contradictions. */
function prune(rows: readonly HalfSpace[], parameters: DesignBox['parameters']): HalfSpace[] {
  const tightest = new Map<string, HalfSpace>();
  for (const row of rows) {
    const scale = Math.max(...row.coefficients.map(Math.abs)) || 1;
    const scaled = { ...row, coefficients: row.coefficients.map((x) => x / scale), constant: row.constant / scale };
    const isBox = row.constraints.size === 0;
    if (!isBox && minimumOverBox(scaled, parameters) >= 0) continue;
    const key = Array.from(scaled.coefficients, (x) => x.toPrecision(10)).join();
    const other = tightest.get(key);
    if (other === undefined || scaled.constant < other.constant) tightest.set(key, scaled);
  }
  return [...tightest.values()];
}

function minimumOverBox(row: HalfSpace, parameters: DesignBox['parameters']): number {
  return parameters.reduce((sum, { min, max }, k) => {
    const coefficient = row.coefficients[k]!;
    return sum + (coefficient === 0 ? 0 : coefficient * Math.log(coefficient > 0 ? min : max));
  }, row.constant);
}
