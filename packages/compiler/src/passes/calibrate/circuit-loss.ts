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
import { flatLayered, outputNodes } from '../../devices.ts';
import type { Metal } from '../../ladder.ts';
import { emptyTally, type Tally } from './objective.ts';
import type { CalibrationParameters } from './parameters.ts';
import { EITHER, INVERTED, PLAIN } from './sides.ts';
import type { CalibrationRows } from './targets.ts';
import { WarmStarts } from './warm-starts.ts';

interface LossOptions {
  /** Of the printed copies. */
  readonly draws: Draws;
  readonly variation: number | Variation;
  readonly solver?: SolverKind;
  /** Whether every request is for the same copies; default: for others each time. */
  readonly haveSameCopies?: boolean;
  /** Where Newton is done; default: as exact as can be. */
  readonly convergedVolts?: number;
  /** Between the devices; undefined: nothing. */
  readonly metal?: Metal | undefined;
}

/** The circuit with every entry plain, and the nodes of every resistor where those entries are inverted that can be. */
interface EitherWay {
  readonly plain: FlatCircuit;
  readonly inverted: readonly (readonly [number, number])[];
}

/** What a circuit is asked about. */
export interface LossRequest {
  /** See Sides. */
  readonly sides: Uint8Array;
  /** 1: an entry takes its input negated. */
  readonly inverted: Uint8Array;
  /** Copies `first` to `first + copies − 1` of the draws. */
  readonly first: number;
  readonly copies: number;
  readonly withGradient: boolean;
}

/** What a shard of rows adds to the loss, and to its gradient by every parameter where that is asked for. */
export interface ShardSums {
  readonly tally: Tally;
  readonly gradient: Float64Array | undefined;
}

/**
 * The exact circuit of the present parameters on a set of rows: solves draw by draw and adds up loss and gradient. Its nodes and components are those that
 * entries of any signs need, so that a resistor whose entry changes its sign only moves, with the same draw; the elimination is planned for the
 * sides that are asked for.
 */
export class CircuitLoss {
  readonly #technology: Technology;
  readonly #rows: CalibrationRows;
  readonly #options: LossOptions;
  #solver: BatchSolver | undefined;
  #either: EitherWay | undefined;
  #sides: Uint8Array = new Uint8Array(0);
  /** 1: an entry takes its input negated, as the resistors stand. */
  #inverted: Uint8Array = new Uint8Array(0);
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
    this.#starts = new WarmStarts(rows.labels.length, 0, false);
  }

  get rowCount(): number {
    return this.#rows.labels.length;
  }

  /**
   * Loss over the rows of every shard under some copies, and, where it is wanted, the derivative of the sum by every parameter. The bits of a shard do not depend on the others.
   */
  run(
    parameters: CalibrationParameters,
    shards: readonly Int32Array[],
    { sides, inverted, first, copies, withGradient }: LossRequest,
  ): ShardSums[] {
    const { draws, variation } = this.#options;
    const solver = this.#solverFor(parameters, sides, inverted);
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
        starts.begin(chosen, copy - first);
        this.#add(parameters, chosen, broken, sums[k]!);
        starts.add(chosen, copy - first, copies);
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
    const circuit = { owners: this.#owners, negative: this.#inverted, nominal: this.#nominal };
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

  /** The solver that is planned for these sides, with resistors where the parameters have them. */
  #solverFor(parameters: CalibrationParameters, sides: Uint8Array, inverted: Uint8Array): BatchSolver {
    const isPlanned = this.#solver !== undefined && sides.every((side, k) => side === this.#sides[k]);
    if (!isPlanned) this.#plan(parameters, sides);
    const solver = this.#solver!;
    if (!isPlanned || inverted.some((side, k) => side !== this.#inverted[k])) {
      const { resistors } = solver.flat;
      solver.place(
        Uint8Array.from(resistors, ({ component }) => {
          const entry = this.#owners[component]!;
          return entry >= 0 && sides[entry] === EITHER ? inverted[entry]! : 0;
        }),
      );
      this.#inverted = inverted;
    }
    const printed = parameters.printed();
    const { slots } = parameters.vector;
    for (let k = 0; k < printed.length; k += 1)
      if (slots[k]!.where === 'crossbar') printed[k] = 1 / Math.abs(printed[k]!);
    this.#owners.forEach((entry, component) => {
      if (entry >= 0) this.#nominal[component] = printed[entry]!;
    });
    return solver;
  }

  #plan(parameters: CalibrationParameters, sides: Uint8Array): void {
    const { solver: kind, convergedVolts } = this.#options;
    this.#either ??= this.#begin(parameters);
    const { plain, inverted } = this.#either;
    const resistors = plain.resistors.map((resistor, i) => {
      const entry = this.#owners[resistor.component]!;
      const side = entry < 0 ? PLAIN : sides[entry];
      if (side === PLAIN) return resistor;
      const nodes = inverted[i]!;
      return side === INVERTED ? { ...resistor, nodes } : { ...resistor, otherNodes: nodes };
    });
    this.#solver = new BatchSolver({ ...plain, resistors }, kind);
    this.#solver.setTolerance(convergedVolts);
    this.#sides = sides.slice();
  }

  #begin(parameters: CalibrationParameters): EitherWay {
    const { variation, metal } = this.#options;
    const { vector } = parameters;
    const everywhere = (sign: 1 | -1): FlatCircuit => {
      const siemens = vector.values().map((value, k) => (parameters.isSigned(k) ? sign : Math.abs(value)));
      const whole = flatLayered(vector.with(siemens), this.#technology, {
        keepAbsent: true,
        ...{ series: hasSeries(variation), spread: hasMeasuredTransistors(variation) },
      });
      return withFaultSites(metal === undefined ? whole : metal(whole), variation);
    };
    const plain = everywhere(1);
    this.#starts = new WarmStarts(this.rowCount, plain.unknowns.length, this.#options.haveSameCopies === true);
    this.#owners = vector.ownersOf(plain);
    this.#outputs = outputNodes(vector.layered).map((node) => plain.unknowns.indexOf(node));
    this.#nominal = componentValues(plain);
    this.#values = new Float64Array(plain.components.length);
    this.#byValue = new Float64Array(plain.components.length);
    // the same nodes, met in another order
    const { unknowns, driven, resistors } = everywhere(-1);
    const places = new Map([...plain.unknowns, ...plain.driven].map((node, k) => [node, k]));
    const at = [...unknowns, ...driven].map((node) => places.get(node)!);
    return { plain, inverted: resistors.map(({ nodes: [a, b] }) => [at[a]!, at[b]!] as const) };
  }
}
