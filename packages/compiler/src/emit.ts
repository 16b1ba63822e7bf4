import type { Technology } from '@neuroprint/circuit';
import { type CaseTable, type Circuit, formatCaseTable, formatJson, type TrainedNetwork } from '@neuroprint/core';
import { renderNetlist, renderTestbench } from '@neuroprint/spice';
import { billOfMaterials } from './bom.ts';
import { solveCircuit } from './ladder.ts';

/** The text of every file of a compile, by name. */
export type Files = Readonly<Record<string, string>>;

/** The cases that a netlist is verified on. */
export type Cases = Pick<CaseTable, 'rows' | 'inputVolts' | 'labels' | 'sourceRows'>;

/** What drawings and sheets are made from. */
export interface Made {
  readonly circuit: Circuit;
  readonly network: TrainedNetwork;
  readonly technology: Technology;
  /** The cases with the volts of every node. */
  readonly expected: CaseTable;
}

/** Makes files beside the compiler's own: drawings, sheets. */
export type Drawing = (made: Made) => Files;

/** circuit → what is written: circuit.json, netlist.cir, testbench.cir, expected.csv, bom.csv, and the drawings. */
export function emit(
  circuit: Circuit,
  context: {
    readonly network: TrainedNetwork;
    readonly technology: Technology;
    readonly cases: Cases;
    readonly drawings: Drawing | undefined;
  },
): Files {
  const { network, technology, cases, drawings } = context;
  const { nodes, volts } = solveCircuit(circuit, technology, cases.inputVolts);
  const expected = { ...cases, nodes, volts };
  return {
    'circuit.json': `${formatJson(circuit)}\n`,
    'netlist.cir': renderNetlist(circuit, technology),
    'testbench.cir': renderTestbench(circuit, technology, cases.inputVolts),
    'expected.csv': formatCaseTable(expected, circuit),
    'bom.csv': billOfMaterials(circuit, technology),
    ...drawings?.({ circuit, network, technology, expected }),
  };
}
