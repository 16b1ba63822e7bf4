import { AGEING_LAWS, type AgeingLaw, compileAgeing } from '@neuroprint/circuit';
import { choleskyFactor, choleskySolve, type LeastSquaresProblem, levenbergMarquardt } from '@neuroprint/numeric';
import type { AgeingTable } from './ageing-table.ts';
import { type Spread, spreadOf, writtenCovariance } from './spread.ts';

/** What ages: resistances by a share of their first value, thresholds by volts. */
export type Aged = 'resistors' | 'thresholds';

/** One law fitted to all devices of a table together. */
interface AgeingFit {
  readonly law: AgeingLaw;
  /** Whether the shape is one for all devices, or each has its own. */
  readonly common: boolean;
  readonly devices: readonly {
    readonly name: string;
    /** The value at day 0 as the law has it, and its parameters. */
    readonly first: number;
    readonly a: number;
    readonly shape: number;
    readonly predicted: Float64Array;
  }[];
  /** Root mean square of what is left, as a share for resistors and in volts for thresholds. */
  readonly rms: number;
  readonly criterion: number;
  /** Mean over the devices, by the logarithm where all are above 0. */
  readonly a: { readonly value: number; readonly standardError: number; readonly log: boolean };
  readonly shape: { readonly value: number; readonly standardError: number };
  readonly spread?: Spread;
}

/** Every law, with one shape and with one a device, the least criterion first. */
export interface AgeingChoice {
  readonly of: Aged;
  readonly table: AgeingTable;
  readonly fits: readonly AgeingFit[];
}

const STARTS = [0.1, 1, 10];

/**
 * Fits the laws of ageing, chosen by n·ln(Σr²/n) + k·ln(n). The value at day 0 is fitted too: the first measurement is no better than
 * the others.
 */
export function fitAgeing(table: AgeingTable, of: Aged): AgeingChoice {
  const fits = (Object.keys(AGEING_LAWS) as AgeingLaw[]).flatMap((law) =>
    [true, false].map((common) => fitLaw(table, of, law, common)),
  );
  return { of, table, fits: fits.sort((x, y) => x.criterion - y.criterion) };
}

/** Unknowns: of each device its first value (its logarithm for resistors) and a, then ln(shape), one or one a device. */
function fitLaw({ days, devices }: AgeingTable, of: Aged, law: AgeingLaw, common: boolean): AgeingFit {
  const points = devices.flatMap(({ values }, d) =>
    [...values.keys()]
      .filter((i) => Number.isFinite(values[i]!))
      .map((i) => ({ d, days: days[i]!, value: values[i]! })),
  );
  const count = devices.length;
  const n = 2 * count + (common ? 1 : count);
  const change = compileAgeing(law);
  const out = new Float64Array(3);
  const { minimum, maximum, start } = AGEING_LAWS[law];
  const shapeAt = (d: number): number => 2 * count + (common ? 0 : d);
  const shapeOf = (x: Float64Array, d: number): number =>
    Math.min(maximum, Math.max(minimum, Math.exp(x[shapeAt(d)]!)));
  const problem: LeastSquaresProblem = {
    residuals: points.length,
    parameters: n,
    evaluate: (x, residuals, jacobian) => {
      jacobian?.fill(0);
      points.forEach((point, i) => {
        const { d } = point;
        const shape = shapeOf(x, d);
        change(point.days, x[count + d]!, shape, out);
        const whole = of === 'resistors' ? 1 + out[0]! : 1;
        residuals[i] =
          of === 'resistors'
            ? x[d]! + (whole > 0 ? Math.log(whole) : Number.NaN) - Math.log(point.value)
            : x[d]! + out[0]! - point.value;
        if (jacobian === undefined) return;
        jacobian[i * n + d] = 1;
        jacobian[i * n + count + d] = out[1]! / whole;
        jacobian[i * n + shapeAt(d)] = (out[2]! * shape) / whole;
      });
    },
  };
  const firsts = devices.map(({ values }) => values.find(Number.isFinite)!);
  const lasts = devices.map(({ values }) => values.findLast(Number.isFinite)!);
  let best: ReturnType<typeof levenbergMarquardt> | undefined;
  for (const factor of STARTS) {
    const shape = Math.min(maximum, Math.max(minimum, start * (law === 'power' ? Math.sqrt(factor) : factor)));
    change(days.at(-1)!, 1, shape, out);
    const grown = out[0]!;
    const x = Float64Array.from({ length: n }, (_, k) => {
      if (k >= 2 * count) return Math.log(shape);
      const d = k % count;
      const [first, last] = [firsts[d]!, lasts[d]!];
      if (k < count) return of === 'resistors' ? Math.log(first) : first;
      return (of === 'resistors' ? last / first - 1 : last - first) / grown;
    });
    const result = levenbergMarquardt(problem, x, { iterations: 500, tolerance: 1e-10 });
    if (Number.isFinite(result.cost) && (best === undefined || result.cost < best.cost)) best = result;
  }
  const { x, cost } = best!;
  const variance = (2 * cost) / Math.max(1, points.length - n);
  const covariance = inverseNormal(problem, x, variance);
  const found = devices.map(({ name }, d) => {
    const [a, shape] = [x[count + d]!, shapeOf(x, d)];
    const first = of === 'resistors' ? Math.exp(x[d]!) : x[d]!;
    const predicted = days.map((day) => {
      change(day, a, shape, out);
      return of === 'resistors' ? first * (1 + out[0]!) : first + out[0]!;
    });
    return { name, first, a, shape, predicted };
  });
  const log = found.every(({ a }) => a > 0);
  const scaled = (d: number): number => (log ? 1 / found[d]!.a : 1);
  // errors of a, and of ln(shape) where each device has its own
  const errorsOf = (d: number): number[][] => {
    const at = common ? [count + d] : [count + d, shapeAt(d)];
    return at.map((i, r) =>
      at.map((j, c) => covariance[i]![j]! * (r === 0 ? scaled(d) : 1) * (c === 0 ? scaled(d) : 1)),
    );
  };
  const values = found.map(({ a, shape }) => [log ? Math.log(a) : a, ...(common ? [] : [Math.log(shape)])]);
  const names = [{ name: 'a', log }, ...(common ? [] : [{ name: AGEING_LAWS[law].shape, log: true }])];
  const spread =
    count >= 3
      ? spreadOf(
          names,
          found.map((_, d) => ({ values: values[d]!, errors: errorsOf(d) })),
        )
      : undefined;
  const meanOf = (k: number) => {
    const mean = values.reduce((sum, row) => sum + row[k]!, 0) / count;
    const squares = values.reduce((sum, row) => sum + (row[k]! - mean) ** 2, 0);
    return { mean, error: count > 1 ? Math.sqrt(squares / (count - 1) / count) : Math.sqrt(errorsOf(0)[k]![k]!) };
  };
  const a = meanOf(0);
  const shape = common
    ? { mean: Math.log(found[0]!.shape), error: Math.sqrt(covariance[shapeAt(0)]![shapeAt(0)]!) }
    : meanOf(1);
  const value = log ? Math.exp(a.mean) : a.mean;
  return {
    law,
    common,
    devices: found,
    rms: Math.sqrt((2 * cost) / points.length),
    criterion: points.length * Math.log((2 * cost) / points.length) + n * Math.log(points.length),
    a: { value, standardError: log ? value * a.error : a.error, log },
    shape: { value: Math.exp(shape.mean), standardError: Math.exp(shape.mean) * shape.error },
    ...(spread === undefined ? {} : { spread }),
  };
}

function inverseNormal(problem: LeastSquaresProblem, x: Float64Array, variance: number): number[][] {
  const { residuals: m, parameters: n } = problem;
  const jacobian = new Float64Array(m * n);
  problem.evaluate(x, new Float64Array(m), jacobian);
  const normal = new Float64Array(n * n);
  for (let i = 0; i < m; i += 1)
    for (let a = 0; a < n; a += 1)
      for (let b = 0; b <= a; b += 1) normal[a * n + b]! += jacobian[i * n + a]! * jacobian[i * n + b]!;
  const decided = choleskyFactor(normal, n);
  return Array.from({ length: n }, (_, a) => {
    const column = Float64Array.from({ length: n }, (__, b) => (a === b ? 1 : 0));
    if (decided) choleskySolve(normal, n, column);
    return Array.from(column, (value) => (decided ? value * variance : Infinity));
  });
}

/** What technology.json says of it, under `ageing.resistors` or `ageing.thresholds`. */
export function ageingEntry({ of, table, fits }: AgeingChoice): object {
  const { law, a, shape, spread, devices } = fits[0]!;
  const { change, shape: shapeName, unit } = AGEING_LAWS[law];
  const measured = (standardError: number) => ({
    file: table.file.split(/[\\/]/).at(-1)!,
    ...(table.date === undefined ? {} : { date: table.date }),
    standardError: Number(standardError.toPrecision(3)),
  });
  return {
    law,
    [of === 'resistors' ? 'ratio' : 'voltsAdded']: of === 'resistors' ? `1 + ${change}` : change,
    parameters: {
      a: {
        unit: of === 'resistors' ? '1' : 'volts',
        value: Number(a.value.toPrecision(6)),
        measured: measured(a.standardError),
      },
      [shapeName]: { unit, value: Number(shape.value.toPrecision(6)), measured: measured(shape.standardError) },
    },
    ...(spread === undefined
      ? {}
      : {
          spread: {
            parameters: spread.parameters,
            scale: spread.scale,
            covariance: writtenCovariance(spread.covariance),
            sheetShare: 0,
            source: `measured: ${devices.length} devices, sheets not told apart`,
          },
        }),
    measuredDays: [0, table.days.at(-1)!],
    source: `measured: ${devices.length} ${of} over ${Number(table.days.at(-1)!.toPrecision(3))} days`,
  };
}
