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

/** How much of the loss counts beside the kept decisions when states are compared, so that ties are not decided by chance. */
const LOSS_WEIGHT = 0.05;

/** The decisions of the trained network, as sure as it is of them. `targets` is row-major [rows × classes]. */
export function decisionObjective(rows: {
  readonly targets: Float64Array;
  readonly promised: Int32Array;
  readonly labels: ArrayLike<number>;
}): Objective {
  const { targets, promised, labels } = rows;
  const result = { loss: 0, byLogTemperature: 0 };
  return {
    judge(volts, row, temperature, tally, gradient) {
      let best = 0;
      for (let c = 1; c < volts.length; c += 1) if (volts[c]! > volts[best]!) best = c;
      crossEntropy(volts, targets, row * volts.length, temperature, gradient, result);
      tally.loss += result.loss;
      tally.count += 1;
      if (best === labels[row]) tally.right += 1;
      if (best === promised[row]) tally.kept += 1;
      return result.byLogTemperature;
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

/**
 * Cross-entropy of one row with the output volts read at a temperature: L = −Σ target_c·ln softmax(T·v)_c, with the targets of
 * the row, which sum to 1, from `at` on. Writes ∂L/∂v into `gradient`, L and ∂L/∂ln T into `out`.
 */
function crossEntropy(
  volts: Float64Array,
  targets: Float64Array,
  at: number,
  temperature: number,
  gradient: Float64Array,
  out: { loss: number; byLogTemperature: number },
): void {
  let largest = Number.NEGATIVE_INFINITY;
  for (const v of volts) largest = Math.max(largest, v);
  let sum = 0;
  for (let c = 0; c < volts.length; c += 1) {
    const e = Math.exp(temperature * (volts[c]! - largest));
    gradient[c] = e;
    sum += e;
  }
  out.loss = Math.log(sum);
  out.byLogTemperature = 0;
  for (let c = 0; c < volts.length; c += 1) {
    const target = targets[at + c]!;
    out.loss -= target * temperature * (volts[c]! - largest);
    const byLogit = gradient[c]! / sum - target;
    out.byLogTemperature += byLogit * temperature * volts[c]!;
    gradient[c] = byLogit * temperature;
  }
}
