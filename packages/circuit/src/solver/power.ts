import { conductances, conductorCount, conductorNodes } from '../ir/conductors.ts';
import type { FlatCircuit } from '../ir/flatten.ts';
import { type DrainCurrent, deviceLaw } from './device.ts';

/** Static watts of every element of a flat circuit at one row. */
export interface ElementWatts {
  readonly resistors: Float64Array;
  readonly transistors: Float64Array;
  readonly opamps: Float64Array;
  readonly lines: Float64Array;
}

/**
 * Where the power goes, element by element: V²/R, I·V of the channels with what their contacts and gates take, and of an op-amp what it takes from its rails and does not pass on.
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
  const out: DrainCurrent = { amperes: 0, byGate: 0, byDrain: 0, bySource: 0 };
  const given = new Float64Array(v.length);
  const { transistors: kinds, celsius, opamp } = flat.technology;
  const resistors = Float64Array.from(flat.resistors, ({ nodes: [a, b], component }) => {
    const drop = v[a]! - v[b]!;
    const current = drop / values[component]!;
    given[a]! += current;
    given[b]! -= current;
    return current * drop;
  });
  const transistors = Float64Array.from(
    flat.transistors,
    ({ model, drain, gate, source, width, length, parameters }) => {
      const own = Float64Array.from(parameters, (component) => values[component]!);
      const law = deviceLaw(kinds[model]!);
      law.evaluate(v[gate]!, v[drain]!, v[source]!, values[width]!, values[length]!, celsius, out, own);
      const current = out.amperes;
      given[drain]! += current;
      given[source]! -= current;
      return current * (v[drain]! - v[source]!);
    },
  );
  const siemens = new Float64Array(conductorCount(flat));
  conductances(flat, values, siemens);
  flat.leaks.forEach(({ nodes: [a, b], transistor }, i) => {
    const drop = v[a]! - v[b]!;
    const current = drop * siemens[flat.resistors.length + i]!;
    given[a]! += current;
    given[b]! -= current;
    transistors[transistor]! += current * drop;
  });
  const lines = Float64Array.from(flat.lines ?? [], ({ nodes: [a, b], siemens: g }) => {
    const drop = v[a]! - v[b]!;
    given[a]! += drop * g;
    given[b]! -= drop * g;
    return drop * drop * g;
  });
  const opamps = Float64Array.from(flat.opamps, ({ output }) => {
    if (opamp === undefined) return 0;
    const rail = given[output]! > 0 ? opamp.highVolts : opamp.lowVolts;
    return given[output]! * (rail - v[output]!) + opamp.quiescentAmperes * (opamp.highVolts - opamp.lowVolts);
  });
  return { resistors, transistors, opamps, lines };
}

/** Σ I·V over the devices, given volts of all nodes, siemens of the conductors, amperes of the channels and those left over at every node. */
export function staticWatts(
  flat: FlatCircuit,
  volts: Float64Array,
  siemens: Float64Array,
  amperes: Float64Array,
  residual: Float64Array,
): number {
  let watts = 0;
  conductorNodes(flat).forEach(([a, b], i) => {
    watts += siemens[i]! * (volts[a]! - volts[b]!) ** 2;
  });
  flat.transistors.forEach(({ drain, source }, i) => {
    watts += amperes[i]! * (volts[drain]! - volts[source]!);
  });
  const { opamp } = flat.technology;
  if (opamp === undefined) return watts;
  for (const { output } of flat.opamps) {
    const given = residual[output]!;
    const rail = given > 0 ? opamp.highVolts : opamp.lowVolts;
    watts += given * (rail - volts[output]!) + opamp.quiescentAmperes * (opamp.highVolts - opamp.lowVolts);
  }
  return watts;
}
