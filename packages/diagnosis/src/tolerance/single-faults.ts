import type { FlatCircuit } from '@neuroprint/circuit';
import { selectColumns, UsageError } from '@neuroprint/core';
import { decisions } from '@neuroprint/numeric';
import type { Fault } from '../faults/fault.ts';
import { FaultSolver } from '../faults/fault-solver.ts';

/** A circuit and the cases that it is judged on. */
export interface ToleranceTask {
  readonly flat: FlatCircuit;
  /** Nodes whose largest voltage is the class, in the order of the classes. */
  readonly outputs: readonly string[];
  /** Row-major [rows × inputs]. */
  readonly inputVolts: Float64Array;
  readonly labels: Int32Array;
}

export interface FaultAccuracy {
  readonly fault: Fault;
  /** Share of the rows that are decided as labelled; one without an operating point is wrong. */
  readonly accuracy: number;
  readonly unsolvedRows: number;
}

/** What single faults leave of the accuracy. */
export interface SingleFaults {
  /** Without a fault. */
  readonly accuracy: number;
  /** Worst first; of equal ones in the order of the list. */
  readonly faults: readonly FaultAccuracy[];
}

/** Every single fault solved exactly at the nominal values, at all rows. */
export function judgeFaults(
  { flat, outputs, inputVolts, labels }: ToleranceTask,
  faults: readonly Fault[],
  onProgress?: (done: number, total: number) => void,
): SingleFaults {
  const rows = labels.length;
  const solver = new FaultSolver(flat, faults);
  const places = placesOf(flat, outputs);
  const share = (state: Float64Array, failed: readonly number[]): number => {
    const wrong = new Set(failed);
    const decided = decisions(selectColumns(state, solver.size, places), outputs.length);
    let right = 0;
    for (let row = 0; row < rows; row += 1) if (decided[row] === labels[row] && !wrong.has(row)) right += 1;
    return right / rows;
  };
  const good = new Float64Array(rows * solver.size).fill(Number.NaN);
  const accuracy = share(good, solver.solveGood(inputVolts, rows, good));
  const judged = faults.map((fault, k): FaultAccuracy => {
    const state = good.slice();
    const failed = solver.solve(k, inputVolts, rows, state);
    onProgress?.(k + 1, faults.length);
    return { fault, accuracy: share(state, failed), unsolvedRows: failed.length };
  });
  return { accuracy, faults: judged.toSorted((a, b) => a.accuracy - b.accuracy) };
}

/** Places of the outputs among the unknown nodes. Throws UsageError for one that the circuit has not. */
export function placesOf({ unknowns }: FlatCircuit, outputs: readonly string[]): number[] {
  return outputs.map((node) => {
    const at = unknowns.indexOf(node);
    if (at < 0) throw new UsageError(`The circuit has no node ${node}, which is to be an output of it.`);
    return at;
  });
}

/** The accuracy under the worst fault of every part, by its name; of a stage as a whole by the part before the dot. */
export function worstByDevice(faults: readonly FaultAccuracy[]): ReadonlyMap<string, FaultAccuracy> {
  const worst = new Map<string, FaultAccuracy>();
  for (const one of faults)
    for (const part of one.fault.components)
      for (const name of new Set([part, part.split('.')[0]!]))
        if (one.accuracy < (worst.get(name)?.accuracy ?? Number.POSITIVE_INFINITY)) worst.set(name, one);
  return worst;
}
