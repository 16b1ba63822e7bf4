import { type FlatCircuit, findCell, flatten, type SlottedDevice, type Technology } from '@neuroprint/circuit';
import { type Circuit, CircuitKind, type Device, makeArtifact, type TrainedNetwork } from '@neuroprint/core';
import { invertedColumns, isLinear, type Layer, type Layered, negativeRows, type StageRow } from './layered.ts';

/** `l0_i2_c1`: layer, row and column; what does not apply is left out. */
function placed(layer: number, row: number | undefined, column: number | undefined): string {
  return `l${layer}${row === undefined ? '' : `_i${row}`}${column === undefined ? '' : `_c${column}`}`;
}

/** The nodes of a layer, by place: names that say where they are. */
const nodes = {
  input: (layer: number, place: number) => (layer === 0 ? `in${place}` : nodes.output(layer - 1, place)),
  inverted: (layer: number, place: number, column?: number) => `inv_${placed(layer, place, column)}`,
  column: (layer: number, column: number) => `z_${placed(layer, undefined, column)}`,
  output: (layer: number, column: number): string => `y_${placed(layer, undefined, column)}`,
  /** The − input and the output of the op-amp of a column, or of one of its entries. */
  minus: (layer: number, column: number, row?: number) => `m_${placed(layer, row, column)}`,
  opamp: (layer: number, column: number, row?: number) => `x_${placed(layer, row, column)}`,
} as const;

const GROUND = '0';

export interface DeviceOptions {
  /** Keeps a resistor of infinite resistance where an entry is zero, and every falling stage and op-amp that entries of other signs would need. */
  readonly keepAbsent?: boolean;
}

/** layered → devices, every one named, with its origin and its slot; an inverter only where a column needs it. */
export function devicesOf(layered: Layered, technology: Technology, options: DeviceOptions = {}): SlottedDevice[] {
  return layered.layers.flatMap((layer, l) => [
    ...fallingDevices(layer, l, technology, options),
    ...Array.from({ length: layer.columns }, (_, c) => [
      ...crossbarDevices(layer, l, c, technology.bias.node, options),
      ...opampDevices(layer, l, c, options),
      ...(isLinear(layer) ? [] : [activationDevice(layer, l, c, technology)]),
    ]).flat(),
  ]);
}

function fallingDevices(
  layer: Layer,
  l: number,
  technology: Technology,
  { keepAbsent }: DeviceOptions,
): SlottedDevice[] {
  const every = keepAbsent && layer.negatives === undefined ? [...Array(layer.columns).keys()] : undefined;
  return Array.from({ length: layer.inputs }, (_, i) => {
    const columns = every ?? invertedColumns(layer, i);
    const served = layer.invertersPerEntry ? columns : columns.slice(0, 1).map(() => undefined);
    return served.map(
      (column): SlottedDevice => ({
        kind: 'stage',
        name: `neg_${placed(l, i, column)}`,
        cell: layer.falling.cell,
        input: nodes.input(l, i),
        output: nodes.inverted(l, i, column),
        values: named(layer.falling, i, technology),
        origin: { role: 'falling', layer: l, row: i, ...(column === undefined ? {} : { column }) },
        slot: { layer: l, where: 'falling', at: i },
      }),
    );
  }).flat();
}

function activationDevice(layer: Layer, l: number, c: number, technology: Technology): SlottedDevice {
  return {
    kind: 'stage',
    name: `act_${placed(l, undefined, c)}`,
    cell: layer.activation.cell,
    input: nodes.column(l, c),
    output: nodes.output(l, c),
    values: named(layer.activation, c, technology),
    origin: { role: 'activation', layer: l, column: c },
    slot: { layer: l, where: 'activation', at: c },
  };
}

function named(row: StageRow, place: number, technology: Technology): Record<string, number> {
  return Object.fromEntries(
    findCell(technology, row.cell).parameters.map(({ name }, k) => [name, row.values[place]![k]!]),
  );
}

/** Twelve digits: 1/(1/x) is not x, and a printable value should read as one. */
function printed(ohms: number): number {
  return Number(ohms.toPrecision(12));
}

/** The resistors of a column: from an input or its inverted one, bias or ground to the column, negative ones to an op-amp's − input. */
function crossbarDevices(
  layer: Layer,
  l: number,
  c: number,
  biasNode: string,
  { keepAbsent = false }: DeviceOptions,
): SlottedDevice[] {
  const { inputs, columns, negatives } = layer;
  return Array.from({ length: inputs + 2 }, (_, r) => r).flatMap((r): SlottedDevice[] => {
    const at = r * columns + c;
    const siemens = layer.siemens[at]!;
    if (siemens === 0 && !keepAbsent) return [];
    const isInput = r < inputs;
    const isBias = r === inputs;
    const byOpamp = siemens < 0 && negatives !== undefined;
    const plain = isInput ? nodes.input(l, r) : isBias ? biasNode : GROUND;
    const from = siemens < 0 && !byOpamp ? nodes.inverted(l, r, layer.invertersPerEntry ? c : undefined) : plain;
    const to = byOpamp ? nodes.minus(l, c, negatives.form === 'entry' ? r : undefined) : nodes.column(l, c);
    const role = byOpamp ? 'negative' : isInput ? 'crossbar' : isBias ? 'bias' : 'pull-down';
    return [
      {
        kind: 'resistor',
        name: `${byOpamp ? 'rn' : 'r'}_l${l}_${isInput ? `i${r}` : isBias ? 'bias' : 'down'}_c${c}`,
        nodes: [from, to],
        ohms: siemens === 0 ? Number.POSITIVE_INFINITY : printed(1 / Math.abs(siemens)),
        origin: { role, layer: l, ...(isInput || byOpamp ? { row: r } : {}), column: c },
        slot: { layer: l, where: 'crossbar', at },
      },
    ];
  });
}

/** The op-amps of a column with their feedback and drive resistors: one for all negative entries, or one for each. */
function opampDevices(layer: Layer, l: number, c: number, { keepAbsent }: DeviceOptions): SlottedDevice[] {
  const { negatives } = layer;
  if (negatives === undefined) return [];
  const rows = keepAbsent ? [...Array(layer.inputs + 2).keys()] : negativeRows(layer, c);
  const served = negatives.form === 'entry' ? rows : rows.slice(0, 1).map(() => undefined);
  return served.flatMap((row): SlottedDevice[] => {
    const place = { layer: l, ...(row === undefined ? {} : { row }), column: c };
    const tail = placed(l, row, c);
    const [minus, output] = [nodes.minus(l, c, row), nodes.opamp(l, c, row)];
    const plus = nodes.column(l, c);
    return [
      {
        kind: 'resistor',
        name: `rf_${tail}`,
        nodes: [output, minus],
        ohms: printed(negatives.feedbackOhms[c]!),
        origin: { role: 'feedback', ...place },
        slot: { layer: l, where: 'feedback', at: c },
      },
      {
        kind: 'resistor',
        name: `rd_${tail}`,
        nodes: [output, plus],
        ohms: printed(negatives.driveOhms[c]!),
        origin: { role: 'drive', ...place },
        slot: { layer: l, where: 'drive', at: c },
      },
      {
        kind: 'opamp',
        name: `op_${tail}`,
        model: negatives.model,
        plus,
        minus,
        output,
        origin: { role: 'opamp', ...place },
      },
    ];
  });
}

/** layered → circuit down to its elements, every component with its slot. */
export function flatLayered(
  layered: Layered,
  technology: Technology,
  options: DeviceOptions & { readonly series?: boolean; readonly spread?: boolean } = {},
): FlatCircuit {
  const inputs = Array.from({ length: layered.layers[0]!.inputs }, (_, i) => nodes.input(0, i));
  return flatten({ inputs, devices: devicesOf(layered, technology, options) }, technology, options);
}

/** The nodes that the circuit of some layers is read at. */
export function outputNodes({ layers }: Layered): string[] {
  const last = layers.length - 1;
  const layer = layers[last]!;
  const node = isLinear(layer) ? nodes.column : nodes.output;
  return Array.from({ length: layer.columns }, (_, c) => node(last, c));
}

/** layered → circuit.json. */
export function circuitOf(
  layered: Layered,
  network: TrainedNetwork,
  technology: Technology,
  inputHashes: Readonly<Record<string, string>> = {},
): Circuit {
  return makeArtifact(CircuitKind, {
    name: network.name,
    technology: technology.name,
    inputs: network.inputs.map((_, i) => nodes.input(0, i)),
    outputs: outputNodes(layered),
    classes: network.classes,
    ...(network.task === undefined ? {} : { task: layered.line ?? network.task }),
    devices: devicesOf(layered, technology).map(({ slot: _, ...device }): Device => device),
    inputHashes,
  });
}
