import { deviceNodes, findCell, nodesInWords, type Technology } from '@neuroprint/circuit';
import { type Device, inputVolts, sensorValue, unitOf } from '@neuroprint/core';
import { stageTitle, weightShares } from '@neuroprint/report';
import type { CaseView, CircuitView, DeviceView, ValueView } from '../circuit-view.ts';
import type { OpenCircuit } from './open-circuit.ts';

/** What the page shows of a circuit before anybody touches it. */
export function describeCircuit(open: OpenCircuit): CircuitView {
  const { circuit, network, technology, flat, cases, judged } = open;
  const shares = weightShares(network, circuit);
  const volts = open.outputTable.filter((v) => !Number.isNaN(v));
  return {
    name: circuit.name,
    technology: technology.name,
    devices: circuit.devices.map(
      (device): DeviceView => ({
        name: device.name,
        kind: device.kind,
        origin: stageTitle(device.origin, network),
        nodes: nodesInWords(device),
        nodeNames: deviceNodes(device),
        values: valuesOf(device, technology),
        weight: shares.get(device.name),
      }),
    ),
    nodes: flat.unknowns,
    inputs: network.inputs.map((input, k) => {
      const { minimum, maximum } = inputVolts(input);
      return {
        name: input.name,
        node: circuit.inputs[k]!,
        unit: unitOf(input.name),
        minimum: input.minimum,
        maximum: input.maximum,
        minimumVolts: minimum,
        maximumVolts: maximum,
      };
    }),
    outputs: circuit.outputs.map((node, c) => ({ node, name: circuit.classes[c]! })),
    target: judged.line?.target,
    rows: cases.rows,
    labelled: cases.labels !== undefined,
    outputVolts: [
      volts.reduce((least, v) => Math.min(least, v), Number.POSITIVE_INFINITY),
      volts.reduce((most, v) => Math.max(most, v), Number.NEGATIVE_INFINITY),
    ],
    score: open.judge(open.nominal),
    microsecondsPerRow: open.microsecondsPerRow,
  };
}

function valuesOf(device: Device, technology: Technology): ValueView[] {
  const { minOhms, maxOhms } = technology.crossbar;
  if (device.kind === 'resistor') {
    const { name, ohms } = device;
    return [{ component: name, parameter: 'ohms', unit: 'ohms', value: ohms, printable: [minOhms, maxOhms] }];
  }
  if (device.kind === 'opamp') return [];
  return findCell(technology, device.cell).parameters.map(({ name, unit, min, max }) => ({
    component: `${device.name}.${name}`,
    parameter: name,
    unit,
    value: device.values[name]!,
    printable: [min, max],
  }));
}

/** Row k of the cases, in the units of the table. */
export function caseOf({ circuit, network, cases, judged }: OpenCircuit, k: number): CaseView {
  const { inputs } = network;
  const label = cases.labels?.[k];
  return {
    values: inputs.map((input, i) =>
      Number(sensorValue(input, cases.inputVolts[k * inputs.length + i]!).toPrecision(12)),
    ),
    sourceRow: cases.sourceRows[k]!,
    label: label === undefined ? undefined : judged.line === undefined ? circuit.classes[label] : String(label),
  };
}
