import { basename } from 'node:path';
import { InputFileError, UsageError } from '@neuroprint/core';
import {
  columnsOf,
  type InstrumentColumn,
  type InstrumentTable,
  readInstrumentTable,
} from '../curves/instrument-table.ts';
import { type Sweep, sameVolts, sweepsAt, sweepsByNumber, sweepsByVoltage } from './sweeps.ts';
import { checkedUnits, type Units } from './units.ts';

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

/** Which columns are what, where their headers do not say it. */
export interface IvColumns extends Units {
  readonly voltage?: string;
  readonly current?: readonly string[];
  /** The column that counts cycles which stand below each other. */
  readonly cycle?: string;
}

const COUNTS_CYCLES = /^(cycle|loop|sweep|repeat|run|iteration)s?([_ ]?(number|no\.?|index|id|#))?$/i;

/** One cycle, as read: its own volts and amperes at its own lines. */
interface Cycle {
  readonly name: string;
  readonly file: string;
  readonly lines: readonly number[];
  readonly volts: Float64Array;
  readonly amperes: Float64Array;
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

function cyclesOf(table: InstrumentTable, choice: IvColumns) {
  const { file, lines } = table;
  const voltage = voltageOf(table, choice.voltage);
  const currents = columnsOf(table, 'current', choice.current).filter((column) => column !== voltage);
  if (currents.length === 0)
    throw new InputFileError(
      { file },
      'no column is named as a current',
      `Choose with --current NAME, or --current "cycle*" for several; the columns are: ${namesOf(table.columns)}.`,
    );
  const missing = voltage.values.findIndex(Number.isNaN);
  if (missing >= 0)
    throw new InputFileError(
      { file, row: lines[missing]!, column: voltage.name },
      'the voltage is empty',
      'Remove the row.',
    );
  const volts = checkedUnits(table, voltage, 'voltage', choice.voltsIn);
  const amperes = currents.map((column) => checkedUnits(table, column, 'current', choice.amperesIn));
  const { sweeps, by, counted } = sweepsOf(table, volts, choice.cycle);
  if (sweeps.length > 1 && currents.length > 1 && choice.current === undefined)
    throw new InputFileError(
      { file, row: lines[sweeps[1]!.first]! },
      `the voltage starts again, and ${currents.length} columns are currents: ${namesOf(currents)}`,
      'Choose with --current which of them are cycles of this device.',
    );
  const cycles = currents.flatMap((column, k) =>
    sweeps.map(
      ({ first, end }, s): Cycle => ({
        name: sweeps.length === 1 ? column.name : `cycle ${s + 1}${currents.length > 1 ? ` of ${column.name}` : ''}`,
        file,
        lines: lines.slice(first, end),
        volts: volts.subarray(first, end),
        amperes: amperes[k]!.subarray(first, end),
      }),
    ),
  );
  const used = new Set([voltage, counted, ...currents]);
  const unread = [...table.columns.filter((column) => !used.has(column)), ...table.textColumns].map(({ name }) => name);
  const rest = lines.length - sweeps.at(-1)!.end;
  return {
    cycles,
    notes: [
      ...table.notes,
      `volts are ${voltage.name}, amperes ${currents.length > 3 ? `${currents[0]!.name} to ${currents.at(-1)!.name} (${currents.length} columns)` : namesOf(currents)}`,
      ...(sweeps.length > 1 ? [`${sweeps.length} sweeps stand below each other, told apart by ${by}`] : []),
      ...(rest > 0 ? [`the last ${rest} rows are less than half a sweep and are left out`] : []),
      ...(unread.length > 0 ? [`not read: ${unread.join(', ')}`] : []),
    ],
  };
}

function namesOf(columns: readonly InstrumentColumn[]): string {
  return columns.map(({ name }) => name).join(', ');
}

function voltageOf(table: InstrumentTable, named: string | undefined): InstrumentColumn {
  const found = columnsOf(table, 'voltage', named === undefined ? undefined : [named]);
  if (found.length === 1) return found[0]!;
  const columns = namesOf(table.columns);
  throw new InputFileError(
    { file: table.file },
    found.length === 0 ? 'no column is named as a voltage' : `${found.length} columns are voltages: ${namesOf(found)}`,
    `Choose with --voltage NAME; the columns of numbers are: ${columns}.`,
  );
}

/** The sweeps that stand below each other, what tells them apart, and the column that counts them. */
function sweepsOf(
  table: InstrumentTable,
  volts: Float64Array,
  named: string | undefined,
): { sweeps: Sweep[]; by: string; counted?: InstrumentColumn } {
  const counted = table.columns.find(({ name }) => (named === undefined ? COUNTS_CYCLES.test(name) : name === named));
  if (named !== undefined && counted === undefined)
    throw new UsageError(
      `${table.file} has no column of numbers called ${named}.`,
      `Its columns are: ${namesOf(table.columns)}.`,
    );
  if (table.sweepStarts.length > 0)
    return { sweeps: sweepsAt(volts.length, table.sweepStarts), by: 'the repeated DataName' };
  if (counted !== undefined && (named !== undefined || new Set(counted.values).size > 1))
    return { sweeps: sweepsByNumber(table, counted.name, counted.values), by: counted.name, counted };
  return { sweeps: sweepsByVoltage(volts), by: 'where the voltage starts again' };
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
