import { Draws, type UnderVariation, type Variation } from '@neuroprint/core';
import type { StageSpace } from './layer/components.ts';
import type { Architecture, Parameters } from './layer/parameters.ts';
import { type Evaluation, PrintedModel } from './model.ts';
import type { Block } from './rows.ts';
import { PrintedVariation } from './variation.ts';
import { variationOf } from './variationModel.ts';

/** Prints with room for `draws` instances of everything in the architecture. */
export function createVariation(
  architecture: Architecture,
  draws: number,
  variation: number | Variation,
): PrintedVariation {
  const unitsOf = (space: StageSpace) => space.cell.parameters.map(({ unit }) => unit);
  const units = { falling: unitsOf(architecture.falling), activation: unitsOf(architecture.activation) };
  return new PrintedVariation(architecture.shapes, units, draws, variationOf(variation));
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
  options: { readonly variation: number | Variation; readonly draws: number; readonly seed: number },
): UnderVariation {
  const { draws, seed } = options;
  const variation = createVariation(architecture, draws, options.variation).fill(new Draws(seed, 'test-variation'), 0);
  const { accuracyByDraw } = new PrintedModel(architecture, draws, blocks).evaluate(parameters, variation);
  return summarise(accuracyByDraw, variation.model.relativeSpread);
}

/** Mean, standard deviation and 5th percentile (nearest rank) of the accuracies of prints. */
export function summarise(accuracyByDraw: Float64Array, relativeSpread: number): UnderVariation {
  const draws = accuracyByDraw.length;
  const mean = accuracyByDraw.reduce((sum, value) => sum + value, 0) / draws;
  const variance = accuracyByDraw.reduce((sum, value) => sum + (value - mean) ** 2, 0) / draws;
  const p5 = accuracyByDraw.slice().sort()[Math.ceil(0.05 * draws) - 1]!;
  return { relativeSpread, draws, mean, std: Math.sqrt(variance), p5 };
}
