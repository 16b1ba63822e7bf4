import { componentValues, type FlatCircuit } from '../../ir/flatten.ts';
import type { SeriesVolts } from '../../variation/series.ts';
import { ExactSolver } from '../exact-solver.ts';
import { isForPorts, PortSolver } from '../port-solver.ts';
import { hasSolverKernel } from './kernel.ts';
import { LaneKernel } from './lanes.ts';
import { BATCH_ROWS, isForKernel } from './layout.ts';

/** Who solves: the WebAssembly kernel, or the plain solver, which is its oracle and stands in where there is no SIMD, and for circuits that are too large for it. */
export type SolverKind = 'simd' | 'typescript';

/** `simd` where this machine has it. */
export function defaultSolver(): SolverKind {
  return hasSolverKernel() ? 'simd' : 'typescript';
}

/** What is asked of the gradient. */
export interface AdjointRequest {
  /** Writes ∂L/∂v of every unknown node at a solved row, whose state is the new one; false where the row has no loss. */
  seed(row: number, byNode: Float64Array): boolean;
  /** Takes ∂L/∂value [components], summed over the rows; of an infinite resistance the derivative is by its conductance. */
  readonly gradient: Float64Array;
  /** Each row by itself: `gradient` is row-major [chosen rows × components]. */
  readonly byRow?: boolean;
}

/**
 * The exact operating points of many rows: the same equations and the same answers as ExactSolver, within 1e-10 V. Every row
 * is solved by itself from its own state, so that its bits depend neither on the rows beside it nor on their order. A row that
 * the kernel cannot solve goes to ExactSolver, which ramps the sources up.
 */
export class BatchSolver {
  readonly flat: FlatCircuit;
  readonly size: number;
  readonly kind: SolverKind;
  readonly #kernel: LaneKernel | undefined;
  readonly #even: Float64Array;
  readonly #odd: Float64Array;
  /** Of circuits that are too large for the kernel, and nearly linear. */
  readonly #ports: PortSolver | undefined;
  #exact: ExactSolver | undefined;
  #elsewhere: Uint8Array | undefined;
  #values: Float64Array = new Float64Array(0);
  #series: SeriesVolts | undefined;
  /** Rows 0, 1, 2, … of the table that was solved last as a whole. */
  #all = new Int32Array(0);
  /** Whether the kernel's tables hold all devices. */
  #isInside = true;
  /** Whether #exact has #values and #series. */
  #current = false;

  constructor(flat: FlatCircuit, kind: SolverKind = defaultSolver()) {
    this.flat = flat;
    this.size = flat.unknowns.length;
    const isTooLarge = kind === 'simd' && !isForKernel(flat);
    this.kind = isTooLarge ? 'typescript' : kind;
    this.#ports = isTooLarge && isForPorts(flat) ? new PortSolver(flat) : undefined;
    this.#kernel = this.kind === 'simd' ? new LaneKernel(flat) : undefined;
    this.#even = new Float64Array(this.size);
    this.#odd = new Float64Array(this.size);
  }

  /** Rows that the kernel left to ExactSolver. */
  fallbacks = 0;

  /** Newton steps since the solver was made. */
  get iterations(): number {
    return (this.#kernel?.iterations ?? 0) + (this.#exact?.iterations ?? 0);
  }

  /** Memory of the kernel in bytes. */
  get kernelBytes(): number {
    return this.#kernel?.bytes ?? 0;
  }

  /** Has resistors that are marked [resistors] stand at their other nodes from now on; values are to be set anew. */
  place(elsewhere: Uint8Array): void {
    this.#elsewhere = elsewhere.slice();
    this.#exact = undefined;
    this.#kernel?.place(elsewhere);
  }

  /** Takes the component values (ohms, metres; an infinite resistance is an open circuit). The vector is copied. */
  setValues(values: Float64Array): void {
    this.#values = values.slice();
    this.#current = false;
    this.#isInside = this.#kernel?.setValues(this.#values) ?? true;
    this.#ports?.setValues(this.#values);
  }

  /** Takes what is in series with the stages' outputs from now on; undefined: nothing. Rows are those of the table solved. */
  setSeries(series: SeriesVolts | undefined): void {
    this.#series = series;
    this.#current = false;
    this.#kernel?.setSeries(series);
  }

  /**
   * From now on rows are good enough where no voltage moves by more volts in a step; undefined: exact, as at first. Rows that go to
   * ExactSolver are always exact.
   */
  setTolerance(volts: number | undefined): void {
    this.#kernel?.setTolerance(volts);
  }

  /** A state for so many rows that says nothing yet: the first solve of each row is a cold start. */
  newState(rows: number): Float64Array {
    return new Float64Array(rows * this.size).fill(Number.NaN);
  }

  /** Solves rows 0 to rows − 1; see solveRows. */
  solve(inputVolts: Float64Array, rows: number, state: Float64Array): number[] {
    if (this.#all.length !== rows) this.#all = Int32Array.from({ length: rows }, (_, i) => i);
    return this.solveRows(inputVolts, this.#all, state);
  }

  /**
   * Solves the chosen rows. `inputVolts` [rows × inputs] and `state` [rows × unknowns] are read at each row; the state's row is
   * the start (NaN: cold) and becomes the solution, or NaN where no operating point was found: those rows are returned.
   * With `adjoint`, the gradients of the solved rows are added to its gradient.
   */
  solveRows(inputVolts: Float64Array, chosen: Int32Array, state: Float64Array, adjoint?: AdjointRequest): number[] {
    const failed: number[] = [];
    const kernel = this.#isInside ? this.#kernel : undefined;
    if (kernel === undefined) {
      chosen.forEach((row, k) => {
        if (!this.#solveExactly(inputVolts, row, k, state, adjoint)) failed.push(row);
      });
      return failed;
    }
    kernel.clearGradient();
    for (let from = 0; from < chosen.length; from += BATCH_ROWS)
      this.#solveBatch(kernel, inputVolts, chosen, from, state, adjoint, failed);
    if (adjoint !== undefined && adjoint.byRow !== true) kernel.addLanes(adjoint.gradient);
    return failed;
  }

  #solveBatch(
    kernel: LaneKernel,
    inputVolts: Float64Array,
    chosen: Int32Array,
    from: number,
    state: Float64Array,
    adjoint: AdjointRequest | undefined,
    failed: number[],
  ): void {
    const { size } = this;
    const rows = chosen.subarray(from, from + BATCH_ROWS);
    const inputs = this.flat.inputs.length;
    const { rowInputs, rowState, rowStatus, rowVolts } = kernel;
    const sources = this.flat.sources.length;
    for (let k = 0; k < rows.length; k += 1) {
      const row = rows[k]!;
      for (let i = 0; i < inputs; i += 1) rowInputs[k * inputs + i] = inputVolts[row * inputs + i]!;
      for (let i = 0; i < size; i += 1) rowState[k * size + i] = state[row * size + i]!;
      this.#series?.atRow(row, rowVolts.subarray(k * sources, (k + 1) * sources));
    }
    kernel.solve(rows.length, adjoint !== undefined);
    for (let k = 0; k < rows.length; k += 1) {
      const row = rows[k]!;
      if (rowStatus[k] === 0) {
        this.fallbacks += 1;
        if (!this.#solveExactly(inputVolts, row, from + k, state, adjoint)) failed.push(row);
        continue;
      }
      for (let i = 0; i < size; i += 1) state[row * size + i] = rowState[k * size + i]!;
    }
    if (adjoint === undefined) return;
    const seeded = (k: number, byNode: Float64Array): Float64Array | undefined =>
      k < rows.length && rowStatus[k] === 1 && adjoint.seed(rows[k]!, byNode.fill(0)) ? byNode : undefined;
    for (let k = 0; k < rows.length; k += 2) {
      const even = seeded(k, this.#even);
      const odd = seeded(k + 1, this.#odd);
      if (even === undefined && odd === undefined) continue;
      kernel.addGradients(k / 2, even, odd);
      if (adjoint.byRow !== true) continue;
      if (even !== undefined) kernel.addLane(0, this.#gradientOf(adjoint, from + k));
      if (odd !== undefined) kernel.addLane(1, this.#gradientOf(adjoint, from + k + 1));
      kernel.clearGradient();
    }
  }

  /** Where the gradient of the k-th chosen row is added. */
  #gradientOf({ gradient, byRow }: AdjointRequest, k: number): Float64Array {
    const width = this.flat.components.length;
    return byRow === true ? gradient.subarray(k * width, (k + 1) * width) : gradient;
  }

  #solveExactly(
    inputVolts: Float64Array,
    row: number,
    k: number,
    state: Float64Array,
    adjoint: AdjointRequest | undefined,
  ): boolean {
    const ports = adjoint === undefined && this.#elsewhere === undefined ? this.#ports : undefined;
    if (ports?.solveRow(inputVolts, row, state) === true) return true;
    this.#exact ??= new ExactSolver(placed(this.flat, this.#elsewhere));
    if (!this.#current) {
      this.#exact.setValues(this.#values);
      this.#exact.setSeries(this.#series);
    }
    this.#current = true;
    if (!this.#exact.solveRow(inputVolts, row, state)) return false;
    if (adjoint?.seed(row, this.#even.fill(0)) === true)
      this.#exact.addGradient(this.#even, this.#gradientOf(adjoint, k));
    return true;
  }
}

/** The circuit with marked resistors at their other nodes. */
function placed(flat: FlatCircuit, elsewhere: Uint8Array | undefined): FlatCircuit {
  if (elsewhere === undefined) return flat;
  const resistors = flat.resistors.map(({ otherNodes, ...resistor }, i) =>
    elsewhere[i] === 1 && otherNodes !== undefined ? { ...resistor, nodes: otherNodes } : resistor,
  );
  return { ...flat, resistors };
}

/** The operating points of all rows at the nominal values, row-major [rows × unknowns]; NaN where a row has none. */
export function solvedRows(flat: FlatCircuit, inputVolts: Float64Array, rows: number): Float64Array {
  const solver = new BatchSolver(flat);
  solver.setValues(componentValues(flat));
  const state = solver.newState(rows);
  solver.solve(inputVolts, rows, state);
  return state;
}
