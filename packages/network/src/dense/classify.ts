import { drawnFactor } from '@neuroprint/circuit';
import { Draws, type NonIdeality, UsageError } from '@neuroprint/core';
import { Adam } from '@neuroprint/numeric';
import { DenseNetwork } from './network.ts';

/** Rows of features and their classes. */
export interface ClassRows {
  /** Row-major [rows × features]. */
  readonly features: Float64Array;
  readonly labels: Int32Array;
}

/** What a layer's weights are multiplied by in training: 0 with probability p₁, ½ with p₂, else 1. */
export interface Injection {
  readonly zero: number;
  readonly half: number;
}

export interface DenseTrainingOptions {
  readonly hidden: readonly number[];
  readonly seed: number;
  /** Default 100. */
  readonly epochs?: number;
  /** Rows of a step; default 64. */
  readonly batchRows?: number;
  /** Adam's first rate, which falls to nothing over the second half; default 0.005. */
  readonly rate?: number;
  /** Noise of every layer, one of them for each; absent: plain training. */
  readonly injection?: readonly Injection[];
}

/** Throws UsageError unless every (p₁, p₂) is a pair of probabilities, one for each layer. */
function checkInjection(injection: readonly Injection[], layers: number): void {
  if (injection.length !== layers)
    throw new UsageError(`There are ${injection.length} pairs (p1, p2) for ${layers} layers.`);
  injection.forEach(({ zero, half }, l) => {
    if (!(zero >= 0 && half >= 0 && zero + half < 1))
      throw new UsageError(`Layer ${l + 1}: p1 = ${zero} and p2 = ${half} must be 0 or more, and together below 1.`);
  });
}

/**
 * Trains a dense network (relu) by Adam on the cross-entropy of softmax outputs. With an injection every step sees the
 * weights times fresh multinomial factors η/E[η], η = 0, ½, 1 with probabilities p₁, p₂, 1 − p₁ − p₂ (Sun et al.,
 * arXiv 2412.02779; dividing by the mean keeps the scale of what the network will have without noise). Biases stay.
 */
export function trainDense(
  train: ClassRows,
  features: number,
  classes: number,
  options: DenseTrainingOptions,
): DenseNetwork {
  const { hidden, seed, epochs = 100, batchRows = 64, rate = 0.005, injection } = options;
  const network = new DenseNetwork([features, ...hidden, classes], 'relu');
  if (injection !== undefined) checkInjection(injection, network.layers.length);
  network.start(new Draws(seed, 'dense start'), 0);
  const { parameters, layers } = network;
  const gradient = new Float64Array(parameters.length);
  const used = parameters.slice();
  const factors = new Float64Array(parameters.length);
  const adam = new Adam(parameters.length);
  const [order, noise] = [new Draws(seed, 'dense rows'), new Draws(seed, 'dense injection')];
  const rows = train.labels.length;
  const steps = Math.ceil(rows / batchRows);
  for (let epoch = 0; epoch < epochs; epoch += 1) {
    const chosen = order.permutation(epoch, rows);
    for (let step = 0; step < steps; step += 1) {
      const batch = chosen.subarray(step * batchRows, Math.min(rows, (step + 1) * batchRows));
      if (injection === undefined) {
        used.set(parameters);
        factors.fill(1);
      } else {
        noise.fillUniform(epoch * steps + step, factors);
        layers.forEach(({ inputs, outputs, at }, l) => {
          const { zero, half } = injection[l]!;
          const mean = 1 - zero - half / 2;
          for (let i = at; i < at + outputs * inputs; i += 1)
            factors[i] = (factors[i]! < zero ? 0 : factors[i]! < zero + half ? 0.5 : 1) / mean;
          factors.fill(1, at + outputs * inputs, at + outputs * (inputs + 1));
        });
        for (let i = 0; i < used.length; i += 1) used[i] = parameters[i]! * factors[i]!;
      }
      const x = new Float64Array(batch.length * features);
      batch.forEach((row, i) => {
        x.set(train.features.subarray(row * features, (row + 1) * features), i * features);
      });
      const out = network.forward(x, batch.length, used);
      softmaxGradient(out, batch, train.labels, classes);
      network.backward(out, gradient);
      if (injection !== undefined) for (let i = 0; i < gradient.length; i += 1) gradient[i]! *= factors[i]!;
      adam.step(parameters, gradient, rate * Math.min(1, 2 * (1 - epoch / epochs)));
    }
  }
  return network;
}

/** Turns outputs [rows × classes] into ∂(mean cross-entropy)/∂outputs, in place. */
function softmaxGradient(out: Float64Array, batch: Int32Array, labels: Int32Array, classes: number): void {
  for (let i = 0; i < batch.length; i += 1) {
    const row = out.subarray(i * classes, (i + 1) * classes);
    softmax(row);
    row[labels[batch[i]!]!]! -= 1;
    for (let c = 0; c < classes; c += 1) row[c]! /= batch.length;
  }
}

function softmax(row: Float64Array): void {
  const largest = row.reduce((most, v) => Math.max(most, v), Number.NEGATIVE_INFINITY);
  let sum = 0;
  for (let c = 0; c < row.length; c += 1) {
    row[c] = Math.exp(row[c]! - largest);
    sum += row[c]!;
  }
  for (let c = 0; c < row.length; c += 1) row[c]! /= sum;
}

/** Share of rows whose largest output is their class. */
export function denseAccuracy(network: DenseNetwork, rows: ClassRows, parameters?: Float64Array): number {
  const classes = network.sizes.at(-1)!;
  const out = network.forward(rows.features, rows.labels.length, parameters);
  let right = 0;
  rows.labels.forEach((label, row) => {
    let best = 0;
    for (let c = 1; c < classes; c += 1) if (out[row * classes + c]! > out[row * classes + best]!) best = c;
    if (best === label) right += 1;
  });
  return right / rows.labels.length;
}

/** Mean over rows and `draws` injections, as in training, of the probability of the right class: f of the robustness theorem. */
export function meanConfidence(
  network: DenseNetwork,
  rows: ClassRows,
  injection: readonly Injection[],
  draws: number,
  seed: number,
): number {
  const classes = network.sizes.at(-1)!;
  let sum = 0;
  for (let draw = 0; draw < draws; draw += 1) {
    const parameters = variedParameters(network, new Draws(seed, 'confidence'), draw, (l) => [
      { kind: 'multinomial', ...injection[l]! },
    ]);
    network.layers.forEach(({ inputs, outputs, at }, l) => {
      const { zero, half } = injection[l]!;
      for (let i = at; i < at + outputs * inputs; i += 1) parameters[i]! /= 1 - zero - half / 2;
    });
    const out = network.forward(rows.features, rows.labels.length, parameters);
    rows.labels.forEach((label, row) => {
      const own = out.subarray(row * classes, (row + 1) * classes);
      softmax(own);
      sum += own[label]!;
    });
  }
  return sum / (draws * rows.labels.length);
}

/** The network's parameters with every weight times the factors of the non-idealities of its layer; biases stay. */
export function variedParameters(
  network: DenseNetwork,
  draws: Draws,
  index: number,
  partsOf: (layer: number) => readonly NonIdeality[],
): Float64Array {
  const varied = network.parameters.slice();
  network.layers.forEach(({ inputs, outputs, at }, l) => {
    partsOf(l).forEach((part, k) => {
      for (let i = at; i < at + outputs * inputs; i += 1)
        varied[i]! *= drawnFactor(part, draws.uniform(index, k * varied.length + i), false);
    });
  });
  return varied;
}

/** Accuracy of `draws` copies of the network under a non-ideality. */
export function denseUnderVariation(
  network: DenseNetwork,
  rows: ClassRows,
  parts: readonly NonIdeality[],
  draws: number,
  seed: number,
): Float64Array {
  const random = new Draws(seed, 'dense copies');
  return Float64Array.from({ length: draws }, (_, draw) =>
    denseAccuracy(
      network,
      rows,
      variedParameters(network, random, draw, () => parts),
    ),
  );
}

/**
 * The certified radius of the robustness theorem (Sun et al., arXiv 2412.02779, theorem 1, equation 2): up to
 *
 *   r = (ln(1.5 − f) − Θ·ln(1 − p₂)) / (ln p₁ − ln(1 − p₂))
 *
 * weights, counted by ‖δ − 1‖₀ + ‖δ − ½‖₀ − Θ, may be disturbed without a change of the decision. It assumes that every
 * one of the Θ weights is injected with the same (p₁, p₂), that the decision is that of the mean over injections, and
 * that f is the mean probability of the right class under them. Undefined (NaN) unless 0 < p₁ < 1 − p₂.
 */
export function certifiedRadius(f: number, weights: number, { zero, half }: Injection): number {
  if (!(zero > 0 && zero < 1 - half)) return Number.NaN;
  return (Math.log(1.5 - f) - weights * Math.log(1 - half)) / (Math.log(zero) - Math.log(1 - half));
}
