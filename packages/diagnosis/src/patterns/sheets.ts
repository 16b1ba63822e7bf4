import { componentValues, drawSeries, type FlatCircuit, variedValues } from '@neuroprint/circuit';
import { Draws, NeuroprintError, type Variation } from '@neuroprint/core';
import type { Fault } from '../faults/fault.ts';
import { FaultSolver } from '../faults/fault-solver.ts';

/** What a sheet is tested for, how prints of it differ, and what is read of it. */
export interface SheetTask {
  /** Made with `series` where the variation has what is in series with stages, with `spread` where transistors are as measured. */
  readonly flat: FlatCircuit;
  readonly faults: readonly Fault[];
  /** The nodes that are measured. */
  readonly observed: readonly string[];
  readonly variation: number | Variation;
  /** A reading is off by at most this, either way. */
  readonly meterVolts: number;
  readonly seed: number;
}

/** The good circuit has no operating point somewhere, so that nothing can be expected of it. */
class NoExpectationError extends NeuroprintError {
  override readonly exitCode = 1;
}

/** Input volts of patterns, row-major [rows × inputs]. */
export interface Patterns {
  readonly inputVolts: Float64Array;
  readonly rows: number;
}

/** Measured sheets: printed copies of a circuit, good or with a fault, read by a meter. All tables are row-major [rows × observed]. */
export class SheetSampler {
  readonly task: SheetTask;
  readonly width: number;
  readonly #solver: FaultSolver;
  readonly #observed: readonly number[];
  readonly #nominal: Float64Array;

  constructor(task: SheetTask) {
    this.task = task;
    this.width = task.observed.length;
    this.#solver = new FaultSolver(task.flat, task.faults);
    this.#observed = task.observed.map((node) => task.flat.unknowns.indexOf(node));
    this.#nominal = componentValues(task.flat);
  }

  /** What the circuit as designed gives at all patterns, every node [rows × unknowns]. */
  goodState({ inputVolts, rows }: Patterns): Float64Array {
    const state = new Float64Array(rows * this.#solver.size).fill(Number.NaN);
    this.#solver.setCopy(this.#nominal);
    const [failed] = this.#solver.solveGood(inputVolts, rows, state);
    if (failed !== undefined)
      throw new NoExpectationError(
        `The circuit has no operating point at the inputs ${[...inputVolts.subarray(failed * this.task.flat.inputs.length)].slice(0, this.task.flat.inputs.length).join(', ')} V.`,
        'Run verify on it first.',
      );
    return state;
  }

  /** The same with a fault; NaN where it has no operating point. `start` is a state of the same patterns. */
  faultyState(fault: number, { inputVolts, rows }: Patterns, start: Float64Array): Float64Array {
    const state = start.slice();
    this.#solver.setCopy(this.#nominal);
    this.#solver.solve(fault, inputVolts, rows, state);
    return state;
  }

  /** What is read of a state, without the meter. */
  read(state: Float64Array): Float64Array {
    const { size } = this.#solver;
    const rows = state.length / size;
    const out = new Float64Array(rows * this.width);
    for (let row = 0; row < rows; row += 1)
      for (let o = 0; o < this.width; o += 1) out[row * this.width + o] = state[row * size + this.#observed[o]!]!;
    return out;
  }

  /**
   * One print without a meter's errors: the copy `index` of those named `purpose`, with a fault where one is given. Copies of different
   * purposes have nothing in common. NaN where it has no operating point.
   */
  print(
    purpose: string,
    index: number,
    { inputVolts, rows }: Patterns,
    start: Float64Array,
    fault?: number,
  ): Float64Array {
    const { flat, variation, seed } = this.task;
    const draws = new Draws(seed, purpose);
    const values = this.#nominal.slice();
    variedValues(flat, this.#nominal, draws, index, variation, values);
    this.#solver.setCopy(values, drawSeries(flat, draws, index, variation));
    const state = start.slice();
    if (fault === undefined) this.#solver.solveGood(inputVolts, rows, state);
    else this.#solver.solve(fault, inputVolts, rows, state);
    return this.read(state);
  }

  /** The same as it is measured: every reading is off by at most the meter's error, evenly. */
  sheet(purpose: string, index: number, patterns: Patterns, start: Float64Array, fault?: number): Float64Array {
    const { seed, meterVolts } = this.task;
    const volts = this.print(purpose, index, patterns, start, fault);
    const errors = new Float64Array(volts.length);
    new Draws(seed, `${purpose}, meter`).fillUniform(index, errors);
    return volts.map((v, q) => v + meterVolts * (2 * errors[q]! - 1));
  }

  /** Good copies 0 to count − 1, one after the other [count × rows × observed]. */
  goodSheets(purpose: string, count: number, patterns: Patterns, start: Float64Array): Float64Array {
    const quantities = patterns.rows * this.width;
    const out = new Float64Array(count * quantities);
    for (let copy = 0; copy < count; copy += 1) out.set(this.sheet(purpose, copy, patterns, start), copy * quantities);
    return out;
  }
}
