import { findCell, type Technology } from '@neuroprint/circuit';
import type { Circuit, Device, OpampDevice, Origin } from '@neuroprint/core';
import { findSubckt, NetlistError, opampSubckt, type ParsedInstance, type ParsedNetlist } from '@neuroprint/spice';

/** What a netlist's text says, in the terms of a circuit. */
export type ExtractedCircuit = Pick<Circuit, 'name' | 'inputs' | 'outputs' | 'devices'>;

const UNKNOWN_ORIGIN: Origin = { role: 'crossbar', layer: 0 };

/**
 * parsed text → circuit: the resistors and instances of the subcircuit `network`, exactly as the text has them. What each was made
 * for is taken from the reference circuit where the name is known there. Throws NetlistError for an instance that is no cell of
 * the technology, or a resistor without a number.
 */
export function extractCircuit(netlist: ParsedNetlist, reference: Circuit, technology: Technology): ExtractedCircuit {
  const network = findSubckt(netlist, 'network');
  const origins = new Map(reference.devices.map((device) => [device.name, device.origin]));
  const supplies = Object.keys(technology.supplies);
  const ports = network.ports.filter((port) => !supplies.includes(port));
  const inputs = reference.inputs.filter((node) => ports.includes(node));
  const outputs = reference.outputs.filter((node) => ports.includes(node));
  const resistors = network.resistors.map((resistor): Device => {
    if (typeof resistor.ohms !== 'number')
      throw new NetlistError(netlist.file, resistor.line, `${resistor.name} has no number for its resistance`);
    return {
      kind: 'resistor',
      name: resistor.name,
      nodes: [...resistor.nodes],
      ohms: resistor.ohms,
      origin: origins.get(resistor.name) ?? UNKNOWN_ORIGIN,
    };
  });
  const stages = network.instances.map(
    (instance): Device => extractOpamp(instance, origins) ?? extractStage(netlist, instance, origins, technology),
  );
  return { name: reference.name, inputs, outputs, devices: inReferenceOrder([...resistors, ...stages], reference) };
}

/** An instance of an op-amp model, or undefined. */
function extractOpamp(instance: ParsedInstance, origins: ReadonlyMap<string, Origin>): OpampDevice | undefined {
  const model = (['ideal', 'gain', 'rails'] as const).find((known) => opampSubckt(known) === instance.subckt);
  if (model === undefined) return undefined;
  const [plus, minus, output] = instance.nodes as [string, string, string];
  const name = instance.name.replace(/^x/, '');
  return { kind: 'opamp', name, model, plus, minus, output, origin: origins.get(name) ?? UNKNOWN_ORIGIN };
}

function extractStage(
  netlist: ParsedNetlist,
  instance: ParsedInstance,
  origins: ReadonlyMap<string, Origin>,
  technology: Technology,
): Device {
  const fail = (message: string): never => {
    throw new NetlistError(netlist.file, instance.line, `${instance.name}: ${message}`);
  };
  if (!Object.hasOwn(technology.cells, instance.subckt)) fail(`${instance.subckt} is no cell of ${technology.name}`);
  const cell = findCell(technology, instance.subckt);
  const { ports, params } = findSubckt(netlist, instance.subckt);
  const wanted = cell.parameters.map(({ name }) => name.toLowerCase());
  if (wanted.some((name) => !Object.hasOwn(params, name))) {
    fail(
      `the cell ${cell.name} has the parameters ${Object.keys(params).join(', ')} here, and ${wanted.join(', ')} in ${technology.name}: this is the netlist of another technology`,
    );
  }
  const node = (port: string): string =>
    instance.nodes[ports.indexOf(port)] ?? fail(`the cell ${cell.name} has no port ${port}`);
  for (const supply of Object.keys(technology.supplies)) {
    const at = ports.indexOf(supply);
    if (at >= 0 && instance.nodes[at] !== supply) fail(`its supply ${supply} is connected to ${instance.nodes[at]}`);
  }
  const values = Object.fromEntries(
    cell.parameters.map(({ name }) => {
      const value = instance.params[name.toLowerCase()];
      return [name, typeof value === 'number' ? value : fail(`${name} has no number`)];
    }),
  );
  const name = instance.name.replace(/^x/, '');
  return {
    kind: 'stage',
    name,
    cell: cell.name,
    input: node('in'),
    output: node('out'),
    values,
    origin: origins.get(name) ?? UNKNOWN_ORIGIN,
  };
}

/** Devices in the order of the reference, then the others, so that two texts with the same devices give the same circuit. */
function inReferenceOrder(devices: readonly Device[], reference: Circuit): Device[] {
  const place = new Map(reference.devices.map((device, i) => [device.name, i]));
  const rank = (device: Device): number => place.get(device.name) ?? place.size;
  return [...devices].sort((a, b) => rank(a) - rank(b));
}
