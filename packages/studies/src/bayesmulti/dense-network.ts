import { type Draws, UsageError } from '@neuroprint/core';
import { addTransposedProduct, multiplyByTransposed } from '@neuroprint/numeric';

/** The curve of hidden neurons: max(0, z) or tanh z. Outputs are linear. */
export type DenseActivation = 'relu' | 'tanh';

/**
 * What is added to the outputs of the hidden neurons: called for every hidden layer with z [rows × neurons] (what went
 * in) and y = φ(z), which it may change; writes into `slopes` what it adds to φ′(z), by which gradients pass.
 */
export type ActivationChange = (
  layer: number,
  z: Float64Array,
  y: Float64Array,
  slopes: Float64Array,
  neurons: number,
) => void;

export interface DenseLayer {
  readonly inputs: number;
  readonly outputs: number;
  /** Where weights [outputs × inputs] and then biases begin in the flat vectors. */
  readonly at: number;
}

/**
 * Dense network: a₀ = x, a_l = φ(W_l·a_{l−1} + b_l), the last layer without φ; batched over rows. What a forward pass
 * returns holds until the next one.
 */
export class DenseNetwork {
  readonly sizes: readonly number[];
  readonly activation: DenseActivation;
  /** Per layer weights [outputs × inputs] row-major, then biases. */
  readonly parameters: Float64Array;
  readonly layers: readonly DenseLayer[];
  #rows = 0;
  #inputs: Float64Array[] = [];
  #slopes: Float64Array[] = [];
  /** The parameters of the last forward pass. */
  #used: Float64Array;

  constructor(sizes: readonly number[], activation: DenseActivation) {
    if (sizes.length < 2 || sizes.some((size) => !Number.isSafeInteger(size) || size < 1))
      throw new UsageError(
        `The sizes ${sizes.join('-')} are no network: inputs, hidden layers and outputs, each 1 or more.`,
      );
    this.sizes = sizes;
    this.activation = activation;
    let at = 0;
    this.layers = sizes.slice(1).map((outputs, l) => {
      const inputs = sizes[l]!;
      at += outputs * (inputs + 1);
      return { inputs, outputs, at: at - outputs * (inputs + 1) };
    });
    this.parameters = new Float64Array(at);
    this.#used = this.parameters;
  }

  /** Normal weights of variance 2/inputs (relu, He) or 1/inputs (tanh, LeCun), biases 0; `major` names the start. */
  start(draws: Draws, major: number): void {
    const gain = this.activation === 'relu' ? 2 : 1;
    for (const { inputs, outputs, at } of this.layers) {
      for (let i = at; i < at + outputs * inputs; i += 1)
        this.parameters[i] = Math.sqrt(gain / inputs) * draws.normal(major, i);
      this.parameters.fill(0, at + outputs * inputs, at + outputs * (inputs + 1));
    }
  }

  /** Outputs [rows × outputs] for `x` [rows × inputs]; with other parameters than its own where they are given. */
  forward(
    x: Float64Array,
    rows: number,
    parameters: Float64Array = this.parameters,
    change?: ActivationChange,
  ): Float64Array {
    this.#rows = rows;
    this.#used = parameters;
    this.#inputs = [x];
    this.#slopes = [];
    this.layers.forEach(({ inputs, outputs, at }, l) => {
      const weights = parameters.subarray(at, at + outputs * inputs);
      const biases = parameters.subarray(at + outputs * inputs, at + outputs * (inputs + 1));
      const out = new Float64Array(rows * outputs);
      multiplyByTransposed(this.#inputs[l]!, weights, out, rows, outputs, inputs, biases);
      if (l < this.layers.length - 1) {
        const z = change === undefined ? out : out.slice();
        const slopes = new Float64Array(out.length);
        if (this.activation === 'relu') {
          for (let i = 0; i < out.length; i += 1) {
            if (out[i]! > 0) slopes[i] = 1;
            else out[i] = 0;
          }
        } else {
          for (let i = 0; i < out.length; i += 1) {
            out[i] = Math.tanh(out[i]!);
            slopes[i] = 1 - out[i]! * out[i]!;
          }
        }
        change?.(l, z, out, slopes, outputs);
        this.#slopes.push(slopes);
      }
      this.#inputs.push(out);
    });
    return this.#inputs.at(-1)!;
  }

  /** ∂f/∂ parameters of the last forward pass from ∂f/∂ outputs, written into `gradient`. */
  backward(outputGradient: Float64Array, gradient: Float64Array): void {
    const rows = this.#rows;
    gradient.fill(0);
    let delta = outputGradient;
    for (let l = this.layers.length - 1; l >= 0; l -= 1) {
      const { inputs, outputs, at } = this.layers[l]!;
      const biases = gradient.subarray(at + outputs * inputs, at + outputs * (inputs + 1));
      for (let i = 0; i < rows * outputs; i += 1) biases[i % outputs]! += delta[i]!;
      addTransposedProduct(
        delta,
        this.#inputs[l]!,
        gradient.subarray(at, at + outputs * inputs),
        rows,
        outputs,
        inputs,
      );
      if (l === 0) return;
      const weights = this.#used.subarray(at, at + outputs * inputs);
      const transposed = new Float64Array(inputs * outputs);
      for (let o = 0; o < outputs; o += 1)
        for (let i = 0; i < inputs; i += 1) transposed[i * outputs + o] = weights[o * inputs + i]!;
      const below = new Float64Array(rows * inputs);
      multiplyByTransposed(delta, transposed, below, rows, inputs, outputs);
      const slopes = this.#slopes[l - 1]!;
      for (let i = 0; i < below.length; i += 1) below[i]! *= slopes[i]!;
      delta = below;
    }
  }

  /** ∂y/∂ parameters of every row of the last forward pass, for a network of one output: [rows × parameters], into `jacobian`. */
  jacobian(jacobian: Float64Array): void {
    const rows = this.#rows;
    const width = this.parameters.length;
    let delta = new Float64Array(rows).fill(1);
    for (let l = this.layers.length - 1; l >= 0; l -= 1) {
      const { inputs, outputs, at } = this.layers[l]!;
      const x = this.#inputs[l]!;
      const below = new Float64Array(rows * inputs);
      const slopes = this.#slopes[l - 1];
      for (let row = 0; row < rows; row += 1) {
        const first = row * width + at;
        for (let o = 0; o < outputs; o += 1) {
          const d = delta[row * outputs + o]!;
          jacobian[first + outputs * inputs + o] = d;
          for (let i = 0; i < inputs; i += 1) {
            jacobian[first + o * inputs + i] = d * x[row * inputs + i]!;
            below[row * inputs + i]! += d * this.#used[at + o * inputs + i]!;
          }
        }
      }
      if (slopes === undefined) return;
      for (let i = 0; i < below.length; i += 1) below[i]! *= slopes[i]!;
      delta = below;
    }
  }
}
