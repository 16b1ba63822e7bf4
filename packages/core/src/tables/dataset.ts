import { basename } from 'node:path';
import { parse } from 'csv-parse/sync';
import { readTextFile, sha256 } from '../files/atomic-files.ts';
import { type FilePlace, InputFileError, UsageError } from '../files/errors.ts';
import { Draws } from '../random.ts';

export const SPLITS = ['train', 'valid', 'test'] as const;
export type Split = (typeof SPLITS)[number];

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

const MISSING_CELLS = new Set(['', 'na', 'n/a', 'nan', 'null', '?']);

/** A header and its cells as text. */
export interface TextTable {
  readonly file: string;
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** The line of each row in the file, from 1, as editors show it: empty lines count. */
  readonly lines: readonly number[];
}

/** Reads a CSV with a header. Throws InputFileError for an empty file, other separators, ragged rows or repeated names. */
export function readTextTable(file: string): TextTable {
  return parseTextTable(file, readTextFile(file));
}

export function parseTextTable(file: string, text: string): TextTable {
  let records: { readonly record: string[]; readonly info: { readonly lines: number } }[];
  try {
    const options = { bom: true, skip_empty_lines: true, trim: true, relax_column_count: true, info: true } as const;
    records = parse(text, options) as unknown as typeof records;
  } catch (error) {
    throw new InputFileError(
      { file },
      `is not a CSV table (${error instanceof Error ? error.message : String(error)})`,
    );
  }
  const [header, ...rows] = records.map(({ record }) => record);
  const lines = records.slice(1).map(({ info }) => info.lines);
  if (header === undefined) throw new InputFileError({ file }, 'is empty', 'The first line names the columns.');
  const separator = header.length === 1 ? /[;\t]/.exec(header[0]!)?.[0] : undefined;
  if (separator !== undefined)
    throw new InputFileError(
      { file, row: 1 },
      `the columns are separated by ${separator === ';' ? 'semicolons' : 'tabs'}`,
      'Separate them by commas, and write decimals with a point.',
    );
  if (rows.length === 0)
    throw new InputFileError({ file }, 'has a header and no rows', 'Every line after the first is a row.');
  const repeated = header.find((name, i) => header.indexOf(name) !== i);
  if (repeated !== undefined)
    throw new InputFileError({ file, row: 1, column: repeated }, 'is named twice', 'Give every column its own name.');
  rows.forEach((row, i) => {
    if (row.length !== header.length) {
      throw new InputFileError(
        { file, row: lines[i]! },
        `has ${row.length} cells, and the header has ${header.length}`,
        'Give every row one cell per column; leave it empty where nothing is known.',
      );
    }
  });
  return { file, header, rows, lines };
}

const FILL_IN = 'Fill in or remove the row, or remove the column.';

/**
 * The numbers of one column; with `allowMissing` a missing value is NaN. Throws InputFileError that names the row where a cell is
 * no finite number, with `hint` where it is a missing value.
 */
export function numericColumn(table: TextTable, name: string, allowMissing = false, hint = FILL_IN): Float64Array {
  const at = table.header.indexOf(name);
  if (at < 0) throw missingColumn(table, name);
  return Float64Array.from(table.rows, (row, i) => {
    const text = row[at]!;
    if (allowMissing && MISSING_CELLS.has(text.toLowerCase())) return Number.NaN;
    const value = text === '' ? Number.NaN : Number(text);
    if (!Number.isFinite(value)) {
      throw new InputFileError(
        { file: table.file, row: table.lines[i]!, column: name },
        text === '' ? 'the cell is empty' : `"${text}" is not a finite number`,
        MISSING_CELLS.has(text.toLowerCase()) ? hint : FILL_IN,
      );
    }
    return value;
  });
}

function missingColumn(table: TextTable, name: string): InputFileError {
  return new InputFileError(
    { file: table.file, column: name },
    'there is no such column',
    `The columns are: ${table.header.join(', ')}.`,
  );
}

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

/** 60/20/20, the same for the same seed. */
function randomSplit(rows: number, seed: number): Uint8Array {
  const split = new Uint8Array(rows);
  const [train, valid] = [Math.round(0.6 * rows), Math.round(0.8 * rows)];
  new Draws(seed, 'regression split').permutation(0, rows).forEach((row, place) => {
    split[row] = place < train ? 0 : place < valid ? 1 : 2;
  });
  return split;
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

function readSplit(table: TextTable, at: number): Uint8Array {
  return Uint8Array.from(table.rows, (row, i) => {
    const index = SPLITS.indexOf(row[at] as Split);
    if (index < 0) {
      throw new InputFileError(
        { file: table.file, row: table.lines[i]!, column: table.header[at]! },
        `"${row[at]}" is not train, valid or test`,
      );
    }
    return index;
  });
}

/** 60/20/20 within each class, the same for the same seed. */
function stratifiedSplit(labels: Int32Array, classes: number, seed: number): Uint8Array {
  const draws = new Draws(seed, 'split');
  const split = new Uint8Array(labels.length);
  for (let c = 0; c < classes; c += 1) {
    const rows = [...labels.keys()].filter((row) => labels[row] === c);
    const order = draws.permutation(c, rows.length);
    const train = Math.round(rows.length * 0.6);
    const valid = Math.round(rows.length * 0.8);
    order.forEach((from, place) => {
      split[rows[from]!] = place < train ? 0 : place < valid ? 1 : 2;
    });
  }
  return split;
}

/** How a feature becomes a voltage: `minimum` becomes `minimumVolts` (0 where it is absent), `maximum` `maximumVolts` (1). */
export interface InputRange {
  readonly name: string;
  readonly minimum: number;
  readonly maximum: number;
  readonly minimumVolts?: number | undefined;
  readonly maximumVolts?: number | undefined;
}

/** Volts from one to another. */
export interface VoltRange {
  readonly minimum: number;
  readonly maximum: number;
}

/** The volts between which an input is driven. */
export function inputVolts({ minimumVolts = 0, maximumVolts = 1 }: Omit<InputRange, 'name'>): VoltRange {
  return { minimum: minimumVolts, maximum: maximumVolts };
}

/**
 * The ranges of a table's training rows, and the volts that a technology takes for them (0..1 V without one). A column that lies within
 * those volts throughout the table is taken as volts already.
 */
export function inputRanges(data: FeatureTable, volts?: VoltRange): InputRange[] {
  const driven = volts === undefined ? {} : { minimumVolts: volts.minimum, maximumVolts: volts.maximum };
  const { minimum, maximum } = volts ?? inputVolts({ minimum: 0, maximum: 1 });
  const width = data.featureNames.length;
  return data.featureNames.map((name, k) => {
    let [low, high, lowAll, highAll] = [Infinity, -Infinity, Infinity, -Infinity];
    for (let row = 0; row < data.labels.length; row += 1) {
      const x = data.features[row * width + k]!;
      lowAll = Math.min(lowAll, x);
      highAll = Math.max(highAll, x);
      if (data.split[row] !== 0) continue;
      low = Math.min(low, x);
      high = Math.max(high, x);
    }
    if (lowAll >= minimum && highAll <= maximum) return { name, minimum, maximum, ...driven };
    if (low === high) {
      throw new InputFileError(
        { file: data.file, column: name },
        `is constant (${low}) in the training rows`,
        'Remove the column, or split the rows otherwise.',
      );
    }
    return { name, minimum: low, maximum: high, ...driven };
  });
}

/** Rows ready for a circuit: `volts` is row-major [rows × inputs]; `sourceRows` are row numbers of the table, from 0. */
export interface VoltageRows<L extends Labels = Int32Array> {
  readonly volts: Float64Array;
  readonly labels: L;
  readonly sourceRows: Int32Array;
  /** Cells outside the range of training, held at the ends of their input's volts as a sensor interface would. */
  readonly clipped: number;
}

/**
 * Selects one split (or all rows) and scales it to volts. The columns are found by name and the labels matched to
 * `classes`, so that another table of the same shape can be used; targets stay as they are. Throws InputFileError for a
 * missing column or an unknown class, and UsageError where the split has no rows.
 */
export function toVoltageRows<D extends Dataset | TargetDataset>(
  data: D,
  inputs: readonly InputRange[],
  classes: readonly string[],
  split: Split | 'all',
): VoltageRows<D['labels']> {
  const columns = inputs.map((input) => {
    const at = data.featureNames.indexOf(input.name);
    if (at < 0)
      throw new InputFileError(
        { file: data.file, column: input.name },
        'there is no such column, and the network reads it',
        `The columns are: ${data.featureNames.join(', ')}.`,
      );
    return at;
  });
  const labelOf = 'classNames' in data ? classLookup(data, classes) : undefined;
  const wanted = split === 'all' ? -1 : SPLITS.indexOf(split);
  const sourceRows = Int32Array.from([...data.labels.keys()].filter((row) => wanted < 0 || data.split[row] === wanted));
  if (sourceRows.length === 0) throw new UsageError(`${data.file} has no ${split} rows.`);
  const volts = new Float64Array(sourceRows.length * inputs.length);
  const width = data.featureNames.length;
  let clipped = 0;
  sourceRows.forEach((row, i) => {
    inputs.forEach((input, k) => {
      const share = (data.features[row * width + columns[k]!]! - input.minimum) / (input.maximum - input.minimum);
      if (share < 0 || share > 1) clipped += 1;
      const { minimum, maximum } = inputVolts(input);
      volts[i * inputs.length + k] = minimum + (maximum - minimum) * Math.min(1, Math.max(0, share));
    });
  });
  const labels =
    labelOf === undefined
      ? Float64Array.from(sourceRows, (row) => data.labels[row]!)
      : Int32Array.from(sourceRows, (row) => labelOf[data.labels[row]!]!);
  return { volts, labels, sourceRows, clipped };
}

/** Where each class of a table stands among `classes`. */
function classLookup(data: Dataset, classes: readonly string[]): number[] {
  const classOf = data.classNames.map((name) => classes.indexOf(name));
  const unknown = classOf.indexOf(-1);
  if (unknown < 0) return classOf;
  throw new InputFileError(
    { file: data.file, column: 'label' },
    `the network does not know the class "${data.classNames[unknown]}"`,
    `It knows: ${classes.join(', ')}.`,
  );
}
