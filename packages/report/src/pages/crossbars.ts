import { biasVoltsOf, type Circuit, type Origin, type TrainedNetwork } from '@neuroprint/core';
import type { CrossbarPicture } from '../plots/crossbar.ts';

/** What rows and columns of the layers are called: the features, the classes, and numbers between. */
export interface LayerNames {
  readonly rows: readonly string[];
  readonly columns: readonly string[];
}

/** Names for each layer; rows are its inputs, then bias and pull-down. */
export function layerNames(network: TrainedNetwork): LayerNames[] {
  return network.layers.map((layer, l) => {
    const inputs = layer.conductancesSiemens.length - 2;
    const columns = layer.conductancesSiemens[0]!.length;
    const isLast = l === network.layers.length - 1;
    return {
      rows: [
        ...Array.from({ length: inputs }, (_, i) =>
          l === 0 ? (network.inputs[i]?.name ?? `input ${i}`) : `neuron ${i}`,
        ),
        `bias (${biasVoltsOf(network)} V)`,
        'pull-down (0 V)',
      ],
      columns: Array.from({ length: columns }, (_, j) => (isLast ? (network.classes[j] ?? String(j)) : String(j))),
    };
  });
}

/**
 * The crossbars as compiled. A resistor's sign is not in the circuit: it is negative where the resistor is fed by the
 * output of a falling stage, or leads to an op-amp, which makes R_f/R times its conductance of it.
 */
export function crossbarsOf(network: TrainedNetwork, circuit: Circuit): CrossbarPicture[] {
  const inverted = new Set(
    circuit.devices.flatMap((device) =>
      device.kind === 'stage' && device.origin.role === 'falling' ? [device.output] : [],
    ),
  );
  const opamps = opampFactors(circuit);
  const factorOf = ({ nodes }: Resistor): number =>
    nodes.some((node) => inverted.has(node)) ? -1 : (nodes.map((node) => opamps.get(node)).find(Boolean) ?? 1);
  return layerNames(network).map((names, layer) => {
    const siemens = names.rows.map(() => names.columns.map(() => 0));
    for (const device of circuit.devices) {
      if (device.kind !== 'resistor' || device.origin.layer !== layer) continue;
      const row = rowOf(device.origin, names);
      const column = device.origin.column;
      if (row === undefined || column === undefined || siemens[row]?.[column] === undefined) continue;
      siemens[row][column] += factorOf(device) / device.ohms;
    }
    return { layer, rowNames: names.rows, columnNames: names.columns, siemens };
  });
}

/** A weight's part of its column: what a unit of its row's volts is worth there, negative through a falling stage or an op-amp. */
export interface WeightShares {
  readonly trained: number;
  readonly printed: number;
}

/** By the name of its resistor, every weight as it was trained and as it is printed. */
export function weightShares(network: TrainedNetwork, circuit: Circuit): ReadonlyMap<string, WeightShares> {
  const names = layerNames(network);
  const printed = crossbarsOf(network, circuit);
  const shareIn = (siemens: readonly (readonly number[])[], row: number, column: number, isSigned: boolean): number => {
    const sum = siemens.reduce((all, cells) => all + (isSigned ? cells[column]! : Math.abs(cells[column]!)), 0);
    return siemens[row]![column]! / sum;
  };
  return new Map(
    circuit.devices.flatMap(({ name, kind, origin }) => {
      const layer = network.layers[origin.layer];
      if (kind !== 'resistor' || layer === undefined) return [];
      const [row, { column }] = [rowOf(origin, names[origin.layer]!), origin];
      if (row === undefined || column === undefined || layer.conductancesSiemens[row]?.[column] === undefined)
        return [];
      const share = (siemens: readonly (readonly number[])[]): number =>
        shareIn(siemens, row, column, layer.nodeRule === 'kirchhoff');
      return [
        [name, { trained: share(layer.conductancesSiemens), printed: share(printed[origin.layer]!.siemens) }] as const,
      ];
    }),
  );
}

type Resistor = Extract<Circuit['devices'][number], { kind: 'resistor' }>;

/** What a conductance to the − input of an op-amp is worth at its column, by that input: −R_f/R. */
function opampFactors({ devices }: Circuit): ReadonlyMap<string, number> {
  const ohmsBetween = (role: Origin['role'], ...ends: readonly string[]): number | undefined =>
    devices.find(
      (device): device is Resistor =>
        device.kind === 'resistor' && device.origin.role === role && ends.every((node) => device.nodes.includes(node)),
    )?.ohms;
  return new Map(
    devices.flatMap((device) => {
      if (device.kind !== 'opamp') return [];
      const feedback = ohmsBetween('feedback', device.output, device.minus);
      const drive = ohmsBetween('drive', device.output, device.plus);
      return feedback === undefined || drive === undefined ? [] : [[device.minus, -feedback / drive] as const];
    }),
  );
}

function rowOf(origin: Origin, names: LayerNames): number | undefined {
  switch (origin.role) {
    case 'crossbar':
    case 'negative':
      return origin.row;
    case 'bias':
      return names.rows.length - 2;
    case 'pull-down':
      return names.rows.length - 1;
    default:
      return undefined;
  }
}

/** Where a device comes from, in words; layers, rows and columns count from 0 as in the netlist. */
export function originInWords(origin: Origin, names: readonly LayerNames[]): string {
  const layer = names[origin.layer];
  const row = origin.row === undefined ? undefined : (layer?.rows[origin.row] ?? `row ${origin.row}`);
  const column = origin.column === undefined ? undefined : columnInWords(layer?.columns[origin.column], origin.column);
  const where = `layer ${origin.layer}`;
  switch (origin.role) {
    case 'crossbar':
      return `${where}: ${row ?? 'input'} → ${column ?? 'neurons'}`;
    case 'bias':
      return `${where}: ${layer?.rows.at(-2) ?? 'bias'} → ${column ?? 'neurons'}`;
    case 'pull-down':
      return `${where}: pull-down (0 V) → ${column ?? 'neurons'}`;
    case 'falling':
      return `${where}: negative weights of ${row ?? 'all inputs'}`;
    case 'activation':
      return `${where}: activation of ${column ?? 'all neurons'}`;
    case 'negative':
      return `${where}: negative ${row ?? 'input'} → ${column ?? 'neurons'}`;
    case 'feedback':
    case 'drive':
    case 'opamp':
      return `${where}: ${origin.role} of the negative conductances of ${column ?? 'all neurons'}`;
    default:
      return origin.role satisfies never;
  }
}

/** A stage for the title of its picture: `Layer 0: activation of neuron 1`. */
export function stageTitle(origin: Origin, network: TrainedNetwork): string {
  const text = originInWords(origin, layerNames(network));
  return `${text[0]!.toUpperCase()}${text.slice(1)}`;
}

function columnInWords(name: string | undefined, column: number): string {
  return name === undefined || name === String(column) ? `neuron ${column}` : `neuron ${column} (${name})`;
}
