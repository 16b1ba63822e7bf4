import {
  componentValues,
  drawSeries,
  ExactSolver,
  type FlatCircuit,
  findCell,
  hasMeasuredTransistors,
  hasSeries,
  printedArea,
  resistorInk,
  type Technology,
  variedValues,
} from '@neuroprint/circuit';
import { type Budget, Draws, quantile, type Variation } from '@neuroprint/core';
import { flatLayered } from '../devices.ts';
import { fallingStages, isInverted, type Layered } from '../layered.ts';

/** Rows, evenly taken, over which power is averaged: of the cases, of the table, and of the table for printed copies. */
const CASE_ROWS = 128;
const TABLE_ROWS = 64;
const COPY_ROWS = 16;
const COPIES = 100;
/** What calibration leaves for the rounding to printable values, as a share of the budget. */
const RESERVE = 0.01;

interface GaugeOptions {
  readonly technology: Technology;
  readonly variation: Variation;
  readonly seed: number;
  /** Row-major [rows × inputs]: what the circuit is tuned on, where there is a table, and what it is verified on. */
  readonly tableVolts: Float64Array | undefined;
  readonly caseVolts: Float64Array;
  readonly inputs: number;
}

/** Holds layered circuits against the budget of their network: by the exact solver, loading included. */
export class BudgetGauge {
  readonly budget: Budget;
  readonly #of: GaugeOptions;
  readonly #rows: readonly Float64Array[];
  #copyShare: number | undefined;

  constructor(budget: Budget, of: GaugeOptions) {
    this.budget = budget;
    this.#of = of;
    const { tableVolts, caseVolts, inputs } = of;
    this.#rows = [
      ...(tableVolts === undefined ? [] : [evenRows(tableVolts, inputs, TABLE_ROWS)]),
      evenRows(caseVolts, inputs, CASE_ROWS),
    ];
  }

  /** Rows that stand for what the circuit will see, row-major [rows × inputs]. */
  get rows(): Float64Array {
    return this.#rows[0]!;
  }

  /** Nominal watts: the larger mean of the table's rows and of the cases. */
  watts(layered: Layered): number {
    const flat = flatLayered(layered, this.#of.technology);
    const solver = new ExactSolver(flat);
    solver.setValues(componentValues(flat));
    return Math.max(...this.#rows.map((volts) => meanWatts(solver, volts)));
  }

  /** 95th percentile of the copies' power over the nominal one, 1 at least; asked for once, of the first circuit: it hardly depends on values. */
  copyShare(layered: Layered): number {
    this.#copyShare ??= this.#copyShareOf(layered);
    return this.#copyShare;
  }

  #copyShareOf(layered: Layered): number {
    const { technology, variation, seed, inputs } = this.#of;
    const flat = flatLayered(layered, technology, {
      series: hasSeries(variation),
      spread: hasMeasuredTransistors(variation),
    });
    return Math.max(1, copyWatts(flat, evenRows(this.rows, inputs, COPY_ROWS), variation, seed).share);
  }

  /** e-folds beyond the budget at its worst; 0 or less where it is kept. `reserve` is the share of it that must be left. */
  excess(layered: Layered, reserve = 0): number {
    const { maximumInverters: most = Number.POSITIVE_INFINITY } = this.budget;
    const inverters = layered.layers.reduce((sum, layer) => sum + fallingStages(layer), 0);
    return Math.max(
      this.excessOf('power', layered, reserve),
      this.excessOf('area', layered, reserve),
      Math.log((inverters + 1) / (most + 1)),
    );
  }

  /** The same of one limit: of power as 95 % of the copies have it, or of area; −∞ where there is none. */
  excessOf(kind: 'power' | 'area', layered: Layered, reserve = RESERVE): number {
    const { maximumPowerWatts, maximumPrintedSquareMetres } = this.budget;
    const limit = kind === 'power' ? maximumPowerWatts : maximumPrintedSquareMetres;
    if (limit === undefined) return Number.NEGATIVE_INFINITY;
    const taken =
      kind === 'power' ? this.watts(layered) * this.copyShare(layered) : printedAreaOf(layered, this.#of.technology);
    return Math.log(taken / (limit * (1 - reserve)));
  }
}

/** Σ W·L and ink of all that is printed, before the layout grid rounds it. */
export function printedAreaOf(layered: Layered, technology: Technology): number {
  return layered.layers.reduce((sum, layer) => {
    const ink = layer.siemens.reduce(
      (total, g) => total + (g === 0 ? 0 : resistorInk(1 / Math.abs(g), technology.printing).squareMetres),
      0,
    );
    const stages = (['falling', 'activation'] as const).reduce((total, kind) => {
      const { cell: name, values } = layer[kind];
      const cell = findCell(technology, name);
      return values.reduce((area, own, at) => {
        const isPrinted = kind === 'activation' || isInverted(layer, at);
        return isPrinted ? area + printedArea(cell, own.map(Math.log), technology) : area;
      }, total);
    }, 0);
    return sum + ink + stages;
  }, 0);
}

/** Static watts of a circuit and of 100 printed copies, mean over rows: nominal, 95th percentile, and their ratio. */
export function copyWatts(flat: FlatCircuit, volts: Float64Array, variation: Variation, seed: number) {
  const solver = new ExactSolver(flat);
  const nominal = componentValues(flat);
  const values = nominal.slice();
  const draws = new Draws(seed, 'power of copies');
  solver.setValues(nominal);
  const watts = meanWatts(solver, volts);
  const copies = Array.from({ length: COPIES }, (_, copy) => {
    variedValues(flat, nominal, draws, copy, variation, values);
    solver.setValues(values);
    solver.setSeries(drawSeries(flat, draws, copy, variation));
    return meanWatts(solver, volts);
  }).filter(Number.isFinite);
  const p95 = quantile(copies, 0.95);
  return { watts, p95, share: p95 / watts };
}

/** Mean over the rows that have an operating point; NaN where none has. */
function meanWatts(solver: ExactSolver, volts: Float64Array): number {
  const inputs = solver.flat.inputs.length;
  const rows = volts.length / inputs;
  const state = solver.newState(rows);
  let [sum, count] = [0, 0];
  for (let row = 0; row < rows; row += 1) {
    const { size } = solver;
    if (row > 0) state.copyWithin(row * size, (row - 1) * size, row * size);
    if (!solver.solveRow(volts, row, state)) continue;
    sum += solver.power();
    count += 1;
  }
  return sum / count;
}

/** At most `most` rows of a row-major table, evenly taken. */
export function evenRows(volts: Float64Array, width: number, most: number): Float64Array {
  const rows = volts.length / width;
  const count = Math.min(rows, most);
  const out = new Float64Array(count * width);
  for (let r = 0; r < count; r += 1) {
    const from = Math.floor((r * rows) / count) * width;
    out.set(volts.subarray(from, from + width), r * width);
  }
  return out;
}
