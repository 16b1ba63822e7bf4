import { type Cell, cellCurve, type Technology } from '@neuroprint/circuit';
import { type Sweep, UsageError } from '@neuroprint/core';
import { type SinhShape, sinhGrid, sinhParameters, uniformGrid } from '@neuroprint/spice';
import { crossing } from './ptanhFit.ts';

/** Every curve is swept over this range. */
export const SWEEP_START_VOLTS = -2;
export const SWEEP_STOP_VOLTS = 2;
const MOST_POINTS = 100_001;
/**
 * Points of the default sweep. Against 4,001 points the grid alone puts 2e-10 to 1e-8 (mean squared normalised error)
 * into η over the designs of the four cells of `egt` and `egt-date23`; 401 uniform points put 4e-10 to 6e-4 into it.
 */
export const ADAPTIVE_POINTS = 61;

/** The default sweep, or so many evenly spaced points. Throws UsageError for a number of points that is none. */
export function sweepOf(uniformPoints?: number): Sweep {
  const range = { startVolts: SWEEP_START_VOLTS, stopVolts: SWEEP_STOP_VOLTS };
  if (uniformPoints === undefined) return { kind: 'adaptive', points: ADAPTIVE_POINTS, ...range };
  if (!Number.isInteger(uniformPoints) || uniformPoints < 5 || uniformPoints > MOST_POINTS) {
    throw new UsageError(`A sweep has 5 to ${MOST_POINTS} points, not ${uniformPoints}.`);
  }
  return { kind: 'uniform', points: uniformPoints, ...range };
}

/** Input volts of one curve and the quadrature weights that belong to them: Σ w_i·f(v_i) ≈ ∫ f dv. */
export interface Grid {
  readonly inputVolts: Float64Array;
  readonly weights: Float64Array;
}

/**
 * Gregory's end corrections to the trapezoid rule: error O(h⁴) from the ends, beyond all orders from the inside of a
 * smooth function. Without them the ends of the sinh grid, where its steps are largest, would decide the error.
 */
const GREGORY = [3 / 8, 7 / 6, 23 / 24] as const;

/** Weights of evenly spaced points, for a spacing of 1. */
function gregoryWeights(points: number): Float64Array {
  const weights = new Float64Array(points).fill(1);
  if (points < 2 * GREGORY.length) {
    weights[0] = 0.5;
    weights[points - 1] = 0.5;
    return weights;
  }
  GREGORY.forEach((weight, i) => {
    weights[i] = weight;
    weights[points - 1 - i] = weight;
  });
  return weights;
}

/** Evenly spaced volts. */
export function uniformSweep({ points, startVolts, stopVolts }: Sweep): Grid {
  const step = (stopVolts - startVolts) / (points - 1);
  return {
    inputVolts: uniformGrid(points, startVolts, stopVolts),
    weights: gregoryWeights(points).map((weight) => weight * step),
  };
}

/** Volts dense around the centre: v = centre + width·sinh(t), t evenly spaced, dv = width·cosh(t)·dt. */
export function sinhSweep({ points, startVolts, stopVolts }: Sweep, shape: SinhShape): Grid {
  const { first, step } = sinhParameters(shape, points, startVolts, stopVolts);
  return {
    inputVolts: sinhGrid(shape, points, startVolts, stopVolts),
    weights: gregoryWeights(points).map((weight, i) => weight * step * shape.widthVolts * Math.cosh(first + step * i)),
  };
}

/** Width of the sinh grid as a share of the 25–75 % width of the curve; anything from 0.25 to 0.6 does as well. */
const WIDTH_SHARE = 0.4;
/** Points of the first scan and of each that zooms in on the bend. */
const SCAN_POINTS = 25;
const ZOOM_POINTS = 9;
const ZOOM_ROUNDS = 8;

/**
 * Where the curve of these component values bends, by the exact solver: the grid is centred on the half-height crossing
 * and scaled by the curve's 25–75 % width. Curves without a middle (flat, or no operating point) get the whole range.
 */
export function bendOf(technology: Technology, cell: Cell, values: Float64Array, sweep: Sweep): SinhShape {
  const sign = cell.curve === 'falling' ? -1 : 1;
  let [low, high] = [sweep.startVolts, sweep.stopVolts];
  let levels: readonly [number, number, number] | undefined;
  for (let round = 0; round <= ZOOM_ROUNDS; round += 1) {
    const points = round === 0 ? SCAN_POINTS : ZOOM_POINTS;
    const step = (high - low) / (points - 1);
    const volts = Float64Array.from({ length: points }, (_, i) => low + step * i);
    const curve = cellCurve(technology, cell, values, volts).map((v) => sign * v);
    if (levels === undefined) {
      const bottom = Math.min(...curve);
      const top = Math.max(...curve);
      levels = [0.25, 0.5, 0.75].map((share) => bottom + share * (top - bottom)) as [number, number, number];
    }
    const [quarter, half, threeQuarters] = levels.map((level) => crossing(volts, curve, level));
    if (quarter === undefined || half === undefined || threeQuarters === undefined) break;
    const width = threeQuarters - quarter;
    if (width > 2 * step) return { centreVolts: half, widthVolts: WIDTH_SHARE * width };
    [low, high] = [quarter - step, threeQuarters + step];
  }
  const span = sweep.stopVolts - sweep.startVolts;
  return { centreVolts: sweep.startVolts + 0.5 * span, widthVolts: span };
}
