import { flatten, type Technology } from '@neuroprint/circuit';
import { buildDeck, type Engine, type RunOptions } from './engine.ts';
import { SimulationError } from './errors.ts';
import { type CircuitLike, networkPorts, renderNetlist } from './netlist.ts';
import type { NodeVoltages } from './networkDeck.ts';
import { sweepFromZero } from './ramp.ts';
import { runOrNothing } from './rows.ts';
import { supplySources } from './supplies.ts';
import { checkNode, formatNumber } from './templates.ts';

/**
 * The operating point of every row by itself, each in a run of its own that knows nothing of the others: a sweep starts each
 * row from the row before it, which could hide a circuit with two states. Costs a start of the simulator a row.
 * `volts` row-major [rows × inputs]. Throws SimulationError with the row.
 */
export async function simulateOperatingPoints(
  engine: Engine,
  circuit: CircuitLike,
  technology: Technology,
  volts: Float64Array,
  options: RunOptions = {},
): Promise<NodeVoltages> {
  const width = circuit.inputs.length;
  const rows = volts.length / width;
  const { unknowns } = flatten(circuit, technology);
  const ports = networkPorts(circuit, technology);
  const variables = unknowns.map((node) => `v(${ports.includes(node) ? node : `xnet.${node}`})`);
  const out = new Float64Array(rows * unknowns.length);
  const label = `${engine.name} ${engine.version}`;
  const netlist = renderNetlist(circuit, technology);
  for (let row = 0; row < rows; row += 1) {
    const body = [
      netlist,
      `xnet ${ports.join(' ')} network`,
      ...supplySources(technology),
      ...circuit.inputs.map((node, i) => `v_${checkNode(node)} ${node} 0 ${formatNumber(volts[row * width + i])}`),
      ...variables.map((variable) => `.save ${variable}`),
    ].join('\n');
    const plot =
      (await runOrNothing(engine, buildDeck(body, ['op', 'write result.raw']), options))[0] ??
      (await sweepFromZero(engine, circuit, technology, volts.subarray(row * width, (row + 1) * width), options));
    variables.forEach((variable, k) => {
      const value = plot.values[plot.variables.indexOf(variable)];
      if (value === undefined || !Number.isFinite(value))
        throw new SimulationError(label, `row ${row}: gave no voltage of ${unknowns[k]}`, '');
      out[row * unknowns.length + k] = value;
    });
  }
  return { nodes: unknowns, rows, volts: out };
}
