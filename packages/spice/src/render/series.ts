import { CURVE_LENGTH, openNode, type SeriesVolts, WAVES } from '@neuroprint/circuit';
import type { CircuitLike } from './netlist.ts';
import { checkName, checkNode, formatNumber, formatRowTable } from './templates.ts';

/** Which rows of the table a deck has, after how many rows of ramp. */
interface DeckRows {
  readonly first: number;
  readonly count: number;
  readonly rampRows: number;
}

function stagesOf(circuit: CircuitLike) {
  return circuit.devices.filter((device) => device.kind === 'stage');
}

/** The circuit with the outputs of its cells left open, and everything that a source in series with them needs as a port. */
export function openStages(circuit: CircuitLike): CircuitLike {
  const devices = circuit.devices.map((device) =>
    device.kind === 'stage' ? { ...device, output: openNode(device.name) } : device,
  );
  const wanted = stagesOf(circuit).flatMap(({ name, input, output }) => [input, openNode(name), output]);
  const added = new Set(wanted.filter((node) => !circuit.inputs.includes(node) && !circuit.outputs.includes(node)));
  return { ...circuit, devices, outputs: [...circuit.outputs, ...added] };
}

/** A behavioural source for every stage: v(output) − v(open) = e(v(input)) + what the row adds. While the supplies are ramped up, so is it. */
export function seriesSources(
  circuit: CircuitLike,
  series: SeriesVolts,
  { first, count, rampRows }: DeckRows,
): string[] {
  const stages = stagesOf(circuit);
  const added = Array.from({ length: count }, (_, row) => {
    const out = new Float64Array(stages.length);
    series.atRow(first + row, out);
    return out;
  });
  const ramp = rampRows === 0 ? '' : `pwl(v(_row), 0,0, ${rampRows},1, ${rampRows + 1},1)*`;
  return stages.map(({ name, input, output }, s) => {
    const curve = series.curves.subarray(s * CURVE_LENGTH, (s + 1) * CURVE_LENGTH);
    const byRow = Float64Array.from({ length: rampRows + count }, (_, i) => added[Math.max(0, i - rampRows)]![s]!);
    const terms = [formatNumber(curve[0]!), ...waves(curve, checkNode(input), series.periodVolts)];
    if (byRow.some((volts) => volts !== 0)) terms.push(`pwl(v(_row),\n+ ${formatRowTable(byRow)})`);
    return `b_series_${checkName(name)} ${checkNode(output)} ${openNode(name)} v=${ramp}(${terms.join('\n+ + ')})`;
  });
}

/** a·cos + b·sin of every wave as one cosine with a phase: half as many functions for ngspice to differentiate. */
function waves(curve: Float64Array, input: string, periodVolts: number): string[] {
  return Array.from({ length: WAVES }, (_, k) => {
    const [a, b] = [curve[2 * k + 1]!, curve[2 * k + 2]!];
    const turn = (2 * Math.PI * (k + 1)) / periodVolts;
    const phase = Math.atan2(-b, a);
    return `${formatNumber(Math.hypot(a, b))}*cos(${formatNumber(turn)}*v(${input})+(${formatNumber(phase)}))`;
  }).filter((_, k) => curve[2 * k + 1] !== 0 || curve[2 * k + 2] !== 0);
}
