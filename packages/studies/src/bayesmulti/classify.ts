import { drawnFactor } from '@neuroprint/circuit';
import { Draws, type NonIdeality, UsageError } from '@neuroprint/core';
import { Adam, accuracy, decisions, fallingRate, softmax } from '@neuroprint/numeric';
import { DenseNetwork } from './dense-network.ts';
import type { ClassRows } from './dense-rows.ts';

/** What a layer's conductances are multiplied by in training: 0 with probability p₁, ½ with p₂, else 1. */
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
  /** The law of every layer's factors, one for each; absent: plain training. */
  readonly noise?: readonly (Injection | { readonly sigma: number })[];
}

/** The non-ideality of a layer and the mean of its factors, by which they are divided. Throws UsageError for no probabilities. */
function lawOf(noise: Injection | { readonly sigma: number }, layer: number): { part: NonIdeality; mean: number } {
  if ('sigma' in noise) {
    if (!(noise.sigma >= 0)) throw new UsageError(`Layer ${layer}: σ = ${noise.sigma} must be 0 or more.`);
    return { part: { kind: 'drift', sigma: noise.sigma }, mean: 1 };
  }
  const { zero, half } = noise;
  if (!(zero >= 0 && half >= 0 && zero + half < 1))
    throw new UsageError(`Layer ${layer}: p1 = ${zero} and p2 = ${half} must be 0 or more, and together below 1.`);
  return { part: { kind: 'multinomial', zero, half }, mean: 1 - zero - half / 2 };
}

/**
 * Trains a dense network (relu) by Adam on the cross-entropy of softmax outputs. With an injection every step sees all
 * weights and biases (conductances of one crossbar, the biases fed by a constant 1) times fresh multinomial factors
 * η/E[η], η = 0, ½, 1 with probabilities p₁, p₂, 1 − p₁ − p₂ (Sun et al., arXiv 2412.02779; dividing by the mean keeps the
 * scale of what the network will have without noise). With σ they are those of log-normal drift, e^(σ·z).
 */
export function trainDense(
  train: ClassRows,
  features: number,
  classes: number,
  options: DenseTrainingOptions,
): DenseNetwork {
  const { hidden, seed, epochs = 100, batchRows = 64, rate = 0.005, noise } = options;
  const network = new DenseNetwork([features, ...hidden, classes], 'relu');
  const { parameters, layers } = network;
  if (noise !== undefined && noise.length !== layers.length)
    throw new UsageError(`There is noise for ${noise.length} layers, and the network has ${layers.length}.`);
  const laws = noise?.map(lawOf);
  network.start(new Draws(seed, 'dense start'), 0);
  const gradient = new Float64Array(parameters.length);
  const used = parameters.slice();
  const factors = new Float64Array(parameters.length).fill(1);
  const adam = new Adam(parameters.length);
  const [order, random] = [new Draws(seed, 'dense rows'), new Draws(seed, 'dense injection')];
  const rows = train.labels.length;
  const steps = Math.ceil(rows / batchRows);
  for (let epoch = 0; epoch < epochs; epoch += 1) {
    const chosen = order.permutation(epoch, rows);
    for (let step = 0; step < steps; step += 1) {
      const batch = chosen.subarray(step * batchRows, Math.min(rows, (step + 1) * batchRows));
      if (laws !== undefined) {
        random.fillUniform(epoch * steps + step, factors);
        layers.forEach(({ inputs, outputs, at }, l) => {
          const { part, mean } = laws[l]!;
          const end = at + outputs * (inputs + 1);
          for (let i = at; i < end; i += 1) factors[i] = drawnFactor(part, factors[i]!, false) / mean;
        });
      }
      for (let i = 0; i < used.length; i += 1) used[i] = parameters[i]! * factors[i]!;
      const x = new Float64Array(batch.length * features);
      batch.forEach((row, i) => {
        x.set(train.features.subarray(row * features, (row + 1) * features), i * features);
      });
      const out = network.forward(x, batch.length, used);
      softmaxGradient(out, batch, train.labels, classes);
      network.backward(out, { parameters: gradient });
      for (let i = 0; i < gradient.length; i += 1) gradient[i]! *= factors[i]!;
      adam.step(parameters, gradient, rate * fallingRate(epoch / epochs, 0));
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

/** Share of rows whose largest output is their class. */
export function denseAccuracy(network: DenseNetwork, rows: ClassRows, parameters?: Float64Array): number {
  const classes = network.sizes.at(-1)!;
  const out = network.forward(rows.features, rows.labels.length, parameters);
  return accuracy(decisions(out, classes), rows.labels);
}

/** The network's weights and biases times the factors of the non-idealities of their layer. */
export function variedParameters(
  network: DenseNetwork,
  draws: Draws,
  index: number,
  partsOf: (layer: number) => readonly NonIdeality[],
): Float64Array {
  const varied = network.parameters.slice();
  network.layers.forEach(({ inputs, outputs, at }, l) => {
    partsOf(l).forEach((part, k) => {
      for (let i = at; i < at + outputs * (inputs + 1); i += 1)
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
