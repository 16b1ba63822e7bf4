import { uniformFactor } from '@neuroprint/circuit';
import {
  type AccuracyBySplit,
  Draws,
  stopwatch,
  summariseCopies,
  type UnderVariation,
  UsageError,
  type VoltageRows,
} from '@neuroprint/core';
import { DigitalNetwork, trainDigital } from './digital-network.ts';
import { resolveOptions } from './printed/options.ts';
import type { TrainingProblem } from './printed/problem.ts';
import { checkExamples } from './printed/rows.ts';

export interface BaselineOptions {
  /** Neurons of each hidden layer; default [3]. */
  readonly hidden?: readonly number[];
  readonly seed?: number;
  /** Spreads s under which it is measured: every weight and bias is multiplied by 1 + s·u; default [0.1]. */
  readonly testVariations?: readonly number[];
  /** Default 2000; a start ends `patience` epochs after its best, default 200. */
  readonly epochs?: number;
  readonly patience?: number;
  /** Random starts, the best chosen by validation loss; default 6. */
  readonly restarts?: number;
  readonly rate?: number;
}

export interface BaselineResult {
  readonly accuracy: AccuracyBySplit;
  /** The class that every training, validation and test row is decided as, where it is one: nothing was learnt. */
  readonly onlyClass?: number;
  /** Test rows under each of the `testVariations`. */
  readonly underVariation: readonly UnderVariation[];
  readonly epochs: number;
  readonly cpuSeconds: number;
  /** What chose the network among its starts, on the validation rows; larger is better. */
  readonly validScore: number;
}

const BASELINE_EPOCHS = 2000;
const BASELINE_RESTARTS = 6;
const REPORT_DRAWS = 100;
const TEST_VARIATIONS = [0.1];

/**
 * The digital network that a printed one is compared with: inputs → hidden layers of tanh → linear → largest output,
 * float64, trained without variation by Adam on the full batch with cross-entropy; the best epoch and start by
 * validation loss. Throws UsageError where options and data do not fit.
 */
export function trainBaseline(
  problem: Pick<TrainingProblem, 'inputs' | 'classes' | 'task' | 'train' | 'valid' | 'test'>,
  options: BaselineOptions = {},
): BaselineResult {
  const spent = stopwatch();
  if (problem.task !== undefined) throw new UsageError('The digital network to compare with is a classifier.');
  const { hidden, seed, epochs, patience, restarts, rate } = resolveOptions({
    epochs: BASELINE_EPOCHS,
    restarts: BASELINE_RESTARTS,
    ...options,
  });
  const sizes = [problem.inputs.length, ...hidden, problem.classes.length];
  const checked = (rows: TrainingProblem['train']): VoltageRows => {
    checkExamples(rows, problem.inputs.length, problem.classes.length);
    return rows as VoltageRows;
  };
  const [train, valid, test] = [checked(problem.train), checked(problem.valid), checked(problem.test)];
  const network = new DigitalNetwork(sizes);
  const { parameters } = network;
  const best = new Float64Array(parameters.length);
  let bestLoss = Number.POSITIVE_INFINITY;
  let run = 0;
  for (let restart = 0; restart < restarts; restart += 1) {
    network.start(new Draws(seed, 'baseline-start'), restart);
    const trained = trainDigital(network, { train, valid }, { epochs, patience, rate });
    run += trained.epochs;
    if (trained.loss < bestLoss) {
      bestLoss = trained.loss;
      best.set(trained.parameters);
    }
  }
  parameters.set(best);
  const accuracy = (rows: VoltageRows) => network.evaluate(rows, false).accuracy;
  const result = { train: accuracy(train), valid: accuracy(valid), test: accuracy(test) };
  const decided = new Set([train, valid, test].flatMap((rows) => [...network.decide(rows)]));
  const random = new Draws(seed, 'baseline-variation');
  const underVariation = (options.testVariations ?? TEST_VARIATIONS).map((spread) => {
    const byDraw = Float64Array.from({ length: REPORT_DRAWS }, (_, draw) => {
      network.drawn(random, draw).forEach((u, i) => {
        parameters[i] = best[i]! * uniformFactor(spread, u);
      });
      return accuracy(test);
    });
    return summariseCopies(byDraw, spread);
  });
  const { cpuSeconds } = spent();
  return {
    accuracy: result,
    ...(decided.size === 1 ? { onlyClass: [...decided][0]! } : {}),
    underVariation,
    epochs: run,
    cpuSeconds,
    validScore: -bestLoss,
  };
}
