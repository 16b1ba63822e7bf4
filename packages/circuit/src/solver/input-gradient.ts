import type { FlatCircuit } from '../ir/flatten.ts';
import type { DrainCurrent } from './device.ts';
import type { SlotTables } from './equations.ts';
import type { Transistors } from './transistors.ts';

/** A circuit's equations at its present values. */
interface Equations extends Pick<SlotTables, 'resistors' | 'transistors' | 'opamps'> {
  readonly conductances: Float64Array;
  readonly devices: Transistors;
}

/**
 * Adds −λᵀ·∂F/∂v of every input to `gradient` [inputs]: what reaches the equations F of the unknown nodes straight from an input, by a
 * resistor, a transistor or an op-amp. `lambda` by node, and by row of the matrix.
 */
export function addInputGradient(
  { inputs, driven, unknowns, opamps }: FlatCircuit,
  { resistors, transistors, opamps: slots, conductances, devices }: Equations,
  volts: Float64Array,
  lambda: { readonly nodes: Float64Array; readonly rows: Float64Array },
  gradient: Float64Array,
): void {
  const first = unknowns.length + driven.length - inputs.length;
  const add = (node: number, by: number): void => {
    if (node >= first) gradient[node - first]! -= by;
  };
  conductances.forEach((g, i) => {
    const [a, b] = [resistors[6 * i]!, resistors[6 * i + 1]!];
    const by = g * (lambda.nodes[a]! - lambda.nodes[b]!);
    add(a, by);
    add(b, -by);
  });
  const out: DrainCurrent = { amperes: 0, byGate: 0, byDrain: 0, bySource: 0 };
  for (let i = 0, at = 0; at < transistors.length; i += 1, at += 9) {
    const [drain, gate, source] = [transistors[at]!, transistors[at + 1]!, transistors[at + 2]!];
    devices.evaluate(i, volts, out);
    const by = lambda.nodes[drain]! - lambda.nodes[source]!;
    add(drain, by * out.byDrain);
    add(gate, by * out.byGate);
    add(source, by * out.bySource);
  }
  opamps.forEach(({ plus, minus }, i) => {
    const by = lambda.rows[slots[7 * i + 3]!]!;
    add(plus, by);
    add(minus, -by);
  });
}
