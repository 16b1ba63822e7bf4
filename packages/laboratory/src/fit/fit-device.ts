import type { OfferedLaw } from '@neuroprint/circuit';
import { InputFileError } from '@neuroprint/core';
import { choleskyFactor, choleskySolve, LevenbergMarquardtWorkspace, levenbergMarquardt } from '@neuroprint/numeric';
import { DeviceModel, type Extras } from './device-model.ts';
import type { DevicePoints } from './points.ts';
import { type CurveError, DeviceResiduals } from './residuals.ts';
import { startsOf } from './starts.ts';

/** A fitted number. `standardError` is on the scale on which it was moved: of the logarithm where `log`. */
export interface FittedParameter {
  readonly name: string;
  readonly unit: string;
  readonly value: number;
  readonly log: boolean;
  readonly standardError: number;
  /** It went to a bound of its range, where it is held; its error is then that with all others held too. */
  readonly atBound: boolean;
  /** The curves do not say: its error is as large as its range. */
  readonly undetermined: boolean;
}

/** One law with its extras, fitted to one device. */
export interface DeviceFit {
  readonly law: string;
  readonly extras: Extras;
  /** The law's own first, then shift, contact and floors. */
  readonly parameters: readonly FittedParameter[];
  /** How many of them are the law's. */
  readonly lawParameters: number;
  /** Correlations of all parameters, row by row. */
  readonly correlations: readonly (readonly number[])[];
  /** Covariance of the law's parameters on the scales on which they were moved, row by row. */
  readonly covariance: readonly (readonly number[])[];
  readonly errors: readonly CurveError[];
  /** Root mean square over all transfer curves in decades, and over all curves as a share of each one's largest current. */
  readonly decades?: number;
  readonly share: number;
  /** ½·Σ of squared residuals; every point counts once. */
  readonly cost: number;
  readonly points: number;
  /** Correlation of neighbouring residuals: where it is high, points say less than their number. */
  readonly neighbours: number;
  /** Model currents in amperes at every point. */
  readonly currents: Float64Array;
  readonly starts: number;
  readonly converged: boolean;
}

const ITERATIONS = 300;
/** A parameter this near its bound, as a share of its range or of that of its logarithm, stands at it. */
const AT_BOUND = { linear: 1e-5, log: 4e-3 };

/** Where a fit may begin: values by name; what is not among them stands where fits usually begin. */
export type Seed = Readonly<Record<string, number>>;

/** Fits one law from its starts and the seeds, and keeps the best. Throws InputFileError where points are too few. */
export function fitDevice(
  name: string,
  offered: OfferedLaw,
  points: DevicePoints,
  size: { readonly width: number; readonly length: number },
  extras: Extras,
  seeds: readonly Seed[] = [],
  seedsOnly = false,
): DeviceFit {
  const model = new DeviceModel(offered, points, size.width, size.length, extras);
  const problem = new DeviceResiduals(model, points);
  const { parameters: n } = problem;
  if (points.count <= n)
    throw new InputFileError(
      { file: points.curves.map(({ file }) => file).join(', ') },
      `${points.count} points cannot decide ${n} parameters of ${name}`,
      'Add curves, or points.',
    );
  const usual = startsOf(model, points);
  const starts = [
    ...seeds.map((seed) => Float64Array.from(model.movable, ({ name: moved }, k) => seed[moved] ?? usual[0]![k]!)),
    ...(seedsOnly && seeds.length > 0 ? [] : usual),
  ];
  const workspace = new LevenbergMarquardtWorkspace(problem.residuals, n);
  let best: ReturnType<typeof levenbergMarquardt> | undefined;
  for (const start of starts) {
    const options = { iterations: ITERATIONS, tolerance: 1e-9, workspace };
    const result = levenbergMarquardt(problem, problem.startOf(start), options);
    if (Number.isFinite(result.cost) && (best === undefined || result.cost < best.cost)) best = result;
  }
  if (best === undefined)
    throw new InputFileError(
      { file: points.curves.map(({ file }) => file).join(', ') },
      `the law ${name} gives no finite current for these curves`,
    );
  const x = new Float64Array(n);
  problem.valuesOf(best.x, x);
  return { ...describe(name, problem, points, x), cost: best.cost, starts: starts.length, converged: best.converged };
}

function describe(law: string, problem: DeviceResiduals, points: DevicePoints, x: Float64Array) {
  const { model, parameters: n, residuals: m } = problem;
  const residuals = new Float64Array(m);
  const jacobian = new Float64Array(m * n);
  problem.atValues(x, residuals, jacobian);
  const free = model.movable.map(({ log, minimum, maximum }, k) => {
    const share = log
      ? Math.log(x[k]! / minimum) / Math.log(maximum / minimum)
      : (x[k]! - minimum) / (maximum - minimum);
    const near = log ? AT_BOUND.log : AT_BOUND.linear;
    return share > near && share < 1 - near;
  });
  const neighbours = neighbourCorrelation(residuals, points);
  // residuals that go together are fewer measurements than there are points
  const inflation = ((1 + neighbours) / (1 - neighbours)) * (points.count / Math.max(1, points.count - n));
  const normal = productOf(n, m, (i, k) => jacobian[i * n + k]!);
  // what each point, by its current and by its logarithm, pulls at
  const pulls = productOf(n, points.count, (i, k) => {
    const other = points.count + i;
    return jacobian[i * n + k]! * residuals[i]! + jacobian[other * n + k]! * residuals[other]!;
  });
  const covariance = covarianceOf(normal, pulls, free, inflation);
  const parameters = model.movable.map(({ name, unit, log, minimum, maximum }, k): FittedParameter => {
    const held = (pulls[k]![k]! * inflation) / normal[k]![k]! ** 2;
    const standardError = Math.sqrt(free[k]! ? covariance[k]![k]! : held);
    const range = log ? Math.log(maximum / minimum) : maximum - minimum;
    const undetermined = !(standardError < range / 4);
    return { name, unit, value: x[k]!, log, standardError, atBound: !free[k]!, undetermined };
  });
  const errors = problem.errorsOf(x);
  const overall = overallErrors(errors, points);
  return {
    law,
    extras: model.extras,
    parameters,
    lawParameters: model.lawMoved,
    correlations: covariance.map((row, i) =>
      row.map((c, j) => (i === j ? 1 : c / Math.sqrt(covariance[i]![i]! * covariance[j]![j]!) || 0)),
    ),
    covariance: covariance.slice(0, model.lawMoved).map((row) => row.slice(0, model.lawMoved)),
    errors,
    ...overall,
    points: points.count,
    neighbours,
    currents: Float64Array.from({ length: points.count }, (_, i) => model.current(x, i)),
  };
}

/** Σ over the rows of value(row, a)·value(row, b). */
function productOf(n: number, rows: number, value: (row: number, k: number) => number): number[][] {
  const sum = Array.from({ length: n }, () => new Array<number>(n).fill(0));
  for (let row = 0; row < rows; row += 1)
    for (let a = 0; a < n; a += 1) for (let b = 0; b < n; b += 1) sum[a]![b]! += value(row, a) * value(row, b);
  return sum;
}

/**
 * N⁻¹·P·N⁻¹ over the free parameters, N = JᵀJ and P of what the points pull at (White 1980): right also where large currents are
 * noisier than small ones. 0 for those that stand at a bound, Infinity where nothing decides.
 */
function covarianceOf(
  normal: readonly (readonly number[])[],
  pulls: readonly (readonly number[])[],
  free: readonly boolean[],
  inflation: number,
): number[][] {
  const places = [...free.keys()].filter((k) => free[k]);
  const size = places.length;
  const factor = Float64Array.from(
    { length: size * size },
    (_, i) => normal[places[Math.floor(i / size)]!]![places[i % size]!]!,
  );
  const result = free.map(() => new Array<number>(free.length).fill(0));
  if (!choleskyFactor(factor, size)) {
    for (const k of places) result[k]![k] = Infinity;
    return result;
  }
  const inverse = places.map((_, i) => {
    const column = Float64Array.from(places, (__, j) => (i === j ? 1 : 0));
    choleskySolve(factor, size, column);
    return column;
  });
  const half = inverse.map((row) => places.map((b) => places.reduce((sum, a, i) => sum + row[i]! * pulls[a]![b]!, 0)));
  places.forEach((a, i) => {
    places.forEach((b, j) => {
      // both halves alike to the last bit
      const [low, high] = [Math.min(i, j), Math.max(i, j)];
      result[a]![b] = inflation * half[low]!.reduce((sum, value, k) => sum + value * inverse[high]![k]!, 0);
    });
  });
  return result;
}

/** Correlation of residuals that are neighbours on one curve, 0 to 0.95; linear and logarithmic ones apart. */
function neighbourCorrelation(residuals: Float64Array, { count, curve }: DevicePoints): number {
  let [products, squares] = [0, 0];
  for (const start of [0, count])
    for (let i = 0; i < count; i += 1) {
      const r = residuals[start + i]!;
      squares += r * r;
      if (i + 1 < count && curve[i] === curve[i + 1]) products += r * residuals[start + i + 1]!;
    }
  return Math.min(0.95, Math.max(0, products / squares || 0));
}

function overallErrors(errors: readonly CurveError[], { curves }: DevicePoints): { decades?: number; share: number } {
  const mean = (of: (error: CurveError) => number | undefined): number => {
    let [sum, points] = [0, 0];
    errors.forEach((error, c) => {
      const value = of(error);
      if (value === undefined) return;
      sum += value * value * curves[c]!.swept.length;
      points += curves[c]!.swept.length;
    });
    return Math.sqrt(sum / points);
  };
  const share = mean((error) => error.share);
  return errors.some(({ decades }) => decades !== undefined)
    ? { decades: mean(({ decades }) => decades), share }
    : { share };
}

/** What a fit found, for another to begin with. */
export function seedOf({ parameters }: DeviceFit): Seed {
  return Object.fromEntries(parameters.map(({ name, value }) => [name, value]));
}
