import { dot } from '@neuroprint/numeric';
import { ShiftedNormal, transposedTimes } from './dense.ts';
import type { SheetModel } from './model.ts';

/** What a circuit says of a measured sheet once its components are fitted. */
export interface Fit {
  /** ln p(measured | circuit), by Laplace's method around `z`. */
  readonly logEvidence: number;
  /** The most probable numbers of printing. */
  readonly z: Float64Array;
  /** |z|² + Σ (residual/meter)²: χ² with as many degrees of freedom as there are measurements, where the circuit is the true one. */
  readonly chiSquare: number;
  readonly volts: Float64Array;
}

export interface FitOptions {
  readonly meterVolts: number;
  /** Most steps of Gauss and Newton. */
  readonly steps: number;
  readonly start?: Float64Array | undefined;
}

/** A step that lowers χ² by less ends the fit: in evidence that is nothing. */
const LEAST_GAIN = 0.05;
const LARGEST_DAMPING = 1e6;
/** No number of printing goes beyond: Φ(4) is 1 − 3e-5. */
const REACH = 4;

/**
 * Fits the numbers of printing to measured volts, min |z|² + |(y − v(z))/σ|², by damped steps of Gauss and Newton on the exact circuit, and
 * gives its evidence: the linearisation at the fit, and not at the nominal circuit, is what counts where stages saturate. Returns
 * undefined where the circuit has no operating point.
 */
export function fitSheet(
  model: SheetModel,
  measured: Float64Array,
  latentCount: number,
  options: FitOptions,
): Fit | undefined {
  const { meterVolts, steps, start } = options;
  const [m, q] = [measured.length, latentCount];
  let z = start?.slice() ?? new Float64Array(q);
  let volts = new Float64Array(m);
  let jacobian = new Float64Array(m * q);
  if (!model.at(z, volts, jacobian)) return undefined;
  const weighted = (of: Float64Array): Float64Array => measured.map((y, i) => (y - of[i]!) / meterVolts);
  const scale = (of: Float64Array): void => {
    for (let i = 0; i < of.length; i += 1) of[i]! /= meterVolts;
  };
  scale(jacobian);
  let residual = weighted(volts);
  let chiSquare = dot(z, z) + dot(residual, residual);
  let damping = 0;
  for (let step = 0; step < steps; step += 1) {
    const right = transposedTimes(jacobian, residual, m, q);
    for (let i = 0; i < q; i += 1) right[i]! -= z[i]!;
    const change = new ShiftedNormal(jacobian, m, q, 1 + damping).solve(right);
    const nextZ = z.map((value, i) => Math.min(REACH, Math.max(-REACH, value + change[i]!)));
    const nextVolts = new Float64Array(m);
    const found = model.at(nextZ, nextVolts);
    const nextResidual = weighted(nextVolts);
    const next = found ? dot(nextZ, nextZ) + dot(nextResidual, nextResidual) : Number.POSITIVE_INFINITY;
    if (!(next < chiSquare)) {
      if (chiSquare - next > -LEAST_GAIN) break;
      damping = damping === 0 ? 1 : 8 * damping;
      if (damping > LARGEST_DAMPING) break;
      continue;
    }
    const gain = chiSquare - next;
    const nextJacobian = new Float64Array(m * q);
    model.at(nextZ, nextVolts, nextJacobian);
    scale(nextJacobian);
    [z, volts, jacobian, residual, chiSquare] = [nextZ, nextVolts, nextJacobian, nextResidual, next];
    damping = damping < 0.1 ? 0 : damping / 8;
    if (gain < LEAST_GAIN) break;
  }
  const normalising = m * Math.log(meterVolts * Math.sqrt(2 * Math.PI));
  return {
    logEvidence: -0.5 * chiSquare - 0.5 * new ShiftedNormal(jacobian, m, q, 1).logDeterminant - normalising,
    z,
    chiSquare,
    volts,
  };
}
