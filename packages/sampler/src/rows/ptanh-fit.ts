import type { Eta } from '@neuroprint/core';
import { type LeastSquaresProblem, LevenbergMarquardtWorkspace, levenbergMarquardt } from '@neuroprint/numeric';

/** Where a stage of this kind ends up: `rising` v_out = p(v_in), `falling` v_out = −p(v_in). */
export type Curve = 'rising' | 'falling';

/** A fit of p(v) = η₁ + η₂·tanh((v − η₃)·η₄), or why there is none. */
export type PtanhFit =
  | { readonly converged: true; readonly eta: Eta; readonly residualVolts: number }
  | { readonly converged: false; readonly reason: string };

/** A curve whose output moves by less than this share of the bias has no middle to speak of. */
export const FLAT = 1e-3;
/** A curve that moves by more than this share of its swing over the last tenth of its sweep has not flattened. */
const MOST_MOVING = 0.2;
const END = 0.1;
/** Residual (rms) as a share of the swing 2·η₂ above which the curve is no tanh. */
const LARGEST_RESIDUAL_SHARE = 0.1;

/** p(v) of a rising stage, −p(v) of a falling one, in volts. */
export function ptanh(eta: Eta, curve: Curve, inputVolts: number): number {
  const p = eta[0] + eta[1] * Math.tanh((inputVolts - eta[2]) * eta[3]);
  return curve === 'falling' ? -p : p;
}

/** Trapezoid weights: Σ weights_i·f(v_i) ≈ ∫ f dv over an ascending grid. */
export function trapezoidWeights(volts: ArrayLike<number>): Float64Array {
  const last = volts.length - 1;
  return Float64Array.from(
    volts,
    (_, i) => 0.5 * ((i < last ? volts[i + 1]! : volts[i]!) - (i > 0 ? volts[i - 1]! : volts[i]!)),
  );
}

/**
 * Fits a transfer curve by min Σ w_i·(p(v_i) ∓ v_out,i)², w the weights of a quadrature rule, so that every grid
 * approximates the same integral over v_in. Levenberg–Marquardt with analytic derivatives from the half-height crossing and the
 * 25–75 % width. `residualVolts` is the weighted root mean square. A flat, broken or non-tanh curve gives a reason.
 * `biasVolts` says what is flat.
 * Keep one fitter for many curves of the same number of points: it holds the buffers.
 */
export class PtanhFitter {
  readonly #problem: LeastSquaresProblem;
  readonly #workspace: LevenbergMarquardtWorkspace;
  readonly #target: Float64Array;
  readonly #root: Float64Array;
  readonly #flatVolts: number;
  #volts: ArrayLike<number> = [];

  constructor(points: number, biasVolts: number) {
    this.#flatVolts = FLAT * biasVolts;
    this.#target = new Float64Array(points);
    this.#root = new Float64Array(points);
    this.#workspace = new LevenbergMarquardtWorkspace(points, 4);
    this.#problem = {
      residuals: points,
      parameters: 4,
      evaluate: (x, residuals, jacobian) => this.#evaluate(x, residuals, jacobian),
    };
  }

  fit(
    inputVolts: ArrayLike<number>,
    outputVolts: ArrayLike<number>,
    curve: Curve,
    weights: ArrayLike<number> = trapezoidWeights(inputVolts),
  ): PtanhFit {
    const sign = curve === 'falling' ? -1 : 1;
    let total = 0;
    for (let i = 0; i < this.#target.length; i += 1) {
      this.#target[i] = sign * outputVolts[i]!;
      this.#root[i] = Math.sqrt(weights[i]!);
      total += weights[i]!;
      if (!Number.isFinite(this.#target[i]!))
        return { converged: false, reason: `point ${i} of the curve is not finite` };
    }
    this.#volts = inputVolts;
    const start = startOf(inputVolts, this.#target, this.#flatVolts);
    if (typeof start === 'string') return { converged: false, reason: start };
    const result = levenbergMarquardt(this.#problem, start, { workspace: this.#workspace });
    const eta = Array.from(result.x) as [number, number, number, number];
    // (η₂, η₄) and (−η₂, −η₄) are the same curve
    if (eta[1] < 0 && eta[3] < 0) [eta[1], eta[3]] = [-eta[1], -eta[3]];
    const residualVolts = Math.sqrt((2 * result.cost) / total);
    // an exact curve leaves only rounding to minimise
    const converged = result.converged || residualVolts < 1e-12 * Math.abs(eta[1]);
    const reason = implausible(eta, residualVolts, inputVolts) ?? (converged ? undefined : 'the fit did not converge');
    return reason === undefined ? { converged: true, eta, residualVolts } : { converged: false, reason };
  }

  #evaluate(x: Float64Array, residuals: Float64Array, jacobian: Float64Array | undefined): void {
    const [eta1, eta2, eta3, eta4] = x as unknown as [number, number, number, number];
    for (let i = 0; i < residuals.length; i += 1) {
      const from = this.#volts[i]! - eta3;
      const t = Math.tanh(from * eta4);
      const root = this.#root[i]!;
      residuals[i] = root * (eta1 + eta2 * t - this.#target[i]!);
      if (jacobian === undefined) continue;
      const slope = root * eta2 * (1 - t * t);
      jacobian[i * 4] = root;
      jacobian[i * 4 + 1] = root * t;
      jacobian[i * 4 + 2] = -slope * eta4;
      jacobian[i * 4 + 3] = slope * from;
    }
  }
}

/** `PtanhFitter.fit` for a single curve; weights default to the trapezoid rule, the bias to 1 V. */
export function fitPtanh(
  inputVolts: ArrayLike<number>,
  outputVolts: ArrayLike<number>,
  curve: Curve,
  weights?: ArrayLike<number>,
  biasVolts = 1,
): PtanhFit {
  return new PtanhFitter(inputVolts.length, biasVolts).fit(inputVolts, outputVolts, curve, weights);
}

/** η from the extremes, the half-height crossing and the width between 25 % and 75 %: tanh(0.5493) = 0.5. */
function startOf(volts: ArrayLike<number>, target: Float64Array, flatVolts: number): Float64Array | string {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const v of target) {
    low = Math.min(low, v);
    high = Math.max(high, v);
  }
  const half = 0.5 * (high - low);
  if (2 * half < flatVolts) return `the curve is flat: its output moves by ${(2000 * half).toPrecision(2)} mV`;
  const middle = 0.5 * (high + low);
  const centre = crossing(volts, target, middle);
  if (centre === undefined)
    return 'the curve runs the wrong way: it never crosses its half height in its own direction';
  const quarter = crossing(volts, target, middle - 0.5 * half) ?? volts[0]!;
  const threeQuarters = crossing(volts, target, middle + 0.5 * half) ?? volts[volts.length - 1]!;
  const width = Math.max(Math.abs(threeQuarters - quarter), 1e-3 * flatVolts);
  return Float64Array.of(middle, half, centre, 1.0986 / width);
}

/** Where the curve first rises through `level`, by linear interpolation. */
function crossing(volts: ArrayLike<number>, curve: ArrayLike<number>, level: number): number | undefined {
  for (let i = 1; i < curve.length; i += 1) {
    const [before, after] = [curve[i - 1]!, curve[i]!];
    if (before < level && after >= level) {
      return volts[i - 1]! + ((volts[i]! - volts[i - 1]!) * (level - before)) / (after - before);
    }
  }
  return undefined;
}

/**
 * Why a curve has no end to speak of: what it moves by over the first or the last tenth of its sweep, as a share of its swing.
 * A tanh that is fitted to half a transition is some curve, and not the stage's. Undefined where both ends are flat.
 */
export function unflattened(inputVolts: ArrayLike<number>, outputVolts: ArrayLike<number>): string | undefined {
  const last = inputVolts.length - 1;
  const [from, to] = [inputVolts[0]!, inputVolts[last]!];
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i <= last; i += 1) {
    low = Math.min(low, outputVolts[i]!);
    high = Math.max(high, outputVolts[i]!);
  }
  const tenth = END * (to - from);
  const worst = (
    [
      [from, outputVolts[0]!, from + tenth],
      [to, outputVolts[last]!, to - tenth],
    ] as const
  )
    .map(([volts, end, before]) => ({
      volts,
      moving: Math.abs(end - interpolated(inputVolts, outputVolts, before)) / (high - low),
    }))
    .reduce((a, b) => (b.moving > a.moving ? b : a));
  if (!(worst.moving > MOST_MOVING)) return undefined;
  return `the curve does not flatten: it still moves by ${Math.round(100 * worst.moving)} % of its swing over the last tenth of the sweep, at ${Number(worst.volts.toPrecision(4))} V`;
}

/** Output volts at an input, straight between the points of a curve. */
function interpolated(inputVolts: ArrayLike<number>, outputVolts: ArrayLike<number>, at: number): number {
  let i = 1;
  while (i < inputVolts.length - 1 && inputVolts[i]! < at) i += 1;
  const [a, b] = [inputVolts[i - 1]!, inputVolts[i]!];
  return outputVolts[i - 1]! + ((outputVolts[i]! - outputVolts[i - 1]!) * (at - a)) / (b - a);
}

function implausible(eta: Eta, residualVolts: number, volts: ArrayLike<number>): string | undefined {
  const [, eta2, eta3, eta4] = eta;
  if (!eta.every(Number.isFinite)) return 'the fit is not finite';
  if (eta3 < volts[0]! || eta3 > volts[volts.length - 1]!) return 'the middle of the curve is outside the sweep';
  const swing = 2 * Math.abs(eta2);
  if (residualVolts > LARGEST_RESIDUAL_SHARE * swing) {
    const [residual, of] = [residualVolts, swing].map((v) => `${(1000 * v).toPrecision(3)} mV`);
    return `the curve is no tanh: the fit leaves ${residual} rms of a swing of ${of}`;
  }
  if (eta2 <= 0 || eta4 <= 0) return 'the curve runs the wrong way';
  return undefined;
}
