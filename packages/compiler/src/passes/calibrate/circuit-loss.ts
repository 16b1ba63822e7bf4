import {
  BatchSolver,
  componentValues,
  drawSeries,
  type FlatCircuit,
  hasMeasuredTransistors,
  hasSeries,
  type SolverKind,
  type Technology,
  variedValues,
  withFaultSites,
} from '@neuroprint/circuit';
import type { Draws, Variation } from '@neuroprint/core';
import { LineMoments } from '@neuroprint/numeric';
import { flatLayered, outputNodes } from '../../devices.ts';
import type { Metal } from '../../ladder.ts';
import type { Layered } from '../../layered.ts';
import type { Tally } from './objective.ts';
import type { CalibrationParameters } from './parameters.ts';
import type { CalibrationRows } from './targets.ts';
import { WarmStarts } from './warm-starts.ts';

interface LossOptions {
  /** Of the printed copies. */
  readonly draws: Draws;
  readonly variation: number | Variation;
  readonly solver?: SolverKind;
  /** Where Newton is done; default: as exact as can be. */
  readonly convergedVolts?: number;
  /** Between the devices; undefined: nothing. */
  readonly metal?: Metal | undefined;
}

/**
 * The exact circuit of the present parameters on a set of rows: solves draw by draw and adds up loss and gradient. When a sign
 * flips or an inverter comes or goes, the circuit is built anew and the voltages are carried over by node name.
 */
export class CircuitLoss {
  readonly #technology: Technology;
  readonly #rows: CalibrationRows;
  readonly #options: LossOptions;
  #topology = '';
  #solver: BatchSolver | undefined;
  #owners: Int32Array = new Int32Array(0);
  #outputs: readonly number[] = [];
  #starts: WarmStarts;
  #values = new Float64Array(0);
  #byValue = new Float64Array(0);

  constructor(technology: Technology, rows: CalibrationRows, options: LossOptions) {
    this.#technology = technology;
    this.#rows = rows;
    this.#options = options;
    this.#starts = new WarmStarts(rows.labels.length, 0);
  }

  get rowCount(): number {
    return this.#rows.labels.length;
  }

  /**
   * Loss over the chosen rows under copies `first` to `first + copies − 1` of the draws. Where `gradient` is given, the
   * derivative of the sum by every parameter is added to it.
   */
  run(
    parameters: CalibrationParameters,
    chosen: Int32Array,
    first: number,
    copies: number,
    gradient?: Float64Array,
  ): Tally {
    const { draws, variation, metal } = this.#options;
    const layered = parameters.layered();
    const printed = { series: hasSeries(variation), spread: hasMeasuredTransistors(variation) };
    const whole = flatLayered(layered, this.#technology, { keepAbsent: true, ...printed });
    const flat = withFaultSites(metal === undefined ? whole : metal(whole), variation);
    const nominal = componentValues(flat);
    const solver = this.#solverFor(flat, parameters, layered);
    const { temperature } = parameters;
    const tally: Tally = { loss: 0, right: 0, kept: 0, read: new LineMoments(), count: 0, unsolved: 0 };
    const starts = this.#starts;
    const judge = this.#judge(solver, temperature, tally);
    for (let copy = 0; copy < copies; copy += 1) {
      const broken = variedValues(flat, nominal, draws, first + copy, variation, this.#values);
      solver.setValues(this.#values);
      solver.setSeries(drawSeries(flat, draws, first + copy, variation));
      const { state } = starts;
      const volts = this.#rows.volts;
      starts.begin(chosen);
      if (gradient === undefined) {
        const failed = new Set(solver.solveRows(volts, chosen, state));
        for (const row of chosen) if (!failed.has(row)) judge(state, row);
        tally.unsolved += failed.size;
        starts.add(chosen);
        continue;
      }
      this.#byValue.fill(0);
      const seed = (row: number, byNode: Float64Array): boolean => {
        gradient[gradient.length - 1]! += judge(state, row, byNode);
        return true;
      };
      tally.unsolved += solver.solveRows(volts, chosen, state, { seed, gradient: this.#byValue }).length;
      starts.add(chosen);
      for (const component of broken) this.#byValue[component] = 0;
      parameters.addGradient(this.#owners, this.#byValue, nominal, this.#values, gradient);
    }
    starts.finish(chosen);
    return tally;
  }

  /** Adds a solved row to the tally; writes ∂L/∂v of its outputs into `byNode` and returns ∂L/∂ln T. */
  #judge(solver: BatchSolver, temperature: number, tally: Tally) {
    const volts = new Float64Array(this.#outputs.length);
    const byVolts = new Float64Array(this.#outputs.length);
    const { objective } = this.#rows;
    return (state: Float64Array, row: number, byNode?: Float64Array): number => {
      this.#outputs.forEach((node, c) => {
        volts[c] = state[row * solver.size + node]!;
      });
      const byLogTemperature = objective.judge(volts, row, temperature, tally, byVolts);
      if (byNode !== undefined)
        this.#outputs.forEach((node, c) => {
          byNode[node] = byVolts[c]!;
        });
      return byLogTemperature;
    };
  }

  /** The solver of this topology: the one of the last call where nothing changed, with its warm states. */
  #solverFor(flat: FlatCircuit, parameters: CalibrationParameters, layered: Layered): BatchSolver {
    // which entries are negative decides it, and whether stages have sources in series: one that is absent is there, of no conductance
    const signs = layered.layers.map(({ siemens }) => siemens.map((one) => (one < 0 ? 1 : 0)).join(''));
    const topology = `${signs.join('|')} ${flat.sources.length}`;
    if (this.#solver !== undefined && topology === this.#topology) return this.#solver;
    const { solver: kind, convergedVolts } = this.#options;
    const solver = new BatchSolver(flat, kind);
    solver.setTolerance(convergedVolts);
    const before = this.#solver;
    const places = new Map(before?.flat.unknowns.map((node, i) => [node, i]));
    const from = Int32Array.from(flat.unknowns, (node) => places.get(node) ?? -1);
    this.#starts = from.includes(-1)
      ? new WarmStarts(this.rowCount, flat.unknowns.length)
      : this.#starts.carriedOver(from);
    this.#solver = solver;
    this.#topology = topology;
    this.#owners = parameters.vector.ownersOf(flat);
    this.#outputs = outputNodes(layered).map((node) => flat.unknowns.indexOf(node));
    this.#values = new Float64Array(flat.components.length);
    this.#byValue = new Float64Array(flat.components.length);
    return solver;
  }
}
