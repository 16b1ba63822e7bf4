import { argmax, crossEntropy, LOSS_WEIGHT } from '@neuroprint/numeric';
/** Sums over rows and draws. */
export interface Tally {
  loss: number;
  /** Rows decided as labelled, and as the trained network decides; 0 in regression. */
  right: number;
  kept: number;
  /** Σ (output − volts of the row's target)²; 0 in classification. */
  squares: number;
  count: number;
  /** Rows without an operating point; they give no gradient. */
  unsolved: number;
}

/** What a circuit is tuned to: the loss of a row with its gradient, and what states are chosen by. */
export interface Objective {
  /** Adds a solved row to the tally; writes ∂L/∂v of its outputs into `gradient` and returns ∂L/∂ln T. */
  judge(volts: Float64Array, row: number, temperature: number, tally: Tally, gradient: Float64Array): number;
  /** By what states are compared; larger is better. */
  score(tally: Tally): number;
  /** What a person follows. */
  shown(tally: Tally): { readonly validAccuracy: number } | { readonly validRmse: number };
}

/** The decisions of the trained network, as sure as it is of them. `targets` is row-major [rows × classes]. */
export function decisionObjective(rows: {
  readonly targets: Float64Array;
  readonly promised: Int32Array;
  readonly labels: ArrayLike<number>;
}): Objective {
  const { targets, promised, labels } = rows;
  return {
    judge(volts, row, temperature, tally, gradient) {
      const best = argmax(volts);
      const target = targets.subarray(row * volts.length, (row + 1) * volts.length);
      tally.loss += crossEntropy(volts, target, temperature, gradient);
      tally.count += 1;
      if (best === labels[row]) tally.right += 1;
      if (best === promised[row]) tally.kept += 1;
      return gradient.reduce((sum, slope, c) => sum + slope * volts[c]!, 0);
    },
    score: ({ kept, loss, count }) => kept / count - LOSS_WEIGHT * (loss / count),
    shown: ({ right, count }) => ({ validAccuracy: right / count }),
  };
}

/**
 * The output volts of the trained network: L = (v − target)²/variance, `variance` (V²) that of the targets over the training
 * rows. States are compared by the root of its mean. `known` are the volts that mean the table's own targets.
 */
export function voltageObjective(rows: {
  readonly targets: Float64Array;
  readonly known: Float64Array;
  readonly variance: number;
  readonly unitsPerVolt: number;
}): Objective {
  const { targets, known, variance, unitsPerVolt } = rows;
  return {
    judge(volts, row, _, tally, gradient) {
      const error = volts[0]! - targets[row]!;
      tally.loss += (error * error) / variance;
      tally.squares += (volts[0]! - known[row]!) ** 2;
      tally.count += 1;
      gradient[0] = (2 * error) / variance;
      return 0;
    },
    score: ({ loss, count }) => -Math.sqrt(loss / count),
    shown: ({ squares, count }) => ({ validRmse: unitsPerVolt * Math.sqrt(squares / count) }),
  };
}
