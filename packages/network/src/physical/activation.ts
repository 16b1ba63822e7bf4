import { UsageError } from '@neuroprint/core';

/** What a node's voltage becomes: a function with its derivative, for whole columns at once. */
export interface Activation {
  readonly name: string;
  /** Writes f(v) into `out` and f′(v) into `slope` for the first `count` volts. */
  apply(volts: Float64Array, count: number, out: Float64Array, slope: Float64Array): void;
}

/** Half height width of the band-pass is 1.76/steepness volts; its centre lies in the middle of what positive weights can reach. */
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

/**
 * A measured or computed curve on evenly spaced volts from `lowVolts` on, by cubic Hermite polynomials with central differences
 * (error of fourth order in the spacing); straight on beyond its ends.
 */
export class CurveActivation implements Activation {
  readonly name: string;
  readonly #low: number;
  readonly #step: number;
  readonly #values: Float64Array;

  /** Throws UsageError where the curve has fewer than four points or one that is not finite. */
  constructor(name: string, lowVolts: number, stepVolts: number, values: Float64Array) {
    if (values.length < 4 || !values.every(Number.isFinite))
      throw new UsageError(`The curve of ${name} has ${values.length} points or one without an operating point.`);
    this.name = name;
    this.#low = lowVolts;
    this.#step = stepVolts;
    this.#values = values;
  }

  apply(volts: Float64Array, count: number, out: Float64Array, slope: Float64Array): void {
    const y = this.#values;
    const last = y.length - 1;
    for (let i = 0; i < count; i += 1) {
      const place = (volts[i]! - this.#low) / this.#step;
      // a node without finite volts stays what it is, and the loss shows it
      if (!(place > 0 && place < last)) {
        const end = place >= last ? last : 0;
        const steep = end === 0 ? y[1]! - y[0]! : y[last]! - y[last - 1]!;
        out[i] = y[end]! + steep * (place - end);
        slope[i] = steep / this.#step;
        continue;
      }
      const k = Math.floor(place);
      const t = place - k;
      const [a, b] = [y[k]!, y[k + 1]!];
      const da = k === 0 ? b - a : 0.5 * (b - y[k - 1]!);
      const db = k + 1 === last ? b - a : 0.5 * (y[k + 2]! - a);
      const c2 = 3 * (b - a) - 2 * da - db;
      const c3 = da + db - 2 * (b - a);
      out[i] = a + t * (da + t * (c2 + t * c3));
      slope[i] = (da + t * (2 * c2 + 3 * t * c3)) / this.#step;
    }
  }
}
