import type { OpampDevice, Regression } from '@neuroprint/core';

/** The stages of one kind in a layer: one instance per place, values in the order of the cell's parameters (ohms, metres). */
export interface StageRow {
  readonly cell: string;
  readonly values: readonly Float64Array[];
}

/** Who serves the negative entries of a column: one op-amp all of them, or each one of its own. */
export const NEGATIVE_FORMS = ['column', 'entry'] as const;
export type NegativeForm = (typeof NEGATIVE_FORMS)[number];

/**
 * The op-amps of a layer with signed conductances. An entry of −1/R_i is a resistor R_i to the − input of its op-amp, whose + input is
 * the column; with R_f (feedback) and R (drive) of the column it is the conductance −R_f/(R·R_i) at the node.
 */
export interface Negatives {
  readonly model: OpampDevice['model'];
  readonly form: NegativeForm;
  readonly feedbackOhms: Float64Array;
  readonly driveOhms: Float64Array;
}

/**
 * A layer on its way to print. `siemens` is row-major [inputs + 2 × columns]: inputs, bias, pull-down; the sign says whether
 * the entry passes the falling stage of its input (or, with `negatives`, its op-amp), zero is no resistor.
 */
export interface Layer {
  readonly inputs: number;
  readonly columns: number;
  readonly siemens: Float64Array;
  readonly falling: StageRow;
  /** Without values where the columns are the outputs themselves. */
  readonly activation: StageRow;
  /** Every negative entry has a falling stage of its own; false: one serves all columns. */
  readonly invertersPerEntry: boolean;
  /** Of a layer with the node rule `kirchhoff`; it has no falling stages. */
  readonly negatives?: Negatives;
}

/** A circuit's values in the shape of the network: what the passes hand on between the network and the named devices. */
export interface Layered {
  readonly layers: readonly Layer[];
  /** By what the output is read, where that is no longer the network's own line. */
  readonly line?: Regression;
}

/** Whether a layer's columns are its outputs themselves. */
export function isLinear({ activation }: Layer): boolean {
  return activation.values.length === 0;
}

/** The rows of a column with negative entries, ascending. */
export function negativeRows({ siemens, columns }: Layer, column: number): number[] {
  return Array.from({ length: siemens.length / columns }, (_, row) => row).filter(
    (row) => siemens[row * columns + column]! < 0,
  );
}

/** The columns that take an input negated by a falling stage, ascending. */
export function invertedColumns({ siemens, columns, negatives }: Layer, input: number): number[] {
  if (negatives !== undefined) return [];
  return Array.from({ length: columns }, (_, column) => column).filter(
    (column) => siemens[input * columns + column]! < 0,
  );
}

/** Whether an input's falling stage is printed: some column takes the input negated. */
export function isInverted(layer: Layer, input: number): boolean {
  return invertedColumns(layer, input).length > 0;
}

/** How many falling stages a layer has. */
export function fallingStages(layer: Layer): number {
  let count = 0;
  for (let input = 0; input < layer.inputs; input += 1) {
    const columns = invertedColumns(layer, input).length;
    count += layer.invertersPerEntry ? columns : Math.min(1, columns);
  }
  return count;
}
