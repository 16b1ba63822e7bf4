import type { Circuit, Device, Origin } from '@neuroprint/core';

/** `layer 0, input 2, column 1: crossbar`, as comments and messages say it. */
export function describeOrigin(origin: Origin): string {
  const row = origin.row === undefined ? '' : `, input ${origin.row}`;
  const column = origin.column === undefined ? '' : `, column ${origin.column}`;
  return `layer ${origin.layer}${row}${column}: ${origin.role}`;
}

function printDevice(device: Device): string {
  if (device.kind === 'resistor') return `${device.name} ${device.nodes.join(' – ')} ${device.ohms} ohms`;
  const values = Object.entries(device.values).map(([name, value]) => `${name}=${value}`);
  return `${device.name} ${device.cell}(${device.input} → ${device.output}) ${values.join(' ')}`;
}

/** A circuit as text, one device a line with what it was made for. */
export function printCircuit(circuit: Circuit): string {
  return [
    `circuit ${circuit.name} in ${circuit.technology}`,
    `inputs ${circuit.inputs.join(' ')}`,
    ...circuit.devices.map((device) => `  ${printDevice(device)}  ; ${describeOrigin(device.origin)}`),
    `outputs ${circuit.outputs.map((node, i) => `${node}=${circuit.classes[i]}`).join(' ')}`,
    '',
  ].join('\n');
}
