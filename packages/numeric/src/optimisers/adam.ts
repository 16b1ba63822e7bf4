export interface AdamOptions {
  /** Decay of the gradient's mean; default 0.9. */
  readonly beta1?: number;
  /** Decay of the squared gradient's mean; default 0.999. */
  readonly beta2?: number;
  /** Added to the root, in units of the gradient; default 1e-8. */
  readonly epsilon?: number;
}

/** Adam with bias correction (Kingma and Ba, "Adam: a method for stochastic optimization", ICLR 2015, algorithm 1). */
export class Adam {
  readonly #beta1: number;
  readonly #beta2: number;
  readonly #epsilon: number;
  readonly #mean: Float64Array;
  readonly #square: Float64Array;
  #power1 = 1;
  #power2 = 1;

  /** @param size number of parameters */
  constructor(size: number, options: AdamOptions = {}) {
    this.#beta1 = options.beta1 ?? 0.9;
    this.#beta2 = options.beta2 ?? 0.999;
    this.#epsilon = options.epsilon ?? 1e-8;
    this.#mean = new Float64Array(size);
    this.#square = new Float64Array(size);
  }

  /** Everything that the next steps depend on, for restore(). */
  state(): Float64Array {
    return Float64Array.of(this.#power1, this.#power2, ...this.#mean, ...this.#square);
  }

  /** Goes on where `state` was taken from an optimiser of the same size. */
  restore(state: Float64Array): void {
    const size = this.#mean.length;
    this.#power1 = state[0]!;
    this.#power2 = state[1]!;
    this.#mean.set(state.subarray(2, 2 + size));
    this.#square.set(state.subarray(2 + size));
  }

  /** One step down the gradient; `parameters` are changed in place. */
  step(parameters: Float64Array, gradient: Float64Array, rate: number): void {
    const [beta1, beta2, epsilon, mean, square] = [this.#beta1, this.#beta2, this.#epsilon, this.#mean, this.#square];
    this.#power1 *= beta1;
    this.#power2 *= beta2;
    const scaledRate = rate / (1 - this.#power1);
    const correction = 1 / (1 - this.#power2);
    for (let i = 0; i < mean.length; i += 1) {
      const g = gradient[i]!;
      const m = beta1 * mean[i]! + (1 - beta1) * g;
      const s = beta2 * square[i]! + (1 - beta2) * g * g;
      mean[i] = m;
      square[i] = s;
      parameters[i] = parameters[i]! - (scaledRate * m) / (Math.sqrt(s * correction) + epsilon);
    }
  }
}
