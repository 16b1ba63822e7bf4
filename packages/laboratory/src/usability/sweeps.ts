import { InputFileError } from '@neuroprint/core';
import type { InstrumentTable } from '../curves/instrument-table.ts';

/** Voltages are the same where they differ by less than this share of a step. */
const SAME_STEP = 0.25;

/** Points that a sweep has at least. */
const LEAST_POINTS = 5;

/** Rows from `first` to before `end`. */
export interface Sweep {
  readonly first: number;
  readonly end: number;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
}

/** How far two voltages of a sweep may lie apart and be the same point. */
export function sameVolts(volts: Float64Array): number {
  const steps = Array.from(volts.subarray(1), (v, i) => Math.abs(v - volts[i]!)).filter((step) => step > 0);
  return SAME_STEP * median(steps);
}

/** Sweeps below each other that the file tells apart itself. */
export function sweepsAt(rows: number, starts: readonly number[]): Sweep[] {
  return [0, ...starts].map((first, k) => ({ first, end: starts[k] ?? rows }));
}

/** Sweeps below each other by a column that counts them. Throws InputFileError where one number stands in two places. */
export function sweepsByNumber(table: InstrumentTable, name: string, numbers: Float64Array): Sweep[] {
  const starts = [...numbers.keys()].filter((row) => row > 0 && numbers[row] !== numbers[row - 1]);
  const seen = new Set([numbers[0]]);
  for (const row of starts) {
    if (seen.has(numbers[row]) || Number.isNaN(numbers[row]))
      throw new InputFileError(
        { file: table.file, row: table.lines[row]!, column: name },
        Number.isNaN(numbers[row])
          ? 'the cell is empty'
          : `${numbers[row]} stood further up already, and others between`,
        'A column that counts cycles has one number for all rows of a cycle, below each other.',
      );
    seen.add(numbers[row]);
  }
  return sweepsAt(numbers.length, starts);
}

/**
 * Sweeps below each other, where the voltage starts again: the shortest period with which every voltage is that of the first
 * sweep. A last sweep that was stopped before its middle is left out. One sweep where the voltage never repeats.
 */
export function sweepsByVoltage(volts: Float64Array): Sweep[] {
  const rows = volts.length;
  const tolerance = sameVolts(volts);
  const repeats = (period: number): boolean => {
    for (let row = period; row < rows; row += 1)
      if (!(Math.abs(volts[row]! - volts[row - period]!) <= tolerance)) return false;
    return true;
  };
  for (let period = 1; 2 * period <= rows; period += 1) {
    if (!repeats(period)) continue;
    // one voltage held, or pulses, are no sweeps
    if (period < LEAST_POINTS) break;
    const count = Math.floor(rows / period) + ((rows % period) * 2 > period ? 1 : 0);
    return Array.from({ length: count }, (_, k) => ({ first: k * period, end: Math.min(rows, (k + 1) * period) }));
  }
  return [{ first: 0, end: rows }];
}
