import { Draws, type UnderVariation } from '@neuroprint/core';
import type { Architecture, Parameters } from './layer/parameters.ts';
import { type Evaluation, PrintedModel } from './model.ts';
import type { Block } from './rows.ts';
import { PrintedVariation } from './variation.ts';

/** Prints with room for `draws` instances of everything in the architecture. */
export function createVariation(architecture: Architecture, draws: number, relativeSpread: number): PrintedVariation {
  const parameters = { falling: architecture.falling.size, activation: architecture.activation.size };
  return new PrintedVariation(architecture.shapes, parameters, draws, relativeSpread);
}

/** Loss and accuracy without variation. */
export function evaluateNominal(
  architecture: Architecture,
  parameters: Parameters,
  blocks: readonly Block[],
): Evaluation {
  return new PrintedModel(architecture, 1, blocks).evaluate(parameters, createVariation(architecture, 1, 0));
}

/** Accuracy over `draws` prints. */
export function evaluateUnderVariation(
  architecture: Architecture,
  parameters: Parameters,
  blocks: readonly Block[],
  options: { readonly relativeSpread: number; readonly draws: number; readonly seed: number },
): UnderVariation {
  const { relativeSpread, draws, seed } = options;
  const variation = createVariation(architecture, draws, relativeSpread).fill(new Draws(seed, 'test-variation'), 0);
  const { accuracyByDraw } = new PrintedModel(architecture, draws, blocks).evaluate(parameters, variation);
  return summarise(accuracyByDraw, relativeSpread);
}

/** Mean, standard deviation and 5th percentile (nearest rank) of the accuracies of prints. */
export function summarise(accuracyByDraw: Float64Array, relativeSpread: number): UnderVariation {
  const draws = accuracyByDraw.length;
  const mean = accuracyByDraw.reduce((sum, value) => sum + value, 0) / draws;
  const variance = accuracyByDraw.reduce((sum, value) => sum + (value - mean) ** 2, 0) / draws;
  const p5 = accuracyByDraw.slice().sort()[Math.ceil(0.05 * draws) - 1]!;
  return { relativeSpread, draws, mean, std: Math.sqrt(variance), p5 };
}
