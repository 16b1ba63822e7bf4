import type { LeastSquaresProblem } from '@neuroprint/numeric';
import type { DeviceModel } from './device-model.ts';
import type { DevicePoints } from './points.ts';

/** An error of so many decades counts as much as one of this share of the curve's largest current. */
const DECADES = 0.1;
const SHARE = 0.05;

/** How a model misses a curve. */
export interface CurveError {
  readonly file: string;
  readonly kind: 'transfer' | 'output';
  /** Root mean square of log10(model/measured) over points with a current above 0; of a transfer curve only. */
  readonly decades?: number;
  /** Root mean square of the difference, as a share of the curve's largest current. */
  readonly share: number;
}

/**
 * Residuals of a device: each point of a transfer curve has one in logarithms and one in currents, each point of an output curve one in
 * currents, and every point counts once. What is moved are z, of which the parameter is min + (max − min)/(1 + e⁻ᶻ), by its logarithm
 * where that is its scale: no step leaves the bounds.
 */
export class DeviceResiduals implements LeastSquaresProblem {
  readonly residuals: number;
  readonly parameters: number;
  readonly model: DeviceModel;
  readonly #points: DevicePoints;
  readonly #x: Float64Array;
  readonly #chain: Float64Array;

  constructor(model: DeviceModel, points: DevicePoints) {
    this.model = model;
    this.#points = points;
    this.parameters = model.movable.length;
    this.residuals = 2 * points.count;
    this.#x = new Float64Array(this.parameters);
    this.#chain = new Float64Array(this.parameters);
  }

  evaluate(z: Float64Array, residuals: Float64Array, jacobian: Float64Array | undefined): void {
    this.valuesOf(z, this.#x, this.#chain);
    this.#residuals(this.#x, this.#chain, residuals, jacobian);
  }

  /** Parameters in their units of z, and dx/dz. */
  valuesOf(z: ArrayLike<number>, x: Float64Array, chain?: Float64Array): void {
    this.model.movable.forEach(({ log, minimum, maximum }, k) => {
      const [low, high] = log ? [Math.log(minimum), Math.log(maximum)] : [minimum, maximum];
      const share = 1 / (1 + Math.exp(-z[k]!));
      const value = low + (high - low) * share;
      x[k] = log ? Math.exp(value) : value;
      if (chain !== undefined) chain[k] = (high - low) * share * (1 - share) * (log ? x[k]! : 1);
    });
  }

  /** z of parameters, which are brought within their bounds. */
  startOf(x: ArrayLike<number>): Float64Array {
    return Float64Array.from(this.model.movable, ({ log, minimum, maximum }, k) => {
      const [low, high, value] = log
        ? [Math.log(minimum), Math.log(maximum), Math.log(Math.max(x[k]!, minimum))]
        : [minimum, maximum, x[k]!];
      const share = Math.min(0.999, Math.max(0.001, (value - low) / (high - low)));
      return Math.log(share / (1 - share));
    });
  }

  /** Residuals at x, and their derivatives by x, each on its own scale: the logarithm of what is moved by its logarithm. */
  atValues(x: Float64Array, residuals: Float64Array, jacobian: Float64Array): void {
    const chain = Float64Array.from(this.model.movable, ({ log }, k) => (log ? x[k]! : 1));
    this.#residuals(x, chain, residuals, jacobian);
  }

  #residuals(x: Float64Array, chain: Float64Array, residuals: Float64Array, jacobian: Float64Array | undefined): void {
    const { count, curve, curves, amperes, largest, least } = this.#points;
    const { model, parameters } = this;
    const half = Math.SQRT1_2;
    for (let i = 0; i < count; i += 1) {
      const current = model.current(x, i);
      const c = curve[i]!;
      const measured = amperes[i]!;
      const isTransfer = curves[c]!.kind === 'transfer';
      const inLogs = isTransfer && measured > 0;
      const linear = (inLogs ? half : 1) / (SHARE * largest[c]!);
      residuals[i] = (current - measured) * linear;
      // far below the least that was measured a model's current may be anything
      const faint = 1e-3 * least[c]!;
      const decade = inLogs ? half / (DECADES * Math.LN10) : 0;
      residuals[count + i] = inLogs ? decade * Math.log(Math.max(current, faint) / measured) : 0;
      if (jacobian === undefined) continue;
      const byLog = current > faint ? decade / current : 0;
      for (let k = 0; k < parameters; k += 1) {
        const slope = model.slope[k]! * chain[k]!;
        jacobian[i * parameters + k] = slope * linear;
        jacobian[(count + i) * parameters + k] = slope * byLog;
      }
    }
  }

  /** How the model misses each curve at x. */
  errorsOf(x: ArrayLike<number>): CurveError[] {
    const { count, curve, curves, amperes, largest } = this.#points;
    const sums = curves.map(() => ({ squares: 0, points: 0, logSquares: 0, logs: 0 }));
    for (let i = 0; i < count; i += 1) {
      const current = this.model.current(x, i);
      const [c, measured] = [curve[i]!, amperes[i]!];
      const sum = sums[c]!;
      sum.squares += ((current - measured) / largest[c]!) ** 2;
      sum.points += 1;
      if (curves[c]!.kind !== 'transfer' || measured <= 0 || current <= 0) continue;
      sum.logSquares += Math.log10(current / measured) ** 2;
      sum.logs += 1;
    }
    return sums.map(({ squares, points, logSquares, logs }, c) => {
      const { file, kind } = curves[c]!;
      const share = Math.sqrt(squares / points);
      return kind === 'output' ? { file, kind, share } : { file, kind, decades: Math.sqrt(logSquares / logs), share };
    });
  }
}
