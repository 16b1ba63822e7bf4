import { InputFileError, UsageError } from '@neuroprint/core';
import { columnsOf, type InstrumentColumn, type InstrumentTable } from '../curves/instrument-table.ts';
import { type Sweep, sweepsAt, sweepsByNumber, sweepsByVoltage } from './sweeps.ts';
import { checkedUnits, type Units } from './units.ts';

/** Which columns are what, where their headers do not say it. */
export interface IvColumns extends Units {
  readonly voltage?: string;
  readonly current?: readonly string[];
  /** The column that counts cycles which stand below each other. */
  readonly cycle?: string;
}

const COUNTS_CYCLES = /^(cycle|loop|sweep|repeat|run|iteration)s?([_ ]?(number|no\.?|index|id|#))?$/i;

/** One cycle, as read: its own volts and amperes at its own lines. */
export interface Cycle {
  readonly name: string;
  readonly file: string;
  readonly lines: readonly number[];
  readonly volts: Float64Array;
  readonly amperes: Float64Array;
}

interface FileCycles {
  readonly cycles: readonly Cycle[];
  readonly notes: readonly string[];
}

/** Voltages and currents that take turns, a pair a cycle, as parameter analysers append them (`AV(1), AI(1), AV(2), AI(2)`). */
function pairsOf({ columns }: InstrumentTable): (readonly [InstrumentColumn, InstrumentColumn])[] {
  const own = columns.filter(({ quantity }) => quantity === 'voltage' || quantity === 'current');
  const takesTurns = own.every(({ quantity }, k) => quantity === (k % 2 === 0 ? 'voltage' : 'current'));
  if (!takesTurns || own.length < 4 || own.length % 2 === 1) return [];
  return Array.from({ length: own.length / 2 }, (_, k) => [own[2 * k]!, own[2 * k + 1]!] as const);
}

/** Cycles of which each has voltages of its own; rows below the end of a shorter one are empty. */
function cyclesOfPairs(
  table: InstrumentTable,
  pairs: readonly (readonly [InstrumentColumn, InstrumentColumn])[],
  choice: IvColumns,
): FileCycles {
  const { file, lines } = table;
  const cycles = pairs.map(([voltage, current]): Cycle => {
    const end = voltage.values.findLastIndex((v) => !Number.isNaN(v)) + 1;
    checkFilled(table, voltage, end);
    return {
      name: current.name,
      file,
      lines: lines.slice(0, end),
      volts: checkedUnits(table, voltage, 'voltage', choice.voltsIn).subarray(0, end),
      amperes: checkedUnits(table, current, 'current', choice.amperesIn).subarray(0, end),
    };
  });
  const used = new Set(pairs.flat());
  const unread = [...table.columns.filter((column) => !used.has(column)), ...table.textColumns].map(({ name }) => name);
  return {
    cycles,
    notes: [
      ...table.notes,
      `${pairs.length} pairs of voltage and current are cycles: ${namesOf(pairs[0]!)} to ${namesOf(pairs.at(-1)!)}`,
      ...(unread.length > 0 ? [`not read: ${unread.join(', ')}`] : []),
    ],
  };
}

/** Throws InputFileError where a voltage is empty above a row. */
function checkFilled({ file, lines }: InstrumentTable, { name, values }: InstrumentColumn, end: number): void {
  const missing = values.subarray(0, end).findIndex(Number.isNaN);
  if (missing >= 0)
    throw new InputFileError({ file, row: lines[missing]!, column: name }, 'the voltage is empty', 'Remove the row.');
}

/** The cycles of one file, and what was read and left out of it. */
export function cyclesOf(table: InstrumentTable, choice: IvColumns): FileCycles {
  const { file, lines } = table;
  const pairs = choice.voltage === undefined && choice.current === undefined ? pairsOf(table) : [];
  if (pairs.length > 0) return cyclesOfPairs(table, pairs, choice);
  const voltage = voltageOf(table, choice.voltage);
  const currents = columnsOf(table, 'current', choice.current).filter((column) => column !== voltage);
  if (currents.length === 0)
    throw new InputFileError(
      { file },
      'no column is named as a current',
      `Choose with --current NAME, or --current "cycle*" for several; the columns are: ${namesOf(table.columns)}.`,
    );
  checkFilled(table, voltage, lines.length);
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
