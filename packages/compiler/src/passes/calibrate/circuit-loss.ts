import {
  BatchSolver,
  componentValues,
  drawSeries,
  hasMeasuredTransistors,
  hasSeries,
  type SolverKind,
  type Technology,
  variedValues,
  withFaultSites,
} from '@neuroprint/circuit';
import type { Draws, Variation } from '@neuroprint/core';
import { flatLayered, outputNodes } from '../../devices.ts';
import type { Metal } from '../../ladder.ts';
import type { Layered } from '../../layered.ts';
import { LayeredVector } from '../../vector.ts';
import { emptyTally, type Tally } from './objective.ts';
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

/** In siemens: what stands in a circuit for an entry that is absent, and would be negative. */
const ABSENT = -1e-300;

/** What a shard of rows adds to the loss, and to its gradient by every parameter where that is asked for. */
export interface ShardSums {
  readonly tally: Tally;
  readonly gradient: Float64Array | undefined;
}

/**
 * The exact circuit of the present parameters on a set of rows: solves draw by draw and adds up loss and gradient. When an entry becomes
 * negative or no longer is, the circuit is built anew and the voltages are carried over by node name.
 */
export class CircuitLoss {
  readonly #technology: Technology;
  readonly #rows: CalibrationRows;
  readonly #options: LossOptions;
  /** 1: an entry takes its input negated, as the circuit is built. */
  #negative: Uint8Array = new Uint8Array(0);
  #solver: BatchSolver | undefined;
  #owners: Int32Array = new Int32Array(0);
  #outputs: readonly number[] = [];
  #starts: WarmStarts;
  #nominal: Float64Array = new Float64Array(0);
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
   * Loss over the rows of every shard under copies `first` to `first + copies − 1` of the draws, and, where it is wanted, the derivative of
   * the sum by every parameter. The bits of a shard do not depend on the others.
   */
  run(
    parameters: CalibrationParameters,
    shards: readonly Int32Array[],
    first: number,
    copies: number,
    withGradient: boolean,
  ): ShardSums[] {
    const { draws, variation } = this.#options;
    const solver = this.#solverFor(parameters);
    const [{ flat }, nominal, starts] = [solver, this.#nominal, this.#starts];
    const sums = shards.map(() => ({
      tally: emptyTally(),
      gradient: withGradient ? new Float64Array(parameters.values.length) : undefined,
    }));
    for (let copy = first; copy < first + copies; copy += 1) {
      const broken = variedValues(flat, nominal, draws, copy, variation, this.#values);
      solver.setValues(this.#values);
      solver.setSeries(drawSeries(flat, draws, copy, variation));
      shards.forEach((chosen, k) => {
        starts.begin(chosen);
        this.#add(parameters, chosen, broken, sums[k]!);
        starts.add(chosen, copy === first);
      });
    }
    for (const chosen of shards) starts.finish(chosen, copies);
    return sums;
  }

  /** Solves a shard at the present copy. */
  #add(
    parameters: CalibrationParameters,
    chosen: Int32Array,
    broken: readonly number[],
    { tally, gradient }: ShardSums,
  ): void {
    const [solver, { state }, { volts }] = [this.#solver!, this.#starts, this.#rows];
    const judge = this.#judge(solver, parameters.temperature, tally);
    if (gradient === undefined) {
      const failed = new Set(solver.solveRows(volts, chosen, state));
      for (const row of chosen) if (!failed.has(row)) judge(state, row);
      tally.unsolved += failed.size;
      return;
    }
    const byValue = this.#byValue.fill(0);
    const seed = (row: number, byNode: Float64Array): boolean => {
      gradient[gradient.length - 1]! += judge(state, row, byNode);
      return true;
    };
    tally.unsolved += solver.solveRows(volts, chosen, state, { seed, gradient: byValue }).length;
    for (const component of broken) byValue[component] = 0;
    const circuit = { owners: this.#owners, negative: this.#negative, nominal: this.#nominal };
    parameters.addGradient(circuit, byValue, this.#values, gradient);
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

  /**
   * The solver of this topology, with its warm states: the one of the last call where no entry has changed its side. An entry that is absent
   * stays on the side where it was, of no conductance.
   */
  #solverFor(parameters: CalibrationParameters): BatchSolver {
    const printed = parameters.printed();
    const { slots } = parameters.vector;
    const isOnSide = (value: number, k: number): boolean => value === 0 || value < 0 === (this.#negative[k] === 1);
    if (
      this.#solver === undefined ||
      !printed.every((value, k) => slots[k]!.where !== 'crossbar' || isOnSide(value, k))
    )
      this.#build(
        parameters.vector.with(printed.map((value, k) => (value === 0 && this.#negative[k] === 1 ? ABSENT : value))),
      );
    for (let k = 0; k < printed.length; k += 1)
      if (slots[k]!.where === 'crossbar') printed[k] = 1 / Math.abs(printed[k]!);
    this.#owners.forEach((entry, component) => {
      if (entry >= 0) this.#nominal[component] = printed[entry]!;
    });
    return this.#solver!;
  }

  #build(layered: Layered): void {
    const { variation, metal, solver: kind, convergedVolts } = this.#options;
    const whole = flatLayered(layered, this.#technology, {
      keepAbsent: true,
      ...{ series: hasSeries(variation), spread: hasMeasuredTransistors(variation) },
    });
    const flat = withFaultSites(metal === undefined ? whole : metal(whole), variation);
    const places = new Map(this.#solver?.flat.unknowns.map((node, i) => [node, i]));
    const from = Int32Array.from(flat.unknowns, (node) => places.get(node) ?? -1);
    this.#starts = from.includes(-1)
      ? new WarmStarts(this.rowCount, flat.unknowns.length)
      : this.#starts.carriedOver(from);
    this.#solver = new BatchSolver(flat, kind);
    this.#solver.setTolerance(convergedVolts);
    const vector = new LayeredVector(layered);
    this.#negative = Uint8Array.from(vector.values(), (value) => (value < 0 ? 1 : 0));
    this.#owners = vector.ownersOf(flat);
    this.#outputs = outputNodes(layered).map((node) => flat.unknowns.indexOf(node));
    this.#nominal = componentValues(flat);
    this.#values = new Float64Array(flat.components.length);
    this.#byValue = new Float64Array(flat.components.length);
  }
}
