import type { Technology } from '@neuroprint/circuit';
import { biasVoltsOf, type Device, isLinear, type NetworkLayer, type TrainedNetwork } from '@neuroprint/core';
import type { ExtractedCircuit } from './extract.ts';
import type { HeldVolts } from './supplies.ts';

/** The node of a column, and the output that it makes: that of its stage, or where it has none the node itself. */
interface Column {
  readonly node: string;
  readonly output: string;
}

/** A layer as the wires say it: which node is inverted by which stage, which column reads which nodes through how many siemens. */
interface ReadLayer {
  readonly inputs: readonly string[];
  readonly columns: readonly Column[];
  /** Supplies that feed its columns. */
  readonly rails: readonly string[];
  /** Row-major [inputs + 2 × columns], signed; inputs, bias, pull-down. */
  readonly siemens: Float64Array;
}

const GROUND = '0';
/** A conductance may move by this share of its column's sum when an uncalibrated circuit is scaled and snapped. */
const SNAPPED = 0.02;
/** Volts that are meant to be the same, read from two texts. */
const SAME_VOLTS = 1e-9;

/**
 * Reads the network back from the wires alone (not from device names): from the inputs, layer by layer, falling stages give the
 * negated inputs, rising stages the columns, resistors the signed conductances. Compares layers, columns and outputs with
 * network.json and, where nothing was calibrated, every entry's sign and its share of its column. A supply that feeds columns is their
 * bias, whatever its name; `held` says its volts, which must be those that the network was trained with.
 */
export function compareWithNetwork(
  circuit: ExtractedCircuit,
  network: TrainedNetwork,
  technology: Technology,
  held: HeldVolts,
  exactWeights: boolean,
): string[] {
  const differences = undriven(circuit, held);
  const biasVolts = biasVoltsOf(network);
  let inputs: readonly string[] = circuit.inputs;
  for (const [l, layer] of network.layers.entries()) {
    const isLast = l === network.layers.length - 1;
    const read = readLayer(circuit.devices, inputs, technology, held, isLast ? circuit.outputs : []);
    const columns = layer.conductancesSiemens[0]!.length;
    if (read.columns.length !== columns) {
      return [
        ...differences,
        `layer ${l} has ${read.columns.length} columns in the netlist, and ${columns} in the network`,
      ];
    }
    for (const node of read.rails) {
      const volts = held.get(node)!;
      if (Math.abs(volts - biasVolts) > SAME_VOLTS)
        differences.push(
          `the bias of layer ${l} comes from ${node}, which the testbench holds at ${volts} V, and the network was trained with ${biasVolts} V`,
        );
    }
    if (exactWeights) differences.push(...compareWeights(l, layer, read));
    const bare = read.columns.filter(({ node, output }) => node === output);
    if (isLinear(layer) ? bare.length < read.columns.length : bare.length > 0)
      differences.push(
        `layer ${l} ends in ${bare.length > 0 ? `the bare column ${bare[0]!.node}` : 'stages'} in the netlist, and in ${isLinear(layer) ? 'bare columns' : 'stages'} in the network`,
      );
    inputs = read.columns.map(({ output }) => output);
  }
  circuit.outputs.forEach((node, c) => {
    if (inputs[c] !== node)
      differences.push(`output ${c} (${network.classes[c]}) is ${node}, and the wires lead to ${inputs[c]}`);
  });
  return differences;
}

/** Resistors of which neither end is driven: a column reads a node there that has no voltage of its own. */
function undriven({ devices, inputs }: ExtractedCircuit, held: HeldVolts): string[] {
  const driven = new Set([GROUND, ...held.keys(), ...inputs]);
  for (const device of devices) if (device.kind !== 'resistor') driven.add(device.output);
  return devices.flatMap((device) =>
    device.kind !== 'resistor' || device.nodes.some((node) => driven.has(node))
      ? []
      : [
          `${device.name} leads from ${device.nodes.join(' to ')}, and neither is an input, ground, a supply of the testbench or the output of a stage`,
        ],
  );
}

function readLayer(
  devices: readonly Device[],
  inputs: readonly string[],
  technology: Technology,
  held: HeldVolts,
  outputs: readonly string[],
): ReadLayer {
  const row = new Map(inputs.map((node, i) => [node, { at: i, sign: 1 }]));
  for (const device of devices) {
    if (device.kind !== 'stage' || technology.cells[device.cell]?.curve !== 'falling') continue;
    const from = inputs.indexOf(device.input);
    if (from >= 0) row.set(device.output, { at: from, sign: -1 });
  }
  for (const rail of held.keys()) row.set(rail, { at: inputs.length, sign: 1 });
  row.set(GROUND, { at: inputs.length + 1, sign: 1 });
  const resistors = devices.filter((d) => d.kind === 'resistor');
  const columns: Column[] = [];
  const siemens: number[][] = [];
  const rails = new Set<string>();
  for (const column of columnsOf(devices, technology, outputs)) {
    const sinks = sinksOf(devices, column.node);
    const entries = new Array<number>(inputs.length + 2).fill(0);
    const fed = new Set<string>();
    let reads = false;
    for (const { nodes, ohms } of resistors) {
      for (const [sink, source] of [nodes, [nodes[1], nodes[0]] as const]) {
        const factor = sinks.get(sink);
        const from = row.get(source);
        if (factor === undefined || from === undefined) continue;
        entries[from.at]! += (factor * from.sign) / ohms;
        if (from.at < inputs.length) reads = true;
        if (from.at === inputs.length) fed.add(source);
      }
    }
    // a column of this layer reads one of its inputs, negated or not; one that was trained to read none is known by the output that it makes
    if (!reads && !(fed.size > 0 && outputs.includes(column.output))) continue;
    columns.push(column);
    for (const rail of fed) rails.add(rail);
    siemens.push(entries);
  }
  return {
    inputs,
    rails: [...rails],
    columns,
    siemens: Float64Array.from(
      { length: (inputs.length + 2) * columns.length },
      (_, at) => siemens[at % columns.length]![Math.floor(at / columns.length)]!,
    ),
  };
}

/** What may be a column: what a rising stage reads, and an output that no stage makes. */
function columnsOf(devices: readonly Device[], technology: Technology, outputs: readonly string[]): Column[] {
  const stages = devices.flatMap((device) =>
    device.kind === 'stage' && technology.cells[device.cell]?.curve !== 'falling'
      ? [{ node: device.input, output: device.output }]
      : [],
  );
  const made = new Set(stages.map(({ output }) => output));
  return [...stages, ...outputs.filter((node) => !made.has(node)).map((node) => ({ node, output: node }))];
}

/**
 * Where a resistor that makes a conductance of a column may end, and what the conductance is worth there: 1 at the column itself,
 * −R_f/R at the − input of an op-amp whose + input is the column, whose output goes back to the − input by R_f and to the column by R.
 */
function sinksOf(devices: readonly Device[], column: string): ReadonlyMap<string, number> {
  const between = (a: string, b: string): number =>
    devices.reduce(
      (sum, device) =>
        device.kind === 'resistor' && device.nodes.includes(a) && device.nodes.includes(b)
          ? sum + 1 / device.ohms
          : sum,
      0,
    );
  const sinks = new Map([[column, 1]]);
  for (const device of devices) {
    if (device.kind !== 'opamp' || device.plus !== column) continue;
    const [feedback, drive] = [between(device.output, device.minus), between(device.output, column)];
    if (feedback > 0) sinks.set(device.minus, -drive / feedback);
  }
  return sinks;
}

function compareWeights(l: number, layer: NetworkLayer, read: ReadLayer): string[] {
  const differences: string[] = [];
  const rows = layer.conductancesSiemens;
  read.columns.forEach((_, c) => {
    const share = (at: (row: number) => number): number[] => {
      const total = rows.reduce((sum, __, r) => sum + Math.abs(at(r)), 0);
      return rows.map((__, r) => at(r) / total);
    };
    const wanted = share((r) => rows[r]![c]!);
    const found = share((r) => read.siemens[r * read.columns.length + c]!);
    wanted.forEach((value, r) => {
      if (Math.abs(value - found[r]!) > SNAPPED) {
        differences.push(
          `layer ${l}, row ${r}, column ${c}: ${(100 * found[r]!).toFixed(1)} % of its column, and ${(100 * value).toFixed(1)} % in the network`,
        );
      }
    });
  });
  return differences;
}
