import { findCell, type Technology } from '@neuroprint/circuit';
import { type Circuit, type Device, InputFileError, NeuroprintError } from '@neuroprint/core';
import { type ElementValues, elementValues, nodesOf } from './elements.ts';

/** A circuit whose wires this way of routing cannot lay. */
export class UnroutableError extends NeuroprintError {
  override readonly exitCode = 2;
}

/** A stage or an op-amp down to its elements, with the nodes that are its own. */
export interface Group {
  readonly name: string;
  /** Absent: an op-amp of its own. */
  readonly input?: string;
  readonly output: string;
  readonly elements: readonly { readonly name: string; readonly values: ElementValues }[];
  /** Nodes that nobody else touches. */
  readonly own: readonly string[];
}

type ResistorDevice = Extract<Device, { kind: 'resistor' }>;

/** One layer of the network as a crossbar: rows are driven nodes, columns are not. */
export interface Block {
  readonly layer: number;
  /** Resistors by row and column. */
  readonly resistors: readonly { readonly device: ResistorDevice; readonly row: string; readonly column: string }[];
  readonly columns: readonly string[];
  /** Left of the crossbar: falling stages, and op-amps that make negative conductances. */
  readonly left: readonly Group[];
  /** Below their column. */
  readonly below: readonly Group[];
}

/** Circuit → blocks, one a layer. Throws UnroutableError for a resistor that is not of a crossbar. */
export function blocksOf(circuit: Circuit, technology: Technology): Block[] {
  const supplies = ['0', ...Object.keys(technology.supplies)];
  const driven = new Set([...supplies, ...circuit.inputs]);
  for (const device of circuit.devices) if (device.kind !== 'resistor') driven.add(device.output);
  const last = Math.max(...circuit.devices.map(({ origin }) => origin.layer));
  return Array.from({ length: last + 1 }, (_, layer) => {
    const devices = circuit.devices.filter(({ origin }) => origin.layer === layer);
    const groups = devices.flatMap((device) => (device.kind === 'resistor' ? [] : [groupOf(device, technology)]));
    const falling = new Set(
      devices.flatMap(({ name, kind, origin }) => (kind === 'opamp' || origin.role === 'falling' ? [name] : [])),
    );
    const resistors = devices.flatMap((device) => {
      if (device.kind !== 'resistor') return [];
      const [a, b] = device.nodes;
      if (driven.has(a) === driven.has(b))
        throw new UnroutableError(
          `${device.name} leads from ${a} to ${b}: ${driven.has(a) ? 'both are driven' : 'neither is driven'}, and a crossbar's resistor leads from a driven row to a column.`,
        );
      return [{ device, row: driven.has(a) ? a : b, column: driven.has(a) ? b : a }];
    });
    const below = groups.filter(({ name }) => !falling.has(name));
    const columns = [...new Set([...resistors.map(({ column }) => column), ...below.map(({ input }) => input!)])];
    return { layer, resistors, columns, left: groups.filter(({ name }) => falling.has(name)), below };
  });
}

function groupOf(device: Exclude<Device, { kind: 'resistor' }>, technology: Technology): Group {
  if (device.kind === 'opamp') {
    const { plus, minus, output } = device;
    const values = { kind: 'opamp', plus, minus, output } as const;
    return { name: device.name, output, elements: [{ name: device.name, values }], own: [] };
  }
  const { name, input, output } = device;
  const local = (node: string): string => {
    if (node === 'in') return input;
    if (node === 'out') return output;
    return node === '0' || Object.hasOwn(technology.supplies, node) ? node : `x${name}.${node}`;
  };
  const cell = findCell(technology, device.cell);
  for (const { name: parameter } of cell.parameters)
    if (device.values[parameter] === undefined)
      throw new InputFileError({ file: 'circuit.json' }, `${name} has no value for ${parameter}`);
  const elements = cell.elements.map((element) => ({
    name: `${name}.${element.name}`,
    values: elementValues(element, device.values, local),
  }));
  const own = new Set(elements.flatMap(({ values }) => nodesOf(values)).filter((node) => node.startsWith(`x${name}.`)));
  return { name, input, output, elements, own: [...own] };
}
