import { basename } from 'node:path';
import { InputFileError, UsageError } from '../files/errors.ts';
import { checkClasses, findClassColumn } from './class-column.ts';
import { keptRows, type MissingPolicy, numbersOf, type TableReading } from './feature-rows.ts';
import type { FeatureOptions } from './features.ts';
import { interleaved } from './node-table.ts';
import { randomSplit, readSplit, SPLITS, stratifiedSplit } from './splits.ts';
import { columnOf, missingColumn, numericColumn, readFileRecords, tableOfRecords } from './text-table.ts';

/** The numbers of a table row by row [rows × features]. */
export function featureMatrix({ columns, labels }: Pick<FeatureTable, 'columns' | 'labels'>): Float64Array {
  return interleaved(columns, labels.length);
}

/** What rows are to be known by: class indices, or in regression the targets in the file's own units. */
export type Labels = Int32Array | Float64Array;

/** Numeric columns and their split. */
export interface FeatureTable {
  readonly name: string;
  readonly file: string;
  readonly sha256: string;
  readonly featureNames: readonly string[];
  /** The numbers of each feature, by row, in the file's own units. */
  readonly columns: readonly Float64Array[];
  readonly labels: Labels;
  /** The column of the class or the target. */
  readonly labelName: string;
  readonly splitName: string;
  /** Per row 0 train, 1 valid, 2 test. */
  readonly split: Uint8Array;
  readonly splitFrom: 'column' | 'seed';
  /** Cells without a value that were filled in, and rows that were dropped for them; 0 in a complete table. */
  readonly missing: { readonly imputedCells: number; readonly droppedRows: number };
  /** Columns that are neither features nor class, target or split; of a network's table those that look like features. */
  readonly unread: readonly string[];
  /** How it was read where that was not the usual way; whoever reads the table again for the same network does it so. */
  readonly reading?: TableReading;
  /** What was understood and left out, each a sentence for a person. */
  readonly notes: readonly string[];
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

/** What tells two readings of one file apart, for whoever keeps results by the file's hash; nothing where it was read in the usual way. */
export function readingRecipe({ reading, labelName, featureNames }: FeatureTable): object {
  const isUsual = reading === undefined && labelName === 'label' && !featureNames.some((name) => name.includes('='));
  return isUsual ? {} : { reading, labelName, featureNames };
}

/** How any table is read. */
export interface ReadingOptions extends FeatureOptions {
  /** Name of the split column; default `split`. Where the table has none, rows are split 60/20/20, within each class. */
  readonly split?: string;
  readonly seed?: number;
  /**
   * What becomes of features that are missing: refused with the row and column (default), the row dropped, or the mean of the column's
   * training rows in its place. Row numbers are those of the rows that are left.
   */
  readonly missing?: MissingPolicy;
}

export interface DatasetOptions extends ReadingOptions {
  /** Name of the class column; found by its name or its words where it is not given. */
  readonly label?: string;
  /** Split the rows by the seed even where the table has a split column. */
  readonly resplit?: boolean;
}

/**
 * Reads a classification table: numeric columns, a class column, optionally a split column (train, valid, test). Throws InputFileError
 * that says where, what and what to do.
 */
export function readDataset(file: string, options: DatasetOptions = {}): Dataset {
  const { table, hash, splitName, splitAt } = openTable(file, options);
  const marks = options.missingValues ?? [];
  const ignored = options.ignore ?? [];
  const labelName = options.label ?? findClassColumn(table, [...ignored, splitName], marks);
  if (!table.header.includes(labelName))
    throw new InputFileError(
      { file, column: labelName },
      'there is no such column, and the classes are read from it',
      `Name the class column with --label; the columns are: ${table.header.join(', ')}.`,
    );
  const kept = keptRows(table, [labelName, ...(splitAt < 0 ? [] : [splitName])], labelName, options);
  const cells = columnOf(table, labelName);
  const classNames = [...new Set(kept.rows.map((row) => cells.textAt(row)))].sort();
  if (classNames.length < 2)
    throw new InputFileError(
      { file, column: labelName },
      `has one class only ("${classNames[0]}")`,
      'A classifier needs two classes or more.',
    );
  const classOf = new Map(classNames.map((name, c) => [name, c]));
  const labels = Int32Array.from(kept.rows, (row) => classOf.get(cells.textAt(row))!);
  const bySeed = splitAt < 0 || options.resplit === true;
  const split = bySeed
    ? stratifiedSplit(labels, classNames.length, options.seed ?? 0)
    : readSplit(table, splitName).filter((_, row) => kept.has(row));
  const isNamed = options.label !== undefined;
  const classNotes =
    options.inputs === undefined
      ? checkClasses({ file, column: labelName }, classNames, labels, { split, bySeed, isNamed })
      : [];
  checkParts(file, splitName, split);
  const numbers = numbersOf(table, kept, split, options);
  const isFound = !isNamed && labelName !== 'label';
  return {
    ...numbers,
    ...named(file, hash),
    labelName,
    splitName,
    classNames,
    labels,
    split,
    splitFrom: bySeed ? 'seed' : 'column',
    notes: [
      ...table.notes,
      ...(isFound ? [`the class is read from the column ${labelName}`] : []),
      ...classNotes,
      ...numbers.notes,
    ],
  };
}

/**
 * Reads a regression table: numeric columns, one of them the target, optionally a split column; without it rows are split
 * 60/20/20 by the seed. Throws InputFileError for text, a missing column and a target that is constant in the training rows,
 * UsageError where a part has fewer than two rows.
 */
export function readTargets(file: string, options: ReadingOptions & { readonly target?: string } = {}): TargetDataset {
  const { target = 'target', seed = 0, missingValues: marks = [], missing = 'refuse' } = options;
  const { table, hash, splitName, splitAt } = openTable(file, options);
  if (!table.header.includes(target)) throw missingColumn(table, target);
  const kept = keptRows(table, [target, ...(splitAt < 0 ? [] : [splitName])], target, options);
  const all = numericColumn(table, target, { marks, allowMissing: missing === 'drop' });
  const labels = Float64Array.from(kept.rows, (row) => all[row]!);
  const split =
    splitAt < 0 ? randomSplit(labels.length, seed) : readSplit(table, splitName).filter((_, row) => kept.has(row));
  const numbers = numbersOf(table, kept, split, options);
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
    ...numbers,
    ...named(file, hash),
    labelName: target,
    splitName,
    targetName: target,
    labels,
    split,
    splitFrom: splitAt < 0 ? 'seed' : 'column',
    notes: [...table.notes, ...numbers.notes],
  };
}

function openTable(file: string, options: ReadingOptions) {
  const { records, hash } = readFileRecords(file);
  const table = tableOfRecords(file, records);
  const splitName = options.split ?? table.header.find((name) => name.toLowerCase() === 'split') ?? 'split';
  const splitAt = table.header.indexOf(splitName);
  if (splitAt < 0 && splitName !== 'split') throw missingColumn(table, splitName);
  return { table, hash, splitName, splitAt };
}

function named(file: string, hash: string) {
  return { name: basename(file).replace(/\.(csv|tsv|txt|data)$/i, ''), file, sha256: hash };
}

function checkParts(file: string, splitName: string, split: Uint8Array): void {
  SPLITS.forEach((name, k) => {
    if (!split.includes(k))
      throw new InputFileError(
        { file, column: splitName },
        `the ${name} part is empty`,
        'Give more rows, or mark some rows train, valid and test.',
      );
  });
}
