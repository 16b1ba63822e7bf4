import { InputFileError } from '../files/errors.ts';
import { hasThousandsSeparators } from './cells.ts';
import type { TextColumn } from './text-column.ts';
import { columnOf, missingColumn, numericColumn, type TextTable } from './text-table.ts';

/** A feature and where it is read from: the numbers of a column, or whether a cell of it is this category. */
export interface Feature {
  readonly name: string;
  readonly column: string;
  readonly category?: string;
}

/** What is taken of a table. */
export interface FeatureOptions {
  /** Columns to take, whatever they look like; all others are left out. */
  readonly features?: readonly string[];
  /** Columns to leave out. */
  readonly ignore?: readonly string[];
  /** Columns whose values become features of their own, 1 where a row has the value and 0 elsewhere. */
  readonly oneHot?: readonly string[];
  /** Marks that mean a missing value, such as -999, beside an empty cell, NA, N/A, NaN, null and ?. */
  readonly missingValues?: readonly string[];
  /** The features of a network: these are taken, `colour=red` of the column colour, and nothing is left out by its looks. */
  readonly inputs?: readonly string[];
  /** Take features that are the same in every row, such as the corner pixels of pictures. */
  readonly keepConstant?: boolean;
}

export interface ChosenFeatures {
  readonly features: readonly Feature[];
  readonly leftOut: readonly { readonly column: string; readonly why: string }[];
}

/** More values than this are names rather than categories. */
const MOST_CATEGORIES = 50;
/** Different integers in fewer rows than this may be measured. */
const LEAST_IDS = 20;
const LEAST_COUNTED = 5;

/**
 * The features of a table, `special` being its columns of classes and splits. Where nobody named them, columns without a name, columns
 * that count or hold all different integers, and columns that are the same in every row are left out. Throws InputFileError for names
 * that are no columns, and where nothing is left.
 */
export function chooseFeatures(table: TextTable, special: readonly string[], options: FeatureOptions): ChosenFeatures {
  const { features: named, ignore = [], oneHot = [], inputs, keepConstant = false } = options;
  for (const column of [...(named ?? []), ...ignore, ...oneHot])
    if (!table.header.includes(column)) throw missingColumn(table, column);
  const twice = special.find((column) => named?.includes(column) || ignore.includes(column) || oneHot.includes(column));
  if (twice !== undefined)
    throw new InputFileError(
      { file: table.file, column: twice },
      'is no feature: classes, targets or splits are read from it',
      'Leave it out of --features, --ignore and --one-hot.',
    );
  const leftOut: { column: string; why: string }[] = [];
  if (inputs !== undefined) {
    const features = inputs.map((name) => inputOf(table, name));
    const others = table.header.filter(
      (column) => !special.includes(column) && !features.some((feature) => feature.column === column),
    );
    return {
      features,
      leftOut: others.flatMap((column) => {
        const why = reasonToLeaveOut(table, column, options.missingValues ?? [], false);
        return why === undefined ? [] : [{ column, why }];
      }),
    };
  }
  const features = table.header
    .filter((column) => !special.includes(column) && !ignore.includes(column) && (named?.includes(column) ?? true))
    .flatMap((column): Feature[] => {
      const why =
        named !== undefined || oneHot.includes(column)
          ? undefined
          : reasonToLeaveOut(table, column, options.missingValues ?? [], keepConstant);
      if (why !== undefined) {
        leftOut.push({ column, why });
        return [];
      }
      return oneHot.includes(column) ? categories(table, column, options.missingValues) : [{ name: column, column }];
    });
  if (features.length > 0) return { features, leftOut };
  throw new InputFileError(
    { file: table.file },
    `has no feature column beside ${special.join(' and ')}${leftOut.length === 0 ? '' : `: ${leftOut.map(({ column, why }) => `${column} ${why}`).join(', ')}`}`,
    leftOut.length === 0 ? 'Give a column for every sensor.' : 'Name columns that are measured with --features.',
  );
}

function inputOf(table: TextTable, name: string): Feature {
  if (table.header.includes(name)) return { name, column: name };
  const column = table.header.find((one) => name.startsWith(`${one}=`));
  if (column !== undefined) return { name, column, category: name.slice(column.length + 1) };
  throw new InputFileError(
    { file: table.file, column: name },
    'there is no such column, and the network reads it',
    `The columns are: ${table.header.join(', ')}.`,
  );
}

/** Why a column that nobody named says nothing that a circuit could use. */
function reasonToLeaveOut(
  table: TextTable,
  column: string,
  marks: readonly string[],
  keepConstant: boolean,
): string | undefined {
  if (table.unnamed.includes(column)) return 'has no name in the file';
  const cells = columnOf(table, column);
  const missing = countRows(cells, (row) => cells.isMissing(row, marks));
  if (missing === cells.length) return 'is empty';
  // what counts has no holes
  if (missing > 0) return undefined;
  if (!keepConstant && everyRow(cells, (row) => cells.textAt(row) === cells.textAt(0)))
    return `is ${cells.textAt(0)} in every row`;
  if (!everyRow(cells, (row) => Number.isSafeInteger(cells.numberAt(row)))) return undefined;
  const values = new Set<number>();
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  if (!everyRow(cells, (row) => addedTo(values, cells.numberAt(row)))) return undefined;
  for (const value of values) [least, most] = [Math.min(least, value), Math.max(most, value)];
  if (cells.length >= LEAST_COUNTED && most - least === cells.length - 1) return 'counts the rows';
  return cells.length >= LEAST_IDS ? 'is another whole number in every row, as an id is' : undefined;
}

/** Adds a value to a set; false where it was there. */
function addedTo<T>(set: Set<T>, value: T): boolean {
  return set.size < set.add(value).size;
}

function everyRow(column: TextColumn, holds: (row: number) => boolean): boolean {
  for (let row = 0; row < column.length; row += 1) if (!holds(row)) return false;
  return true;
}

function countRows(column: TextColumn, holds: (row: number) => boolean): number {
  let count = 0;
  for (let row = 0; row < column.length; row += 1) if (holds(row)) count += 1;
  return count;
}

function categories(table: TextTable, column: string, marks: readonly string[] = []): Feature[] {
  const cells = columnOf(table, column);
  const known = new Set<string>();
  for (let row = 0; row < cells.length; row += 1) if (!cells.isMissing(row, marks)) known.add(cells.textAt(row));
  const values = [...known].sort();
  if (values.length < 2 || values.length > MOST_CATEGORIES)
    throw new InputFileError(
      { file: table.file, column },
      `has ${values.length} different values, and categories are 2 to ${MOST_CATEGORIES}`,
      'Leave it out with --ignore.',
    );
  return values.map((category) => ({ name: `${column}=${category}`, column, category }));
}

/**
 * The numbers of a feature, True and False as 1 and 0; missing ones are NaN where that is allowed. Throws InputFileError for words, with
 * the offer to encode them, and for a category that a network does not know.
 */
export function featureColumn(
  table: TextTable,
  { column, category }: Feature,
  all: readonly Feature[],
  reading: {
    readonly allowMissing: boolean;
    readonly marks: readonly string[];
    readonly hint: string;
    readonly wrongHint: string;
  },
): Float64Array {
  const cells = columnOf(table, column);
  const numbers = (numberAt: (row: number) => number): Float64Array =>
    new Float64Array(cells.length).map((_, row) => {
      if (!cells.isMissing(row, reading.marks)) return numberAt(row);
      if (reading.allowMissing) return Number.NaN;
      const text = cells.textAt(row);
      throw new InputFileError(
        { file: table.file, row: table.lines[row]!, column },
        text === '' ? 'the cell is empty' : `"${text}" means a missing value`,
        reading.hint,
      );
    });
  if (category !== undefined) {
    const known = all.filter((feature) => feature.column === column).map((feature) => feature.category);
    return numbers((row) => {
      const cell = cells.textAt(row);
      if (known.includes(cell)) return cell === category ? 1 : 0;
      throw new InputFileError(
        { file: table.file, row: table.lines[row]!, column },
        `the network does not know "${cell}"`,
        `It knows: ${known.join(', ')}.`,
      );
    });
  }
  if (isBoolean(cells, reading.marks)) return numbers((row) => (/^true$/i.test(cells.textAt(row)) ? 1 : 0));
  if (holdsText(cells, reading.marks)) {
    const words = new Set<string>();
    for (let row = 0; row < cells.length; row += 1)
      if (Number.isNaN(cells.numberAt(row)) && !cells.isMissing(row, reading.marks)) words.add(cells.textAt(row));
    if (![...words].some(hasThousandsSeparators)) throw textColumn({ file: table.file, column }, [...words]);
  }
  return numericColumn(table, column, reading);
}

function textColumn(
  place: { readonly file: string; readonly column: string },
  words: readonly string[],
): InputFileError {
  const some = words.slice(0, 3).map((word) => `"${word}"`);
  return new InputFileError(
    place,
    `holds text (${some.join(', ')}${words.length > 3 ? ' and others' : ''}), and sensors give numbers`,
    words.length > MOST_CATEGORIES || words.every((word) => /^[\d.,+-]/.test(word))
      ? `Write numbers, or leave it out with --ignore "${place.column}".`
      : `Make each of its ${words.length} values a feature with --one-hot "${place.column}", or leave it out with --ignore "${place.column}".`,
  );
}

/** Whether most of the cells that have a value hold words. */
export function holdsText(column: TextColumn, marks: readonly string[]): boolean {
  const words = countRows(column, (row) => Number.isNaN(column.numberAt(row)) && !column.isMissing(row, marks));
  return words > 0 && words > 0.5 * countRows(column, (row) => !column.isMissing(row, marks));
}

/** Whether a column holds True and False only. */
export function isBoolean(column: TextColumn, marks: readonly string[]): boolean {
  return (
    everyRow(column, (row) => {
      const isWord = Number.isNaN(column.numberAt(row));
      return column.isMissing(row, marks) || (isWord && /^(true|false)$/i.test(column.textAt(row)));
    }) && !everyRow(column, (row) => column.isMissing(row, marks))
  );
}
