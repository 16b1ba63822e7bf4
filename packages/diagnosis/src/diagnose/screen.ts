import { Draws } from '@neuroprint/core';
import type { Fault } from '../faults/fault.ts';
import { FaultSolver } from '../faults/fault-solver.ts';
import { factorGram } from './dense.ts';
import type { Latent } from './latent.ts';
import type { SheetModel } from './model.ts';

/** Printed copies by which every fault is judged. */
const COPIES = 24;

/** What printing left to chance of a copy, and its volts at all cells. */
interface Copy {
  readonly z: Float64Array;
  readonly volts: Float32Array;
}

/** What printed copies with one fault give: their mean, and the Cholesky factor of their covariance, rows of the lower triangle in turn. */
interface Spread {
  readonly mean: Float64Array;
  readonly logPeak: number;
  readonly factor: Float32Array;
}

/**
 * A first look at a sheet: the volts of copies of the circuit with each fault, drawn once, make a normal law for each, to which a coarse
 * meter's error is added. Copies, and not a linearisation, because a stage that saturates has no slope at its nominal point and moves
 * all the same. What this keeps is fitted exactly afterwards.
 */
export class Screen {
  readonly #spreads: readonly (Spread | undefined)[];
  /** Of every fault the copies that have an operating point. */
  readonly #copies: readonly (readonly Copy[])[];

  /** `base`: the circuit that each of the faults is added to; the first place of all scores is its own. */
  constructor(
    base: SheetModel,
    faults: readonly Fault[],
    latent: Latent,
    coarseVolts: number,
    onProgress?: (done: number, total: number) => void,
  ) {
    const { inputVolts, rows, cells } = base.sheet;
    const solver = new FaultSolver(base.flat, faults);
    const unknowns = cells.map(({ node }) => base.flat.unknowns.indexOf(node));
    const states = Array.from({ length: faults.length + 1 }, () =>
      new Float64Array(rows * solver.size).fill(Number.NaN),
    );
    const copies: Copy[][] = states.map(() => []);
    const draws = new Draws(0, 'copies of a diagnosis');
    for (let copy = 0; copy < COPIES; copy += 1) {
      onProgress?.(copy, COPIES);
      const z = Float64Array.from({ length: latent.count }, (_, k) => draws.normal(copy, k));
      solver.setCopy(base.values(z));
      states.forEach((state, f) => {
        const failed =
          f === 0 ? solver.solveGood(inputVolts, rows, state) : solver.solve(f - 1, inputVolts, rows, state);
        if (failed.length === 0)
          copies[f]!.push({
            z,
            volts: Float32Array.from(cells, ({ row }, i) => state[row * solver.size + unknowns[i]!]!),
          });
      });
    }
    this.#copies = copies;
    this.#spreads = copies.map((own) => (own.length < 2 ? undefined : spreadOf(own, coarseVolts)));
  }

  /** ln p(measured | fault) by that law, the base first; −∞ where copies have no operating point. */
  scores(measured: Float64Array): Float64Array {
    return Float64Array.from(this.#spreads, (one) =>
      one === undefined ? Number.NEGATIVE_INFINITY : score(one, measured),
    );
  }

  /** The chance numbers of the copy with that fault whose volts are nearest to the measured ones. */
  nearest(at: number, measured: Float64Array): Float64Array | undefined {
    const squares = (volts: Float32Array): number => volts.reduce((sum, v, i) => sum + (v - measured[i]!) ** 2, 0);
    const sums = this.#copies[at]!.map(({ volts }) => squares(volts));
    return this.#copies[at]![sums.indexOf(Math.min(...sums))]?.z;
  }
}

function score({ mean, logPeak, factor }: Spread, measured: Float64Array): number {
  const m = mean.length;
  const x = new Float64Array(m);
  let squares = 0;
  for (let i = 0, at = 0; i < m; i += 1) {
    let sum = measured[i]! - mean[i]!;
    for (let j = 0; j < i; j += 1, at += 1) sum -= factor[at]! * x[j]!;
    x[i] = sum / factor[at]!;
    at += 1;
    squares += x[i]! * x[i]!;
  }
  return logPeak - 0.5 * squares;
}

function spreadOf(copies: readonly Copy[], coarseVolts: number): Spread {
  const [m, count] = [copies[0]!.volts.length, copies.length];
  const mean = new Float64Array(m);
  for (const { volts } of copies) for (let i = 0; i < m; i += 1) mean[i]! += volts[i]! / count;
  const off = new Float64Array(m * count);
  copies.forEach(({ volts }, c) => {
    for (let i = 0; i < m; i += 1) off[i * count + c] = (volts[i]! - mean[i]!) / Math.sqrt(count - 1);
  });
  const full = factorGram(off, m, count, new Float64Array(m).fill(coarseVolts ** 2));
  const factor = new Float32Array((m * (m + 1)) / 2);
  let logPeak = -0.5 * m * Math.log(2 * Math.PI);
  for (let i = 0, at = 0; i < m; i += 1) {
    for (let j = 0; j <= i; j += 1, at += 1) factor[at] = full[i * m + j]!;
    logPeak -= Math.log(full[i * m + i]!);
  }
  return { mean, logPeak, factor };
}
