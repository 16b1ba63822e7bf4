import { CURVE_LENGTH, curveAt } from '@neuroprint/circuit';

/**
 * What one layer of one print has in series with its stages on a block of rows: volts, which come with the noise in them and
 * have the curves added on the way, and their derivatives by the stage's input, both [stages × rows], falling stages first.
 */
export interface LayerSeries {
  /** Numbers of the curves of this print [stages × CURVE_LENGTH]. */
  readonly curves: Float64Array;
  /** Volts over which a curve repeats. */
  readonly periodVolts: number;
  readonly volts: Float64Array;
  readonly slopes: Float64Array;
}

const here = { volts: 0, slope: 0 };

/** Adds the curve of a stage to its volts, and writes its slopes, given its input volts in `v` from `at` on. */
export function addCurve(series: LayerSeries, stage: number, v: Float64Array, at: number, rows: number): void {
  const { volts, slopes } = series;
  for (let r = 0; r < rows; r += 1) {
    curveAt(series, stage * CURVE_LENGTH, v[at + r]!, here);
    volts[stage * rows + r]! += here.volts;
    slopes[stage * rows + r] = here.slope;
  }
}
