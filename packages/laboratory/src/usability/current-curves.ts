import { basename } from 'node:path';
import { InputFileError } from '@neuroprint/core';
import { readInstrumentTable } from '../curves/instrument-table.ts';
import { type Cycle, cyclesOf, type IvColumns } from './cycles.ts';
import { sameVolts } from './sweeps.ts';

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
  /** What was read and what was left out, a sentence each. */
  readonly notes: readonly string[];
}

/**
 * Reads the cycles of one device from what an instrument wrote: a column of volts and, for every cycle, a column of amperes, or rows
 * below each other, or a file. Columns of currents are those that are named so or chosen; others are left out and
 * named in the notes. Empty currents were not recorded. Throws InputFileError for text among the numbers, an overflow code, values
 * that no device has in the unit, a voltage that is missing or not unique, sweeps of other voltages, and fewer than two cycles.
 */
export function readIvCurves(files: readonly string[], choice: IvColumns = {}): IvCurves {
  const read = files.map((file) => cyclesOf(readInstrumentTable(file), choice));
  const cycles = read.flatMap((one) => one.cycles);
  const [file, first] = [files[0]!, cycles[0]!];
  if (cycles.length < 2)
    throw new InputFileError(
      { file },
      `has ${cycles.length} cycle${cycles.length === 1 ? '' : 's'}`,
      'The spread from cycle to cycle needs two or more: several columns of currents, cycles below each other, or several files with --one-device.',
    );
  const several = files.length > 1;
  const notes = read.flatMap((one, k) => one.notes.map((note) => (several ? `${basename(files[k]!)}: ${note}` : note)));
  return {
    name: nameOf(files),
    file,
    lines: first.lines,
    volts: first.volts,
    cycleNames: cycles.map(({ name, file: from }) => (several ? `${basename(from)} ${name}` : name)),
    amperes: cycles.map((cycle) => atVoltsOf(first, cycle)),
    notes: [...new Set(notes)],
  };
}

/** The name of the file, of several what their names begin with. */
function nameOf(files: readonly string[]): string {
  const names = files.map((file) => basename(file).replace(/\.(csv|txt|tsv|dat|lvm|asc|xls)$/i, ''));
  let shared = names[0]!;
  for (const name of names) while (!name.startsWith(shared)) shared = shared.slice(0, -1);
  return (names.length > 1 ? shared.replace(/[^a-z0-9]*(cycle|run|sweep|loop)?[^a-z0-9]*$/i, '') : shared) || names[0]!;
}

/**
 * A cycle's currents at the points of the first: the same voltages up to what a meter reads, so that its conductances are
 * kept and its currents are those at the first cycle's volts. Points that a stopped cycle lacks are empty.
 */
function atVoltsOf(first: Cycle, cycle: Cycle): Float64Array {
  const { volts } = first;
  const tolerance = sameVolts(volts);
  if (cycle.volts.length > volts.length)
    throw new InputFileError(
      { file: cycle.file, row: cycle.lines[volts.length]! },
      `${cycle.name} has ${cycle.volts.length} points, and the first cycle has ${volts.length}`,
      'Cycles of one device are swept over the same voltages.',
    );
  return volts.map((v, k) => {
    const own = cycle.volts[k];
    if (own === undefined) return Number.NaN;
    if (Math.abs(own - v) > tolerance)
      throw new InputFileError(
        { file: cycle.file, row: cycle.lines[k]! },
        `${cycle.name} is at ${own} V where the first cycle is at ${v} V`,
        'Cycles of one device are swept over the same voltages.',
      );
    const amperes = cycle.amperes[k]!;
    return own === v || own === 0 ? amperes : amperes * (v / own);
  });
}
