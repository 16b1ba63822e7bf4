import { flatten } from '../ir/flatten.ts';
import { ExactSolver } from '../solver/exact-solver.ts';
import type { Cell, Technology } from './technology.ts';

/** The unloaded transfer curve of one cell by the exact solver. */
export class CellSolver {
  readonly #solver: ExactSolver;
  readonly #output: number;

  constructor(technology: Technology, cell: Cell) {
    const origin = { role: cell.curve === 'falling' ? 'falling' : 'activation', layer: 0 } as const;
    const device = {
      kind: 'stage',
      name: 'cell',
      cell: cell.name,
      input: 'in',
      output: 'out',
      values: cell.typical,
      origin,
    } as const;
    this.#solver = new ExactSolver(flatten({ inputs: ['in'], devices: [device] }, technology));
    this.#output = this.#solver.flat.unknowns.indexOf('out');
  }

  /**
   * Output volts for each of the input volts. `values` in ohms and metres in the order of the cell's parameters.
   * A point without an operating point is NaN.
   */
  curve(values: Float64Array, inputVolts: Float64Array): Float64Array {
    this.#solver.setValues(values);
    const { size } = this.#solver;
    const state = this.#solver.newState(inputVolts.length);
    this.#solver.solve(inputVolts, inputVolts.length, state);
    return Float64Array.from(inputVolts, (_, row) => state[row * size + this.#output]!);
  }

  /**
   * Static power in watts at each of the input volts, all supplies and the input counted; NaN without an operating point. `states` are
   * where the solver starts at each of them, and become its solutions: see newStates.
   */
  watts(values: Float64Array, inputVolts: Float64Array, states = this.newStates(inputVolts.length)): Float64Array {
    const { size } = this.#solver;
    this.#solver.setValues(values);
    return inputVolts.map((_, row) => {
      const at = row * size;
      if (row > 0 && Number.isNaN(states[at]!)) states.copyWithin(at, at - size, at);
      return this.#solver.solveRow(inputVolts, row, states) ? this.#solver.power() : NaN;
    });
  }

  /** States for so many input volts that say nothing: each is then solved from the one before it. */
  newStates(count: number): Float64Array {
    return this.#solver.newState(count);
  }
}

/** By technology too: a corner has the cells of the technology that it is one of. */
const solvers = new WeakMap<Technology, Map<Cell, CellSolver>>();

/** `CellSolver.curve` with the solver of each cell kept. */
export function cellCurve(
  technology: Technology,
  cell: Cell,
  values: Float64Array,
  inputVolts: Float64Array,
): Float64Array {
  return solverOf(technology, cell).curve(values, inputVolts);
}

/** `CellSolver.watts` with the solver of each cell kept. */
export function cellWatts(
  technology: Technology,
  cell: Cell,
  values: Float64Array,
  inputVolts: Float64Array,
): Float64Array {
  return solverOf(technology, cell).watts(values, inputVolts);
}

/** The solver of a cell, made once. */
export function solverOf(technology: Technology, cell: Cell): CellSolver {
  const known = solvers.get(technology) ?? new Map<Cell, CellSolver>();
  solvers.set(technology, known);
  const solver = known.get(cell) ?? new CellSolver(technology, cell);
  known.set(cell, solver);
  return solver;
}
