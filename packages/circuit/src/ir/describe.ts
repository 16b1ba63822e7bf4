import type { Circuit, Device, Origin } from '@neuroprint/core';

/** Where in a network something stands; layer, row and column count from 0, what does not apply is absent. */
export type Place = Pick<Origin, 'layer' | 'row' | 'column'>;

/** `layer 0, row 2, column 1`. */
export function placeInWords({ layer, row, column }: Place): string {
  return `layer ${layer}${row === undefined ? '' : `, row ${row}`}${column === undefined ? '' : `, column ${column}`}`;
}

/** `layer 0, row 2, column 1: crossbar resistor`. */
export function describeOrigin(origin: Origin): string {
  const what = {
    crossbar: 'crossbar resistor',
    bias: 'bias resistor',
    'pull-down': 'pull-down resistor',
    falling: 'falling stage (negative weight)',
    activation: 'activation stage',
    negative: 'resistor of a negative conductance',
    feedback: 'feedback resistor of a negative conductance',
    drive: 'drive resistor of a negative conductance',
    opamp: 'op-amp of the negative conductances',
  }[origin.role];
  return `${placeInWords(origin)}: ${what}`;
}

/** The nodes that a device touches, in its own order: ends, or input and output, or plus, minus and output. */
export function deviceNodes(device: Device): readonly string[] {
  if (device.kind === 'resistor') return device.nodes;
  if (device.kind === 'stage') return [device.input, device.output];
  return [device.plus, device.minus, device.output];
}

/** `a – b` of a resistor, `in → out` of what drives its output. */
export function nodesInWords(device: Device): string {
  if (device.kind === 'resistor') return device.nodes.join(' – ');
  if (device.kind === 'stage') return `${device.input} → ${device.output}`;
  return `+ ${device.plus}, − ${device.minus} → ${device.output}`;
}

function printDevice(device: Device): string {
  if (device.kind === 'resistor') return `${device.name} ${nodesInWords(device)} ${device.ohms} ohms`;
  if (device.kind === 'opamp') return `${device.name} op-amp ${device.model}(${nodesInWords(device)})`;
  const values = Object.entries(device.values).map(([name, value]) => `${name}=${value}`);
  return `${device.name} ${device.cell}(${nodesInWords(device)}) ${values.join(' ')}`;
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
