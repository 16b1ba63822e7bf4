import { readTargets, type Split } from '@neuroprint/core';

/** Rows of a regression table, features and target scaled to −1..1 by the range of the training rows. */
export interface RegressionRows {
  /** Row-major [rows × features]. */
  readonly features: Float64Array;
  readonly targets: Float64Array;
}

export interface RegressionTable {
  readonly name: string;
  readonly featureNames: readonly string[];
  readonly rows: Readonly<Record<Split, RegressionRows>>;
  /** target = middle + half·scaled: what a scaled target means in the table's units. */
  readonly middle: number;
  readonly half: number;
}

/** Middle and half of the range of the training rows' values; half is 0 where they are constant. */
function scaleOf(values: ArrayLike<number>, training: readonly number[]): { middle: number; half: number } {
  const known = training.map((row) => values[row]!);
  const [low, high] = [Math.min(...known), Math.max(...known)];
  return { middle: (low + high) / 2, half: (high - low) / 2 };
}

/** A regression table (see core's readTargets, whose errors it throws), scaled for a dense network. */
export function readRegressionTable(file: string, options: Parameters<typeof readTargets>[1] = {}): RegressionTable {
  const { name, featureNames, columns, labels, split } = readTargets(file, options);
  const rowsOf = (part: number): number[] => [...split.keys()].filter((row) => split[row] === part);
  const training = rowsOf(0);
  const own = scaleOf(labels, training);
  const scales = columns.map((column) => scaleOf(column, training));
  const scaled = (part: number): RegressionRows => {
    const rows = rowsOf(part);
    const values = rows.flatMap((row) =>
      scales.map(({ middle, half }, k) => (half === 0 ? 0 : (columns[k]![row]! - middle) / half)),
    );
    return {
      features: Float64Array.from(values),
      targets: Float64Array.from(rows, (row) => (labels[row]! - own.middle) / own.half),
    };
  };
  return { name, featureNames, rows: { train: scaled(0), valid: scaled(1), test: scaled(2) }, ...own };
}
