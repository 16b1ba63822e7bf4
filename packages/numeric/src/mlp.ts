import { addTransposedProduct, multiplyByTransposed } from './linear/matrix.ts';

/** What `Mlp.backward` writes; what is absent is not computed. */
export interface MlpGradients {
  /** d/d parameters, in the layout of `Mlp.parameters`; overwritten. */
  readonly parameters?: Float64Array;
  /** d/d inputs [rows × inputs]; overwritten. */
  readonly inputs?: Float64Array;
}

/** The curve φ of a layer: z/(1 + e^−z), max(0, z), tanh z, 1/(1 + e^−z), z. */
export type MlpActivation = 'silu' | 'relu' | 'tanh' | 'sigmoid' | 'none';

/**
 * What is added to the outputs of hidden neurons: called for every hidden layer with z [rows × neurons] (what went in) and y = φ(z),
 * which it may change; adds to `slopes`, by which gradients pass, what it adds to φ′(z).
 */
export type ActivationChange = (
  layer: number,
  z: Float64Array,
  y: Float64Array,
  slopes: Float64Array,
  neurons: number,
) => void;

export interface MlpOptions {
  /** Of hidden layers, the last one then being linear; or of every layer. Default silu. */
  readonly activation?: MlpActivation | readonly MlpActivation[];
  /** Used in place; zeros by default. */
  readonly parameters?: Float64Array;
  /** Rows whose part of a weight's gradient is summed before it is added; default 32. */
  readonly blockRows?: number;
}

interface Layer {
  readonly inputs: number;
  readonly outputs: number;
  /** Where weights and then biases begin in the flat vectors. */
  readonly at: number;
  readonly activation: MlpActivation;
  /** Views of the flat parameter vector: weights [outputs × inputs] row-major, biases [outputs]. */
  readonly weights: Float64Array;
  readonly biases: Float64Array;
}

/**
 * Multilayer perceptron: a₀ = x, a_{l+1} = φ(W_l·a_l + b_l), the last layer without φ unless it is given one. Batched over rows.
 * Its buffers are reused: what forward returns holds until the next forward.
 */
export class Mlp {
  /** All parameters: per layer weights [outputs × inputs] row-major, then biases. May be changed in place. */
  readonly parameters: Float64Array;
  readonly sizes: readonly number[];
  readonly layers: readonly Layer[];
  readonly #blockRows: number | undefined;
  #capacity = 0;
  #rows = 0;
  /** The parameters of the last forward. */
  #used: Float64Array;
  /** Per layer its input; then the network's output. */
  #activations: Float64Array[] = [];
  /** Per layer φ′(z); empty where it is 1. */
  #slopes: Float64Array[] = [];
  #delta = new Float64Array(0);
  #deltaBelow = new Float64Array(0);
  readonly #transposed: Float64Array;

  /** @param sizes inputs, hidden layers…, outputs */
  constructor(sizes: readonly number[], { activation = 'silu', parameters, blockRows }: MlpOptions = {}) {
    const count = mlpParameterCount(sizes);
    if (sizes.length < 2) throw new RangeError('An Mlp needs at least inputs and outputs.');
    if (parameters !== undefined && parameters.length !== count)
      throw new RangeError(`${parameters.length} parameters are given, and ${count} are needed.`);
    this.sizes = sizes;
    this.parameters = parameters ?? new Float64Array(count);
    this.#used = this.parameters;
    this.#blockRows = blockRows;
    let end = 0;
    this.layers = sizes.slice(1).map((outputs, l) => {
      const [at, inputs] = [end, sizes[l]!];
      end += outputs * (inputs + 1);
      const own = typeof activation === 'string' ? (l < sizes.length - 2 ? activation : 'none') : activation[l]!;
      return { inputs, outputs, at, activation: own, ...viewsOf(this.parameters, at, inputs, outputs) };
    });
    this.#transposed = new Float64Array(Math.max(...this.layers.map((layer) => layer.inputs * layer.outputs)));
  }

  #reserve(rows: number): void {
    this.#rows = rows;
    if (rows <= this.#capacity) return;
    this.#capacity = rows;
    const widest = Math.max(...this.sizes);
    this.#activations = this.sizes.map((size) => new Float64Array(rows * size));
    this.#slopes = this.layers.map(({ activation, outputs }) =>
      activation === 'none' ? new Float64Array(0) : new Float64Array(rows * outputs),
    );
    this.#delta = new Float64Array(rows * widest);
    this.#deltaBelow = new Float64Array(rows * widest);
  }

  /**
   * Outputs [rows × outputs] for `x` [rows × inputs], a view that the next forward overwrites; with other parameters than its own
   * where they are given.
   */
  forward(x: Float64Array, rows: number, parameters = this.parameters, change?: ActivationChange): Float64Array {
    this.#reserve(rows);
    this.#used = parameters;
    const first = this.sizes[0]! * rows;
    this.#activations[0]!.set(x.length === first ? x : x.subarray(0, first));
    this.layers.forEach((layer, l) => {
      const { inputs, outputs, at, activation } = layer;
      const { weights, biases } = parameters === this.parameters ? layer : viewsOf(parameters, at, inputs, outputs);
      const out = this.#activations[l + 1]!;
      multiplyByTransposed(this.#activations[l]!, weights, out, rows, outputs, inputs, biases);
      if (activation === 'none') return;
      const count = rows * outputs;
      const slopes = this.#slopes[l]!;
      const z = change === undefined ? out : out.slice(0, count);
      ACTIVATIONS[activation](out, slopes, count);
      change?.(l, z, out.subarray(0, count), slopes.subarray(0, count), outputs);
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
    for (let l = this.layers.length - 1; l >= 0; l -= 1) {
      const { inputs, outputs, at, activation } = this.layers[l]!;
      const slopes = this.#slopes[l]!;
      if (activation !== 'none') for (let i = 0; i < rows * outputs; i += 1) delta[i]! *= slopes[i]!;
      if (gradients.parameters !== undefined) {
        const { weights, biases } = viewsOf(gradients.parameters, at, inputs, outputs);
        for (let i = 0; i < rows * outputs; ) {
          for (let o = 0; o < outputs; o += 1, i += 1) biases[o] = biases[o]! + delta[i]!;
        }
        addTransposedProduct(delta, this.#activations[l]!, weights, rows, outputs, inputs, this.#blockRows);
      }
      if (l === 0 && gradients.inputs === undefined) return;
      for (let o = 0; o < outputs; o += 1)
        for (let i = 0; i < inputs; i += 1) this.#transposed[i * outputs + o] = this.#used[at + o * inputs + i]!;
      const target = l === 0 ? gradients.inputs! : below;
      multiplyByTransposed(delta, this.#transposed, target, rows, inputs, outputs);
      [delta, below] = [below, delta];
    }
  }

  /** ∂y/∂ parameters of every row of the last forward, for a network of one output: [rows × parameters], into `jacobian`. */
  jacobian(jacobian: Float64Array): void {
    const rows = this.#rows;
    const width = this.parameters.length;
    let delta = new Float64Array(rows).fill(1);
    for (let l = this.layers.length - 1; l >= 0; l -= 1) {
      const { inputs, outputs, at, activation } = this.layers[l]!;
      const x = this.#activations[l]!;
      const slopes = this.#slopes[l]!;
      if (activation !== 'none') for (let i = 0; i < delta.length; i += 1) delta[i]! *= slopes[i]!;
      const below = new Float64Array(rows * inputs);
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
      delta = below;
    }
  }
}

/** Number of weights and biases of an Mlp of these sizes. */
export function mlpParameterCount(sizes: readonly number[]): number {
  return sizes.slice(1).reduce((sum, outputs, l) => sum + outputs * (sizes[l]! + 1), 0);
}

function viewsOf(flat: Float64Array, at: number, inputs: number, outputs: number): Pick<Layer, 'weights' | 'biases'> {
  const middle = at + outputs * inputs;
  return { weights: flat.subarray(at, middle), biases: flat.subarray(middle, middle + outputs) };
}

/** Turns the first `count` values z into φ(z), and writes φ′(z). */
type Curve = (z: Float64Array, slopes: Float64Array, count: number) => void;

const ACTIVATIONS: Readonly<Record<Exclude<MlpActivation, 'none'>, Curve>> = {
  silu(z, slopes, count) {
    for (let i = 0; i < count; i += 1) {
      const s = 1 / (1 + Math.exp(-z[i]!));
      const y = z[i]! * s;
      z[i] = y;
      slopes[i] = s + y * (1 - s);
    }
  },
  relu(z, slopes, count) {
    for (let i = 0; i < count; i += 1) {
      slopes[i] = z[i]! > 0 ? 1 : 0;
      if (!(z[i]! > 0)) z[i] = 0;
    }
  },
  tanh(z, slopes, count) {
    for (let i = 0; i < count; i += 1) {
      const y = Math.tanh(z[i]!);
      z[i] = y;
      slopes[i] = 1 - y * y;
    }
  },
  sigmoid(z, slopes, count) {
    for (let i = 0; i < count; i += 1) {
      const y = 1 / (1 + Math.exp(-z[i]!));
      z[i] = y;
      slopes[i] = y * (1 - y);
    }
  },
};
