import { platform } from '#platform';
import { readParts } from '../files/atomic-files.ts';
import { InputFileError } from '../files/errors.ts';
import { hasThousandsSeparators } from './cells.ts';
import { takeDecimalPoints } from './decimals.ts';
import { headRows } from './header.ts';
import { type Records, readRecords, separatorInWords } from './records.ts';
import { TextColumn } from './text-column.ts';

/** A header and its cells as text, decimal commas written as points. */
export interface TextTable {
  readonly file: string;
  readonly header: readonly string[];
  /** As many as the header has names. */
  readonly columns: readonly TextColumn[];
  readonly rowCount: number;
  /** The line of each row in the file, from 1, as editors show it: empty lines count. */
  readonly lines: Int32Array;
  /** Between the columns of the file. */
  readonly separator: string;
  /** Columns that have no name in the file. */
  readonly unnamed: readonly string[];
  /** How the table was understood where that had to be found out, each a part of a sentence. */
  readonly notes: readonly string[];
}

/**
 * Reads a table as people have them: columns apart by commas, semicolons, tabs, bars or spaces, decimal points or commas, UTF-8,
 * UTF-16 or Windows-1252, with or without a header. Throws InputFileError for an empty file, ragged rows and repeated names.
 */
export function readTextTable(file: string): TextTable {
  return tableOfRecords(file, readFileRecords(file).records);
}

/** The same of a text. */
export function parseTextTable(file: string, text: string): TextTable {
  return tableOfRecords(file, readRecords(file, text));
}

/** The records of a file, of which only a part is in memory at a time, and its SHA-256. */
export function readFileRecords(file: string): { readonly records: Records; readonly hash: string } {
  const parts = () => readParts(file);
  return { records: readRecords(file, parts), hash: platform.sha256(parts()) };
}

/** The table that records make. */
export function tableOfRecords(file: string, records: Records): TextTable {
  const { header, columns, start, unnamed, notes } = headRows(file, records);
  const pointed = takeDecimalPoints(file, header, columns, records.lines);
  const separator = separatorInWords(records.separator);
  const rowCount = records.count - start;
  return {
    file,
    header,
    columns: columns.map((cells) => new TextColumn(cells, start, rowCount)),
    rowCount,
    lines: records.lines.subarray(start),
    separator: records.separator,
    unnamed,
    notes: [
      ...(records.encoding === 'UTF-8' ? [] : [`the text is ${records.encoding}`]),
      ...(separator === undefined ? [] : [`the columns are separated by ${separator}`]),
      ...(pointed.length === 0 ? [] : ['decimals are written with commas']),
      ...notes,
    ],
  };
}

/** How a column is read as numbers. */
export interface NumericReading {
  /** A missing value is NaN; refused without it. */
  readonly allowMissing?: boolean;
  /** Marks that mean a missing value, beside the usual words. */
  readonly marks?: readonly string[];
  /** What to do where a value is missing, and where a cell is no number. */
  readonly hint?: string;
  readonly wrongHint?: string;
}

const FILL_IN = 'Fill in or remove the row, or remove the column.';

/**
 * The numbers of one column, in the table's own memory where it has them as numbers. Throws InputFileError that names the row where a cell
 * is no finite number.
 */
export function numericColumn(table: TextTable, name: string, reading: NumericReading = {}): Float64Array {
  const column = columnOf(table, name);
  const { allowMissing = false, marks = [], hint = FILL_IN, wrongHint = FILL_IN } = reading;
  const numbers = column.numbers();
  for (let row = 0; row < numbers.length; row += 1) {
    const value = column.numberAt(row);
    const missing = (Number.isNaN(value) || marks.length > 0) && column.isMissing(row, marks);
    if (missing && allowMissing) numbers[row] = Number.NaN;
    if (missing ? allowMissing : !Number.isNaN(value)) continue;
    const place = { file: table.file, row: table.lines[row]!, column: name };
    const text = column.textAt(row);
    if (missing)
      throw new InputFileError(
        place,
        text === ''
          ? 'the cell is empty'
          : Number.isNaN(value)
            ? `"${text}" is not a finite number`
            : `${text} means a missing value`,
        hint,
      );
    if (hasThousandsSeparators(text))
      throw new InputFileError(place, `"${text}" has thousands separators`, 'Write numbers without them.');
    throw new InputFileError(place, `"${text}" is not a finite number`, wrongHint);
  }
  return numbers;
}

/** The column of a name. Throws InputFileError where there is none. */
export function columnOf(table: TextTable, name: string): TextColumn {
  const column = table.columns[table.header.indexOf(name)];
  if (column === undefined) throw missingColumn(table, name);
  return column;
}

/** The error that a table has no column of a name. */
export function missingColumn(table: TextTable, name: string): InputFileError {
  return new InputFileError(
    { file: table.file, column: name },
    'there is no such column',
    `The columns are: ${table.header.join(', ')}.`,
  );
}
