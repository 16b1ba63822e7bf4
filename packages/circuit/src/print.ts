import type { Circuit, Device, Origin } from '@neuroprint/core';

/** `layer 0, row 2, column 1: crossbar resistor`; layer, row and column count from 0. */
export function describeOrigin(origin: Origin): string {
  const what = {
    crossbar: 'crossbar resistor',
    bias: 'bias resistor',
    'pull-down': 'pull-down resistor',
    falling: 'falling stage (negative weight)',
    activation: 'activation stage',
  }[origin.role];
  const row = origin.row === undefined ? '' : `, row ${origin.row}`;
  const column = origin.column === undefined ? '' : `, column ${origin.column}`;
  return `layer ${origin.layer}${row}${column}: ${what}`;
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
