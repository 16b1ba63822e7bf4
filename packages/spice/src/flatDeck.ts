import { type FlatCircuit, opampModel, type Technology } from '@neuroprint/circuit';
import { buildDeck, type Engine, optionsLine, type RunOptions } from './engine.ts';
import { SimulationError, TemplateError } from './errors.ts';
import { opampSubckt, renderLibrary } from './netlist.ts';
import type { NodeVoltages } from './networkDeck.ts';
import { inputColumn } from './networkDeck.ts';
import { parseNetlist } from './parser.ts';
import { formatNumber, formatRowTable } from './templates.ts';

/** The transistor of a technology as a subcircuit of its netlists. */
export interface TransistorModel {
  readonly name: string;
  /** Ports in the order of the subcircuit: `drain`, `gate` and `source` in some order. */
  readonly ports: readonly string[];
  /** The parameter that is W/L. */
  readonly ratio: string;
  /** The definition, from `.subckt` to `.ends`, with its comments. */
  readonly text: string;
}

/** Reads the transistor model out of the technology's own template. Throws TemplateError where it is none. */
export function transistorModel(technology: Technology): TransistorModel {
  const { models } = renderLibrary(technology, []);
  const [model] = parseNetlist(`${models}\n`, 'models.lib.hbs').subckts;
  const ratio = Object.keys(model?.params ?? {})[0];
  if (model === undefined || ratio === undefined || !['drain', 'gate', 'source'].every((p) => model.ports.includes(p)))
    throw new TemplateError('models.lib.hbs', 'has no transistor with drain, gate, source and W/L');
  return { name: model.name, ports: model.ports, ratio, text: models };
}

/** Longer `pwl` tables cost more a row. */
const ROWS_PER_RUN = 5000;

/**
 * Simulates resistors, transistors and op-amps that come from anywhere: the deck holds numbers and names of our own making only
 * (`n0`, `n1`, …), nothing of a foreign text. `volts` row-major [rows × inputs]. Throws SimulationError with the row.
 */
export async function simulateFlat(
  engine: Engine,
  flat: FlatCircuit,
  volts: Float64Array,
  options: RunOptions = {},
): Promise<NodeVoltages> {
  const width = flat.inputs.length;
  const size = flat.unknowns.length;
  const rows = volts.length / width;
  const out = new Float64Array(rows * size);
  const label = `${engine.name} ${engine.version}`;
  for (let start = 0; start < rows; start += ROWS_PER_RUN) {
    const end = Math.min(rows, start + ROWS_PER_RUN);
    const body = flatBody(flat, volts.subarray(start * width, end * width));
    for (let first = 0; first < end - start; ) {
      const commands = [`dc v_row ${first} ${end - start - 1} 1`, 'write result.raw'];
      const [plot] = await engine.run(buildDeck(body, commands, optionsLine(flat.technology)), options);
      if (plot === undefined || plot.points === 0)
        throw new SimulationError(label, `row ${start + first} has no operating point`, '');
      const columns = flat.unknowns.map((_, k) => plot.variables.indexOf(`v(n${k})`));
      for (let point = 0; point < plot.points; point += 1) {
        columns.forEach((column, k) => {
          const value = plot.values[point * plot.variables.length + column];
          if (column < 0 || value === undefined || !Number.isFinite(value))
            throw new SimulationError(label, `row ${start + first + point}: no voltage of ${flat.unknowns[k]}`, '');
          out[(start + first + point) * size + k] = value;
        });
      }
      first += plot.points;
    }
  }
  return { nodes: flat.unknowns, rows, volts: out };
}

function flatBody(flat: FlatCircuit, volts: Float64Array): string {
  const model = transistorModel(flat.technology);
  const size = flat.unknowns.length;
  const node = (i: number): string => (i < size ? `n${i}` : i === size ? '0' : `d${i - size}`);
  const value = (component: number): number => flat.components[component]!.value;
  const supplies = flat.supplyVolts.length;
  return [
    model.text,
    ...flat.resistors.map(
      ({ nodes: [a, b], component }, i) => `r${i} ${node(a)} ${node(b)} ${formatNumber(value(component))}`,
    ),
    ...flat.transistors.map((t, i) => {
      const ends: Readonly<Record<string, number>> = { drain: t.drain, gate: t.gate, source: t.source };
      const nodes = model.ports.map((port) => node(ends[port]!)).join(' ');
      return `x${i} ${nodes} ${model.name} ${model.ratio}=${formatNumber(value(t.width) / value(t.length))}`;
    }),
    ...flat.opamps.map(
      (o, i) => `xo${i} ${node(o.plus)} ${node(o.minus)} ${node(o.output)} ${opampSubckt(opampModel(o))}`,
    ),
    ...flat.supplyVolts.slice(1).map((v, i) => `v_s${i} d${i + 1} 0 ${formatNumber(v)}`),
    'v_row _row 0 0',
    ...flat.inputs.map(
      (_, i) =>
        `b_i${i} d${supplies + i} 0 v=pwl(v(_row),\n+ ${formatRowTable(inputColumn(volts, flat.inputs.length, i))})`,
    ),
    ...flat.unknowns.map((_, k) => `.save v(n${k})`),
  ].join('\n');
}
