import { ExactSolver, type Technology } from '@neuroprint/circuit';
import { NeuroprintError, type NodeTable } from '@neuroprint/core';
import { flatOf, type Subject } from './subject.ts';

/** A circuit has no operating point at a row, so that nothing can be said of it. */
export class NoOperatingPointError extends NeuroprintError {
  override readonly exitCode = 1;
}

/** All rows of a circuit by the exact solver, at any component values. */
export class ExactRows {
  readonly solver: ExactSolver;
  readonly #inputVolts: Float64Array;
  readonly #rows: number;
  readonly #state: Float64Array;

  constructor(
    circuit: Subject,
    technology: Technology,
    cases: { readonly inputVolts: Float64Array; readonly rows: number },
  ) {
    this.solver = new ExactSolver(flatOf(circuit, technology));
    this.#inputVolts = cases.inputVolts;
    this.#rows = cases.rows;
    this.#state = this.solver.newState(cases.rows);
  }

  /**
   * Volts of every unknown node, row-major [rows × nodes]; the table is overwritten by the next call. `onRow` sees the solver
   * after each row. Throws NoOperatingPointError with the row.
   */
  at(values: Float64Array, onRow?: (solver: ExactSolver) => void): NodeTable {
    this.solver.setValues(values);
    for (let row = 0; row < this.#rows; row += 1) {
      const { size } = this.solver;
      if (row > 0 && Number.isNaN(this.#state[row * size]!))
        this.#state.copyWithin(row * size, (row - 1) * size, row * size);
      if (!this.solver.solveRow(this.#inputVolts, row, this.#state))
        throw new NoOperatingPointError(
          `The exact solver found no operating point for row ${row}.`,
          'Run lvs: a node that floats or a value that was changed does this.',
        );
      onRow?.(this.solver);
    }
    return { nodes: this.solver.flat.unknowns, rows: this.#rows, volts: this.#state };
  }
}
