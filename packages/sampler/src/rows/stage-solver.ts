import { type Cell, ExactSolver, flatten, type Technology } from '@neuroprint/circuit';

/** A curve is followed by a parabola through this many solved points. */
const MEMORY = 3;

/**
 * One unloaded stage by the exact solver, at one input voltage after the other. Between neighbouring points of a curve the
 * start of Newton's method is extrapolated (x ≈ 3x₋₁ − 3x₋₂ + x₋₃), which halves its steps; nothing is taken from the
 * simulator, which this audits.
 */
export class StageSolver {
  readonly #solver: ExactSolver;
  readonly #output: number;
  readonly #input = new Float64Array(1);
  readonly #states: Float64Array[];
  readonly #state: Float64Array;

  constructor(technology: Technology, cell: Cell) {
    const origin = { role: cell.curve === 'falling' ? 'falling' : 'activation', layer: 0 } as const;
    const { name, typical: values } = cell;
    const device = { kind: 'stage', name: 'cell', cell: name, input: 'in', output: 'out', values, origin } as const;
    this.#solver = new ExactSolver(flatten({ inputs: ['in'], devices: [device] }, technology));
    this.#output = this.#solver.flat.unknowns.indexOf('out');
    this.#states = Array.from({ length: MEMORY }, () => this.#solver.newState(1));
    this.#state = this.#solver.newState(1);
  }

  /** Takes the component values, in ohms and metres in the order of the cell's parameters; the next point starts cold. */
  setValues(values: Float64Array): void {
    this.#solver.setValues(values);
    this.#state.fill(Number.NaN);
  }

  /** Output volts at one input, from the point solved last. NaN where there is no operating point. */
  at(inputVolts: number): number {
    this.#input[0] = inputVolts;
    this.#solver.solveRow(this.#input, 0, this.#state);
    return this.#state[this.#output]!;
  }

  /** A copy of all voltages at the point solved last, to come back to. */
  state(): Float64Array {
    return this.#state.slice();
  }

  /** Starts the next point from these voltages. */
  setState(state: Float64Array): void {
    this.#state.set(state);
  }

  /** The largest difference in volts between a curve and the exact one; NaN where a point has no operating point. */
  largestDifference(inputVolts: Float64Array, outputVolts: Float64Array): number {
    const state = this.#state;
    let [last, beforeLast, third] = this.#states as [Float64Array, Float64Array, Float64Array];
    let largest = 0;
    state.fill(Number.NaN);
    for (let row = 0; row < inputVolts.length; row += 1) {
      if (row >= MEMORY) {
        for (let k = 0; k < state.length; k += 1) state[k] = 3 * (last[k]! - beforeLast[k]!) + third[k]!;
      }
      const difference = Math.abs(this.at(inputVolts[row]!) - outputVolts[row]!);
      if (!(difference <= largest)) largest = difference;
      if (Number.isNaN(largest)) return largest;
      [last, beforeLast, third] = [third, last, beforeLast];
      last.set(state);
    }
    return largest;
  }
}
