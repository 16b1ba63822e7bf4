import { conductances, conductorCount, conductorNodes } from '../ir/conductors.ts';
import type { FlatCircuit } from '../ir/flatten.ts';
import type { DrainCurrent } from './device.ts';
import { Transistors } from './transistors.ts';

/** Static watts of every element of a flat circuit at one row. */
interface ElementWatts {
  readonly resistors: Float64Array;
  readonly transistors: Float64Array;
  readonly opamps: Float64Array;
  readonly lines: Float64Array;
}

/** The watts of a row, given the volts of the unknown nodes and those of the inputs. They stand where those of the row before stood. */
type WattsOfRow = (volts: Float64Array, inputVolts: Float64Array) => ElementWatts;

/**
 * Where the power goes, element by element: V²/R, I·V of the channels with what their contacts and gates take, and of an op-amp what it takes from its rails and does not pass on.
 * `values` are the component values. The sum of a solved row is `ExactSolver.power()`.
 */
export function elementWatts(flat: FlatCircuit, values: Float64Array): WattsOfRow {
  const { technology, unknowns, supplyVolts } = flat;
  const siemens = new Float64Array(conductorCount(flat));
  conductances(flat, values, siemens);
  const conductors = conductorNodes(flat);
  const [lines, leaks] = [flat.lines?.length ?? 0, flat.leaks.length];
  const devices = new Transistors(flat);
  devices.setValues(values);
  const v = new Float64Array(unknowns.length + flat.driven.length);
  v.set(supplyVolts, unknowns.length);
  const given = new Float64Array(v.length);
  const current: DrainCurrent = { amperes: 0, byGate: 0, byDrain: 0, bySource: 0 };
  const watts = {
    resistors: new Float64Array(flat.resistors.length),
    transistors: new Float64Array(flat.transistors.length),
    opamps: new Float64Array(flat.opamps.length),
    lines: new Float64Array(lines),
  };
  const conducted = (i: number): number => {
    const [a, b] = conductors[i]!;
    const drop = v[a]! - v[b]!;
    const amperes = drop * siemens[i]!;
    given[a]! += amperes;
    given[b]! -= amperes;
    return amperes * drop;
  };
  return (volts, inputVolts) => {
    v.set(volts);
    v.set(inputVolts, unknowns.length + supplyVolts.length);
    given.fill(0);
    const { resistors, transistors, opamps } = watts;
    for (let i = 0; i < resistors.length; i += 1) resistors[i] = conducted(i);
    flat.transistors.forEach(({ drain, source }, i) => {
      devices.evaluate(i, v, current);
      given[drain]! += current.amperes;
      given[source]! -= current.amperes;
      transistors[i] = current.amperes * (v[drain]! - v[source]!);
    });
    flat.leaks.forEach(({ transistor }, i) => {
      transistors[transistor]! += conducted(resistors.length + i);
    });
    for (let i = 0; i < lines; i += 1) watts.lines[i] = conducted(resistors.length + leaks + i);
    const { opamp } = technology;
    flat.opamps.forEach(({ output }, i) => {
      if (opamp === undefined) return;
      const rail = given[output]! > 0 ? opamp.highVolts : opamp.lowVolts;
      opamps[i] = given[output]! * (rail - v[output]!) + opamp.quiescentAmperes * (opamp.highVolts - opamp.lowVolts);
    });
    return watts;
  };
}

/** Σ I·V over the devices, given volts of all nodes, ends and siemens of the conductors, amperes of the channels and those left over at every node. */
export function staticWatts(
  flat: FlatCircuit,
  volts: Float64Array,
  conductors: readonly (readonly [number, number])[],
  siemens: Float64Array,
  amperes: Float64Array,
  residual: Float64Array,
): number {
  let watts = 0;
  for (let i = 0; i < conductors.length; i += 1) {
    const [a, b] = conductors[i]!;
    watts += siemens[i]! * (volts[a]! - volts[b]!) ** 2;
  }
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
