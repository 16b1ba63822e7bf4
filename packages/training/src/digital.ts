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
import { Adam, decisions, fallingRate, Mlp } from '@neuroprint/numeric';
import { crossEntropy, type LossSums } from './printed/kernel/loss.ts';
import { resolveOptions } from './printed/options.ts';
import type { TrainingProblem } from './printed/problem.ts';
import { BLOCK_ROWS, checkExamples } from './printed/rows.ts';

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
  const { parameters, gradient } = network;
  const best = new Float64Array(parameters.length);
  let bestLoss = Number.POSITIVE_INFINITY;
  let run = 0;
  for (let restart = 0; restart < restarts; restart += 1) {
    network.start(new Draws(seed, 'baseline-start'), restart);
    const adam = new Adam(parameters.length);
    let [lowest, lowestEpoch] = [Number.POSITIVE_INFINITY, 0];
    for (let epoch = 0; epoch < epochs && epoch - lowestEpoch < patience; epoch += 1, run += 1) {
      network.evaluate(train, true);
      adam.step(parameters, gradient, rate * fallingRate(epoch / epochs));
      const { loss } = network.evaluate(valid, false);
      if (loss < lowest) [lowest, lowestEpoch] = [loss, epoch];
      if (loss < bestLoss) {
        bestLoss = loss;
        best.set(parameters);
      }
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

/**
 * The perceptron, its loss and its gradient. What is drawn for it is numbered input by input, and its gradients are summed in the
 * kernel's blocks of rows.
 */
class DigitalNetwork {
  readonly parameters: Float64Array;
  readonly gradient: Float64Array;
  readonly #mlp: Mlp;

  constructor(sizes: readonly number[]) {
    this.#mlp = new Mlp(sizes, { activation: 'tanh', blockRows: BLOCK_ROWS });
    this.parameters = this.#mlp.parameters;
    this.gradient = new Float64Array(this.parameters.length);
  }

  /** Glorot's uniform weights, biases 0. */
  start(random: Draws, major: number): void {
    let minor = 0;
    for (const { inputs, outputs, weights, biases } of this.#mlp.layers) {
      const limit = Math.sqrt(6 / (inputs + outputs));
      for (let i = 0; i < inputs; i += 1)
        for (let k = 0; k < outputs; k += 1, minor += 1)
          weights[k * inputs + i] = limit * (2 * random.uniform(major, minor) - 1);
      biases.fill(0);
    }
  }

  /** Uniform numbers of a draw, one for each parameter. */
  drawn(random: Draws, draw: number): Float64Array {
    const out = new Float64Array(this.parameters.length);
    random.fillUniform(draw, out);
    for (const { inputs, outputs, at } of this.#mlp.layers)
      out.set(transposed(out.subarray(at, at + inputs * outputs), inputs, outputs), at);
    return out;
  }

  /** The class of every row. */
  decide({ volts, labels }: VoltageRows): Int32Array {
    return decisions(this.#mlp.forward(volts, labels.length), this.#mlp.sizes.at(-1)!);
  }

  /** Mean loss and accuracy, and with `withGradient` the gradient of the loss. */
  evaluate(
    { volts, labels }: VoltageRows,
    withGradient: boolean,
  ): { readonly loss: number; readonly accuracy: number } {
    const rows = labels.length;
    const classes = this.#mlp.sizes.at(-1)!;
    const sums: LossSums = { loss: 0, correct: 0, temperatureGradient: 0 };
    const output = transposed(this.#mlp.forward(volts, rows), rows, classes);
    const delta = new Float64Array(output.length);
    crossEntropy(output, { labels, weights: new Float64Array(rows).fill(1) }, classes, 1, 1 / rows, 0, sums, delta);
    if (withGradient) this.#mlp.backward(transposed(delta, classes, rows), { parameters: this.gradient });
    return { loss: sums.loss / rows, accuracy: sums.correct / rows };
  }
}

/** A row-major matrix [rows × columns] as [columns × rows]. */
function transposed(matrix: Float64Array, rows: number, columns: number): Float64Array {
  const out = new Float64Array(matrix.length);
  for (let r = 0; r < rows; r += 1) for (let c = 0; c < columns; c += 1) out[c * rows + r] = matrix[r * columns + c]!;
  return out;
}
