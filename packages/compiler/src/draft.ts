import { findCell, stageAt, type Technology } from '@neuroprint/circuit';
import {
  type Circuit,
  CircuitKind,
  type Device,
  InputFileError,
  makeArtifact,
  type Stage,
  type TrainedNetwork,
  UsageError,
} from '@neuroprint/core';
import { checkNames } from './names.ts';

/** The stages of one kind in a layer: one instance per place, values in the order of the cell's parameters (ohms, metres). */
export interface StageRow {
  readonly cell: string;
  readonly values: readonly Float64Array[];
}

/**
 * A layer on its way to print. `siemens` is row-major [inputs + 2 × columns]: inputs, bias, pull-down; the sign says whether
 * the entry passes the falling stage of its input, zero is no resistor.
 */
export interface DraftLayer {
  readonly inputs: number;
  readonly columns: number;
  readonly siemens: Float64Array;
  readonly falling: StageRow;
  readonly activation: StageRow;
  /** Every negative entry has a falling stage of its own; false: one serves all columns. */
  readonly invertersPerEntry: boolean;
}

/** What the passes hand on: the circuit's values in the shape of the network. */
export interface Draft {
  readonly layers: readonly DraftLayer[];
}

/**
 * network → draft: shared stages become one instance per place. Throws InputFileError (with layer, row and column) for a
 * shape or sign that no circuit has, UsageError for a node rule that cannot be compiled.
 */
export function lower(network: TrainedNetwork, technology: Technology, file = 'network.json'): Draft {
  checkNames(network, file);
  let width = network.inputs.length;
  const layers = network.layers.map((layer, l): DraftLayer => {
    const fail = (message: string): never => {
      throw new InputFileError({ file }, `layer ${l}: ${message}`);
    };
    if (layer.nodeRule === 'kirchhoff') {
      throw new UsageError(
        `Layer ${l} has the node rule "kirchhoff", which needs op-amps, and only "inverter" compiles.`,
        'Train with --node-rule inverter.',
      );
    }
    const rows = layer.conductancesSiemens;
    const columns = rows[0]!.length;
    if (rows.length !== width + 2)
      fail(`has ${rows.length} rows of conductances, and needs ${width} inputs, bias and pull-down`);
    rows.forEach((row, r) => {
      if (row.length !== columns) fail(`row ${r} has ${row.length} columns, and row 0 has ${columns}`);
      row.forEach((siemens, c) => {
        if (!Number.isFinite(siemens)) fail(`row ${r}, column ${c}: the conductance is ${siemens}`);
        if (r >= width && siemens < 0)
          fail(`row ${r}, column ${c}: bias and pull-down cannot be negative (${siemens})`);
      });
    });
    const draft: DraftLayer = {
      inputs: width,
      columns,
      siemens: Float64Array.from(rows.flat()),
      falling: stageRow(layer.fallingStages, width, technology, fail),
      activation: stageRow(layer.activationStages, columns, technology, fail),
      invertersPerEntry: true,
    };
    width = columns;
    return draft;
  });
  if (width !== network.classes.length) {
    throw new InputFileError(
      { file },
      `the last layer has ${width} outputs, and there are ${network.classes.length} classes`,
    );
  }
  return { layers };
}

function stageRow(
  stages: readonly Stage[],
  places: number,
  technology: Technology,
  fail: (message: string) => never,
): StageRow {
  if (stages.length !== 1 && stages.length !== places)
    fail(`has ${stages.length} stages for ${places} places; give one for all or one for each`);
  const cell = findCell(technology, stages[0]!.cell);
  const values = Array.from({ length: places }, (_, place) => {
    const stage = stageAt(stages, place);
    if (stage.cell !== cell.name) fail(`mixes the cells ${cell.name} and ${stage.cell}`);
    return Float64Array.from(
      cell.parameters,
      ({ name }) => stage.values[name] ?? fail(`a stage ${cell.name} has no value for ${name}`),
    );
  });
  return { cell: cell.name, values };
}

/** Whether an input's falling stage is printed: some column takes the input negated. */
export function isInverted(layer: DraftLayer, input: number): boolean {
  for (let c = 0; c < layer.columns; c += 1) if (layer.siemens[input * layer.columns + c]! < 0) return true;
  return false;
}

/** The columns that an input's falling stages serve, one each; undefined: one serves all. Empty where none is needed. */
function inverterColumns(layer: DraftLayer, input: number): (number | undefined)[] {
  if (!layer.invertersPerEntry) return isInverted(layer, input) ? [undefined] : [];
  return Array.from({ length: layer.columns }, (_, c) => c).filter(
    (c) => layer.siemens[input * layer.columns + c]! < 0,
  );
}

/** The nodes of a layer, by place: names that say where they are. */
export const nodes = {
  input: (layer: number, place: number) => (layer === 0 ? `in${place}` : `y_l${layer - 1}_c${place}`),
  inverted: (layer: number, place: number, column?: number) =>
    `inv_l${layer}_i${place}${column === undefined ? '' : `_c${column}`}`,
  column: (layer: number, column: number) => `z_l${layer}_c${column}`,
  output: (layer: number, column: number) => `y_l${layer}_c${column}`,
} as const;

const BIAS_NODE = 'vdd';
const GROUND = '0';

export interface CircuitOptions {
  /** Keeps a resistor of infinite resistance where an entry is zero, so that its derivative can be asked for. */
  readonly keepAbsent?: boolean;
}

/** draft → devices, every one named and with its origin; an inverter only where a column needs it, shared by all columns. */
export function devicesOf(draft: Draft, technology: Technology, options: CircuitOptions = {}): Device[] {
  return draft.layers.flatMap((layer, l) => layerDevices(layer, l, technology, options));
}

function layerDevices(layer: DraftLayer, l: number, technology: Technology, options: CircuitOptions): Device[] {
  const devices: Device[] = [];
  const named = (row: StageRow, place: number): Record<string, number> =>
    Object.fromEntries(findCell(technology, row.cell).parameters.map(({ name }, k) => [name, row.values[place]![k]!]));
  for (let i = 0; i < layer.inputs; i += 1) {
    for (const column of inverterColumns(layer, i)) {
      devices.push({
        kind: 'stage',
        name: `neg_l${l}_i${i}${column === undefined ? '' : `_c${column}`}`,
        cell: layer.falling.cell,
        input: nodes.input(l, i),
        output: nodes.inverted(l, i, column),
        values: named(layer.falling, i),
        origin: { role: 'falling', layer: l, row: i, ...(column === undefined ? {} : { column }) },
      });
    }
  }
  for (let c = 0; c < layer.columns; c += 1) {
    for (let r = 0; r < layer.inputs + 2; r += 1) {
      const siemens = layer.siemens[r * layer.columns + c]!;
      if (siemens === 0 && options.keepAbsent !== true) continue;
      // twelve digits: 1/(1/x) is not x, and a printable value should read as one
      const ohms = siemens === 0 ? Number.POSITIVE_INFINITY : Number((1 / Math.abs(siemens)).toPrecision(12));
      const to = nodes.column(l, c);
      if (r < layer.inputs) {
        const from = siemens < 0 ? nodes.inverted(l, r, layer.invertersPerEntry ? c : undefined) : nodes.input(l, r);
        devices.push({
          kind: 'resistor',
          name: `r_l${l}_i${r}_c${c}`,
          nodes: [from, to],
          ohms,
          origin: { role: 'crossbar', layer: l, row: r, column: c },
        });
      } else {
        const bias = r === layer.inputs;
        devices.push({
          kind: 'resistor',
          name: `r_l${l}_${bias ? 'bias' : 'down'}_c${c}`,
          nodes: [bias ? BIAS_NODE : GROUND, to],
          ohms,
          origin: { role: bias ? 'bias' : 'pull-down', layer: l, column: c },
        });
      }
    }
    devices.push({
      kind: 'stage',
      name: `act_l${l}_c${c}`,
      cell: layer.activation.cell,
      input: nodes.column(l, c),
      output: nodes.output(l, c),
      values: named(layer.activation, c),
      origin: { role: 'activation', layer: l, column: c },
    });
  }
  return devices;
}

/** draft → circuit.json. */
export function circuitOf(
  draft: Draft,
  network: TrainedNetwork,
  technology: Technology,
  inputHashes: Readonly<Record<string, string>>,
): Circuit {
  const last = draft.layers.length - 1;
  return makeArtifact(CircuitKind, {
    name: network.name,
    technology: technology.name,
    inputs: network.inputs.map((_, i) => nodes.input(0, i)),
    outputs: network.classes.map((_, c) => nodes.output(last, c)),
    classes: network.classes,
    devices: devicesOf(draft, technology),
    inputHashes,
  });
}
