import { InputFileError } from '../files/errors.ts';
import { hasThousandsSeparators, isMissing, isNumber, numberOf } from './cells.ts';
import { missingColumn, numericColumn, type TextTable } from './text-table.ts';

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
  const cells = cellsOf(table, column).filter((cell) => !isMissing(cell, marks));
  if (cells.length === 0) return 'is empty';
  const values = cells.map(numberOf);
  if (!keepConstant && cells.length === table.rows.length && cells.every((cell) => cell === cells[0]))
    return `is ${cells[0]} in every row`;
  // what counts has no holes
  const isId = cells.length === table.rows.length && values.every(Number.isSafeInteger);
  if (!isId || new Set(values).size < values.length) return undefined;
  const range = Math.max(...values) - Math.min(...values);
  if (values.length >= LEAST_COUNTED && range === values.length - 1) return 'counts the rows';
  return values.length >= LEAST_IDS ? 'is another whole number in every row, as an id is' : undefined;
}

function categories(table: TextTable, column: string, marks: readonly string[] = []): Feature[] {
  const values = [...new Set(cellsOf(table, column).filter((cell) => !isMissing(cell, marks)))].sort();
  if (values.length < 2 || values.length > MOST_CATEGORIES)
    throw new InputFileError(
      { file: table.file, column },
      `has ${values.length} different values, and categories are 2 to ${MOST_CATEGORIES}`,
      'Leave it out with --ignore.',
    );
  return values.map((category) => ({ name: `${column}=${category}`, column, category }));
}

function cellsOf(table: TextTable, column: string): string[] {
  const at = table.header.indexOf(column);
  return table.rows.map((row) => row[at]!);
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
  const cells = cellsOf(table, column);
  if (category !== undefined) {
    const known = all.filter((feature) => feature.column === column).map((feature) => feature.category);
    return Float64Array.from(cells, (cell, i) => {
      const place = { file: table.file, row: table.lines[i]!, column };
      if (isMissing(cell, reading.marks)) {
        if (reading.allowMissing) return Number.NaN;
        throw new InputFileError(place, 'the cell is empty', reading.hint);
      }
      if (!known.includes(cell))
        throw new InputFileError(place, `the network does not know "${cell}"`, `It knows: ${known.join(', ')}.`);
      return cell === category ? 1 : 0;
    });
  }
  if (isBoolean(cells, reading.marks)) {
    const digits = cells.map((cell) => (/^true$/i.test(cell) ? '1' : /^false$/i.test(cell) ? '0' : cell));
    return numericColumn({ ...table, header: [column], rows: digits.map((digit) => [digit]) }, column, reading);
  }
  const known = cells.filter((cell) => !isMissing(cell, reading.marks));
  const words = [...new Set(known.filter((cell) => !isNumber(cell)))];
  const isText = known.filter((cell) => !isNumber(cell)).length > 0.5 * known.length;
  if (isText && !words.some(hasThousandsSeparators))
    throw new InputFileError(
      { file: table.file, column },
      `holds text (${words
        .slice(0, 3)
        .map((word) => `"${word}"`)
        .join(', ')}${words.length > 3 ? ' and others' : ''}), and sensors give numbers`,
      words.length > MOST_CATEGORIES || words.every((word) => /^[\d.,+-]/.test(word))
        ? `Write numbers, or leave it out with --ignore "${column}".`
        : `Make each of its ${words.length} values a feature with --one-hot "${column}", or leave it out with --ignore "${column}".`,
    );
  return numericColumn(table, column, reading);
}

/** Whether a column holds True and False only. */
export function isBoolean(cells: readonly string[], marks: readonly string[] = []): boolean {
  const known = cells.filter((cell) => !isMissing(cell, marks));
  return known.length > 0 && known.every((cell) => /^(true|false)$/i.test(cell));
}
