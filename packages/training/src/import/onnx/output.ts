import type { DenseLayer } from '../perceptron.ts';

/** A single output: what it is a function of a sum, and its line. */
export type SingleOutput = 'sigmoid' | 'tanh' | 'linear';

export interface Output {
  /** The last one has no activation: its outputs are compared, or its one output is read. */
  readonly layers: readonly DenseLayer[];
  /** Of one output: the function that the model itself ends in; the last layer is before it. */
  readonly single: SingleOutput | undefined;
}

/** Inverse of tanh and sigmoid; ±∞ at and beyond the ends. */
export function inverse(kind: SingleOutput, y: number): number {
  if (kind === 'linear') return y;
  const share = kind === 'tanh' ? (y + 1) / 2 : y;
  if (share <= 0) return Number.NEGATIVE_INFINITY;
  if (share >= 1) return Number.POSITIVE_INFINITY;
  return Math.log(share / (1 - share)) / (kind === 'tanh' ? 2 : 1);
}

/**
 * Where the last sum is of one neuron, such as the p and 1 − p of a sigmoid, what it decides is a limit of that neuron's own sum:
 * no layer is printed for it.
 */
export function collapsed(layers: readonly DenseLayer[]): Output {
  const [end, before] = [layers.at(-1)!, layers.at(-2)];
  const outputs = end.biases.length;
  const plain = { layers, single: outputs === 1 ? ('linear' as const) : undefined };
  if (before === undefined || before.biases.length !== 1 || before.activation === 'none' || outputs > 2) return plain;
  const kind = before.activation;
  const start = layers.slice(0, -2);
  const [weights, biases] = [end.weights[0]!, end.biases];
  if (outputs === 1) {
    if (weights[0] === 1 && biases[0] === 0)
      return { layers: [...start, { ...before, activation: 'none' }], single: kind };
    // 1 − p is the probability of the other sign
    if (kind === 'sigmoid' && weights[0] === -1 && biases[0] === 1)
      return { layers: [...start, { ...scaled(before, [-1], [0]), activation: 'none' }], single: kind };
    return plain;
  }
  const slope = weights[1]! - weights[0]!;
  const limit = inverse(kind, (biases[0]! - biases[1]!) / slope);
  if (slope === 0 || !Number.isFinite(limit)) return plain;
  const sign = Math.sign(slope);
  return { layers: [...start, decided(before, limit, sign)], single: undefined };
}

/** The two scores of one sum that is compared with a limit. */
export function decided(layer: DenseLayer, limit: number, sign = 1): DenseLayer {
  return { ...scaled(layer, [-sign / 2, sign / 2], [(sign * limit) / 2, (-sign * limit) / 2]), activation: 'none' };
}

/** One output as several, each scaled and shifted. */
function scaled({ weights, biases }: DenseLayer, scales: readonly number[], shifts: readonly number[]) {
  return {
    weights: weights.map(([w]) => scales.map((scale) => scale * w!)),
    biases: scales.map((scale, k) => scale * biases[0]! + shifts[k]!),
  };
}
