import type { BatchSolver } from '@neuroprint/circuit';
import { argmax } from '@neuroprint/numeric';

/**
 * How exactly rows are solved, one after the other: up to a last step of Newton's, as a share of the bias (the next one would be
 * quadratically smaller), until the largest output is so far above every other. What is not clear by the last of them is solved exactly.
 */
const LEVELS = [
  { step: 2e-2, clear: 0.3 },
  { step: 4e-3, clear: 0.1 },
] as const;
/** Rows that start from their nominal solutions: this share, and no more than so many. */
const FIRST_SHARE = 0.2;
const MOST_FIRST = 64;

/**
 * Decides every row of a copy, and finds volts no more exactly than that takes. A few rows that lie far apart start from their
 * nominal solutions; every other one starts from its own, moved as the nearest of those has moved. What is not clear then is solved
 * once more, exactly and from its nominal solution where no operating point was found. It all depends on the copy alone. Only for
 * circuits in which no loop amplifies: there is one operating point, wherever Newton starts.
 */
export class Decider {
  readonly #solver: BatchSolver;
  readonly #inputVolts: Float64Array;
  readonly #nominal: Float64Array;
  readonly #outputs: readonly number[];
  readonly #biasVolts: number;
  readonly #all: Int32Array;
  readonly #first: Int32Array;
  readonly #rest: Int32Array;
  /** To each of the rest the row whose move it takes. */
  readonly #near: Int32Array;
  readonly #volts: Float64Array;
  readonly #decided: Int32Array;
  readonly #open: Int32Array;

  /**
   * @param nominal volts of every unknown node at the nominal operating points, row-major [rows × unknowns]
   * @param outputs columns of the outputs among the unknowns, two or more
   */
  constructor(solver: BatchSolver, inputVolts: Float64Array, nominal: Float64Array, outputs: readonly number[]) {
    this.#solver = solver;
    this.#inputVolts = inputVolts;
    this.#nominal = nominal;
    this.#outputs = outputs;
    this.#biasVolts = solver.flat.technology.bias.volts;
    const rows = nominal.length / solver.size;
    const { first, near } = spread(nominal, rows, solver.size);
    this.#first = first;
    this.#all = Int32Array.from({ length: rows }, (_, row) => row);
    this.#rest = this.#all.filter((row) => !first.includes(row));
    this.#near = this.#rest.map((row) => near[row]!);
    this.#volts = new Float64Array(outputs.length);
    this.#decided = new Int32Array(rows);
    this.#open = new Int32Array(rows);
  }

  /**
   * The class of every row at the solver's present values, −1 where there is no operating point; valid until the next call. `state`
   * [rows × unknowns] is room for volts, which are not exact afterwards.
   */
  decide(state: Float64Array): Int32Array {
    const [solver, inputVolts, nominal] = [this.#solver, this.#inputVolts, this.#nominal];
    const { size } = solver;
    state.set(nominal);
    solver.setTolerance(LEVELS[0].step * this.#biasVolts);
    solver.solveRows(inputVolts, this.#first, state);
    for (let k = 0; k < this.#rest.length; k += 1) {
      const [to, from] = [this.#rest[k]! * size, this.#near[k]! * size];
      // a row without an operating point moved nowhere
      if (Number.isNaN(state[from]!)) continue;
      for (let i = 0; i < size; i += 1) state[to + i]! += state[from + i]! - nominal[from + i]!;
    }
    solver.solveRows(inputVolts, this.#rest, state);
    let open = this.#unclear(this.#all, LEVELS[0].clear, state);
    for (const { step, clear } of LEVELS.slice(1)) {
      solver.setTolerance(step * this.#biasVolts);
      solver.solveRows(inputVolts, open, state);
      open = this.#unclear(open, clear, state);
    }
    solver.setTolerance(undefined);
    for (const row of open)
      if (Number.isNaN(state[row * size]!)) state.set(nominal.subarray(row * size, (row + 1) * size), row * size);
    solver.solveRows(inputVolts, open, state);
    for (const row of open) this.#read(row, state);
    return this.#decided;
  }

  /** Decides rows by their present volts, and returns those whose class does not lead by so much, as a share of the bias. */
  #unclear(rows: Int32Array, clear: number, state: Float64Array): Int32Array {
    let count = 0;
    for (let k = 0; k < rows.length; k += 1) {
      const row = rows[k]!;
      if (this.#read(row, state) >= clear * this.#biasVolts) continue;
      this.#open[count] = row;
      count += 1;
    }
    return this.#open.subarray(0, count);
  }

  /** Decides a row by its present volts; returns by how many volts its class leads, NaN where there are none. */
  #read(row: number, state: Float64Array): number {
    const [volts, at] = [this.#volts, row * this.#solver.size];
    for (let c = 0; c < volts.length; c += 1) volts[c] = state[at + this.#outputs[c]!]!;
    const best = argmax(volts);
    this.#decided[row] = Number.isNaN(volts[0]!) ? -1 : best;
    let second = Number.NEGATIVE_INFINITY;
    for (let c = 0; c < volts.length; c += 1) if (c !== best) second = Math.max(second, volts[c]!);
    return volts[best]! - second;
  }
}

/** Rows that lie far apart, one after the other the farthest from those before it, and to every row the nearest of them. */
function spread(volts: Float64Array, rows: number, size: number) {
  const count = Math.min(rows, MOST_FIRST, Math.ceil(FIRST_SHARE * rows));
  const first = new Int32Array(count);
  const near = new Int32Array(rows);
  const squares = new Float64Array(rows).fill(Number.POSITIVE_INFINITY);
  for (let k = 0, next = 0; k < count; k += 1) {
    first[k] = next;
    for (let row = 0; row < rows; row += 1) {
      let square = 0;
      for (let i = 0; i < size; i += 1) square += (volts[row * size + i]! - volts[next * size + i]!) ** 2;
      if (!(square < squares[row]!)) continue;
      squares[row] = square;
      near[row] = next;
    }
    next = argmax(squares);
  }
  return { first: first.sort(), near };
}
