import { findCell, type Technology } from '@neuroprint/circuit';
import { NeuroprintError } from '@neuroprint/core';
import type { ExtractedCircuit } from './extract.ts';

/** A node of a netlist has no path to anything that is driven, so its voltage is not defined. */
export class FloatingNodeError extends NeuroprintError {
  override readonly exitCode = 2;
  readonly nodes: readonly string[];

  constructor(netlist: string, nodes: readonly string[]) {
    super(
      `${netlist}: ${nodes.length === 1 ? 'the node' : 'the nodes'} ${nodes.join(', ')} ${nodes.length === 1 ? 'floats' : 'float'}: nothing drives ${nodes.length === 1 ? 'it' : 'them'}.`,
      'Run lvs to see what was changed in the netlist.',
    );
    this.nodes = nodes;
  }
}

/**
 * Throws FloatingNodeError where a node has no path through resistors or transistor channels to ground, a supply or an input: the
 * simulators would call the circuit singular, without a word about where. So does a node that only resistors touch and that nothing
 * reads, such as a supply that is none: its volts would be those of the columns that it is there to move.
 */
export function checkNothingFloats(netlist: string, circuit: ExtractedCircuit, technology: Technology): void {
  const tied = new Set(['0', ...Object.keys(technology.supplies), ...circuit.inputs]);
  const pairs: [string, string][] = [];
  const used = new Set(circuit.outputs);
  const read = new Set(circuit.outputs);
  const given = new Set(tied);
  for (const device of circuit.devices) {
    if (device.kind === 'resistor') {
      pairs.push([device.nodes[0], device.nodes[1]]);
      for (const node of device.nodes) used.add(node);
      continue;
    }
    if (device.kind === 'opamp') {
      used.add(device.plus).add(device.minus);
      read.add(device.plus).add(device.minus);
      tied.add(device.output);
      given.add(device.output);
      continue;
    }
    used.add(device.input).add(device.output);
    read.add(device.input);
    given.add(device.output);
    const local = (node: string): string =>
      node === 'in' ? device.input : node === 'out' ? device.output : tied.has(node) ? node : `${device.name}.${node}`;
    for (const element of findCell(technology, device.cell).elements) {
      if (element.kind === 'resistor') pairs.push([local(element.nodes[0]), local(element.nodes[1])]);
      else if (element.kind === 'transistor') pairs.push([local(element.drain), local(element.source)]);
      else tied.add(local(element.output));
    }
  }
  for (let grown = true; grown; ) {
    grown = false;
    for (const [a, b] of pairs) {
      if (tied.has(a) === tied.has(b)) continue;
      tied.add(a).add(b);
      grown = true;
    }
  }
  const floating = [...used].filter((node) => !tied.has(node) || !(read.has(node) || given.has(node)));
  if (floating.length > 0) throw new FloatingNodeError(netlist, floating);
}
