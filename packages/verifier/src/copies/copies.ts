import {
  BatchSolver,
  componentValues,
  drawSeries,
  ExactSolver,
  type FlatCircuit,
  hasFaults,
  hasMeasuredTransistors,
  hasSeries,
  isStable,
  isStableForAnyCapacitances,
  type SeriesVolts,
  type Technology,
  variedValues,
  withFaultSites,
} from '@neuroprint/circuit';
import {
  Draws,
  type Labels,
  type Regression,
  scoreTarget,
  selectColumns,
  unitsOf,
  type Variation,
} from '@neuroprint/core';
import { accuracy, decisions } from '@neuroprint/numeric';
import { NoOperatingPointError } from '../exact-rows.ts';
import { flatOf, type Subject } from '../subject.ts';
import { Decider } from './decider.ts';

/** What printed copies are made of and judged by. Plain data, so that it can be sent to a worker thread. */
export interface CopyTask {
  readonly circuit: Subject;
  readonly technology: Technology;
  /** Row-major [rows × inputs]. */
  readonly inputVolts: Float64Array;
  readonly labels: Labels;
  /** What another model decides in every row: how often copies decide as it does is told too. */
  readonly model?: Int32Array | undefined;
  /** How the one output is read, in regression. */
  readonly line?: Regression | undefined;
  /** How copies differ: independent uniform factors 1 ± s, or a model. */
  readonly variation: number | Variation;
  readonly seed: number;
  /** The row at which the circuit is nearest to running away, where it can at all, and the capacitance of its nodes. */
  readonly watched?: { readonly row: number; readonly farads: number } | undefined;
}

/** What copies are worth (CopySolver.merit), and 1 for those that stay at their operating point. */
export interface JudgedCopies {
  readonly merits: Float64Array;
  readonly stable: Uint8Array;
  /** Share of its decisions that are the model's, where the task has one. */
  readonly alike?: Float64Array;
}

/** Whether the present values stay at their operating point of a row, looked for from `state`; where there is none they do not. */
export function staysAt(
  solver: ExactSolver,
  inputVolts: Float64Array,
  state: Float64Array,
  { row, farads }: NonNullable<CopyTask['watched']>,
): boolean {
  return solver.solveRow(inputVolts, row, state.slice()) && isStable(solver, farads);
}

/** Whether no loop amplifies at any row, each solved from the one before it. */
function amplifiesNowhere(solver: ExactSolver, inputVolts: Float64Array, state: Float64Array): boolean {
  const { size } = solver;
  for (let row = 0; row * size < state.length; row += 1) {
    if (row > 0) state.copyWithin(row * size, (row - 1) * size, row * size);
    if (!solver.solveRow(inputVolts, row, state) || !isStableForAnyCapacitances(solver)) return false;
  }
  return true;
}

/**
 * Solves printed copies of a circuit exactly. Copy n has the values of draw n and starts from the nominal operating points,
 * so that its voltages are the same bits whoever computes it and after whatever.
 */
export class CopySolver {
  readonly flat: FlatCircuit;
  readonly rows: number;
  readonly #task: CopyTask;
  readonly #solver: BatchSolver;
  readonly #draws: Draws;
  readonly #nominal: Float64Array;
  readonly #nominalState: Float64Array;
  readonly #values: Float64Array;
  readonly #outputs: readonly number[];
  readonly #hasSeries: boolean;
  /** Where decisions do for what copies are worth, and can be had without exact volts. */
  readonly #decider: Decider | undefined;
  readonly #watch: { readonly solver: ExactSolver; readonly state: Float64Array } | undefined;
  /** Volts of every unknown node of the copy that `merit` solved last, row-major [rows × nodes]. */
  readonly state: Float64Array;

  constructor(task: CopyTask) {
    this.#task = task;
    const spread = hasMeasuredTransistors(task.variation);
    this.#hasSeries = hasSeries(task.variation);
    const whole = flatOf(task.circuit, task.technology, { series: this.#hasSeries, spread });
    this.flat = withFaultSites(whole, task.variation);
    this.rows = task.labels.length;
    this.#solver = new BatchSolver(this.flat);
    this.#draws = new Draws(task.seed, 'monte carlo');
    this.#nominal = componentValues(this.flat);
    this.#values = this.#nominal.slice();
    this.#nominalState = this.#solver.newState(this.rows);
    this.#solver.setValues(this.#nominal);
    this.#solver.solve(task.inputVolts, this.rows, this.#nominalState);
    this.state = this.#nominalState.slice();
    this.#outputs = task.circuit.outputs.map((node) => this.flat.unknowns.indexOf(node));
    const { inputVolts, watched, line, variation } = task;
    const judgesClasses = line === undefined && this.#outputs.length > 1 && !hasFaults(variation);
    if (watched === undefined && !judgesClasses) return;
    // what is in series with stages moves operating points and feeds nothing back
    const solver = new ExactSolver(withFaultSites(flatOf(task.circuit, task.technology, { spread }), variation));
    solver.setValues(this.#nominal);
    const state = solver.newState(this.rows);
    if (watched !== undefined) {
      solver.solveRow(inputVolts, watched.row, state);
      this.#watch = { solver, state };
    } else if (amplifiesNowhere(solver, inputVolts, state))
      this.#decider = new Decider(this.#solver, inputVolts, this.#nominalState, this.#outputs);
  }

  /** Component values of a copy (a vector of its own), in ohms, metres and the units of laws. */
  values(copy: number): Float64Array {
    const out = this.#nominal.slice();
    variedValues(this.flat, this.#nominal, this.#draws, copy, this.#task.variation, out);
    return out;
  }

  /** What a copy has in series with its stages; undefined where the variation has no such part. */
  series(copy: number): SeriesVolts | undefined {
    return drawSeries(this.flat, this.#draws, copy, this.#task.variation);
  }

  /**
   * Solves a copy into `state` and returns what it is worth: the share of rows that it decides as labelled, where a row without an
   * operating point is wrong; in regression minus the root mean square error, and NoOperatingPointError is thrown.
   */
  merit(copy: number): number {
    this.#print(copy);
    this.state.set(this.#nominalState);
    const [failed] = this.#solver.solve(this.#task.inputVolts, this.rows, this.state);
    const { line, labels } = this.#task;
    if (line !== undefined) {
      if (failed !== undefined)
        throw new NoOperatingPointError(
          `The exact solver found no operating point for row ${failed} of copy ${copy}, so that nothing can be read from it.`,
        );
      return -scoreTarget(unitsOf(line, this.outputVolts()), labels).rmse;
    }
    return accuracy(this.decisions(), labels);
  }

  #print(copy: number): void {
    variedValues(this.flat, this.#nominal, this.#draws, copy, this.#task.variation, this.#values);
    this.#solver.setValues(this.#values);
    if (this.#hasSeries) this.#solver.setSeries(this.series(copy));
  }

  /** Whether the copy solved last stays at its operating point at the watched row. */
  #isStable(): boolean {
    const { watched, inputVolts } = this.#task;
    if (watched === undefined || this.#watch === undefined) return true;
    const { solver, state } = this.#watch;
    solver.setValues(this.#values);
    return staysAt(solver, inputVolts, state, watched);
  }

  /** Copies `from` to `to` − 1, one after the other: the same as `merit` and `decisions`, without exact volts where these do not matter. */
  judge(from: number, to: number): JudgedCopies {
    const merits = new Float64Array(to - from);
    const stable = new Uint8Array(to - from);
    const { model, labels } = this.#task;
    const alike = model && new Float64Array(to - from);
    for (let copy = from; copy < to; copy += 1) {
      if (this.#decider !== undefined) {
        this.#print(copy);
        const decided = this.#decider.decide(this.state);
        merits[copy - from] = accuracy(decided, labels);
        if (alike !== undefined) alike[copy - from] = accuracy(decided, model!);
        stable[copy - from] = 1;
        continue;
      }
      merits[copy - from] = this.merit(copy);
      if (alike !== undefined) alike[copy - from] = accuracy(this.decisions(), model!);
      stable[copy - from] = this.#isStable() ? 1 : 0;
    }
    return { merits, stable, ...(alike && { alike }) };
  }

  /** The decision of every row of the copy solved last. */
  decisions(): Int32Array {
    return decisions(this.outputVolts(), this.#outputs.length);
  }

  /** Output volts of the copy solved last, row-major [rows × outputs]. */
  outputVolts(): Float64Array {
    return selectColumns(this.state, this.#solver.size, this.#outputs);
  }
}
