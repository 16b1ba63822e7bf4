import type { CellTable } from '@neuroprint/circuit';

/** What a node's voltage becomes: a function with its derivative, for whole columns at once. */
export interface Activation {
  readonly name: string;
  /** Writes f(v) into `out` and f′(v) into `slope` for the first `count` volts. */
  apply(volts: Float64Array, count: number, out: Float64Array, slope: Float64Array): void;
}

/**
 * Half height width of the band-pass is 1.76/steepness volts; its centre lies in the middle of what positive weights can reach. Of
 * the published networks, whose activations are functions without a process: their volts are those of a bias of 1 V.
 */
const BAND_CENTRE_VOLTS = 0.5;
const BAND_STEEPNESS = 10;

/** σ(v) = 1/(1 + e^−v), in (0, 1). */
export const sigmoid: Activation = {
  name: 'sigmoid',
  apply(volts, count, out, slope) {
    for (let i = 0; i < count; i += 1) {
      const s = 1 / (1 + Math.exp(-volts[i]!));
      out[i] = s;
      slope[i] = s * (1 - s);
    }
  },
};

/** σ(|v|): even in v, so that a node whose Σg passes through zero (v from +∞ to −∞) does not jump. Its slope at 0 is taken as 0. */
export const evenSigmoid: Activation = {
  name: 'even sigmoid',
  apply(volts, count, out, slope) {
    for (let i = 0; i < count; i += 1) {
      const s = 1 / (1 + Math.exp(-Math.abs(volts[i]!)));
      out[i] = s;
      slope[i] = Math.sign(volts[i]!) * s * (1 - s);
    }
  },
};

/** sech²(k·(v − c)/2) = 4·σ·(1 − σ) with σ = σ(k·(v − c)): not monotone, 1 at the centre c and 0 far from it. */
export const bandPass: Activation = {
  name: 'band-pass',
  apply(volts, count, out, slope) {
    for (let i = 0; i < count; i += 1) {
      const s = 1 / (1 + Math.exp(-BAND_STEEPNESS * (volts[i]! - BAND_CENTRE_VOLTS)));
      out[i] = 4 * s * (1 - s);
      slope[i] = out[i]! * BAND_STEEPNESS * (1 - 2 * s);
    }
  },
};

/** f(v) = v: what is read is the node itself. */
export const identity: Activation = {
  name: 'identity',
  apply(volts, count, out, slope) {
    for (let i = 0; i < count; i += 1) out[i] = volts[i]!;
    slope.fill(1, 0, count);
  },
};

/** The exact curve of a design of a cell, unloaded. */
export class CellActivation implements Activation {
  readonly name: string;
  readonly #table: CellTable;

  constructor(name: string, table: CellTable) {
    this.name = name;
    this.#table = table;
  }

  apply(volts: Float64Array, count: number, out: Float64Array, slope: Float64Array): void {
    this.#table.apply(volts, count, out, slope);
  }
}
