import { UsageError } from '@neuroprint/core';
import { standardFeatures } from './features.ts';
import { type SurrogateContent, SurrogateModel } from './model.ts';

/** Held-out designs that are kept: enough to be local, few enough to read. */
const MOST_DESIGNS = 400;
/** Held-out neighbours that an error bar is made from. */
const NEIGHBOURS = 12;
/** Digits that are kept: more say nothing, and fewer bytes ship. */
const DIGITS = 4;

/** The validation designs as SurrogateKind keeps them: standardised features and |η̂ − η|. */
export function heldOutOf(
  surrogate: SurrogateContent,
  values: Float64Array,
  eta: Float64Array,
): NonNullable<SurrogateContent['heldOut']> {
  const rows = Math.min(MOST_DESIGNS, eta.length / 4);
  const logs = values.slice(0, rows * surrogate.parameters.length).map(Math.log);
  const predicted = SurrogateModel.of(surrogate).forward(logs, rows);
  const features = standardFeatures(surrogate, logs, rows);
  const width = surrogate.features.length;
  const short = (value: number) => Number(value.toPrecision(DIGITS));
  const indices = Array.from({ length: rows }, (_, row) => row);
  return {
    features: indices.map((row) => [...features.subarray(row * width, (row + 1) * width)].map(short)),
    errors: indices.map((row) => [0, 1, 2, 3].map((k) => short(Math.abs(predicted[row * 4 + k]! - eta[row * 4 + k]!)))),
  };
}

/**
 * Standard errors of η̂ [rows × 4] at component values [rows × parameters]: the rms error per η of the 12 held-out
 * designs that are nearest in standardised features. Throws UsageError where the surrogate has none.
 */
export function errorBars(surrogate: SurrogateContent, values: Float64Array, rows: number): Float64Array {
  const { heldOut } = surrogate;
  if (heldOut === undefined)
    throw new UsageError(
      `The surrogate of ${surrogate.technology}/${surrogate.cell} has no held-out errors, so no error bars.`,
      'Train it again.',
    );
  const width = surrogate.features.length;
  const at = standardFeatures(surrogate, values.map(Math.log), rows);
  const bars = new Float64Array(rows * 4);
  for (let row = 0; row < rows; row += 1) {
    const near = heldOut.features
      .map((design, i) => ({ i, distance: design.reduce((sum, x, f) => sum + (x - at[row * width + f]!) ** 2, 0) }))
      .sort((a, b) => a.distance - b.distance || a.i - b.i)
      .slice(0, NEIGHBOURS);
    for (let k = 0; k < 4; k += 1) {
      const squares = near.reduce((sum, { i }) => sum + heldOut.errors[i]![k]! ** 2, 0);
      bars[row * 4 + k] = Math.sqrt(squares / near.length);
    }
  }
  return bars;
}
