import type { Technology } from '@neuroprint/circuit';
import { type InputRange, rangeInWords } from '@neuroprint/core';
import { optionsLine } from '../engine/engine.ts';
import { type CircuitLike, networkPorts } from './netlist.ts';
import { inputColumn } from './network-deck.ts';
import { renderTemplate } from './templates.ts';

/**
 * testbench.cir, which runs by hand (`ngspice -b testbench.cir` beside netlist.cir) and prints the output voltages of
 * every row. `volts` row-major [rows × inputs]; with the network's `sensors` comments say what they mean.
 */
export function renderTestbench(
  circuit: CircuitLike,
  technology: Technology,
  volts: Float64Array,
  sensors: readonly InputRange[] = [],
): string {
  const width = circuit.inputs.length;
  const rowCount = volts.length / width;
  return renderTemplate(technology.folder, 'testbench.cir.hbs', {
    title: circuit.name,
    ports: networkPorts(circuit, technology),
    supplies: Object.entries(technology.supplies).map(([name, value]) => ({ name, volts: value })),
    inputs: circuit.inputs.map((node, i) => ({
      name: node,
      sensor: sensors[i] === undefined ? '' : rangeInWords(sensors[i]),
      volts: inputColumn(volts, width, i),
    })),
    outputs: circuit.outputs,
    rowCount,
    lastRow: rowCount - 1,
    options: optionsLine(technology),
    width: 30 + 24 * circuit.outputs.length,
  });
}
