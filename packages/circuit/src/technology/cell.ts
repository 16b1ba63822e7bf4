import { flatten } from '../ir/flatten.ts';
import { DrivenPower } from '../solver/driven-power.ts';
import { ExactSolver } from '../solver/exact-solver.ts';
import { BatchSolver } from '../solver/kernel/batch-solver.ts';
import type { Cell, Technology } from './technology.ts';

/** The unloaded transfer curve and the power of one cell by the exact solvers. */
export class CellSolver {
  readonly #solver: ExactSolver;
  readonly #output: number;
  #batch: { readonly solver: BatchSolver; readonly power: DrivenPower } | undefined;

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
    const { solver, power } = this.#withPower();
    solver.setValues(values);
    power.setValues(values);
    const failed = solver.solve(inputVolts, inputVolts.length, states);
    const watts = new Float64Array(inputVolts.length);
    for (let row = 0; row < watts.length; row += 1) {
      power.setRow(row, states, inputVolts);
      watts[row] = power.watts();
    }
    for (const row of failed) watts[row] = Number.NaN;
    return watts;
  }

  /**
   * Σ weight·∂watts/∂value of the cell's parameters over the input volts, watts per ohm or metre; volts whose weight is 0 are not
   * asked for. `states` as in `watts`.
   */
  wattsGradient(
    values: Float64Array,
    inputVolts: Float64Array,
    weights: Float64Array,
    states = this.newStates(inputVolts.length),
  ): Float64Array {
    const { solver, power } = this.#withPower();
    solver.setValues(values);
    power.setValues(values);
    const gradient = new Float64Array(values.length);
    const seed = (row: number, byNode: Float64Array): boolean => {
      power.setRow(row, states, inputVolts);
      power.addNodeGradient(weights[row]!, byNode);
      power.addValueGradient(weights[row]!, gradient);
      return true;
    };
    const asked = Int32Array.from(weights.keys()).filter((row) => weights[row] !== 0);
    const failed = solver.solveRows(inputVolts, asked, states, { seed, gradient });
    return failed.length === 0 ? gradient : gradient.fill(Number.NaN);
  }

  /** States for so many input volts that say nothing. */
  newStates(count: number): Float64Array {
    return this.#solver.newState(count);
  }

  /** Made when it is first asked for: most cells are only asked for their curve. */
  #withPower() {
    const { flat } = this.#solver;
    this.#batch ??= { solver: new BatchSolver(flat), power: new DrivenPower(flat) };
    return this.#batch;
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
