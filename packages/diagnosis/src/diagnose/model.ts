import { ExactSolver, type FlatCircuit } from '@neuroprint/circuit';
import type { Latent } from './latent.ts';

/** Where a sheet was measured: the volts that were applied, and the nodes that were read at each row. */
export interface SheetCells {
  /** Row-major [rows × inputs]. */
  readonly inputVolts: Float64Array;
  readonly rows: number;
  /** Row and node of every measurement; nodes by name, rows ascending. */
  readonly cells: readonly { readonly row: number; readonly node: string }[];
}

/** A value that a fault adds to a circuit: fixed, or a multiple of what the component `from` came out as. */
export interface AddedValue {
  readonly value: number;
  readonly from?: number | undefined;
  readonly factor?: number;
}

/** A circuit that may be what is on the bench: the volts of measured cells as functions of what printing left to chance. */
export class SheetModel {
  readonly flat: FlatCircuit;
  readonly sheet: SheetCells;
  readonly #latent: Latent;
  readonly #added: readonly AddedValue[];
  readonly #solver: ExactSolver;
  readonly #state: Float64Array;
  /** The state at z = 0, once it was asked for. */
  #nominal: Float64Array | undefined;
  /** By row: the unknown of each of its cells, and which cell it is. */
  readonly #byRow: readonly (readonly { readonly unknown: number; readonly cell: number }[])[];
  readonly #values: Float64Array;
  readonly #byNode: Float64Array;
  readonly #byValue: Float64Array;
  readonly #byZ: Float64Array;

  /** `added`: the components of `flat` after those of the good circuit. */
  constructor(flat: FlatCircuit, latent: Latent, added: readonly AddedValue[], sheet: SheetCells) {
    this.flat = flat;
    this.sheet = sheet;
    this.#latent = latent;
    this.#added = added;
    this.#solver = new ExactSolver(flat);
    this.#state = this.#solver.newState(sheet.rows);
    const byRow: { unknown: number; cell: number }[][] = Array.from({ length: sheet.rows }, () => []);
    sheet.cells.forEach(({ row, node }, cell) => {
      byRow[row]!.push({ unknown: flat.unknowns.indexOf(node), cell });
    });
    this.#byRow = byRow;
    this.#values = new Float64Array(flat.components.length);
    this.#byNode = new Float64Array(flat.unknowns.length);
    this.#byValue = new Float64Array(flat.components.length);
    this.#byZ = new Float64Array(latent.count);
  }

  /** Forgets what was solved: all that follows has the same bits whatever was before. */
  restart(): void {
    if (this.#nominal === undefined) {
      this.#state.fill(Number.NaN);
      this.at(new Float64Array(this.#latent.count), new Float64Array(this.sheet.cells.length));
      this.#nominal = this.#state.slice();
    }
    this.#state.set(this.#nominal);
  }

  /** Component values at z, in ohms, metres and the units of laws; overwritten by the next call. */
  values(z: Float64Array): Float64Array {
    const values = this.#values;
    this.#latent.values(z, values);
    for (const [i, { value, from, factor = 1 }] of this.#added.entries())
      values[this.#latent.components + i] = from === undefined ? value : factor * values[from]!;
    return values;
  }

  /**
   * Writes the volts of every cell at z, and, where `jacobian` [cells × z] is given, their derivatives. Returns false where a row has no
   * operating point.
   */
  at(z: Float64Array, volts: Float64Array, jacobian?: Float64Array): boolean {
    const { count } = this.#latent;
    const values = this.values(z);
    this.#solver.setValues(values);
    const { inputVolts } = this.sheet;
    for (const [row, cells] of this.#byRow.entries()) {
      this.#startOf(row);
      if (!this.#solver.solveRow(inputVolts, row, this.#state)) return false;
      for (const { unknown, cell } of cells) {
        volts[cell] = this.#state[row * this.#solver.size + unknown]!;
        if (jacobian === undefined) continue;
        this.#byNode.fill(0)[unknown] = 1;
        this.#byValue.fill(0);
        this.#solver.addGradient(this.#byNode, this.#byValue);
        this.#tie();
        this.#latent.chain(z, values, this.#byValue, this.#byZ);
        jacobian.set(this.#byZ, cell * count);
      }
    }
    return true;
  }

  /** A row that was not solved yet starts from the one before it. */
  #startOf(row: number): void {
    const { size } = this.#solver;
    if (row > 0 && Number.isNaN(this.#state[row * size]!))
      this.#state.copyWithin(row * size, (row - 1) * size, row * size);
  }

  /** What an added value does is done by the component that it is a multiple of. */
  #tie(): void {
    const { components } = this.#latent;
    for (let i = this.#added.length - 1; i >= 0; i -= 1) {
      const { from, factor = 1 } = this.#added[i]!;
      if (from !== undefined) this.#byValue[from]! += factor * this.#byValue[components + i]!;
    }
  }
}
