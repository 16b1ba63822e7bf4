import { type AccuracyBySplit, SPLITS, type Split, type VoltageRows } from '@neuroprint/core';
import type { TrainingProblem } from '@neuroprint/training';
import { type BaselineOptions, trainBaseline } from '@neuroprint/training';
import {
  type LinearClassifier,
  linearAccuracy,
  logisticRegression,
  mappedNearestMean,
  nearestMean,
  onlyClassOf,
  perceptron,
} from './linear.ts';

/** What is compared without a circuit, in the order of the rows. */
export const BASELINES = [
  'nearestMean',
  'nearestMeanUnscaled',
  'linearMap',
  'perceptron',
  'logistic',
  'digital',
] as const;
export type BaselineName = (typeof BASELINES)[number];

/** The names in words. */
export const BASELINE_TITLES: Readonly<Record<BaselineName, string>> = {
  nearestMean: 'nearest class mean',
  nearestMeanUnscaled: 'nearest class mean, unscaled',
  linearMap: 'best linear map, nearest class mean',
  perceptron: 'perceptron',
  logistic: 'logistic regression',
  digital: 'digital network',
};

export interface BaselineRow {
  readonly name: BaselineName;
  readonly title: string;
  readonly accuracy: AccuracyBySplit;
  /** The class that every row is decided as, where it is one: nothing was learnt. */
  readonly onlyClass?: string;
}

/** What a baseline is told: the ranges of the inputs, the classes, and rows in volts. */
export type BaselineProblem = Pick<TrainingProblem, 'inputs' | 'classes'> & Readonly<Record<Split, VoltageRows>>;

/**
 * What the same rows give without any physics. Everything sees what a circuit sees, volts between 0 and 1, but for `nearestMeanUnscaled`,
 * which measures distances in the units of the table. Training rows fit, validation rows choose (epoch, start), test rows are only
 * counted. `options` are those of the digital network; its hidden layers should be those of the network it stands beside.
 */
export function baselines(problem: BaselineProblem, options: BaselineOptions = {}): BaselineRow[] {
  const { accuracy, onlyClass } = trainBaseline(problem, options);
  return [...linearBaselines(problem, options.seed ?? 0), rowOf(problem, 'digital', accuracy, onlyClass)];
}

function rowOf(
  { classes }: BaselineProblem,
  name: BaselineName,
  accuracy: AccuracyBySplit,
  onlyClass: number | undefined,
): BaselineRow {
  return {
    name,
    title: BASELINE_TITLES[name],
    accuracy,
    ...(onlyClass === undefined ? {} : { onlyClass: classes[onlyClass]! }),
  };
}

/** Those of them that are linear in the inputs: all but the digital network. */
export function linearBaselines(problem: BaselineProblem, seed: number): BaselineRow[] {
  const { inputs, classes, train, valid } = problem;
  const shape = { inputs: inputs.length, classes: classes.length };
  const scales = Float64Array.from(inputs, ({ minimum, maximum }) => maximum - minimum);
  const linear: Readonly<Record<Exclude<BaselineName, 'digital'>, LinearClassifier>> = {
    nearestMean: nearestMean(shape, train),
    nearestMeanUnscaled: nearestMean(shape, train, scales),
    linearMap: mappedNearestMean(shape, train, valid),
    perceptron: perceptron(shape, train, valid, seed),
    logistic: logisticRegression(shape, train, valid),
  };
  return BASELINES.flatMap((name) => {
    if (name === 'digital') return [];
    const [a, b, c] = SPLITS.map((part) => linearAccuracy(linear[name], shape, problem[part]));
    const only = onlyClassOf(
      linear[name],
      shape,
      SPLITS.map((part) => problem[part]),
    );
    return [rowOf(problem, name, { train: a!, valid: b!, test: c! }, only)];
  });
}
