import { parse } from 'csv-parse/sync';
import { readTextFile } from '../files/atomic-files.ts';
import { InputFileError } from '../files/errors.ts';

/** What a cell without a value may hold, in lower case. */
export const MISSING_CELLS = new Set(['', 'na', 'n/a', 'nan', 'null', '?']);

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

export const FILL_IN = 'Fill in or remove the row, or remove the column.';

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

/** The error that a table has no column of a name. */
export function missingColumn(table: TextTable, name: string): InputFileError {
  return new InputFileError(
    { file: table.file, column: name },
    'there is no such column',
    `The columns are: ${table.header.join(', ')}.`,
  );
}
