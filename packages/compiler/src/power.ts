import { componentValues, elementWatts, flatten, type Technology } from '@neuroprint/circuit';
import type { Circuit, Manifest } from '@neuroprint/core';
import type { Solution } from './ladder.ts';

type Block = keyof Manifest['wattsByLayer'][number];

/** Static watts of every layer by block, mean over the rows of a solution. */
export function wattsByLayer(
  circuit: Circuit,
  technology: Technology,
  inputVolts: Float64Array,
  solution: Solution,
): Manifest['wattsByLayer'] {
  const flat = flatten(circuit, technology);
  const layers = Math.max(...circuit.devices.map(({ origin }) => origin.layer)) + 1;
  const watts = Array.from({ length: layers }, () => ({ crossbar: 0, falling: 0, activation: 0, opamps: 0 }));
  const rows = solution.volts.length / flat.unknowns.length;
  const inputs = circuit.inputs.length;
  const place = (component: number): readonly [number, Block] => {
    const { layer, role } = flat.components[component]!.origin;
    return [layer, role === 'falling' || role === 'activation' ? role : 'crossbar'];
  };
  const opampLayer = new Map(circuit.devices.map(({ name, origin }) => [name, origin.layer]));
  const add = ([layer, block]: readonly [number, Block], value: number): void => {
    watts[layer]![block] += value / rows;
  };
  const wattsOf = elementWatts(flat, componentValues(flat));
  const [ofResistors, ofTransistors] = [
    flat.resistors.map(({ component }) => place(component)),
    flat.transistors.map(({ width }) => place(width)),
  ];
  for (let row = 0; row < rows; row += 1) {
    const { resistors, transistors, opamps } = wattsOf(
      solution.volts.subarray(row * flat.unknowns.length, (row + 1) * flat.unknowns.length),
      inputVolts.subarray(row * inputs, (row + 1) * inputs),
    );
    for (let i = 0; i < resistors.length; i += 1) add(ofResistors[i]!, resistors[i]!);
    for (let i = 0; i < transistors.length; i += 1) add(ofTransistors[i]!, transistors[i]!);
    flat.opamps.forEach(({ name }, i) => {
      add([opampLayer.get(name.split('.')[0]!)!, 'opamps'], opamps[i]!);
    });
  }
  return watts;
}
