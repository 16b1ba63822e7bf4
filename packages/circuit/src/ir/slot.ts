/** Where the values of a device stand in the layers that a circuit was made of. */
export interface Slot {
  readonly layer: number;
  readonly where: 'crossbar' | 'feedback' | 'drive' | 'falling' | 'activation';
  /** In the crossbar row · columns + column, of a falling stage its input, else the column. */
  readonly at: number;
}

/** The slot of one value: `parameter` counts in the cell's order, and is 0 of a resistance. */
export interface ValueSlot extends Slot {
  readonly parameter: number;
}

/**
 * Adds ∂L/∂ln of every entry of a vector that components take their values from, given ∂L/∂value of the components at `values` (ohms,
 * metres). `owners[k]` is the entry of component k; −1: its value is none of the vector's. Of an absent resistor, whose value is infinite,
 * ∂L/∂conductance is given and added as it is.
 */
export function addByLog(owners: Int32Array, byValue: Float64Array, values: Float64Array, byLog: Float64Array): void {
  for (let k = 0; k < owners.length; k += 1) {
    const entry = owners[k]!;
    if (entry < 0) continue;
    byLog[entry]! += Number.isFinite(values[k]!) ? byValue[k]! * values[k]! : byValue[k]!;
  }
}
