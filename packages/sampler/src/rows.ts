import { type Cell, cellCurve, designSpaceOf, type Technology } from '@neuroprint/circuit';
import type { Sweep } from '@neuroprint/core';
import type { CurveResult, SinhShape } from '@neuroprint/spice';
import { DesignMap } from './designMap.ts';
import { PtanhFitter } from './ptanhFit.ts';
import { RESULT_COLUMNS, type ShardRows } from './shardStore.ts';
import { Sobol } from './sobol.ts';
import { bendOf, sinhSweep, uniformSweep } from './sweep.ts';

/** A curve that differs from the exact solver's by more than this was not simulated rightly by one of the two. */
export const AUDIT_VOLTS = 1e-5;

/** One design and how its curve is to be swept. */
export interface PlannedRow {
  readonly index: number;
  /** Ohms and metres, in the order of the cell's parameters. */
  readonly values: Float64Array;
  /** Absent for a uniform sweep. */
  readonly bend: SinhShape | undefined;
  /** Quadrature weights of the points. */
  readonly weights: Float64Array;
}

/** Makes rows from indices: the design, the sweep, and, when the curve is there, its audit and fit. Pure per row. */
export class RowMaker {
  readonly #technology: Technology;
  readonly #cell: Cell;
  readonly #sweep: Sweep;
  readonly #map: DesignMap;
  readonly #sobol: Sobol;
  readonly #unit: Float64Array;
  readonly #fitter: PtanhFitter;

  /** Throws ConstraintError or ImpossibleConstraintsError for a design space that cannot be sampled. */
  constructor(technology: Technology, cell: Cell, seed: number, sweep: Sweep) {
    this.#technology = technology;
    this.#cell = cell;
    this.#sweep = sweep;
    this.#map = new DesignMap(designSpaceOf(technology, cell));
    this.#sobol = new Sobol(this.#map.dimensions, seed);
    this.#unit = new Float64Array(this.#map.dimensions);
    this.#fitter = new PtanhFitter(sweep.points);
  }

  plan(index: number): PlannedRow {
    const values = new Float64Array(this.#map.dimensions);
    this.#sobol.at(index, this.#unit);
    this.#map.map(this.#unit, values);
    if (this.#sweep.kind === 'uniform') {
      return { index, values, bend: undefined, weights: uniformSweep(this.#sweep).weights };
    }
    const bend = bendOf(this.#technology, this.#cell, values, this.#sweep);
    return { index, values, bend, weights: sinhSweep(this.#sweep, bend).weights };
  }

  /** Audits and fits the simulated rows and packs them as a shard. */
  finish(planned: readonly PlannedRow[], simulated: readonly CurveResult[]): ShardRows {
    const width = this.#map.dimensions + RESULT_COLUMNS.length;
    const { points } = this.#sweep;
    const data = new Float64Array(planned.length * width).fill(Number.NaN);
    const curves = new Float64Array(planned.length * 2 * points).fill(Number.NaN);
    const failures: { index: number; reason: string }[] = [];
    planned.forEach((row, i) => {
      const at = i * width;
      data.set(row.values, at);
      const curve = simulated[i]!;
      if ('failure' in curve) {
        failures.push({ index: row.index, reason: curve.failure });
        return;
      }
      curves.set(curve.inputVolts, 2 * i * points);
      curves.set(curve.outputVolts, (2 * i + 1) * points);
      const difference = this.#difference(row, curve.inputVolts, curve.outputVolts);
      data[at + width - 1] = difference;
      if (!(difference <= AUDIT_VOLTS)) {
        failures.push({ index: row.index, reason: describeDifference(difference) });
        return;
      }
      const fit = this.#fitter.fit(curve.inputVolts, curve.outputVolts, this.#cell.curve, row.weights);
      if (fit.converged) data.set([...fit.eta, fit.residualVolts], at + this.#map.dimensions);
      else failures.push({ index: row.index, reason: fit.reason });
    });
    return { firstIndex: planned[0]!.index, count: planned.length, data, curves, failures };
  }

  #difference(row: PlannedRow, inputVolts: Float64Array, outputVolts: Float64Array): number {
    const exact = cellCurve(this.#technology, this.#cell, row.values, inputVolts);
    let largest = 0;
    for (let i = 0; i < exact.length; i += 1) {
      const difference = Math.abs(exact[i]! - outputVolts[i]!);
      if (Number.isNaN(difference)) return Number.NaN;
      largest = Math.max(largest, difference);
    }
    return largest;
  }
}

function describeDifference(difference: number): string {
  if (Number.isNaN(difference)) return 'audit: the exact solver found no operating point';
  return `audit: simulator and exact solver differ by ${difference.toExponential(1)} V`;
}
