import { basename } from 'node:path';
import { InputFileError, parseTextTable, readTextFile } from '@neuroprint/core';

/** Measured current–voltage cycles of one device. */
export interface IvCurves {
  readonly name: string;
  readonly file: string;
  /** Line of every point in the file. */
  readonly lines: readonly number[];
  /** Volts of every point of the sweep. */
  readonly volts: Float64Array;
  readonly cycleNames: readonly string[];
  /** Amperes of every cycle at every point, [cycle][point]; NaN where nothing was recorded. */
  readonly amperes: readonly Float64Array[];
}

/**
 * Reads a CSV with a `voltage` column (volts) and a column of currents (amperes) for every cycle. Empty cells were not
 * recorded. Throws InputFileError for text in a cell, no voltage column, and fewer than two cycles.
 */
export function readIvCurves(file: string): IvCurves {
  const { header, rows, lines } = parseTextTable(file, readTextFile(file));
  const voltsAt = header.indexOf('voltage');
  if (voltsAt < 0)
    throw new InputFileError(
      { file, column: 'voltage' },
      'there is no such column',
      `Name the column of the volts "voltage"; the columns are: ${header.join(', ')}.`,
    );
  const numberAt = (row: number, column: number): number => {
    const cell = rows[row]![column]!;
    if (cell === '' && column !== voltsAt) return Number.NaN;
    const value = cell === '' ? Number.NaN : Number(cell);
    if (!Number.isFinite(value))
      throw new InputFileError(
        { file, row: lines[row]!, column: header[column]! },
        cell === '' ? 'the voltage is empty' : `"${cell}" is not a finite number`,
        'Give numbers, or leave the cell of a current empty.',
      );
    return value;
  };
  const columns = [...header.keys()].filter((column) => column !== voltsAt);
  if (columns.length < 2)
    throw new InputFileError(
      { file },
      `has ${columns.length} cycle${columns.length === 1 ? '' : 's'}`,
      'The spread from cycle to cycle needs two cycles or more.',
    );
  return {
    name: basename(file).replace(/\.csv$/i, ''),
    file,
    lines,
    volts: Float64Array.from(rows, (_, row) => numberAt(row, voltsAt)),
    cycleNames: columns.map((column) => header[column]!),
    amperes: columns.map((column) => Float64Array.from(rows, (_, row) => numberAt(row, column))),
  };
}
