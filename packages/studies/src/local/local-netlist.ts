import { join } from 'node:path';
import { type ResistorNetworkFile, writeFileAtomic } from '@neuroprint/core';
import { type StateName, stateCircuit } from './portable.ts';

export const NETLIST_FILES = ['netlist.cir', 'map.json', 'expected.csv'] as const;

/**
 * A state of a resistor network as the three files that `verify --map` takes: the resistors, what is driven, and per row the volts of the
 * sources and of every other node. Returns how many cases and nodes there are.
 */
export function writeState(
  folder: string,
  file: ResistorNetworkFile,
  state: StateName,
  nudge: number | undefined,
): { readonly cases: number; readonly nodes: number; readonly resistors: number } {
  const circuit = stateCircuit(file, state, nudge);
  const { inputs, nodes, resistors } = circuit;
  const netlist = [
    `* ${file.name.replace(/[^a-z0-9 _-]/gi, ' ')}: ${state} state of a resistor network`,
    ...resistors.map(({ nodes: [a, b], ohms }, e) => `r${e} ${a} ${b} ${ohms}`),
    '.end',
  ];
  const own = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, name]));
  const ports = { technology: 'egt', inputs: own(inputs), outputs: own(nodes), supplies: {} };
  const rows = circuit.inputVolts.map((volts, row) => [...volts, ...circuit.nodeVolts[row]!].join(','));
  writeFileAtomic(join(folder, 'netlist.cir'), `${netlist.join('\n')}\n`);
  writeFileAtomic(join(folder, 'map.json'), `${JSON.stringify(ports, null, 2)}\n`);
  writeFileAtomic(join(folder, 'expected.csv'), `${[[...inputs, ...nodes].join(','), ...rows].join('\n')}\n`);
  return { cases: rows.length, nodes: nodes.length, resistors: resistors.length };
}
