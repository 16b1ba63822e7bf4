import { type Draws, UsageError } from '@neuroprint/core';
import { Mlp } from '@neuroprint/numeric';

/** The curve of hidden neurons: max(0, z) or tanh z. Outputs are linear. */
export type DenseActivation = 'relu' | 'tanh';

/** A perceptron that a study starts at random. Throws UsageError for sizes that are no network. */
export class DenseNetwork extends Mlp {
  readonly #gain: number;

  constructor(sizes: readonly number[], activation: DenseActivation) {
    if (sizes.length < 2 || sizes.some((size) => !Number.isSafeInteger(size) || size < 1))
      throw new UsageError(
        `The sizes ${sizes.join('-')} are no network: inputs, hidden layers and outputs, each 1 or more.`,
      );
    super(sizes, { activation });
    this.#gain = activation === 'relu' ? 2 : 1;
  }

  /** Normal weights of variance 2/inputs (relu, He) or 1/inputs (tanh, LeCun), biases 0; `major` names the start. */
  start(draws: Draws, major: number): void {
    for (const { inputs, at, weights, biases } of this.layers) {
      for (let i = 0; i < weights.length; i += 1)
        weights[i] = Math.sqrt(this.#gain / inputs) * draws.normal(major, at + i);
      biases.fill(0);
    }
  }
}
