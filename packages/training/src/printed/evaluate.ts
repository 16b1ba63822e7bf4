import { variationOf } from '@neuroprint/circuit';
import {
  Draws,
  type ErrorSpread,
  type Regression,
  type SensingMargin,
  scoreTarget,
  summariseCopies,
  summariseErrors,
  summariseMargins,
  type TargetScore,
  type UnderVariation,
  type Variation,
} from '@neuroprint/core';
import { margins } from '@neuroprint/numeric';
import { Float64Loop } from './kernel/float64.ts';
import type { StageSpace } from './layer/components.ts';
import type { Architecture, Parameters } from './layer/parameters.ts';
import { type Evaluation, PrintedModel } from './model.ts';
import type { Block } from './rows.ts';
import { PrintedVariation } from './variation.ts';

/** Prints with room for `draws` instances of everything in the architecture. */
export function createVariation(
  architecture: Architecture,
  draws: number,
  variation: number | Variation,
): PrintedVariation {
  const unitsOf = (space: StageSpace) => space.cell.parameters.map(({ unit }) => unit);
  const units = { falling: unitsOf(architecture.falling), activation: unitsOf(architecture.activation) };
  const { shapes, biasVolts, faults, widths } = architecture;
  return new PrintedVariation(shapes, units, draws, variationOf(variation), biasVolts, faults, widths);
}

/** Loss and accuracy without variation. */
export function evaluateNominal(
  architecture: Architecture,
  parameters: Parameters,
  blocks: readonly Block[],
): Evaluation {
  return new PrintedModel(architecture, 1, blocks).evaluate(parameters, createVariation(architecture, 1, 0));
}

/** Accuracy over `draws` prints, or with `task` the error in units of its target. */
export function evaluateUnderVariation(
  architecture: Architecture,
  parameters: Parameters,
  blocks: readonly Block[],
  options: { readonly variation: number | Variation; readonly draws: number; readonly seed: number },
  task?: Regression,
): UnderVariation | ErrorSpread {
  const { draws, seed } = options;
  const variation = createVariation(architecture, draws, options.variation).fill(new Draws(seed, 'test-variation'), 0);
  if (task !== undefined) {
    const scores = evaluateTargets(architecture, parameters, blocks, task, variation);
    return summariseErrors(
      scores.map(({ rmse }) => rmse),
      variation.model,
    );
  }
  const { accuracyByDraw } = new PrintedModel(architecture, draws, blocks).evaluate(parameters, variation);
  return summariseCopies(accuracyByDraw, variation.model);
}

/**
 * How far each print of a regression network is off, in units of its target, when it is read by the line of the parameters; without variation one
 * print as it is meant. `task` is the line by which the blocks' targets became volts.
 */
export function evaluateTargets(
  architecture: Architecture,
  parameters: Parameters,
  blocks: readonly Block[],
  task: Regression,
  variation = createVariation(architecture, 1, 0),
): TargetScore[] {
  const { draws } = variation;
  const loop = new Float64Loop(architecture.shapes, draws, blocks);
  new PrintedModel(architecture, draws, blocks, loop).print(parameters, variation);
  const targets = blocks.flatMap(({ labels }) => [...labels]);
  return Array.from({ length: draws }, (_, draw) => {
    const [intercept, slope] = parameters.line;
    const read = blocks.flatMap(({ rows }, b) => {
      return Array.from(loop.printOutputs(draw, b).subarray(0, rows), (volts) => intercept + slope * volts);
    });
    const { rmse, r } = scoreTarget(read, targets);
    return { rmse: task.unitsPerVolt * rmse, r };
  });
}

/** Volts between the largest output and the second, over rows without variation. */
export function evaluateMargins(
  architecture: Architecture,
  parameters: Parameters,
  blocks: readonly Block[],
): SensingMargin {
  const loop = new Float64Loop(architecture.shapes, 1, blocks);
  new PrintedModel(architecture, 1, blocks, loop).print(parameters, createVariation(architecture, 1, 0));
  const classes = architecture.shapes.at(-1)!.neurons;
  return summariseMargins(
    blocks.flatMap((block) => {
      const output = loop.layerOutputs(0, block, architecture.shapes.length);
      const rowMajor = Float64Array.from(
        { length: block.rows * classes },
        (_, i) => output[(i % classes) * block.rows + Math.floor(i / classes)]!,
      );
      return [...margins(rowMajor, classes)];
    }),
  );
}
