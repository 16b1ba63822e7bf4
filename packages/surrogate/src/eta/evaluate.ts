import { type SampleTable, type SurrogateTest, UsageError, type VoltRange } from '@neuroprint/core';
import { type SurrogateContent, SurrogateModel } from './model.ts';

export interface SurrogateEvaluation extends SurrogateTest {
  /**
   * Per row the root mean square, over the volts that stages see, of the difference between the curves of η̂ and of η; its median and 95th
   * percentile over the rows.
   */
  readonly curveRmsVolts: { readonly median: number; readonly p95: number };
}

/**
 * How well a surrogate predicts the η of samples. Throws UsageError where they are of another technology, cell or list
 * of parameters, and OutsideTrustRegionError where a row is outside of what the surrogate was trained on.
 */
export function evaluateSurrogate(
  surrogate: SurrogateContent,
  table: SampleTable,
  shown: VoltRange,
): SurrogateEvaluation {
  const model = SurrogateModel.of(surrogate);
  const names = table.parameters.map((parameter) => parameter.name).join(', ');
  if (surrogate.technology !== table.technology || surrogate.cell !== table.cell) {
    throw new UsageError(
      `The surrogate is of ${surrogate.technology}/${surrogate.cell}, and the samples are of ${table.technology}/${table.cell}.`,
      'Name the surrogate and the samples of one cell.',
    );
  }
  if (names !== model.parameterNames.join(', ')) {
    throw new UsageError(`The surrogate takes ${model.parameterNames.join(', ')}, and the samples have ${names}.`);
  }
  const predicted = model.predict(table.values, table.eta.length / 4);
  return comparePredicted(predicted, table.eta, surrogate.etaMin, surrogate.etaMax, shown);
}

/** The same for η̂ [rows × 4] from any model; each η is scaled by the range that is given, and curves are compared over `shown`. */
export function comparePredicted(
  predicted: Float64Array,
  eta: Float64Array,
  min: readonly number[],
  max: readonly number[],
  shown: VoltRange,
): SurrogateEvaluation {
  const rows = eta.length / 4;
  const rms = new Float64Array(rows);
  for (let row = 0; row < rows; row += 1) rms[row] = curveDistance(predicted, eta, row * 4, shown);
  rms.sort();
  const quantile = (share: number) => rms[Math.min(rows - 1, Math.floor(share * rows))]!;
  return {
    ...compareEta(predicted, eta, min, max),
    curveRmsVolts: { median: quantile(0.5), p95: quantile(0.95) },
  };
}

/**
 * Errors of η̂ [rows × 4] against η. `mseNormalised` is the mean over rows and η of the squared error, each η scaled by
 * max_k − min_k; `r2` is 1 − Σ(η̂ − η)²/Σ(η − mean)²; `rmse` in volts, volts, volts and 1/volts.
 */
export function compareEta(
  predicted: Float64Array,
  eta: Float64Array,
  min: readonly number[],
  max: readonly number[],
): SurrogateTest {
  const rows = eta.length / 4;
  const rmse: number[] = [];
  const r2: number[] = [];
  let normalised = 0;
  for (let k = 0; k < 4; k += 1) {
    let mean = 0;
    for (let i = k; i < eta.length; i += 4) mean += eta[i]! / rows;
    let squared = 0;
    let spread = 0;
    for (let i = k; i < eta.length; i += 4) {
      squared += (predicted[i]! - eta[i]!) ** 2;
      spread += (eta[i]! - mean) ** 2;
    }
    rmse.push(Math.sqrt(squared / rows));
    r2.push(spread === 0 ? (squared === 0 ? 1 : 0) : 1 - squared / spread);
    normalised += squared / rows / rangeOf(min[k]!, max[k]!) ** 2 / 4;
  }
  return { rows, mseNormalised: normalised, r2, rmse };
}

/**
 * What no surrogate can pass: how far the η of a table [rows × 4] are from the same designs' η of a finer sweep, scaled by
 * `range` or by the extremes of the finer ones. Designs without a finer η (NaN) are left out.
 */
export function etaNoise(
  eta: Float64Array,
  fine: Float64Array,
  range?: { readonly etaMin: readonly number[]; readonly etaMax: readonly number[] },
): Pick<SurrogateTest, 'rows' | 'mseNormalised'> {
  const both = (data: Float64Array) => data.filter((_, i) => !Number.isNaN(fine[i - (i % 4)]!));
  const [usual, finer] = [both(eta), both(fine)];
  const extreme = (pick: (a: number, b: number) => number) =>
    [0, 1, 2, 3].map((k) => finer.filter((_, i) => i % 4 === k).reduce((a, b) => pick(a, b), finer[k]!));
  const { etaMin, etaMax } = range ?? { etaMin: extreme(Math.min), etaMax: extreme(Math.max) };
  const { rows, mseNormalised } = compareEta(usual, finer, etaMin, etaMax);
  return { rows, mseNormalised };
}

/** max − min, and 1 where an η does not vary. */
export function rangeOf(min: number, max: number): number {
  return max > min ? max - min : 1;
}

const CURVE_POINTS = 101;

function curveDistance(a: Float64Array, b: Float64Array, at: number, { minimum, maximum }: VoltRange): number {
  let sum = 0;
  for (let i = 0; i < CURVE_POINTS; i += 1) {
    const volts = minimum + (maximum - minimum) * (i / (CURVE_POINTS - 1));
    sum += (ptanh(a, at, volts) - ptanh(b, at, volts)) ** 2;
  }
  return Math.sqrt(sum / CURVE_POINTS);
}

function ptanh(eta: Float64Array, at: number, volts: number): number {
  return eta[at]! + eta[at + 1]! * Math.tanh((volts - eta[at + 2]!) * eta[at + 3]!);
}
