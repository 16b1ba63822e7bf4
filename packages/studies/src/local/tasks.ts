import { type Dataset, Draws, UsageError } from '@neuroprint/core';
import { classMeans } from '../baselines/linear.ts';

/** Rows that a network learns from or is tested on: `drive` [rows × driven], `targets` [rows × outputs], in volts. */
export interface TaskRows {
  readonly rows: number;
  readonly drive: Float64Array;
  readonly targets: Float64Array;
}

/** A linear map that a network of resistors can make: o_k = offset_k + Σ_i slope_ki·x_i, x in 0..1 V. */
export interface RegressionTask {
  readonly name: string;
  readonly inputs: number;
  readonly outputs: number;
  readonly train: TaskRows;
  readonly test: TaskRows;
}

/** Nodes at 0 V and 1 V beside the inputs, so that an output can be anything between. */
export const RAIL_VOLTS = [0, 1] as const;

/**
 * The targets of the two regressions: o = 0.2 V + 0.5·x, and o₁ = 0.15·x₁ + 0.20·x₂, o₂ = 0.25·x₁ + 0.10·x₂. A resistor
 * network weighs its sources with shares that add up to 1 with the rails: these can be made.
 */
const REGRESSIONS = {
  'one-input': { offsets: [0.2], slopes: [[0.5]] },
  'two-input': {
    offsets: [0, 0],
    slopes: [
      [0.15, 0.2],
      [0.25, 0.1],
    ],
  },
} as const satisfies Readonly<
  Record<string, { readonly offsets: readonly number[]; readonly slopes: readonly (readonly number[])[] }>
>;
export const REGRESSION_NAMES = ['one-input', 'two-input'] as const;
export type RegressionName = (typeof REGRESSION_NAMES)[number];

/** Random inputs and their targets. Throws UsageError for a number of rows that is none. */
export function regressionTask(
  name: RegressionName,
  trainRows: number,
  testRows: number,
  seed: number,
): RegressionTask {
  const { offsets, slopes } = REGRESSIONS[name];
  const inputs = slopes[0].length;
  const random = new Draws(seed, `regression ${name}`);
  const rowsOf = (count: number, major: number): TaskRows => {
    if (!Number.isSafeInteger(count) || count < 1) throw new UsageError(`${count} is no number of rows.`);
    const x = new Float64Array(count * inputs);
    random.fillUniform(major, x);
    const targets = Float64Array.from({ length: count * offsets.length }, (_, at) => {
      const [row, k] = [Math.floor(at / offsets.length), at % offsets.length];
      return slopes[k]!.reduce<number>((sum, slope, i) => sum + slope * x[row * inputs + i]!, offsets[k]!);
    });
    return { rows: count, drive: withRails(x, inputs), targets };
  };
  return { name, inputs, outputs: offsets.length, train: rowsOf(trainRows, 0), test: rowsOf(testRows, 1) };
}

/** Rows of inputs with the rails behind them. */
function withRails(volts: Float64Array, inputs: number): Float64Array {
  const width = inputs + RAIL_VOLTS.length;
  return Float64Array.from({ length: (volts.length / inputs) * width }, (_, at) => {
    const [row, k] = [Math.floor(at / width), at % width];
    return k < inputs ? volts[row * inputs + k]! : RAIL_VOLTS[k - inputs]!;
  });
}

export const SELECTIONS = ['first', 'last', 'random'] as const;
export type Selection = (typeof SELECTIONS)[number];

/** Some rows of every class to learn from, all others to test on. */
export interface ClassTask {
  readonly inputs: number;
  readonly classes: number;
  readonly train: LabelledDrive;
  readonly test: LabelledDrive;
}

export interface LabelledDrive {
  readonly rows: number;
  /** [rows × inputs + rails] volts */
  readonly drive: Float64Array;
  readonly labels: Int32Array;
}

/**
 * The first, last or random `perClass` rows of every class, in the order of the table; all others are tests. Features become volts by
 * the ranges of the training rows and are held at 0 and 1 V beyond. Throws UsageError where a class has no row left to test.
 */
export function classTask(data: Dataset, perClass: number, selection: Selection, seed: number): ClassTask {
  const width = data.featureNames.length;
  const classes = data.classNames.length;
  const random = new Draws(seed, 'training rows');
  const chosen = new Set<number>();
  for (let c = 0; c < classes; c += 1) {
    const own = [...data.labels.keys()].filter((row) => data.labels[row] === c);
    if (!Number.isSafeInteger(perClass) || perClass < 2 || perClass >= own.length)
      throw new UsageError(
        `${perClass} training rows of the class "${data.classNames[c]}" cannot be taken: it has ${own.length}.`,
        'Take 2 or more, and leave one to test.',
      );
    const order = random.permutation(c, own.length);
    const places = {
      first: () => own.slice(0, perClass),
      last: () => own.slice(-perClass),
      random: () => [...order.subarray(0, perClass)].map((at) => own[at]!),
    };
    for (const row of places[selection]()) chosen.add(row);
  }
  const rows = [...data.labels.keys()];
  const train = rows.filter((row) => chosen.has(row));
  const ranges = data.featureNames.map((_, i) => {
    const values = train.map((row) => data.columns[i]![row]!);
    return { low: Math.min(...values), high: Math.max(...values) };
  });
  const part = (list: readonly number[]): LabelledDrive => {
    const volts = Float64Array.from({ length: list.length * width }, (_, at) => {
      const i = at % width;
      const { low, high } = ranges[i]!;
      const x = data.columns[i]![list[Math.floor(at / width)]!]!;
      return high > low ? Math.min(1, Math.max(0, (x - low) / (high - low))) : 0.5;
    });
    return {
      rows: list.length,
      drive: withRails(volts, width),
      labels: Int32Array.from(list, (row) => data.labels[row]!),
    };
  };
  return { inputs: width, classes, train: part(train), test: part(rows.filter((row) => !chosen.has(row))) };
}

/** Mean of the rows of every class, [classes × width]. */
export function meansByClass(values: Float64Array, labels: Int32Array, classes: number): Float64Array {
  return classMeans({ inputs: values.length / labels.length, classes }, { volts: values, labels });
}

/** The L2 readout: share of rows whose nearest mean is that of their class. */
export function readoutAccuracy(values: Float64Array, labels: Int32Array, means: Float64Array): number {
  const width = values.length / labels.length;
  const classes = means.length / width;
  let correct = 0;
  labels.forEach((label, r) => {
    let best = -1;
    let nearest = Number.POSITIVE_INFINITY;
    for (let c = 0; c < classes; c += 1) {
      let square = 0;
      for (let i = 0; i < width; i += 1) square += (values[r * width + i]! - means[c * width + i]!) ** 2;
      if (square < nearest) [best, nearest] = [c, square];
    }
    if (best === label) correct += 1;
  });
  return correct / labels.length;
}
