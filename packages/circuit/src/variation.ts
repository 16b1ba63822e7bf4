import type { Draws } from '@neuroprint/core';
import type { FlatCircuit } from './flatten.ts';

/**
 * One printed copy of a circuit: every component value times 1 + s·u, u uniform in [−1, 1], each with its own draw; of a
 * crossbar resistor the conductance is what varies. `index` names the copy; component k uses draw k of it, so that any
 * simulator that is given the copy's values simulates the same circuit.
 */
export function variedValues(
  flat: FlatCircuit,
  values: Float64Array,
  draws: Draws,
  index: number,
  relativeSpread: number,
  out: Float64Array,
): void {
  draws.fillUniform(index, out);
  for (let k = 0; k < out.length; k += 1) {
    const factor = 1 + relativeSpread * (2 * out[k]! - 1);
    out[k] = flat.components[k]!.parameter === 'ohms' ? values[k]! / factor : values[k]! * factor;
  }
}
