import { type FlatCircuit, flatten, type SeriesVolts, type Technology } from '@neuroprint/circuit';
import { UsageError } from '@neuroprint/core';
import { optionsLine } from '../engine/engine.ts';
import { SimulationError } from '../engine/errors.ts';
import type { Plot } from '../engine/raw.ts';
import { type CircuitLike, networkPorts, renderNetlist } from './netlist.ts';
import { ROW_SOURCE, rowSweep } from './row-source.ts';
import { openStages, seriesSources } from './series.ts';
import { railsOf, rampedSources, supplySources } from './supplies.ts';
import { checkNode, formatRowTable } from './templates.ts';

/** A circuit as it is simulated: one printed copy may have voltages in series with the outputs of its stages. */
export type SimulatedCircuit = CircuitLike & { readonly series?: SeriesVolts };

const INSTANCE = 'xnet';

/**
 * A circuit in a deck whose rows are swept by one `dc` over the row number: the inputs are `pwl(v(_row), …)` sources.
 * Within 1e-9 V of an operating point per row, at a third of its cost or less. Names with a leading underscore are the
 * deck's own: no circuit may use them.
 */
export class NetworkDeck {
  readonly flat: FlatCircuit;
  readonly rows: number;
  readonly body: string;
  readonly options: string;
  readonly #circuit: CircuitLike;
  readonly #variables: readonly string[];
  /** The currents of all sources and the volts that they hold at a row: what the circuit takes. None where op-amps have rails of their own. */
  readonly #sources: readonly { readonly current: string; readonly voltsAt: (row: number) => number }[];
  /** No output may leave this range; inputs count, for one above the supply pulls outputs up through the crossbar. */
  readonly #rails: { readonly low: number; readonly high: number };

  /**
   * `volts` row-major [rows × inputs], of which the first is row `firstRow` of the table. Before it stand `rampRows` rows over
   * which the supplies rise from 0 V.
   * Throws UsageError where the voltages do not fill whole rows.
   */
  constructor(circuit: SimulatedCircuit, technology: Technology, volts: Float64Array, firstRow = 0, rampRows = 0) {
    const width = circuit.inputs.length;
    this.rows = volts.length / width;
    if (this.rows < 1 || !Number.isInteger(this.rows)) {
      throw new UsageError(`${volts.length} voltages do not fill rows of ${width} inputs.`);
    }
    const { series } = circuit;
    const shown = series === undefined ? circuit : openStages(circuit);
    this.flat = flatten(circuit, technology, { series: series !== undefined });
    this.options = optionsLine(technology, this.flat.unknowns.length);
    this.#circuit = circuit;
    const { low, high } = railsOf(technology);
    const reach = series?.reachVolts ?? 0;
    this.#rails = {
      low: volts.reduce((least, v) => Math.min(least, v), low) - reach,
      high: volts.reduce((most, v) => Math.max(most, v), high) + reach,
    };
    const ports = networkPorts(shown, technology);
    this.#variables = this.flat.unknowns.map((node) => `v(${ports.includes(node) ? node : `${INSTANCE}.${node}`})`);
    const { supplies } = technology;
    const isFed = rampRows === 0 && series === undefined && !circuit.devices.some(({ kind }) => kind === 'opamp');
    this.#sources = !isFed
      ? []
      : [
          ...Object.entries(supplies).map(([node, held]) => ({ current: `i(v_${node})`, voltsAt: () => held })),
          ...circuit.inputs.map((node, i) => ({
            current: `i(b_${node})`,
            voltsAt: (row: number) => volts[row * width + i]!,
          })),
        ];
    this.body = [
      renderNetlist(shown, technology),
      `${INSTANCE} ${ports.join(' ')} network`,
      ...(rampRows === 0 ? supplySources(technology) : rampedSources(technology, rampRows)),
      ...ROW_SOURCE,
      'v_tag _tag 0 0',
      ...circuit.inputs.map((node, i) => pwlSource(node, inputColumn(volts, width, i))),
      ...(series === undefined
        ? []
        : seriesSources(circuit, series, { first: firstRow, count: this.rows - rampRows, rampRows })),
    ].join('\n');
  }

  /** Where an instance of the network is in the flattened names of ngspice. */
  path(device: string): string {
    return `${INSTANCE}.${device}`;
  }

  /** The commands that simulate rows `first` and after and keep the plot. */
  sweep(first = 0): string[] {
    return [rowSweep(first, this.rows - 1), 'write result.raw', 'destroy all'];
  }

  /** Static watts of every point of a plot whose first is row `first`, by the simulator's own currents; undefined where not all were saved. */
  watts(plot: Plot, first: number): Float64Array | undefined {
    if (this.#sources.length === 0) return undefined;
    const sources = this.#sources.map(({ current, voltsAt }) => ({ at: plot.variables.indexOf(current), voltsAt }));
    if (sources.some(({ at }) => at < 0)) return undefined;
    // a source that gives power has a current into its plus node below 0
    return Float64Array.from({ length: plot.points }, (_, point) =>
      sources.reduce(
        (sum, { at, voltsAt }) => sum - voltsAt(first + point) * plot.values[point * plot.variables.length + at]!,
        0,
      ),
    );
  }

  /**
   * Copies a plot whose first point is row `first` into `volts`. Throws SimulationError where a voltage is impossible;
   * `offset` is added to the row numbers of its messages.
   */
  copy(engine: string, plot: Plot, first: number, volts: Float64Array, offset = 0): void {
    const { unknowns } = this.flat;
    const places = new Map(plot.variables.map((name, column) => [name, column]));
    const columns = this.#variables.map((name) => places.get(name) ?? -1);
    const missing = columns.indexOf(-1);
    if (missing >= 0) throw new SimulationError(engine, `gave no voltage of ${unknowns[missing]}`, '');
    const { low, high } = this.#rails;
    for (let point = 0; point < plot.points; point += 1) {
      for (let k = 0; k < unknowns.length; k += 1) {
        const value = plot.values[point * plot.variables.length + columns[k]!]!;
        if (!Number.isFinite(value)) {
          throw new SimulationError(
            engine,
            `row ${offset + first + point}: the voltage of ${unknowns[k]} is ${value}`,
            '',
          );
        }
        volts[(first + point) * unknowns.length + k] = value;
      }
    }
    for (const device of this.#circuit.devices) {
      if (device.kind !== 'stage') continue;
      const k = unknowns.indexOf(device.output);
      for (let row = first; row < first + plot.points; row += 1) {
        const value = volts[row * unknowns.length + k]!;
        if (value < low || value > high) {
          throw new SimulationError(
            engine,
            `row ${offset + row}: the output ${device.output} of ${device.name} is ${value} V, outside of supplies and inputs`,
            '',
          );
        }
      }
    }
  }
}

/** The voltages of one input over all rows. */
export function inputColumn(volts: Float64Array, width: number, input: number): Float64Array {
  return Float64Array.from({ length: volts.length / width }, (_, row) => volts[row * width + input]!);
}

function pwlSource(node: string, column: Float64Array): string {
  return `b_${checkNode(node)} ${node} 0 v=pwl(v(_row),\n+ ${formatRowTable(column)})`;
}
