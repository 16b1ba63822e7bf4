import type { Architecture, Parameters } from './layer/parameters.ts';
import { printedMagnitude } from './layer/weights.ts';

/** Falling stages that a network needs: inputs of a layer of which a printed entry is negative. None with `kirchhoff`. */
export function countFallingStages({ shapes, conductances, nodeRule }: Architecture, parameters: Parameters): number {
  if (nodeRule === 'kirchhoff') return 0;
  let count = 0;
  shapes.forEach(({ inputs, neurons }, l) => {
    const { theta } = parameters.layers[l]!;
    for (let i = 0; i < inputs; i += 1) {
      const row = theta.subarray(i * neurons, (i + 1) * neurons);
      if (row.some((value) => value < 0 && printedMagnitude(value, conductances) > 0)) count += 1;
    }
  });
  return count;
}

/**
 * Adds the gradient of weight·Σ ‖negative entries of an input‖ to `gradient`: a soft count of falling stages that pulls
 * all negative entries of an input to zero together (group lasso; Yuan and Lin, 2006), because one of them is enough to
 * need the stage.
 */
export function addFallingStagePenalty(
  { shapes }: Architecture,
  parameters: Parameters,
  weight: number,
  gradient: Parameters,
): void {
  shapes.forEach(({ inputs, neurons }, l) => {
    const { theta } = parameters.layers[l]!;
    const thetaGradient = gradient.layers[l]!.theta;
    for (let i = 0; i < inputs; i += 1) {
      let square = 0;
      for (let at = i * neurons; at < (i + 1) * neurons; at += 1) square += Math.min(0, theta[at]!) ** 2;
      if (square === 0) continue;
      const scale = weight / Math.sqrt(square);
      for (let at = i * neurons; at < (i + 1) * neurons; at += 1) thetaGradient[at]! += scale * Math.min(0, theta[at]!);
    }
  });
}
