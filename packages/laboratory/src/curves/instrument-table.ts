import { decodeText, InputFileError, numberOf, parseTextTable, readBytes, UsageError } from '@neuroprint/core';
import { instrumentText } from './instrument-text.ts';
import { type Quantity, readHeader } from './quantities.ts';

/** A column of numbers that an instrument wrote. */
export interface InstrumentColumn {
  /** The header as written; column1, column2, … where there is none. */
  readonly name: string;
  readonly quantity: Quantity;
  /** The unit that the header names; undefined where it names none. */
  readonly unit: string | undefined;
  /** Where the column stands in the file, from 1. */
  readonly place: number;
  /** The numbers as they are written, and what they are times in volts, amperes or seconds. NaN where the cell is empty. */
  readonly written: Float64Array;
  readonly factor: number;
  /** Volts, amperes or seconds where the quantity is known, else as written; NaN where the cell is empty. */
  readonly values: Float64Array;
}

/** What an instrument measured. */
export interface InstrumentTable {
  readonly file: string;
  /** The columns of numbers, in their order. */
  readonly columns: readonly InstrumentColumn[];
  /** The columns that hold text, a cell a row. */
  readonly textColumns: readonly { readonly name: string; readonly cells: readonly string[] }[];
  /** Line of every row in the file, from 1. */
  readonly lines: readonly number[];
  /** Rows, from 0, at which a later sweep begins because the file says so. */
  readonly sweepStarts: readonly number[];
  /** What was skipped and taken for granted, a sentence each. */
  readonly notes: readonly string[];
}

/** Instruments write 9.9E37, 9.91E37 or 1e99 where they could not measure. */
const OVERFLOW = 1e30;
const EMPTY = /^(|nan|na|n\/a|#n\/a|-+)$/i;

/**
 * Reads what an instrument wrote: metadata before the header is skipped and said, EasyEXPERT's DataName and DataValue and LabVIEW's
 * headers are understood, units in headers become volts, amperes and seconds. A column is text where most of its cells are.
 * Throws InputFileError for a damaged table, an overflow code, and text among the numbers of a voltage or a current.
 */
export function readInstrumentTable(file: string): InstrumentTable {
  const { text, encoding } = decodeText(file, readBytes(file));
  const { text: plain, notes, blocks } = instrumentText(file, text);
  const table = parseTextTable(file, plain);
  const lines = [...table.lines];
  // a first row such as 0,1,2 is taken for names that count, and may as well be measured
  if (table.header.every((name) => Number.isFinite(numberOf(name))))
    throw new InputFileError(
      { file, row: lines[0]! - 1 },
      `the first row is ${table.header.join(', ')}: these may be names that count, and may be measured`,
      'Name the columns in a line above the first row.',
    );
  const columns: InstrumentColumn[] = [];
  const textColumns: { name: string; cells: string[] }[] = [];
  table.header.forEach((name, k) => {
    const cells = table.columns[k]!.texts();
    const { quantity, unit, factor } = readHeader(name);
    const numbers = cells.map((cell) => (EMPTY.test(cell) ? Number.NaN : numberOf(cell)));
    const wrong = cells.findIndex((cell, i) => !EMPTY.test(cell) && !Number.isFinite(numbers[i]!));
    const filled = cells.filter((cell) => !EMPTY.test(cell)).length;
    if (filled === 0 && quantity === 'other') return;
    if (wrong >= 0) {
      const texts = cells.filter((cell, i) => !EMPTY.test(cell) && !Number.isFinite(numbers[i]!)).length;
      if (quantity !== 'voltage' && quantity !== 'current' && (quantity === 'time' || 2 * texts > filled)) {
        textColumns.push({ name, cells });
        return;
      }
      throw new InputFileError(
        { file, row: lines[wrong]!, column: name },
        `"${cells[wrong]}" is not a finite number`,
        'Give numbers, or leave a cell empty where nothing was measured.',
      );
    }
    const over = numbers.findIndex((value) => Math.abs(value) >= OVERFLOW);
    if (over >= 0)
      throw new InputFileError(
        { file, row: lines[over]!, column: name },
        `${cells[over]} is what instruments write when they measured nothing (overflow)`,
        'Measure again with a larger range, or leave the cell empty.',
      );
    columns.push({
      name,
      quantity: unit === undefined && counts(numbers) ? 'other' : quantity,
      unit,
      place: k + 1,
      written: Float64Array.from(numbers),
      factor,
      values: Float64Array.from(numbers, (value) => value * factor),
    });
  });
  const sweepStarts = blocks.map((line) => lines.findIndex((at) => at > line)).filter((row) => row > 0);
  const all = [...(encoding === 'UTF-8' ? [] : [`the text is ${encoding}`]), ...notes, ...table.notes];
  return { file, columns, textColumns, lines, sweepStarts, notes: all };
}

/** Whether a column counts its rows: then a name such as i or ID is no current. */
function counts(numbers: readonly number[]): boolean {
  return numbers.length > 2 && numbers.every((value, i) => i === 0 || value === numbers[i - 1]! + 1);
}

/**
 * The columns of a quantity: those that are asked for by name (`*` stands for any letters), else those whose headers say so. Throws
 * UsageError for a name that no column has.
 */
export function columnsOf(
  table: InstrumentTable,
  quantity: 'voltage' | 'current',
  named: readonly string[] | undefined,
): InstrumentColumn[] {
  if (named === undefined) return table.columns.filter((column) => column.quantity === quantity);
  const found = named.flatMap((name) => {
    const matching = table.columns.filter((column) => matches(column.name, name));
    if (matching.length === 0)
      throw new UsageError(
        `${table.file} has no column of numbers called ${name}.`,
        `Its columns are: ${table.columns.map((column) => column.name).join(', ')}.`,
      );
    return matching;
  });
  return [...new Set(found)];
}

/** Whether a header is the name, with its unit or without, or what the name's asterisks stand for. */
function matches(header: string, name: string): boolean {
  const pattern = name
    .trim()
    .replace(/[.+?^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*');
  const whole = new RegExp(`^${pattern}$`, 'i');
  return whole.test(header) || whole.test(header.replace(/\s*([([].*|\/.*)$/, ''));
}
