import { argmax, crossEntropy, type Line, LineMoments, LOSS_WEIGHT } from '@neuroprint/numeric';

/** Sums over rows and draws, as plain data. */
export interface Tally {
  loss: number;
  /** Rows decided as labelled, and as the trained network decides; 0 in regression. */
  right: number;
  kept: number;
  /** LineMoments of outputs (volts) and targets (the objective's units); of nothing in classification. */
  readonly read: Float64Array;
  count: number;
  /** Rows without an operating point; they give no gradient. */
  unsolved: number;
}

export function emptyTally(): Tally {
  return { loss: 0, right: 0, kept: 0, read: new LineMoments().sums, count: 0, unsolved: 0 };
}

/** The sum of tallies, taken in their order. */
export function sumOf(tallies: readonly Tally[]): Tally {
  const sum = emptyTally();
  for (const tally of tallies) {
    for (const key of ['loss', 'right', 'kept', 'count', 'unsolved'] as const) sum[key] += tally[key];
    new LineMoments(sum.read).addAll(new LineMoments(tally.read));
  }
  return sum;
}

/** What a circuit is tuned to: the loss of a row with its gradient, and what states are chosen by. */
export interface Objective {
  /** Adds a solved row to the tally; writes ∂L/∂v of its outputs into `gradient` and returns ∂L/∂ln T. */
  judge(volts: Float64Array, row: number, temperature: number, tally: Tally, gradient: Float64Array): number;
  /** By what states are compared; larger is better. */
  score(tally: Tally): number;
  /** By what line the output is read from now on: that which `tally` gives, or the one that is given; where there is none, nothing. */
  prepare(tally: Tally): void;
  readBy(line: readonly number[]): void;
  /** The line by which the output is read, made anew before every step; empty where none is. */
  readonly line: readonly number[];
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
    readBy: () => {},
    line: [],
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
  const left = (tally: Tally): number => {
    const read = new LineMoments(tally.read);
    return Math.sqrt(read.meanSquare(read.line()));
  };
  return {
    judge(volts, row, _, tally, gradient) {
      const [a, b] = reading.line;
      const error = a + b * volts[0]! - targets[row]!;
      tally.loss += error * error;
      tally.count += 1;
      new LineMoments(tally.read).add(volts[0]!, targets[row]!);
      gradient[0] = 2 * b * error;
      return 0;
    },
    score: (tally) => -left(tally),
    prepare: ({ read }) => {
      reading.line = new LineMoments(read).line();
    },
    readBy: ([intercept, slope]) => {
      reading.line = [intercept!, slope!];
    },
    get line() {
      return reading.line;
    },
    shown: (tally) => ({ validRmse: unitsPerStd * left(tally) }),
  };
}
