import { uniformFactor } from '@neuroprint/circuit';
import { type AccuracyBySplit, Draws, summariseCopies, type UnderVariation, UsageError } from '@neuroprint/core';
import { Adam, fallingRate } from '@neuroprint/numeric';
import { crossEntropy, type LossSums } from './printed/kernel/loss.ts';
import { resolveOptions } from './printed/options.ts';
import type { TrainingProblem } from './printed/problem.ts';
import { type Block, blocksOf, countRows } from './printed/rows.ts';

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
  const startedAt = process.cpuUsage();
  if (problem.task !== undefined) throw new UsageError('The digital network to compare with is a classifier.');
  const { hidden, seed, epochs, patience, restarts, rate } = resolveOptions({
    epochs: BASELINE_EPOCHS,
    restarts: BASELINE_RESTARTS,
    ...options,
  });
  const sizes = [problem.inputs.length, ...hidden, problem.classes.length];
  const blocks = (rows: TrainingProblem['train']) => blocksOf(rows, problem.inputs.length, problem.classes.length);
  const [train, valid, test] = [blocks(problem.train), blocks(problem.valid), blocks(problem.test)];
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
  const accuracy = (rows: readonly Block[]) => network.evaluate(rows, false).accuracy;
  const result = { train: accuracy(train), valid: accuracy(valid), test: accuracy(test) };
  const random = new Draws(seed, 'baseline-variation');
  const factors = new Float64Array(parameters.length);
  const underVariation = (options.testVariations ?? TEST_VARIATIONS).map((spread) => {
    const byDraw = Float64Array.from({ length: REPORT_DRAWS }, (_, draw) => {
      random.fillUniform(draw, factors);
      factors.forEach((u, i) => {
        parameters[i] = best[i]! * uniformFactor(spread, u);
      });
      return accuracy(test);
    });
    return summariseCopies(byDraw, spread);
  });
  const used = process.cpuUsage(startedAt);
  return {
    accuracy: result,
    underVariation,
    epochs: run,
    cpuSeconds: (used.user + used.system) / 1e6,
    validScore: -bestLoss,
  };
}

/** One layer's views into the flat vectors; `weights` is [inputs × neurons]. */
interface DigitalLayer {
  readonly inputs: number;
  readonly neurons: number;
  readonly weights: Float64Array;
  readonly biases: Float64Array;
  readonly weightGradient: Float64Array;
  readonly biasGradient: Float64Array;
}

/** a₀ = x, a_l = tanh(W_l·a_{l−1} + b_l), the last layer without tanh; voltages column by column as in the kernel. */
class DigitalNetwork {
  readonly parameters: Float64Array;
  readonly gradient: Float64Array;
  readonly #layers: readonly DigitalLayer[];

  constructor(sizes: readonly number[]) {
    const widths = sizes.slice(1);
    const count = widths.reduce((sum, neurons, l) => sum + (sizes[l]! + 1) * neurons, 0);
    this.parameters = new Float64Array(count);
    this.gradient = new Float64Array(count);
    let at = 0;
    this.#layers = widths.map((neurons, l) => {
      const inputs = sizes[l]!;
      const [first, middle, last] = [at, at + inputs * neurons, at + (inputs + 1) * neurons];
      at = last;
      return {
        inputs,
        neurons,
        weights: this.parameters.subarray(first, middle),
        biases: this.parameters.subarray(middle, last),
        weightGradient: this.gradient.subarray(first, middle),
        biasGradient: this.gradient.subarray(middle, last),
      };
    });
  }

  /** Glorot's uniform weights, biases 0. */
  start(random: Draws, major: number): void {
    let minor = 0;
    for (const { inputs, neurons, weights, biases } of this.#layers) {
      const limit = Math.sqrt(6 / (inputs + neurons));
      for (let i = 0; i < weights.length; i += 1, minor += 1) {
        weights[i] = limit * (2 * random.uniform(major, minor) - 1);
      }
      biases.fill(0);
    }
  }

  /** Mean loss and accuracy, and with `withGradient` the gradient of the loss. */
  evaluate(blocks: readonly Block[], withGradient: boolean): { readonly loss: number; readonly accuracy: number } {
    const rows = countRows(blocks);
    const sums: LossSums = { loss: 0, correct: 0, temperatureGradient: 0 };
    this.gradient.fill(0);
    for (const block of blocks) {
      const activations = [block.volts];
      for (const layer of this.#layers) activations.push(this.#forward(layer, activations.at(-1)!, block.rows));
      const output = activations.at(-1)!;
      const delta = new Float64Array(output.length);
      crossEntropy(output, block, this.#layers.at(-1)!.neurons, 1, 1 / rows, 0, sums, delta);
      if (withGradient) this.#backward(activations, delta, block.rows);
    }
    return { loss: sums.loss / rows, accuracy: sums.correct / rows };
  }

  #forward(layer: DigitalLayer, x: Float64Array, rows: number): Float64Array {
    const { inputs, neurons, weights, biases } = layer;
    const out = new Float64Array(neurons * rows);
    const isLast = layer === this.#layers.at(-1);
    for (let k = 0; k < neurons; k += 1) {
      for (let r = 0; r < rows; r += 1) {
        let sum = biases[k]!;
        for (let i = 0; i < inputs; i += 1) sum += weights[i * neurons + k]! * x[i * rows + r]!;
        out[k * rows + r] = isLast ? sum : Math.tanh(sum);
      }
    }
    return out;
  }

  #backward(activations: readonly Float64Array[], outputGradient: Float64Array, rows: number): void {
    let delta = outputGradient;
    for (let l = this.#layers.length - 1; l >= 0; l -= 1) {
      const { inputs, neurons, weights, weightGradient, biasGradient } = this.#layers[l]!;
      const x = activations[l]!;
      const below = new Float64Array(inputs * rows);
      for (let k = 0; k < neurons; k += 1) {
        for (let r = 0; r < rows; r += 1) biasGradient[k]! += delta[k * rows + r]!;
        for (let i = 0; i < inputs; i += 1) {
          const w = weights[i * neurons + k]!;
          let sum = 0;
          for (let r = 0; r < rows; r += 1) {
            sum += delta[k * rows + r]! * x[i * rows + r]!;
            below[i * rows + r]! += delta[k * rows + r]! * w;
          }
          weightGradient[i * neurons + k]! += sum;
        }
      }
      if (l > 0) for (let i = 0; i < below.length; i += 1) below[i]! *= 1 - x[i]! * x[i]!;
      delta = below;
    }
  }
}
