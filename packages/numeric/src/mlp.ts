import { addTransposedProduct, multiplyByTransposed } from './linear/matrix.ts';

/** What `Mlp.backward` writes; what is absent is not computed. */
export interface MlpGradients {
  /** d/d parameters, in the layout of `Mlp.parameters`; overwritten. */
  readonly parameters?: Float64Array;
  /** d/d inputs [rows × inputs]; overwritten. */
  readonly inputs?: Float64Array;
}

interface Layer {
  readonly inputs: number;
  readonly outputs: number;
  /** Views of the flat parameter vector: weights [outputs × inputs] row-major, biases [outputs]. */
  readonly weights: Float64Array;
  readonly biases: Float64Array;
}

/**
 * Multilayer perceptron: a₀ = x, a_{l+1} = silu(W_l·a_l + b_l), the last layer without silu; silu(z) = z/(1 + e^−z).
 * Batched over rows. Its buffers are reused: what forward returns holds until the next forward.
 */
export class Mlp {
  /** All parameters: per layer weights [outputs × inputs] row-major, then biases. May be changed in place. */
  readonly parameters: Float64Array;
  readonly sizes: readonly number[];
  readonly layers: readonly Layer[];
  #capacity = 0;
  #rows = 0;
  /** Per layer its input; then the network's output. */
  #activations: Float64Array[] = [];
  /** Per hidden layer 1/(1 + e^−z). */
  #sigmoids: Float64Array[] = [];
  #delta = new Float64Array(0);
  #deltaBelow = new Float64Array(0);
  readonly #transposed: Float64Array;

  /** @param sizes inputs, hidden layers…, outputs  @param parameters used in place; zeros by default */
  constructor(sizes: readonly number[], parameters?: Float64Array) {
    const count = mlpParameterCount(sizes);
    if (sizes.length < 2) throw new RangeError('An Mlp needs at least inputs and outputs.');
    if (parameters !== undefined && parameters.length !== count)
      throw new RangeError(`${parameters.length} parameters are given, and ${count} are needed.`);
    this.sizes = sizes;
    this.parameters = parameters ?? new Float64Array(count);
    let at = 0;
    this.layers = sizes.slice(1).map((outputs, l) => {
      const inputs = sizes[l]!;
      const weights = this.parameters.subarray(at, at + outputs * inputs);
      const biases = this.parameters.subarray(at + outputs * inputs, at + outputs * inputs + outputs);
      at += outputs * (inputs + 1);
      return { inputs, outputs, weights, biases };
    });
    this.#transposed = new Float64Array(Math.max(...this.layers.map((layer) => layer.inputs * layer.outputs)));
  }

  #reserve(rows: number): void {
    if (rows > this.#capacity) {
      this.#capacity = rows;
      const widest = Math.max(...this.sizes);
      this.#activations = this.sizes.map((size) => new Float64Array(rows * size));
      this.#sigmoids = this.sizes.slice(1, -1).map((size) => new Float64Array(rows * size));
      this.#delta = new Float64Array(rows * widest);
      this.#deltaBelow = new Float64Array(rows * widest);
    }
  }

  /** Outputs [rows × outputs] for inputs [rows × inputs]. The result is a view that the next forward overwrites. */
  forward(x: Float64Array, rows: number): Float64Array {
    this.#reserve(rows);
    this.#rows = rows;
    const first = this.sizes[0]! * rows;
    this.#activations[0]!.set(x.length === first ? x : x.subarray(0, first));
    this.layers.forEach((layer, l) => {
      const out = this.#activations[l + 1]!;
      multiplyByTransposed(this.#activations[l]!, layer.weights, out, rows, layer.outputs, layer.inputs, layer.biases);
      const sigmoid = this.#sigmoids[l];
      if (sigmoid !== undefined) silu(out, sigmoid, rows * layer.outputs);
    });
    return this.#activations.at(-1)!.subarray(0, rows * this.sizes.at(-1)!);
  }

  /** Pulls d/d outputs [rows × outputs] back through the last forward, to what `gradients` asks for. */
  backward(outputGradient: Float64Array, gradients: MlpGradients): void {
    const rows = this.#rows;
    let delta = this.#delta;
    let below = this.#deltaBelow;
    delta.set(outputGradient.subarray(0, rows * this.sizes.at(-1)!));
    gradients.parameters?.fill(0);
    let end = this.parameters.length;
    for (let l = this.layers.length - 1; l >= 0; l -= 1) {
      const { inputs, outputs, weights } = this.layers[l]!;
      const sigmoid = this.#sigmoids[l];
      if (sigmoid !== undefined) siluBackward(delta, this.#activations[l + 1]!, sigmoid, rows * outputs);
      if (gradients.parameters !== undefined) {
        const biasGradient = gradients.parameters.subarray(end - outputs, end);
        for (let i = 0; i < rows * outputs; ) {
          for (let o = 0; o < outputs; o += 1, i += 1) biasGradient[o] = biasGradient[o]! + delta[i]!;
        }
        const weightGradient = gradients.parameters.subarray(end - outputs * (inputs + 1), end - outputs);
        addTransposedProduct(delta, this.#activations[l]!, weightGradient, rows, outputs, inputs);
      }
      end -= outputs * (inputs + 1);
      if (l === 0 && gradients.inputs === undefined) return;
      for (let o = 0; o < outputs; o += 1)
        for (let i = 0; i < inputs; i += 1) this.#transposed[i * outputs + o] = weights[o * inputs + i]!;
      const target = l === 0 ? gradients.inputs! : below;
      multiplyByTransposed(delta, this.#transposed, target, rows, inputs, outputs);
      [delta, below] = [below, delta];
    }
  }
}

/** Number of weights and biases of an Mlp of these sizes. */
export function mlpParameterCount(sizes: readonly number[]): number {
  return sizes.slice(1).reduce((sum, outputs, l) => sum + outputs * (sizes[l]! + 1), 0);
}

function silu(z: Float64Array, sigmoid: Float64Array, count: number): void {
  for (let i = 0; i < count; i += 1) {
    const s = 1 / (1 + Math.exp(-z[i]!));
    sigmoid[i] = s;
    z[i] = z[i]! * s;
  }
}

/** silu′(z) = s + silu(z)·(1 − s), with s = sigmoid(z). */
function siluBackward(delta: Float64Array, activation: Float64Array, sigmoid: Float64Array, count: number): void {
  for (let i = 0; i < count; i += 1) {
    const s = sigmoid[i]!;
    delta[i] = delta[i]! * (s + activation[i]! * (1 - s));
  }
}
