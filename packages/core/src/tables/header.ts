import { InputFileError } from '../files/errors.ts';
import { isNumber, looksNumeric } from './cells.ts';
import type { Records } from './records.ts';

/** Records that have a header: every row has a cell for every column. */
export interface HeadedRows {
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly lines: readonly number[];
  /** Columns that had no name, by the one that they were given. */
  readonly unnamed: readonly string[];
  readonly notes: readonly string[];
}

/**
 * Finds the header: the first record, a comment above it that fits, or none where the first record holds numbers as the others do.
 * Empty last columns are left out; a column without a name is called by its place. Throws InputFileError for no rows, repeated names
 * and ragged rows.
 */
export function headRows(file: string, { cells, lines, comments, separator }: Records): HeadedRows {
  const [first] = cells;
  if (first === undefined) throw new InputFileError({ file }, 'is empty', 'The first line names the columns.');
  const notes: string[] = [];
  const place = (width: number) => Array.from({ length: width }, (_, k) => `column${k + 1}`);
  let names: readonly string[];
  let start = 1;
  if (isData(first, cells.slice(1))) {
    const comment = (comments.at(-1) ?? '').split(separator).map((name) => name.trim());
    const isHeader = comment.length === first.length && comment.length > 1 && !comment.some(isNumber);
    names = isHeader ? comment : place(first.length);
    start = 0;
    notes.push(
      isHeader
        ? 'the comment above the first row names the columns'
        : `the first line is a row: there is no header, and the columns are called ${names[0]} to ${names.at(-1)}`,
    );
  } else {
    names = first;
  }
  const rows = cells.slice(start);
  if (rows.length === 0)
    throw new InputFileError({ file }, 'has a header and no rows', 'Every line after the first is a row.');
  const { header, rows: even, note } = evened(names, rows);
  if (note !== undefined) notes.push(note);
  const unnamed: string[] = [];
  const named = header.map((name, k) => {
    if (name !== '') return name;
    unnamed.push(`column${k + 1}`);
    return `column${k + 1}`;
  });
  const repeated = named.find((name, i) => named.indexOf(name) !== i);
  if (repeated !== undefined)
    throw new InputFileError(
      { file, row: lines[0]!, column: repeated },
      'is named twice',
      'Give every column its own name.',
    );
  even.forEach((row, i) => {
    if (row.length === named.length) return;
    throw new InputFileError(
      { file, row: lines[start + i]! },
      `has ${row.length} cells, and the header has ${named.length}`,
      separator === ',' && row.length > named.length
        ? 'Give every row one cell per column; where commas are decimals, separate the columns by semicolons.'
        : 'Give every row one cell per column; leave it empty where nothing is known.',
    );
  });
  return { header: named, rows: even, lines: lines.slice(start), unnamed, notes };
}

/** Whether the first record is a row: all numbers that do not just count, or numbers beside a word that comes again below it. */
function isData(first: readonly string[], others: readonly (readonly string[])[]): boolean {
  const words = first.flatMap((cell, k) => (cell !== '' && !looksNumeric(cell) ? [k] : []));
  if (words.length === 0)
    return first.some(looksNumeric) && ![0, 1].some((from) => first.every((cell, k) => cell === String(k + from)));
  return (
    words.length < first.filter((cell) => cell !== '').length &&
    words.some((k) => others.some((row) => row[k] === first[k]))
  );
}

/** Leaves out empty last columns; where every row has one cell more than the header, the first has no name, as R writes row names. */
function evened(
  names: readonly string[],
  rows: readonly (readonly string[])[],
): { header: readonly string[]; rows: readonly (readonly string[])[]; note?: string } {
  const filled = (cells: readonly string[]): number => cells.findLastIndex((cell) => cell !== '') + 1;
  const most = rows.reduce((width, row) => Math.max(width, filled(row)), 0);
  const header = names.slice(0, Math.max(filled(names), Math.min(most, names.length)));
  if (rows.every((row) => row.length === header.length + 1 && row.at(-1) !== '') && namesRows(rows))
    return { header: ['', ...header], rows, note: 'the header lacks a name for the first column' };
  const width = header.length;
  if (names.length === width && rows.every((row) => row.length <= width)) return { header, rows };
  return {
    header,
    rows: rows.map((row) => row.slice(0, Math.max(width, filled(row)))),
    ...(most <= width ? { note: 'the last column is empty' } : {}),
  };
}

/** Whether the first cells are row names: words, or numbers that count. */
function namesRows(rows: readonly (readonly string[])[]): boolean {
  const names = rows.map((row) => row[0]!);
  return (
    names.every((name) => name !== '' && !isNumber(name)) ||
    (rows.length > 2 && names.every((name, i) => i === 0 || Number(name) === Number(names[i - 1]) + 1))
  );
}
