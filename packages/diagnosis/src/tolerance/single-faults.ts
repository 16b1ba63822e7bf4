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

/** A range of a list of faults, from `from` to before `to`. */
export interface FaultRange {
  readonly from: number;
  readonly to: number;
}

/** What faults of a list leave of the accuracy, in their order, and what there is without any. */
export interface JudgedFaults {
  readonly accuracy: number;
  readonly faults: readonly Pick<FaultAccuracy, 'accuracy' | 'unsolvedRows'>[];
}

/** Solves single faults exactly at the nominal values, at all rows. */
export class FaultJudge {
  readonly #task: ToleranceTask;
  readonly #solver: FaultSolver;
  readonly #places: readonly number[];
  readonly #good: Float64Array;
  /** Of the circuit without a fault. */
  readonly accuracy: number;

  /** Throws UsageError for an output that the circuit has not. */
  constructor(task: ToleranceTask, faults: readonly Fault[]) {
    this.#task = task;
    this.#solver = new FaultSolver(task.flat, faults);
    this.#places = placesOf(task.flat, task.outputs);
    this.#good = new Float64Array(task.labels.length * this.#solver.size).fill(Number.NaN);
    this.accuracy = this.#share(this.#good, this.#solver.solveGood(task.inputVolts, task.labels.length, this.#good));
  }

  judge({ from, to }: FaultRange, onProgress?: (done: number) => void): JudgedFaults {
    const { inputVolts, labels } = this.#task;
    const faults = Array.from({ length: to - from }, (_, k) => {
      const state = this.#good.slice();
      const failed = this.#solver.solve(from + k, inputVolts, labels.length, state);
      onProgress?.(k + 1);
      return { accuracy: this.#share(state, failed), unsolvedRows: failed.length };
    });
    return { accuracy: this.accuracy, faults };
  }

  /** Of the rows that are decided as labelled. */
  #share(state: Float64Array, failed: readonly number[]): number {
    const { outputs, labels } = this.#task;
    const rows = labels.length;
    const wrong = new Set(failed);
    const decided = decisions(selectColumns(state, this.#solver.size, this.#places), outputs.length);
    let right = 0;
    for (let row = 0; row < rows; row += 1) if (decided[row] === labels[row] && !wrong.has(row)) right += 1;
    return right / rows;
  }
}

/** The judged faults of a list, worst first. */
export function worstFirst(faults: readonly Fault[], { accuracy, faults: judged }: JudgedFaults): SingleFaults {
  const all = faults.map((fault, k): FaultAccuracy => ({ fault, ...judged[k]! }));
  return { accuracy, faults: all.toSorted((a, b) => a.accuracy - b.accuracy) };
}

/** Every single fault solved exactly at the nominal values, at all rows. */
export function judgeFaults(
  task: ToleranceTask,
  faults: readonly Fault[],
  onProgress?: (done: number, total: number) => void,
): SingleFaults {
  const judge = new FaultJudge(task, faults);
  const all = judge.judge({ from: 0, to: faults.length }, (done) => onProgress?.(done, faults.length));
  return worstFirst(faults, all);
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
