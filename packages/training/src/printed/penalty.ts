import type { Architecture, Parameters } from './layer/parameters.ts';
import { printedMagnitude } from './layer/weights.ts';

/** Whether an input's falling stage is printed: some entry of it is negative and not too small to be printed. */
export function needsFallingStage(
  { shapes, conductances }: Architecture,
  parameters: Parameters,
  layer: number,
  input: number,
): boolean {
  const { neurons } = shapes[layer]!;
  const row = parameters.layers[layer]!.theta.subarray(input * neurons, (input + 1) * neurons);
  return row.some((value) => value < 0 && printedMagnitude(value, conductances) > 0);
}

/** Falling stages that a network needs. */
export function countFallingStages(architecture: Architecture, parameters: Parameters): number {
  let count = 0;
  architecture.shapes.forEach(({ inputs }, l) => {
    for (let i = 0; i < inputs; i += 1) if (needsFallingStage(architecture, parameters, l, i)) count += 1;
  });
  return count;
}

/**
 * Leaves the falling stages of `most` inputs: those whose negative entries weigh most. The negative entries of the others become 0,
 * so that no more than so many stages are printed.
 */
export function keepFallingStages({ shapes }: Architecture, parameters: Parameters, most: number): void {
  const needed = shapes.flatMap(({ inputs, neurons }, l) =>
    Array.from({ length: inputs }, (_, i) => {
      const row = parameters.layers[l]!.theta.subarray(i * neurons, (i + 1) * neurons);
      return { row, square: row.reduce((sum, value) => sum + Math.min(0, value) ** 2, 0) };
    }),
  );
  needed.sort((a, b) => b.square - a.square);
  for (const { row } of needed.slice(most)) for (let k = 0; k < row.length; k += 1) row[k] = Math.max(0, row[k]!);
}

/**
 * Adds the gradient of Σ price·‖negative entries of an input‖ to `gradient`: a soft count of falling stages that pulls
 * all negative entries of an input to zero together (group lasso; Yuan and Lin, 2006), because one of them is enough to
 * need the stage. The norm is in units of the conductance range.
 */
export function addFallingStagePenalty(
  { shapes }: Pick<Architecture, 'shapes'>,
  parameters: Parameters,
  price: (layer: number, input: number) => number,
  gradient: Parameters,
): void {
  shapes.forEach(({ inputs, neurons }, l) => {
    const { theta } = parameters.layers[l]!;
    const thetaGradient = gradient.layers[l]!.theta;
    for (let i = 0; i < inputs; i += 1) {
      let square = 0;
      for (let at = i * neurons; at < (i + 1) * neurons; at += 1) square += Math.min(0, theta[at]!) ** 2;
      if (square === 0) continue;
      const scale = price(l, i) / Math.sqrt(square);
      for (let at = i * neurons; at < (i + 1) * neurons; at += 1) thetaGradient[at]! += scale * Math.min(0, theta[at]!);
    }
  });
}
