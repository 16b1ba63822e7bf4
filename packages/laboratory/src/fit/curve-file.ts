import { InputFileError } from '@neuroprint/core';
import { type InstrumentColumn, type InstrumentTable, readInstrumentTable } from '../curves/instrument-table.ts';

/** Two columns of a curve, and what was passed over to get at them. */
export interface TwoColumns {
  /** Volts. */
  readonly first: Float64Array;
  /** The current as it is written. */
  readonly second: Float64Array;
  /** Amperes of the current's unit where its header names one. */
  readonly amperesOfUnit: number | undefined;
  /** Line of every row in the file, from 1. */
  readonly lines: readonly number[];
  /** What a person should know of how the file was read; empty where it was plain. */
  readonly remarks: readonly string[];
}

/** Which columns of a file hold volts and current, from 1. */
export type ColumnPair = readonly [volts: number, current: number];

/**
 * Reads the volts and the current of a curve as instruments and people write them: the columns that are named in `columns`, the only
 * two, or the only ones whose headers say that they are a voltage and a current. Throws InputFileError with the line for text, an
 * empty cell, a choice that is not clear, and fewer than two rows.
 */
export function readTwoColumns(file: string, columns?: ColumnPair): TwoColumns {
  const table = readInstrumentTable(file);
  const [volts, current] = columns === undefined ? ownPair(table) : columns.map((place) => columnAt(table, place));
  const { lines } = table;
  for (const column of [volts!, current!]) {
    const row = column.written.findIndex(Number.isNaN);
    if (row >= 0)
      throw new InputFileError(
        { file, row: lines[row]!, column: column.name },
        'the cell is empty',
        'Remove the line, or fill it in.',
      );
  }
  if (lines.length < 2) throw new InputFileError({ file }, 'holds one point, and a curve has two or more');
  const second = table.sweepStarts[0];
  if (second !== undefined)
    throw new InputFileError({ file, row: lines[second]! }, 'a second sweep begins', 'Make a file of every sweep.');
  return {
    first: volts!.quantity === 'voltage' ? volts!.values : volts!.written,
    second: current!.written,
    amperesOfUnit: current!.quantity === 'current' && current!.unit !== undefined ? current!.factor : undefined,
    lines,
    // two columns need no names
    remarks: table.notes.filter((note) => !note.includes('there is no header')),
  };
}

/** The columns that are a curve's where nobody says which. */
function ownPair({ file, columns, textColumns, lines }: InstrumentTable): InstrumentColumn[] {
  const [volts, currents] = (['voltage', 'current'] as const).map((quantity) =>
    columns.filter((column) => column.quantity === quantity),
  );
  if (volts!.length === 1 && currents!.length === 1) return [volts![0]!, currents![0]!];
  const count = columns.length + textColumns.length;
  if (columns.length === 2 && count === 2) return columns.slice();
  throw new InputFileError(
    { file, row: lines[0]! },
    `has ${count} column${count === 1 ? '' : 's'}, and a curve has two: volts and current`,
    count < 2
      ? 'Separate volts and current by a comma, a semicolon or a tab.'
      : `Say which two in the manifest, as columns: [1, ${count}].`,
  );
}

function columnAt({ file, columns, textColumns, lines }: InstrumentTable, place: number): InstrumentColumn {
  const found = columns.find((column) => column.place === place);
  if (found !== undefined) return found;
  const count = columns.length + textColumns.length;
  throw new InputFileError(
    { file, row: lines[0]! },
    place <= count
      ? `column ${place} holds words, and the manifest asks for it`
      : `has ${count} columns, and the manifest asks for column ${place}`,
  );
}
