import type { FlatCircuit } from '../ir/flatten.ts';
import { type DrainCurrent, drainCurrent } from './device.ts';

/** Static watts of every element of a flat circuit at one row. */
export interface ElementWatts {
  readonly resistors: Float64Array;
  readonly transistors: Float64Array;
  readonly opamps: Float64Array;
}

/**
 * Where the power goes, element by element: V²/R, I·V of the channels, and of an op-amp what it takes from its rails and does not pass on.
 * `values` are the component values, `volts` those of the unknown nodes and `inputVolts` those of the inputs at a solved row. The sum is
 * `ExactSolver.power()`.
 */
export function elementWatts(
  flat: FlatCircuit,
  values: Float64Array,
  volts: Float64Array,
  inputVolts: Float64Array,
): ElementWatts {
  const v = Float64Array.of(...volts, ...flat.supplyVolts, ...inputVolts);
  const out: DrainCurrent = { amperes: 0, byGate: 0, byDrain: 0 };
  const given = new Float64Array(v.length);
  const { card, opamp } = flat.technology;
  const resistors = Float64Array.from(flat.resistors, ({ nodes: [a, b], component }) => {
    const drop = v[a]! - v[b]!;
    const current = drop / values[component]!;
    given[a]! += current;
    given[b]! -= current;
    return current * drop;
  });
  const transistors = Float64Array.from(flat.transistors, ({ drain, gate, source, width, length }) => {
    drainCurrent(card, v[gate]!, v[drain]!, v[source]!, out);
    const current = (out.amperes * values[width]!) / values[length]!;
    given[drain]! += current;
    given[source]! -= current;
    return current * (v[drain]! - v[source]!);
  });
  const opamps = Float64Array.from(flat.opamps, ({ output }) => {
    if (opamp === undefined) return 0;
    const rail = given[output]! > 0 ? opamp.highVolts : opamp.lowVolts;
    return given[output]! * (rail - v[output]!) + opamp.quiescentAmperes * (opamp.highVolts - opamp.lowVolts);
  });
  return { resistors, transistors, opamps };
}
