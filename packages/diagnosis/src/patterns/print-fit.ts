import { BatchSolver, type FlatCircuit, variationOf } from '@neuroprint/circuit';
import type { Variation } from '@neuroprint/core';
import { chiSquareQuantile, choleskyFactor, choleskySolve, dot } from '@neuroprint/numeric';
import { Latent } from '../diagnose/latent.ts';
import type { Patterns } from './sheets.ts';

/**
 * What the meter is taken for, in units of its error, from the first level to the last: coarse at first, so that no fit ends in the nearest
 * dent. Where a good print hardly ever has what the first ladder comes to, the second is tried.
 */
const LADDERS = [
  [170, 35, 7, 1],
  [500, 200, 80, 30, 10, 3, 1],
];
const RARE = 0.9999;
/** Most steps at a level, and most tries of a step. */
const STEPS = 10;
const TRIES = 8;
/** A step that lowers χ² by less than this share, and by less than 1, ends a level. */
const LEAST_SHARE = 0.01;

/**
 * How well a good print explains a sheet: χ² = min over z of |z|² + Σ ((measured − v(z))/σ)², z standard normal numbers for what printing
 * leaves to chance and v(z) the exact circuit. Of good sheets it has about as many degrees of freedom as there are readings; a fault that no
 * print explains adds to it, however wide each reading's own limits are. Uniform spreads are taken as log-normal ones of the same
 * variance, which have no edge a fit could stick at.
 */
export class PrintFit {
  readonly #flat: FlatCircuit;
  readonly #latent: Latent;
  readonly #solver: BatchSolver;
  readonly #patterns: Patterns;
  readonly #nodes: readonly number[];
  readonly #sigma: number;
  readonly #rows: Int32Array;
  readonly #start: Float64Array;
  readonly #state: Float64Array;
  readonly #values: Float64Array;

  /** `start`: states of the circuit as designed at the patterns. Throws UsageError for a variation that is no small change of components. */
  constructor(
    flat: FlatCircuit,
    patterns: Patterns,
    observed: readonly string[],
    options: { readonly variation: number | Variation; readonly meterVolts: number; readonly start: Float64Array },
  ) {
    this.#flat = flat;
    this.#patterns = patterns;
    this.#latent = new Latent(flat, smooth(variationOf(options.variation)));
    this.#solver = new BatchSolver(flat);
    this.#nodes = observed.map((node) => flat.unknowns.indexOf(node));
    this.#sigma = options.meterVolts / Math.sqrt(3);
    this.#rows = Int32Array.from({ length: patterns.rows }, (_, i) => i);
    this.#start = options.start;
    this.#state = options.start.slice();
    this.#values = new Float64Array(flat.components.length);
  }

  /** χ² of a measured sheet [patterns × observed]; infinite where the fit finds no operating point. */
  chiSquare(measured: Float64Array): number {
    const rare = chiSquareQuantile(RARE, measured.length);
    let least = Number.POSITIVE_INFINITY;
    for (const levels of LADDERS) if (least > rare) least = Math.min(least, this.#fit(measured, levels));
    return least;
  }

  #fit(measured: Float64Array, levels: readonly number[]): number {
    const [m, q] = [measured.length, this.#latent.count];
    let z: Float64Array = new Float64Array(q);
    this.#state.set(this.#start);
    const jacobian = new Float64Array(m * q);
    let cost = Number.POSITIVE_INFINITY;
    for (const level of levels) {
      const sigma = level * this.#sigma;
      let damping = 0;
      for (let step = 0; step < STEPS; step += 1) {
        const volts = this.#at(z, jacobian);
        if (volts === undefined) return Number.POSITIVE_INFINITY;
        cost = costOf(measured, volts, sigma, z);
        const gram = gramOf(jacobian, m, q);
        let gain = 0;
        for (let attempt = 0; attempt < TRIES && gain === 0; attempt += 1) {
          const next = stepTo(jacobian, gram, measured, volts, z, sigma, damping);
          const there = next && this.#at(next);
          const lower = cost - (there === undefined ? Number.POSITIVE_INFINITY : costOf(measured, there, sigma, next!));
          if (lower > 0) {
            [z, gain, cost] = [next!, lower, cost - lower];
            damping = damping < 0.05 ? 0 : damping / 5;
          } else damping = damping === 0 ? 0.1 : 6 * damping;
        }
        if (gain === 0 || (gain < LEAST_SHARE * cost && gain < 1)) break;
      }
    }
    return cost;
  }

  /** Readings at z, and their derivatives by z [readings × z] where asked. */
  #at(z: Float64Array, jacobian?: Float64Array): Float64Array | undefined {
    const { rows, inputVolts } = this.#patterns;
    const width = this.#nodes.length;
    const count = this.#flat.components.length;
    this.#latent.values(z, this.#values);
    this.#solver.setValues(this.#values);
    if (jacobian === undefined) {
      if (this.#solver.solveRows(inputVolts, this.#rows, this.#state).length > 0) return this.#recover();
    } else {
      const byZ = new Float64Array(z.length);
      for (const [o, node] of this.#nodes.entries()) {
        const gradient = new Float64Array(rows * count);
        const seed = (_: number, byNode: Float64Array): boolean => {
          byNode[node] = 1;
          return true;
        };
        const failed = this.#solver.solveRows(inputVolts, this.#rows, this.#state, { seed, gradient, byRow: true });
        if (failed.length > 0) return this.#recover();
        for (let row = 0; row < rows; row += 1) {
          this.#latent.chain(z, this.#values, gradient.subarray(row * count, (row + 1) * count), byZ);
          jacobian.set(byZ, (row * width + o) * z.length);
        }
      }
    }
    const { size } = this.#solver;
    return Float64Array.from(
      { length: rows * width },
      (_, k) => this.#state[Math.floor(k / width) * size + this.#nodes[k % width]!]!,
    );
  }

  #recover(): undefined {
    this.#state.set(this.#start);
  }
}

/** The same variation without edges. */
function smooth(model: Variation): Variation {
  if (model.kind !== 'uniform') return model;
  const narrower = (spread: number): number => spread / Math.sqrt(3);
  const { resistorSpread, transistorSpread } = model;
  return {
    ...model,
    kind: 'lognormal',
    relativeSpread: narrower(model.relativeSpread),
    ...(resistorSpread === undefined ? {} : { resistorSpread: narrower(resistorSpread) }),
    ...(transistorSpread === undefined ? {} : { transistorSpread: narrower(transistorSpread) }),
  };
}

function costOf(measured: Float64Array, volts: Float64Array, sigma: number, z: Float64Array): number {
  let sum = dot(z, z);
  for (let k = 0; k < volts.length; k += 1) sum += ((measured[k]! - volts[k]!) / sigma) ** 2;
  return sum;
}

/** Lower triangle of J·Jᵀ. */
function gramOf(jacobian: Float64Array, m: number, q: number): Float64Array {
  const gram = new Float64Array(m * m);
  for (let a = 0; a < m; a += 1)
    for (let b = 0; b <= a; b += 1) {
      let sum = 0;
      for (let k = 0, p = a * q, r = b * q; k < q; k += 1, p += 1, r += 1) sum += jacobian[p]! * jacobian[r]!;
      gram[a * m + b] = sum;
    }
  return gram;
}

/** Where a step of Gauss and Newton leads, with a damped prior: z·d/(1+d) + Jᵀ·(J·Jᵀ/(1+d) + σ²)⁻¹·r/(1+d), r what is left at z·d/(1+d). */
function stepTo(
  jacobian: Float64Array,
  gram: Float64Array,
  measured: Float64Array,
  volts: Float64Array,
  z: Float64Array,
  sigma: number,
  damping: number,
): Float64Array | undefined {
  const [m, q] = [volts.length, z.length];
  const share = 1 / (1 + damping);
  const matrix = new Float64Array(m * m);
  for (let a = 0; a < m; a += 1) {
    for (let b = 0; b <= a; b += 1) matrix[a * m + b] = share * gram[a * m + b]!;
    matrix[a * m + a]! += sigma * sigma;
  }
  if (!choleskyFactor(matrix, m)) return undefined;
  const right = new Float64Array(m);
  for (let a = 0; a < m; a += 1) {
    let back = 0;
    for (let k = 0, p = a * q; k < q; k += 1, p += 1) back += jacobian[p]! * z[k]!;
    right[a] = measured[a]! - volts[a]! + share * back;
  }
  choleskySolve(matrix, m, right);
  const next = z.map((v) => v * (1 - share));
  for (let a = 0; a < m; a += 1) {
    const by = share * right[a]!;
    for (let k = 0, p = a * q; k < q; k += 1, p += 1) next[k]! += by * jacobian[p]!;
  }
  return next;
}
