import { basename } from 'node:path';
import { readTextFile, sha256 } from '../files/atomic-files.ts';
import { type FilePlace, InputFileError, UsageError } from '../files/errors.ts';
import { randomSplit, readSplit, SPLITS, stratifiedSplit } from './splits.ts';
import { FILL_IN, MISSING_CELLS, missingColumn, numericColumn, parseTextTable } from './text-table.ts';

/** What rows are to be known by: class indices, or in regression the targets in the file's own units. */
export type Labels = Int32Array | Float64Array;

/** Numeric columns and their split. `features` is row-major [rows × featureNames.length], in the file's own units. */
export interface FeatureTable {
  readonly name: string;
  readonly file: string;
  readonly sha256: string;
  readonly featureNames: readonly string[];
  readonly features: Float64Array;
  readonly labels: Labels;
  /** Per row 0 train, 1 valid, 2 test. */
  readonly split: Uint8Array;
  readonly splitFrom: 'column' | 'seed';
  /** Cells without a value that were filled in, and rows that were dropped for them; 0 in a complete table. */
  readonly missing: { readonly imputedCells: number; readonly droppedRows: number };
}

/** A classification table. */
export interface Dataset extends FeatureTable {
  /** Sorted; a label is an index into it. */
  readonly classNames: readonly string[];
  readonly labels: Int32Array;
}

/** A regression table. */
export interface TargetDataset extends FeatureTable {
  readonly targetName: string;
  readonly labels: Float64Array;
}

export interface DatasetOptions {
  /** Name of the class column; default `label`. */
  readonly label?: string;
  /** Name of the split column; default `split`. Where the table has none, rows are split 60/20/20 within each class. */
  readonly split?: string;
  /** Split the rows by the seed even where the table has a split column. */
  readonly resplit?: boolean;
  readonly seed?: number;
  /**
   * What becomes of features that are missing (an empty cell, NA, NaN, null or ?): refused with the row and column (default), the
   * row dropped, or the mean of the column's training rows in its place. Row numbers are
   * those of the rows that are left.
   */
  readonly missing?: MissingPolicy;
  /** Take features that are the same in every row, such as the corner pixels of pictures; refused by default. */
  readonly keepConstant?: boolean;
}

export const MISSING_POLICIES = ['refuse', 'drop', 'impute'] as const;
export type MissingPolicy = (typeof MISSING_POLICIES)[number];

/** Reads a classification table: numeric columns, a class column, optionally a split column (train, valid, test). */
export function readDataset(file: string, options: DatasetOptions = {}): Dataset {
  const text = readTextFile(file);
  const table = parseTextTable(file, text);
  const labelName = options.label ?? 'label';
  const labelAt = table.header.indexOf(labelName);
  if (labelAt < 0) {
    throw new InputFileError(
      { file, column: labelName },
      'there is no such column, and the classes are read from it',
      `Name the class column with --label; the columns are: ${table.header.join(', ')}.`,
    );
  }
  const splitName = options.split ?? 'split';
  const splitAt = table.header.indexOf(splitName);
  if (splitAt < 0 && options.split !== undefined && options.split !== 'split') throw missingColumn(table, splitName);

  const featureNames = table.header.filter((_, i) => i !== labelAt && i !== splitAt);
  if (featureNames.length === 0) throw new InputFileError({ file }, 'has no feature column beside the label');
  const policy = options.missing ?? 'refuse';
  const isMissing = (row: readonly string[]): boolean =>
    row.some((cell, i) => i !== labelAt && i !== splitAt && MISSING_CELLS.has(cell.toLowerCase()));
  const unlabelled = table.rows.findIndex((row) => row[labelAt] === '');
  if (unlabelled >= 0)
    throw new InputFileError({ file, row: table.lines[unlabelled]!, column: labelName }, 'the label is empty');
  const kept = policy === 'drop' ? table.rows.map((row) => !isMissing(row)) : undefined;
  if (kept?.every((keep) => !keep) === true)
    throw new InputFileError({ file }, 'has a missing value in every row', 'Fill them in with --missing impute.');
  const rows = kept === undefined ? table.rows : table.rows.filter((_, i) => kept[i]!);
  const classNames = [...new Set(rows.map((row) => row[labelAt]!))].sort();
  if (classNames.length < 2) {
    throw new InputFileError(
      { file, column: labelName },
      `has one class only ("${classNames[0]}")`,
      'A classifier needs two classes or more.',
    );
  }
  const labels = Int32Array.from(rows, (row) => classNames.indexOf(row[labelAt]!));
  const bySeed = splitAt < 0 || options.resplit === true;
  const split = bySeed
    ? stratifiedSplit(labels, classNames.length, options.seed ?? 0)
    : readSplit(table, splitAt).filter((_, i) => kept === undefined || kept[i]!);
  SPLITS.forEach((name, k) => {
    if (!split.includes(k)) {
      throw new InputFileError(
        { file, column: splitName },
        `the ${name} part is empty`,
        'Give more rows, or mark some rows train, valid and test.',
      );
    }
  });
  let imputedCells = 0;
  const columns = featureNames.map((name) => {
    const all = numericColumn(
      table,
      name,
      policy !== 'refuse',
      `${FILL_IN} Where a command has --missing, \`drop\` leaves such rows out and \`impute\` takes the mean of the training rows.`,
    );
    const column = kept === undefined ? all : all.filter((_, i) => kept[i]!);
    if (policy === 'impute') imputedCells += impute(column, split, { file, column: name });
    return column;
  });
  featureNames.forEach((name, k) => {
    if (options.keepConstant !== true && columns[k]!.every((value) => value === columns[k]![0])) {
      throw new InputFileError(
        { file, column: name },
        `is constant (${columns[k]![0]} in every row)`,
        'Remove the column: it can decide nothing.',
      );
    }
  });
  return {
    name: basename(file).replace(/\.csv$/i, ''),
    file,
    sha256: sha256(text),
    featureNames,
    classNames,
    features: interleave(columns),
    labels,
    split,
    splitFrom: bySeed ? 'seed' : 'column',
    missing: { imputedCells, droppedRows: table.rows.length - rows.length },
  };
}

/**
 * Reads a regression table: numeric columns, one of them the target, optionally a split column; without it rows are split
 * 60/20/20 by the seed. Throws InputFileError for text, a missing column and a target that is constant in the training rows,
 * UsageError where a part has fewer than two rows.
 */
export function readTargets(
  file: string,
  options: { readonly target?: string; readonly split?: string; readonly seed?: number } = {},
): TargetDataset {
  const { target = 'target', split: splitName = 'split', seed = 0 } = options;
  const text = readTextFile(file);
  const table = parseTextTable(file, text);
  const labels = numericColumn(table, target);
  const splitAt = table.header.indexOf(splitName);
  if (splitAt < 0 && splitName !== 'split') throw missingColumn(table, splitName);
  const featureNames = table.header.filter((name, k) => name !== target && k !== splitAt);
  if (featureNames.length === 0) throw new InputFileError({ file }, `has no feature column beside ${target}`);
  const columns = featureNames.map((name) => numericColumn(table, name));
  const split = splitAt < 0 ? randomSplit(labels.length, seed) : readSplit(table, splitAt);
  for (const [k, part] of SPLITS.entries())
    if (split.filter((at) => at === k).length < 2)
      throw new UsageError(`${file} has fewer than two ${part} rows.`, 'Give more rows.');
  const known = labels.filter((_, row) => split[row] === 0);
  if (known.every((value) => value === known[0]))
    throw new InputFileError(
      { file, column: target },
      `is constant (${known[0]}) in the training rows`,
      'Name another target.',
    );
  return {
    name: basename(file).replace(/\.csv$/i, ''),
    file,
    sha256: sha256(text),
    featureNames,
    targetName: target,
    features: interleave(columns),
    labels,
    split,
    splitFrom: splitAt < 0 ? 'seed' : 'column',
    missing: { imputedCells: 0, droppedRows: 0 },
  };
}

/** Puts the mean of the training rows that have a value where there is none. Returns how many cells it filled. */
function impute(column: Float64Array, split: Uint8Array, place: FilePlace): number {
  const known = column.filter((value, i) => split[i] === 0 && !Number.isNaN(value));
  const holes = column.filter(Number.isNaN).length;
  if (holes === 0) return 0;
  if (known.length === 0)
    throw new InputFileError(
      place,
      'has no value in any training row',
      'Remove the column: there is no mean to fill in.',
    );
  const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
  column.forEach((value, i) => {
    if (Number.isNaN(value)) column[i] = mean;
  });
  return holes;
}

function interleave(columns: readonly Float64Array[]): Float64Array {
  const width = columns.length;
  const out = new Float64Array(columns[0]!.length * width);
  columns.forEach((column, k) => {
    for (let row = 0; row < column.length; row += 1) out[row * width + k] = column[row]!;
  });
  return out;
}
