import {
  componentValues,
  ExactSolver,
  type FlatCircuit,
  flatten,
  type Technology,
  variedValues,
} from '@neuroprint/circuit';
import type { Draws } from '@neuroprint/core';
import { type Draft, devicesOf, nodes } from '../draft.ts';
import { crossEntropy } from './loss.ts';
import type { CalibrationParameters, ParameterLink } from './parameters.ts';
import type { CalibrationRows } from './targets.ts';

/** Sums over rows and draws. */
export interface Tally {
  loss: number;
  /** Rows decided as labelled, and as the trained network decides. */
  right: number;
  kept: number;
  count: number;
  /** Rows without an operating point; they give no gradient. */
  unsolved: number;
}

/**
 * The exact circuit of the present parameters on a set of rows: solves draw by draw and row by row, each row warm from its
 * last visit, and adds up loss and gradient. When a sign flips or an inverter comes or goes, the circuit is built anew and the
 * voltages are carried over by node name.
 */
export class CircuitBench {
  readonly #technology: Technology;
  readonly #rows: CalibrationRows;
  readonly #inputs: number;
  #signature = '';
  #solver: ExactSolver | undefined;
  #links: readonly ParameterLink[] = [];
  #outputs: readonly number[] = [];
  #states: Float64Array[] = [];
  #values = new Float64Array(0);
  #byValue = new Float64Array(0);

  constructor(technology: Technology, rows: CalibrationRows, inputs: number) {
    this.#technology = technology;
    this.#rows = rows;
    this.#inputs = inputs;
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
    draws: Draws,
    first: number,
    copies: number,
    relativeSpread: number,
    gradient?: Float64Array,
  ): Tally {
    const draft = parameters.draft();
    const flat = this.#flatten(draft);
    const nominal = componentValues(flat);
    const solver = this.#solverFor(flat, parameters, draft);
    const { temperature } = parameters;
    const tally: Tally = { loss: 0, right: 0, kept: 0, count: 0, unsolved: 0 };
    const volts = new Float64Array(this.#outputs.length);
    const byVolts = new Float64Array(this.#outputs.length);
    const byNode = new Float64Array(solver.size);
    const row = { loss: 0, byLogTemperature: 0 };
    for (let copy = 0; copy < copies; copy += 1) {
      variedValues(solver.flat, nominal, draws, first + copy, relativeSpread, this.#values);
      solver.setValues(this.#values);
      this.#states[copy] ??= solver.newState(this.rowCount);
      const state = this.#states[copy]!;
      this.#byValue.fill(0);
      for (const at of chosen) {
        if (!solver.solveRow(this.#rows.volts, at, state)) {
          tally.unsolved += 1;
          continue;
        }
        let best = 0;
        this.#outputs.forEach((node, c) => {
          volts[c] = state[at * solver.size + node]!;
          if (volts[c]! > volts[best]!) best = c;
        });
        crossEntropy(volts, this.#rows.targets, at * volts.length, temperature, byVolts, row);
        tally.loss += row.loss;
        tally.count += 1;
        if (best === this.#rows.labels[at]) tally.right += 1;
        if (best === this.#rows.promised[at]) tally.kept += 1;
        if (gradient === undefined) continue;
        gradient[gradient.length - 1]! += row.byLogTemperature;
        this.#outputs.forEach((node, c) => {
          byNode[node] = byVolts[c]!;
        });
        solver.addGradient(byNode, this.#byValue);
      }
      if (gradient === undefined) continue;
      this.#links.forEach((link, k) => {
        parameters.pullBack(link, this.#byValue[k]!, nominal[k]!, this.#values[k]!, gradient);
      });
    }
    return tally;
  }

  #flatten(draft: Draft): FlatCircuit {
    const inputs = Array.from({ length: this.#inputs }, (_, i) => nodes.input(0, i));
    return flatten({ inputs, devices: devicesOf(draft, this.#technology, { keepAbsent: true }) }, this.#technology);
  }

  /** The solver of this topology: the one of the last call where nothing changed, with its warm states. */
  #solverFor(flat: FlatCircuit, parameters: CalibrationParameters, draft: Draft): ExactSolver {
    const signature = parameters.signature(draft);
    if (this.#solver !== undefined && signature === this.#signature) return this.#solver;
    const solver = new ExactSolver(flat);
    const before = this.#solver;
    if (before !== undefined) {
      const from = solver.flat.unknowns.map((node) => before.flat.unknowns.indexOf(node));
      this.#states = this.#states.map((old) => {
        const state = solver.newState(this.rowCount);
        if (from.includes(-1)) return state;
        for (let row = 0; row < this.rowCount; row += 1) {
          from.forEach((node, k) => {
            state[row * solver.size + k] = old[row * before.size + node]!;
          });
        }
        return state;
      });
    }
    this.#solver = solver;
    this.#signature = signature;
    this.#links = flat.components.map((component) => parameters.link(component));
    const last = draft.layers.length - 1;
    this.#outputs = Array.from({ length: draft.layers[last]!.columns }, (_, c) =>
      flat.unknowns.indexOf(nodes.output(last, c)),
    );
    this.#values = new Float64Array(flat.components.length);
    this.#byValue = new Float64Array(flat.components.length);
    return solver;
  }
}
