import { type FilePlace, InputFileError } from '../files/errors.ts';
import { type ChosenFeatures, chooseFeatures, type FeatureOptions, featureColumn, isBoolean } from './features.ts';
import { columnOf, type TextTable } from './text-table.ts';

export const MISSING_POLICIES = ['refuse', 'drop', 'impute'] as const;
export type MissingPolicy = (typeof MISSING_POLICIES)[number];

/** What has to be known to read a table as it was read before; its features stand in the network. */
export interface TableReading {
  readonly missing?: 'drop' | 'impute' | undefined;
  readonly missingValues?: readonly string[] | undefined;
  /** Columns that were left out. */
  readonly leftOut?: readonly string[] | undefined;
}

interface Options extends FeatureOptions {
  readonly missing?: MissingPolicy;
}

/** Rows that are read, by their number from 0, and the features that are read of them. */
export interface KeptRows extends ChosenFeatures {
  readonly rows: readonly number[];
  readonly has: (row: number) => boolean;
  readonly special: readonly string[];
}

/**
 * The features of a table and the rows that have them: all, or with `drop` those without a missing value. Throws InputFileError where no
 * row is left, and where the class or target of a row is missing and it is not dropped.
 */
export function keptRows(table: TextTable, special: readonly string[], answer: string, options: Options): KeptRows {
  const chosen = chooseFeatures(table, special, options);
  const { missing = 'refuse', missingValues: marks = [] } = options;
  const answers = columnOf(table, answer);
  const columns = [...new Set(chosen.features.map(({ column }) => columnOf(table, column)))];
  const drops = missing === 'drop';
  const rows: number[] = [];
  for (let row = 0; row < table.rowCount; row += 1) {
    if (answers.isMissing(row, marks)) {
      if (drops) continue;
      const text = answers.textAt(row);
      throw new InputFileError(
        { file: table.file, row: table.lines[row]!, column: answer },
        text === '' ? 'the cell is empty' : `"${text}" means a missing value`,
        'Fill it in, or leave such rows out with --missing drop.',
      );
    }
    if (!drops || !columns.some((column) => column.isMissing(row, marks))) rows.push(row);
  }
  if (rows.length === 0)
    throw new InputFileError(
      { file: table.file },
      'has a missing value in every row',
      'Fill them in with --missing impute.',
    );
  const kept = new Set(rows);
  return { ...chosen, rows, has: (row) => kept.has(row), special };
}

/** The features of the rows that are read, what of them was filled in, and what is to be said of it. */
export function numbersOf(table: TextTable, kept: KeptRows, split: Uint8Array, options: Options) {
  const { missing = 'refuse', missingValues = [] } = options;
  const { features, leftOut } = kept;
  let imputedCells = 0;
  const columns = features.map((feature) => {
    const all = featureColumn(table, feature, features, {
      allowMissing: missing !== 'refuse',
      marks: missingValues,
      wrongHint: `Write a number there, or leave the column out with --ignore "${feature.column}".`,
      hint: 'Fill it in, leave such rows out with --missing drop, or take the mean of the training rows with --missing impute.',
    });
    const isWhole = kept.rows.length === all.length;
    const column = isWhole ? all : new Float64Array(kept.rows.length).map((_, i) => all[kept.rows[i]!]!);
    if (missing === 'impute') imputedCells += impute(column, split, { file: table.file, column: feature.column });
    return column;
  });
  const marks = columns.map(suspectedMark);
  const droppedRows = table.rowCount - kept.rows.length;
  const read = new Set([...features.map(({ column }) => column), ...kept.special]);
  const ofNetwork = options.inputs !== undefined;
  const unread = table.header.filter(
    (name) => !read.has(name) && !(ofNetwork && leftOut.some(({ column }) => column === name)),
  );
  const booleans = [
    ...new Set(features.filter(({ category }) => category === undefined).map(({ column }) => column)),
  ].filter((column) => isBoolean(columnOf(table, column), missingValues));
  const reading: TableReading = {
    ...(missing === 'refuse' ? {} : { missing }),
    ...(missingValues.length === 0 ? {} : { missingValues }),
    ...(unread.length === 0 ? {} : { leftOut: unread }),
  };
  return {
    featureNames: features.map(({ name }) => name),
    columns,
    missing: { imputedCells, droppedRows },
    unread,
    ...(Object.keys(reading).length === 0 ? {} : { reading }),
    notes: [
      ...(booleans.length === 0 ? [] : [`True and False are 1 and 0: ${booleans.join(', ')}`]),
      ...(ofNetwork ? [] : leftOut).map(({ column, why }) => `the column ${column} is left out: it ${why}`),
      ...features.flatMap(({ name }, k) => {
        const mark = marks[k];
        return mark === undefined
          ? []
          : [
              `${name} is ${mark} here and there, far from all else: where that means a missing value, say --missing-values=${mark}`,
            ];
      }),
      ...(droppedRows === 0 ? [] : [`${droppedRows} rows with a missing value are left out`]),
      ...(imputedCells === 0 ? [] : [`${imputedCells} missing values are imputed`]),
    ],
  };
}

const MARKS = [-99, -999, -9999, -99999, 999, 9999, 99999];

/** A number that programs write for a missing value, where it lies ten ranges away from everything else in the column. */
function suspectedMark(column: Float64Array): number | undefined {
  return MARKS.find((mark) => {
    if (!column.includes(mark)) return false;
    const others = column.filter((value) => value !== mark);
    const [low, high] = others.reduce(
      ([least, most], value) => [Math.min(least, value), Math.max(most, value)] as const,
      [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY] as const,
    );
    return others.length > 0 && Math.max(low - mark, mark - high) > 10 * (high - low);
  });
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
      'Leave the column out with --ignore: there is no mean to fill in.',
    );
  const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
  column.forEach((value, i) => {
    if (Number.isNaN(value)) column[i] = mean;
  });
  return holes;
}
