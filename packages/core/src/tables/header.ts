import { InputFileError } from '../files/errors.ts';
import { isNumber, looksNumeric } from './cells.ts';
import { lastFilled, type Records } from './records.ts';
import { type CellStore, TextColumn } from './text-column.ts';

/** Records that have a header: every row has a cell for every column. */
export interface HeadedRows {
  readonly header: readonly string[];
  readonly columns: readonly CellStore[];
  /** The record of the first row: 1, or 0 where there is no header. */
  readonly start: number;
  /** Columns that had no name, by the one that they were given. */
  readonly unnamed: readonly string[];
  readonly notes: readonly string[];
}

/**
 * Finds the header: the first record, a comment above it that fits, or none where the first record holds numbers as the others do.
 * Empty last columns are left out; a column without a name is called by its place. Throws InputFileError for no rows, repeated names
 * and ragged rows.
 */
export function headRows(file: string, records: Records): HeadedRows {
  const { first, columns, count, lines, comments, separator } = records;
  if (count === 0) throw new InputFileError({ file }, 'is empty', 'The first line names the columns.');
  const notes: string[] = [];
  const place = (width: number) => Array.from({ length: width }, (_, k) => `column${k + 1}`);
  let names: readonly string[];
  let start = 1;
  if (isData(first, columns)) {
    const comment = (comments.at(-1) ?? '').split(separator).map((name) => name.trim());
    const isHeader = comment.length === first.length && comment.length > 1 && !comment.some(isNumber);
    names = isHeader ? comment : place(first.length);
    start = 0;
    for (const [k, cell] of first.entries()) columns[k]!.set(0, cell);
    notes.push(
      isHeader
        ? 'the comment above the first row names the columns'
        : `the first line is a row: there is no header, and the columns are called ${names[0]} to ${names.at(-1)}`,
    );
  } else {
    names = first;
  }
  if (count === start)
    throw new InputFileError({ file }, 'has a header and no rows', 'Every line after the first is a row.');
  const { header, widthOf, note } = evened(names, records, start);
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
  for (let record = start; record < count; record += 1) {
    const width = widthOf(record);
    if (width === named.length) continue;
    throw new InputFileError(
      { file, row: lines[record]! },
      `has ${width} cells, and the header has ${named.length}`,
      separator === ',' && width > named.length
        ? 'Give every row one cell per column; where commas are decimals, separate the columns by semicolons.'
        : 'Give every row one cell per column; leave it empty where nothing is known.',
    );
  }
  return { header: named, columns: columns.slice(0, named.length), start, unnamed, notes };
}

/** Whether the first record is a row: all numbers that do not just count, or numbers beside a word that comes again below it. */
function isData(first: readonly string[], others: readonly CellStore[]): boolean {
  const words = first.flatMap((cell, k) => (cell !== '' && !looksNumeric(cell) ? [k] : []));
  if (words.length === 0)
    return first.some(looksNumeric) && ![0, 1].some((from) => first.every((cell, k) => cell === String(k + from)));
  return words.length < first.filter((cell) => cell !== '').length && words.some((k) => others[k]!.holds(first[k]!));
}

/** Leaves out empty last columns; where every row has one cell more than the header, the first has no name, as R writes row names. */
function evened(
  names: readonly string[],
  { widths, filled, columns }: Records,
  start: number,
): { header: readonly string[]; widthOf: (record: number) => number; note?: string } {
  const most = filled.subarray(start).reduce((width, cells) => Math.max(width, cells), 0);
  const header = names.slice(0, Math.max(lastFilled(names), Math.min(most, names.length)));
  const width = header.length;
  const more = (cells: number): boolean => cells === width + 1;
  if (
    widths.subarray(start).every(more) &&
    filled.subarray(start).every(more) &&
    namesRows(new TextColumn(columns[0]!, start, widths.length - start))
  )
    return {
      header: ['', ...header],
      widthOf: (record) => widths[record]!,
      note: 'the header lacks a name for the first column',
    };
  return {
    header,
    widthOf: (record) => Math.min(widths[record]!, Math.max(width, filled[record]!)),
    ...(most <= width && (names.length > width || widths.subarray(start).some((cells) => cells > width))
      ? { note: 'the last column is empty' }
      : {}),
  };
}

/** Whether the first cells are row names: words, or numbers that count. */
function namesRows(column: TextColumn): boolean {
  const names = column.texts();
  return (
    names.every((name) => name !== '' && !isNumber(name)) ||
    (names.length > 2 && names.every((name, i) => i === 0 || Number(name) === Number(names[i - 1]) + 1))
  );
}
