import { argmax, crossEntropy, type Line, type LineMoments, LOSS_WEIGHT } from '@neuroprint/numeric';

/** Sums over rows and draws. */
export interface Tally {
  loss: number;
  /** Rows decided as labelled, and as the trained network decides; 0 in regression. */
  right: number;
  kept: number;
  /** Outputs (volts) and targets (the objective's units); nothing in classification. */
  readonly read: LineMoments;
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
  /** Before a step: makes use of what `run` gives, where it has any. */
  prepare(run: () => Tally): void;
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
    prepare: () => {},
    shown: ({ right, count }) => ({ validAccuracy: right / count }),
  };
}

/** By what line the output of a circuit is read while it is tuned: target = a + b·v, in standard deviations from the training targets' mean. */
export interface Reading {
  line: Line;
}

/**
 * The targets of the table, read by a line that follows the circuit: L = (a + b·v − t)², t in standard deviations of the training targets from
 * their mean, a and b the best of the step's rows and copies, so that no step moves what a line can do. States are compared by the root of what the
 * best line leaves, because the finished circuit's line is fitted too. `reading` is shared by training and validation rows; the first prepare it. `unitsPerStd` are the units of the target.
 */
export function targetObjective(targets: ArrayLike<number>, unitsPerStd: number, reading: Reading): Objective {
  const left = ({ read }: Tally): number => Math.sqrt(read.meanSquare(read.line()));
  return {
    judge(volts, row, _, tally, gradient) {
      const [a, b] = reading.line;
      const error = a + b * volts[0]! - targets[row]!;
      tally.loss += error * error;
      tally.count += 1;
      tally.read.add(volts[0]!, targets[row]!);
      gradient[0] = 2 * b * error;
      return 0;
    },
    score: (tally) => -left(tally),
    prepare: (run) => {
      reading.line = run().read.line();
    },
    shown: (tally) => ({ validRmse: unitsPerStd * left(tally) }),
  };
}
