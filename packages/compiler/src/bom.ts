import { describeOrigin, deviceNodes, flatten, type Technology } from '@neuroprint/circuit';
import type { Circuit, Manifest } from '@neuroprint/core';

/** bom.csv: one line for each value that is printed. */
export function billOfMaterials(circuit: Circuit, technology: Technology): string {
  const lines = ['device,parameter,value,unit,from,to,origin'];
  const ends = new Map(circuit.devices.map((device) => [device.name, deviceNodes(device)]));
  for (const { device, parameter, value, unit, origin } of flatten(circuit, technology).components) {
    const [from = '', to = ''] = ends.get(device)!;
    lines.push(
      [device, parameter === 'ohms' ? 'R' : parameter, value, unit, from, to, `"${describeOrigin(origin)}"`].join(','),
    );
  }
  return `${lines.join('\n')}\n`;
}

/** How many components a circuit has, down to resistors and transistors, and Σ W·L of the transistor channels. */
export function countComponents(
  circuit: Circuit,
  technology: Technology,
): Pick<Manifest, 'components' | 'areaSquareMetres'> {
  const flat = flatten(circuit, technology);
  return {
    components: {
      resistors: flat.resistors.length,
      crossbarResistors: circuit.devices.filter((device) => device.kind === 'resistor').length,
      transistors: flat.transistors.length,
      opamps: flat.opamps.length,
    },
    areaSquareMetres: flat.transistors.reduce(
      (sum, { width, length }) => sum + flat.components[width]!.value * flat.components[length]!.value,
      0,
    ),
  };
}
