import { type Cell, designSpaceOf, ptanhCurve, type Technology, toleranceVolts } from '@neuroprint/circuit';
import type { Sweep } from '@neuroprint/core';
import type { CurveResult, SinhShape } from '@neuroprint/spice';
import { DesignMap } from '../sequence/design-map.ts';
import { Sobol } from '../sequence/sobol.ts';
import { RESULT_COLUMNS, type ShardRows } from '../shards/shard-store.ts';
import { PtanhFitter, unflattened } from './ptanh-fit.ts';
import { StageSolver } from './stage-solver.ts';
import { bendOf, portBend, quantitiesOf, sinhWeights, uniformSweep } from './sweep.ts';

/** One design and how its curve is to be swept. */
export interface PlannedRow {
  readonly index: number;
  /** Ohms and metres, in the order of the cell's parameters. */
  readonly values: Float64Array;
  /** Absent for a uniform sweep. */
  readonly bend: SinhShape | undefined;
}

/** Rows as a shard holds them, and those of them whose simulated curve is not the exact solver's. */
export interface FinishedRows extends Omit<ShardRows, 'firstIndex' | 'count'> {
  readonly incidents: readonly PlannedRow[];
}

/** Makes rows from indices: the design, the sweep, and, when the curve is there, its audit and fit. Pure per row. */
export class RowMaker {
  readonly #cell: Cell;
  readonly #technology: Technology;
  readonly #sweep: Sweep;
  readonly #map: DesignMap;
  readonly #sobol: Sobol;
  readonly #unit: Float64Array;
  readonly #stage: StageSolver;
  readonly #fitter: PtanhFitter;
  readonly #quantities: readonly string[];

  /** Throws ConstraintError or ImpossibleConstraintsError for a design space that cannot be sampled. */
  constructor(technology: Technology, cell: Cell, seed: number, sweep: Sweep) {
    this.#cell = cell;
    this.#technology = technology;
    this.#quantities = quantitiesOf(technology, cell, sweep);
    this.#sweep = sweep;
    this.#map = new DesignMap(designSpaceOf(technology, cell));
    this.#sobol = new Sobol(this.#map.dimensions, seed);
    this.#unit = new Float64Array(this.#map.dimensions);
    this.#stage = new StageSolver(technology, cell);
    this.#fitter = new PtanhFitter(sweep.points, technology.bias.volts);
  }

  plan(index: number): PlannedRow {
    const values = new Float64Array(this.#map.dimensions);
    this.#sobol.at(index, this.#unit);
    this.#map.map(this.#unit, values);
    if (this.#sweep.kind === 'uniform') return { index, values, bend: undefined };
    this.#stage.setValues(values);
    const { sweepVolts, bias } = this.#technology;
    const bend = (sweep: Sweep) => bendOf(this.#stage, ptanhCurve(this.#cell), sweep, bias.volts);
    if (this.#sweep.kind === 'adaptive') return { index, values, bend: bend(this.#sweep) };
    const whole = { ...this.#sweep, startVolts: sweepVolts.minimum, stopVolts: sweepVolts.maximum };
    return { index, values, bend: portBend(bend(whole), this.#sweep, bias.volts) };
  }

  /** Packs the simulated rows in their order; curves are audited and fitted. */
  finish(planned: readonly PlannedRow[], simulated: readonly CurveResult[]): FinishedRows {
    const width = this.#map.dimensions + RESULT_COLUMNS.length;
    const { points } = this.#sweep;
    const data = new Float64Array(planned.length * width).fill(Number.NaN);
    const curves = new Float64Array(planned.length * this.#quantities.length * points).fill(Number.NaN);
    const failures: { index: number; reason: string }[] = [];
    const incidents: PlannedRow[] = [];
    const even = uniformSweep(this.#sweep).weights;
    planned.forEach((row, i) => {
      const at = i * width;
      data.set(row.values, at);
      const curve = simulated[i]!;
      if ('failure' in curve) {
        failures.push({ index: row.index, reason: curve.failure });
        return;
      }
      this.#quantities.forEach((quantity, k) => {
        curves.set(valuesOf(curve, quantity), (this.#quantities.length * i + k) * points);
      });
      if (this.#sweep.kind === 'port') return;
      this.#stage.setValues(row.values);
      const difference = this.#stage.largestDifference(curve.inputVolts, curve.outputVolts);
      data[at + width - 1] = difference;
      if (!(difference <= toleranceVolts(this.#technology))) {
        failures.push({ index: row.index, reason: describeDifference(difference) });
        incidents.push(row);
        return;
      }
      const weights = row.bend === undefined ? even : sinhWeights(this.#sweep, row.bend);
      const fit = this.#fitter.fit(curve.inputVolts, curve.outputVolts, ptanhCurve(this.#cell), weights);
      const moving = this.#technology.mustFlatten ? unflattened(curve.inputVolts, curve.outputVolts) : undefined;
      const reason = fit.converged ? moving : fit.reason;
      if (fit.converged && reason === undefined) data.set([...fit.eta, fit.residualVolts], at + this.#map.dimensions);
      else failures.push({ index: row.index, reason: reason! });
    });
    return { data, curves, failures, incidents };
  }
}

/** A quantity of a curve by its name: its own, or the volts of an inner drain. */
function valuesOf(curve: Exclude<CurveResult, { failure: string }>, quantity: string): Float64Array {
  const { drainVolts, ...own } = curve;
  const values = drainVolts?.[quantity] ?? (own as Readonly<Record<string, Float64Array>>)[quantity];
  if (values === undefined) throw new Error(`the simulation kept no ${quantity}`);
  return values;
}

function describeDifference(difference: number): string {
  if (Number.isNaN(difference)) return 'audit: the exact solver found no operating point';
  return `audit: simulator and exact solver differ by ${difference.toExponential(1)} V`;
}
