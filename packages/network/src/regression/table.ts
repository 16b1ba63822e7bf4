import {
  Draws,
  InputFileError,
  numericColumn,
  parseTextTable,
  readTextFile,
  SPLITS,
  type Split,
  UsageError,
} from '@neuroprint/core';

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

/**
 * Reads a table with a numeric target column. Without a split column rows are split 60/20/20 by the seed. Throws
 * InputFileError for text, a missing column and a target that is constant, UsageError where a part has no rows.
 */
export function readRegressionTable(
  file: string,
  options: { readonly target?: string; readonly split?: string; readonly seed?: number } = {},
): RegressionTable {
  const { target = 'target', split = 'split', seed = 0 } = options;
  const table = parseTextTable(file, readTextFile(file));
  const targets = numericColumn(table, target);
  const splitAt = table.header.indexOf(split);
  const featureNames = table.header.filter((name, k) => name !== target && k !== splitAt);
  if (featureNames.length === 0) throw new InputFileError({ file }, `has no feature column beside ${target}`);
  const columns = featureNames.map((name) => numericColumn(table, name));
  const order = new Draws(seed, 'regression split').permutation(0, targets.length);
  const place = new Int32Array(targets.length);
  order.forEach((row, at) => {
    place[row] = at;
  });
  const [trainEnd, validEnd] = [Math.round(0.6 * targets.length), Math.round(0.8 * targets.length)];
  const partOf = (row: number): Split => {
    if (splitAt < 0) return place[row]! < trainEnd ? 'train' : place[row]! < validEnd ? 'valid' : 'test';
    const named = table.rows[row]![splitAt] as Split;
    if (SPLITS.includes(named)) return named;
    throw new InputFileError({ file, row: row + 2, column: split }, `"${named}" is not train, valid or test`);
  };
  const parts = Array.from(targets, (_, row) => partOf(row));
  const rowsOf = (part: Split): number[] => [...parts.keys()].filter((row) => parts[row] === part);
  for (const part of SPLITS)
    if (rowsOf(part).length < 2) throw new UsageError(`${file} has fewer than two ${part} rows.`, 'Give more rows.');
  const training = rowsOf('train');
  const scaleOf = (values: Float64Array): { middle: number; half: number } => {
    const known = training.map((row) => values[row]!);
    const [low, high] = [Math.min(...known), Math.max(...known)];
    return { middle: (low + high) / 2, half: (high - low) / 2 };
  };
  const own = scaleOf(targets);
  if (own.half === 0)
    throw new InputFileError(
      { file, column: target },
      `is constant (${own.middle}) in the training rows`,
      'Name another target.',
    );
  const scales = columns.map(scaleOf);
  const scaled = (part: Split): RegressionRows => {
    const rows = rowsOf(part);
    const features = new Float64Array(rows.length * columns.length);
    rows.forEach((row, i) => {
      scales.forEach(({ middle, half }, k) => {
        features[i * columns.length + k] = half === 0 ? 0 : (columns[k]![row]! - middle) / half;
      });
    });
    return { features, targets: Float64Array.from(rows, (row) => (targets[row]! - own.middle) / own.half) };
  };
  return {
    name: file.replace(/^.*[/\\]/, '').replace(/\.csv$/i, ''),
    featureNames,
    rows: { train: scaled('train'), valid: scaled('valid'), test: scaled('test') },
    ...own,
  };
}
