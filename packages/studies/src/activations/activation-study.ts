import { meanAndStd, UsageError } from '@neuroprint/core';
import { type RegressionScore, scoreRegression, trainRegression } from './regress.ts';
import type { RegressionTable } from './regression-table.ts';
import { randomNoise, smoothShapes } from './shapes.ts';

export interface StudyOptions {
  /** Hidden layers and neurons in all of them together. */
  readonly layers: readonly number[];
  readonly neurons: readonly number[];
  /** Amplitudes A, ascending, from 0. */
  readonly amplitudes: readonly number[];
  /** Amplitudes at which networks are retrained with the realised shapes. */
  readonly retrainAt: readonly number[];
  /** Noises and sheets of shapes at every amplitude. */
  readonly draws: number;
  readonly seed: number;
}

/** What became of one network. */
export interface StudiedNetwork {
  readonly hidden: readonly number[];
  readonly parameters: number;
  readonly train: RegressionScore;
  readonly test: RegressionScore;
  /** Test error over training error: how far it has overfit. */
  readonly overfit: number;
  /** Mean test score over draws at every amplitude. */
  readonly random: readonly RegressionScore[];
  readonly smooth: readonly RegressionScore[];
  /** At every amplitude of `retrainAt`: the first sheet of shapes before and after retraining. */
  readonly retrained: readonly {
    readonly amplitude: number;
    readonly before: RegressionScore;
    readonly after: RegressionScore;
  }[];
}

/** The neurons of the hidden layers: as even as can be. */
export function hiddenSizes(layers: number, neurons: number): number[] {
  return Array.from(
    { length: layers },
    (_, l) => Math.floor((neurons * (l + 1)) / layers) - Math.floor((neurons * l) / layers),
  );
}

/** The hidden layers of every network of a grid. Throws UsageError for an impossible grid. */
export function networksOf({ layers, neurons, amplitudes, retrainAt }: StudyOptions): number[][] {
  for (const a of [...amplitudes, ...retrainAt])
    if (!(a >= 0 && Number.isFinite(a))) throw new UsageError(`An amplitude is ${a}, and must be 0 or more.`);
  if (amplitudes[0] !== 0)
    throw new UsageError('The first amplitude must be 0: it is what the others are compared with.');
  return layers.flatMap((count) =>
    neurons.map((size) => {
      if (size < count) throw new UsageError(`${size} neurons cannot fill ${count} layers.`);
      return hiddenSizes(count, size);
    }),
  );
}

/** One network of a study; everything follows from this. */
export interface ActivationJob {
  readonly table: RegressionTable;
  readonly hidden: readonly number[];
  readonly options: Pick<StudyOptions, 'amplitudes' | 'retrainAt' | 'draws' | 'seed'>;
}

/**
 * Test error of a network against the amplitude of activation noise and of uneven activations, before and after retraining with the
 * realised shapes.
 */
export function studyNetwork({ table, hidden, options }: ActivationJob): StudiedNetwork {
  const { amplitudes, retrainAt, draws, seed } = options;
  const { test } = table.rows;
  const network = trainRegression(table, hidden, { seed });
  const score = (change?: Parameters<typeof scoreRegression>[3]): RegressionScore =>
    scoreRegression(network, test, table.half, change);
  const over = (change: (draw: number) => Parameters<typeof scoreRegression>[3]): RegressionScore => {
    const found = Array.from({ length: draws }, (_, draw) => score(change(draw)));
    return { rmse: meanAndStd(found.map(({ rmse }) => rmse)).mean, r: meanAndStd(found.map(({ r }) => r)).mean };
  };
  const random = amplitudes.map((a) => (a === 0 ? score() : over((draw) => randomNoise(a, seed, draw))));
  const smooth = amplitudes.map((a) => (a === 0 ? score() : over((draw) => smoothShapes(a, seed + draw))));
  const retrained = retrainAt.map((amplitude) => {
    const change = smoothShapes(amplitude, seed);
    const again = trainRegression(table, hidden, { seed, from: network, change, effort: 0.5 });
    return { amplitude, before: score(change), after: scoreRegression(again, test, table.half, change) };
  });
  const train = scoreRegression(network, table.rows.train, table.half);
  return {
    hidden,
    parameters: network.parameters.length,
    train,
    test: score(),
    overfit: score().rmse / train.rmse,
    random,
    smooth,
    retrained,
  };
}

/** The amplitude at which the error crosses a line, by straight lines between amplitudes; undefined where it is above without any, or nowhere. */
export function crossing(
  amplitudes: readonly number[],
  scores: readonly RegressionScore[],
  waterline: number,
): number | undefined {
  const k = scores.findIndex(({ rmse }) => rmse > waterline);
  if (k <= 0) return undefined;
  const [below, above] = [scores[k - 1]!.rmse, scores[k]!.rmse];
  return amplitudes[k - 1]! + ((waterline - below) / (above - below)) * (amplitudes[k]! - amplitudes[k - 1]!);
}

/** Spearman's rank correlation; NaN for fewer than three pairs. */
export function rankCorrelation(a: readonly number[], b: readonly number[]): number {
  if (a.length < 3) return Number.NaN;
  const ranks = (values: readonly number[]): number[] =>
    values.map((v) => values.filter((w) => w < v).length + (values.filter((w) => w === v).length - 1) / 2);
  const [ra, rb] = [ranks(a), ranks(b)];
  const middle = (a.length - 1) / 2;
  const sum = (f: (i: number) => number): number => a.reduce((total, _, i) => total + f(i), 0);
  const covariance = sum((i) => (ra[i]! - middle) * (rb[i]! - middle));
  return covariance / Math.sqrt(sum((i) => (ra[i]! - middle) ** 2) * sum((i) => (rb[i]! - middle) ** 2));
}
