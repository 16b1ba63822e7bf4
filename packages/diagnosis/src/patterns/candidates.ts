import { Draws, UsageError, type VoltRange } from '@neuroprint/core';
import type { Patterns } from './sheets.ts';

/** Corners of the input range are all taken up to so many, else as many at random. */
const MOST_CORNERS = 64;

export interface CandidateOptions {
  readonly range: VoltRange;
  readonly inputs: number;
  /** Input volts of a table, row-major, from which some rows are taken. */
  readonly table?: Float64Array | undefined;
  readonly count: number;
  readonly seed: number;
}

/**
 * Inputs to begin with: corners of the input range, rows of the table, and points all over the range.
 * Throws UsageError where the range is empty.
 */
export function startCandidates({ range, inputs, table, count, seed }: CandidateOptions): Patterns {
  const { minimum, maximum } = range;
  if (!(maximum > minimum))
    throw new UsageError(
      `The input range from ${minimum} V to ${maximum} V holds no two inputs.`,
      'Give two different voltages, the lower first.',
    );
  const draws = new Draws(seed, 'candidate patterns');
  const width = maximum - minimum;
  const corners = Math.min(MOST_CORNERS, 2 ** inputs, count);
  const isAll = corners === 2 ** inputs;
  const tableRows = (table?.length ?? 0) / inputs;
  const fromTable = Math.min(tableRows, Math.floor((count - corners) / 3));
  const order = draws.permutation(0, tableRows);
  const inputVolts = new Float64Array(count * inputs);
  for (let k = 0; k < count; k += 1)
    for (let i = 0; i < inputs; i += 1) {
      const u = draws.uniform(1 + k, i);
      const bit = isAll ? (k >> i) & 1 : u < 0.5 ? 0 : 1;
      const row = k - corners;
      const own = row >= 0 && row < fromTable ? table![order[row]! * inputs + i]! : minimum + width * u;
      inputVolts[k * inputs + i] = k < corners ? minimum + width * bit : appliedVolts(own, range);
    }
  return { inputVolts, rows: count };
}

/** A bench applies whole millivolts; within the range. */
export function appliedVolts(volts: number, { minimum, maximum }: VoltRange): number {
  return Math.min(maximum, Math.max(minimum, Math.round(1000 * volts) / 1000));
}

/** Both lists, one after the other. */
export function joined(a: Patterns, b: Patterns): Patterns {
  const inputVolts = new Float64Array(a.inputVolts.length + b.inputVolts.length);
  inputVolts.set(a.inputVolts);
  inputVolts.set(b.inputVolts, a.inputVolts.length);
  return { inputVolts, rows: a.rows + b.rows };
}

/** The chosen ones of a list, in that order. */
export function chosenPatterns({ inputVolts, rows }: Patterns, chosen: readonly number[]): Patterns {
  const inputs = inputVolts.length / rows;
  const out = new Float64Array(chosen.length * inputs);
  for (const [k, row] of chosen.entries()) out.set(inputVolts.subarray(row * inputs, (row + 1) * inputs), k * inputs);
  return { inputVolts: out, rows: chosen.length };
}
