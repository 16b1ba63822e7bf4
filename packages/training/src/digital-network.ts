import type { Draws, VoltageRows } from '@neuroprint/core';
import { Adam, decisions, fallingRate, Mlp } from '@neuroprint/numeric';
import type { DenseLayer } from './import/perceptron.ts';
import { crossEntropy, newSums } from './printed/kernel/loss.ts';
import { BLOCK_ROWS } from './printed/rows.ts';

export interface DigitalTraining {
  readonly epochs: number;
  /** Epochs after its best at which it ends. */
  readonly patience: number;
  readonly rate: number;
  /** What training rows count in the loss; all the same where it is absent. */
  readonly weights?: Float64Array | undefined;
}

/**
 * Trains a network from where it stands, by Adam on the full batch with cross-entropy; its best epoch by the loss of the validation rows.
 */
export function trainDigital(
  network: DigitalNetwork,
  { train, valid }: { readonly train: VoltageRows; readonly valid: VoltageRows },
  { epochs, patience, rate, weights }: DigitalTraining,
): { readonly parameters: Float64Array; readonly loss: number; readonly epochs: number } {
  const { parameters, gradient } = network;
  const adam = new Adam(parameters.length);
  const best = parameters.slice();
  let [lowest, lowestEpoch, epoch] = [Number.POSITIVE_INFINITY, 0, 0];
  for (; epoch < epochs && epoch - lowestEpoch < patience; epoch += 1) {
    network.evaluate(train, true, weights);
    adam.step(parameters, gradient, rate * fallingRate(epoch / epochs));
    const { loss } = network.evaluate(valid, false);
    if (loss < lowest) {
      [lowest, lowestEpoch] = [loss, epoch];
      best.set(parameters);
    }
  }
  return { parameters: best, loss: lowest, epochs: epoch };
}

/**
 * The perceptron, its loss and its gradient. What is drawn for it is numbered input by input, and its gradients are summed in the
 * kernel's blocks of rows.
 */
export class DigitalNetwork {
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

  /** The layers that it has now. */
  layers(): DenseLayer[] {
    return this.#mlp.layers.map(({ inputs, outputs, weights, biases, activation }) => ({
      weights: Array.from({ length: inputs }, (_, i) =>
        Array.from({ length: outputs }, (_, k) => weights[k * inputs + i]!),
      ),
      biases: [...biases],
      activation: activation === 'tanh' ? 'tanh' : 'none',
    }));
  }

  /** Mean loss and accuracy, and with `withGradient` the gradient of the loss. */
  evaluate(
    { volts, labels }: VoltageRows,
    withGradient: boolean,
    weights?: Float64Array,
  ): { readonly loss: number; readonly accuracy: number } {
    const rows = labels.length;
    const classes = this.#mlp.sizes.at(-1)!;
    const sums = newSums();
    const output = transposed(this.#mlp.forward(volts, rows), rows, classes);
    const delta = new Float64Array(output.length);
    const examples = { labels, weights: weights ?? new Float64Array(rows).fill(1) };
    crossEntropy(output, examples, classes, 1, 1 / rows, 0, sums, delta);
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
