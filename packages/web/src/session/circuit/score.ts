import { type CaseTable, type Regression, scoreTarget, unitsOf } from '@neuroprint/core';
import { decisions } from '@neuroprint/numeric';
import type { Score } from '../circuit-view.ts';

/** What a circuit is judged by: its rows, and what it decides as it is. */
export interface Judged {
  /** Class indices, in regression targets; undefined where nobody knows. */
  readonly labels: CaseTable['labels'];
  readonly line: Regression | undefined;
  /** Decisions of the circuit as it is. */
  readonly before: Int32Array;
}

/** Judges outputs, row-major [rows × classes], NaN where a row has no operating point. */
export function scoreOf(outputs: Float64Array, classes: number, { labels, line, before }: Judged): Score {
  const rows = outputs.length / classes;
  const solved = [...Array(rows).keys()].filter((row) => !Number.isNaN(outputs[row * classes]!));
  const unsolved = rows - solved.length;
  if (line !== undefined) {
    const known = labels === undefined || solved.length === 0 ? undefined : labels;
    const predicted = unitsOf(
      line,
      solved.map((row) => outputs[row]!),
    );
    const targets = known && solved.map((row) => known[row]!);
    const rmse = targets && scoreTarget(predicted, targets).rmse;
    return { rows, unsolved, rmse, right: undefined, moved: undefined };
  }
  const decided = decisions(outputs, classes);
  const count = (holds: (row: number) => boolean): number => [...decided.keys()].filter(holds).length;
  return {
    rows,
    unsolved,
    rmse: undefined,
    right: labels && count((row) => decided[row] === labels[row]),
    moved: count((row) => decided[row] !== before[row]),
  };
}

/** So many rows of a table, evenly spaced, in their order; all where there are no more. */
export function evenRows(rows: number, most: number): Int32Array {
  const count = Math.min(rows, most);
  return Int32Array.from({ length: count }, (_, i) => Math.floor((i * rows) / count));
}

/** These rows of a matrix of so many columns. */
export function rowsOf(matrix: Float64Array, width: number, rows: Int32Array): Float64Array {
  const out = new Float64Array(rows.length * width);
  rows.forEach((row, i) => {
    out.set(matrix.subarray(row * width, (row + 1) * width), i * width);
  });
  return out;
}
