import type { Technology } from '@neuroprint/circuit';
import { optionsLine } from '../engine/engine.ts';
import { type CircuitLike, networkPorts } from './netlist.ts';
import { inputColumn } from './network-deck.ts';
import { renderTemplate } from './templates.ts';

/**
 * testbench.cir, which runs by hand (`ngspice -b testbench.cir` beside netlist.cir) and prints the output voltages of
 * every row. `volts` row-major [rows × inputs].
 */
export function renderTestbench(circuit: CircuitLike, technology: Technology, volts: Float64Array): string {
  const width = circuit.inputs.length;
  const rowCount = volts.length / width;
  return renderTemplate(technology.folder, 'testbench.cir.hbs', {
    title: circuit.name,
    ports: networkPorts(circuit, technology),
    supplies: Object.entries(technology.supplies).map(([name, value]) => ({ name, volts: value })),
    inputs: circuit.inputs.map((node, i) => ({ name: node, volts: inputColumn(volts, width, i) })),
    outputs: circuit.outputs,
    rowCount,
    lastRow: rowCount - 1,
    options: optionsLine(technology),
    width: 30 + 24 * circuit.outputs.length,
  });
}
