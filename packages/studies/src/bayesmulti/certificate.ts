import { Draws } from '@neuroprint/core';
import { softmax } from '@neuroprint/numeric';
import { type Injection, variedParameters } from './classify.ts';
import type { DenseNetwork } from './dense-network.ts';
import type { ClassRows } from './dense-rows.ts';

/**
 * Per row and class the mean of the softmax outputs over `draws` injections, as in training: the smoothed classifier
 * F(θ) = E_η f(θ∗η) that a certificate speaks of; row-major [rows × classes].
 */
export function smoothedProbabilities(
  network: DenseNetwork,
  rows: ClassRows,
  injection: readonly Injection[],
  draws: number,
  seed: number,
): Float64Array {
  const classes = network.sizes.at(-1)!;
  const random = new Draws(seed, 'confidence');
  const mean = new Float64Array(rows.labels.length * classes);
  for (let draw = 0; draw < draws; draw += 1) {
    const parameters = variedParameters(network, random, draw, (l) => [{ kind: 'multinomial', ...injection[l]! }]);
    network.layers.forEach(({ inputs, outputs, at }, l) => {
      const { zero, half } = injection[l]!;
      for (let i = at; i < at + outputs * (inputs + 1); i += 1) parameters[i]! /= 1 - zero - half / 2;
    });
    const out = network.forward(rows.features, rows.labels.length, parameters);
    for (let row = 0; row < rows.labels.length; row += 1) softmax(out.subarray(row * classes, (row + 1) * classes));
    for (let i = 0; i < mean.length; i += 1) mean[i]! += out[i]! / draws;
  }
  return mean;
}

/**
 * Fewer conductances than this may take any value whatever without a change of the smoothed decision of a row:
 *
 *   p₁^r > 1 − (F_A − F_B)/2,   that is r < ln(1 − (F_A − F_B)/2)/ln p₁
 *
 * F_A − F_B (`margin`) is what the decided class has over the second. 0 where nothing is certain. Assumes outputs in 0..1, that the decision is that of
 * F(θ) = E_η f(θ∗η), that every factor is drawn by itself and is 0 with probability p₁ or more, and that F is exact
 * (an estimate from draws is no proof). Derivation: with probability p₁^r all r changed conductances meet a factor 0,
 * and there θ∗η and θ′∗η are the same network; elsewhere, of probability 1 − p₁^r, a class may lose 1 and another gain
 * 1. So F_A − F_B falls by at most 2·(1 − p₁^r). It depends neither on the number of conductances nor on p₂ (the
 * argument of Levine and Feizi, "Robustness certificates for sparse adversarial attacks by randomized ablation", 2020).
 * For two classes this is p₁^r > 1.5 − F_A. One change takes p₁ > ½ even where F_A = 1.
 */
export function certifiedRadius(margin: number, zero: number): number {
  if (!(zero > 0 && margin > 0)) return 0;
  return Math.log(1 - margin / 2) / Math.log(zero);
}

/**
 * The radius of the published robustness theorem (Sun et al., arXiv 2412.02779, theorem 1, equation 2), as far as its
 * public text can be read:
 *
 *   r ≤ (ln(1.5 − F) − Θ·ln(1 − p₂)) / (ln p₁ − ln(1 − p₂)),   r = ‖δ − 1‖₀ + ‖δ − ½‖₀ − Θ,
 *
 * r the number of the Θ factors δ that are neither 1 nor ½. It follows from p₁^r·(1 − p₂)^(Θ − r) > 1.5 − F: by the same
 * argument as `certifiedRadius`, every factor of 1 or ½ taken to leave 1 − p₂ of the law of a product unchanged. That
 * holds for a factor 1 (all of it stays), and for a halved one only where p₂ ≥ 1 − p₁ − p₂: what stays there is
 * p₁ + min(p₂, 1 − p₁ − p₂). So it is a true bound, and smaller than `certifiedRadius`, as long as no δ is ½.
 * Undefined (NaN) unless 0 < p₁ < 1 − p₂.
 */
export function publishedRadius(f: number, conductances: number, { zero, half }: Injection): number {
  if (!(zero > 0 && zero < 1 - half)) return Number.NaN;
  return (Math.log(1.5 - f) - conductances * Math.log(1 - half)) / (Math.log(zero) - Math.log(1 - half));
}
