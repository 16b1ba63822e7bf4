import { hasSeries } from '@neuroprint/circuit';
import { Draws } from '@neuroprint/core';
import { createVariation } from './evaluate.ts';
import { startParameters } from './initialise.ts';
import { Parameters } from './layer/parameters.ts';
import { createLoop, PrintedModel } from './model.ts';
import { resolveOptions, type TrainingOptions } from './options.ts';
import { architectureOf, problemBlocks, type TrainingProblem } from './problem.ts';

/** How far the float32 kernel is from the float64 oracle, relatively. */
export interface KernelAgreement {
  /** |loss − oracle| / oracle */
  readonly loss: number;
  /** ‖gradient − oracle‖ / ‖oracle‖ */
  readonly gradient: number;
}

/**
 * Loss and gradient of random starts of a problem (as many as `restarts`) by both kernels; the largest difference.
 * The oracle asks the surrogate itself, the fast one its table, so this is the error of the whole fast path.
 * Throws Error where there is no `simd` kernel.
 */
export function kernelAgreement(problem: TrainingProblem, options: TrainingOptions = {}): KernelAgreement {
  const resolved = resolveOptions(options);
  const { draws, seed, variation } = resolved;
  const architecture = architectureOf(problem, resolved);
  const blocks = problemBlocks(problem, problem.train);
  const models = (['simd', 'float64'] as const).map(
    (kernel) =>
      new PrintedModel(
        architecture,
        draws,
        blocks,
        createLoop(architecture, draws, blocks, kernel, hasSeries(variation)),
      ),
  );
  const prints = createVariation(architecture, draws, variation);
  let [loss, gradient] = [0, 0];
  for (let restart = 0; restart < resolved.restarts; restart += 1) {
    const parameters = startParameters(architecture, blocks, new Draws(seed, 'start'), restart);
    prints.fill(new Draws(seed, 'agreement'), restart);
    const [fast, oracle] = models.map((model) => {
      const found = new Parameters(architecture);
      return { loss: model.evaluateWithGradient(parameters, prints, found).loss, gradient: found.flat };
    });
    const difference = fast!.gradient.map((value, i) => value - oracle!.gradient[i]!);
    loss = Math.max(loss, Math.abs(fast!.loss / oracle!.loss - 1));
    gradient = Math.max(gradient, Math.hypot(...difference) / Math.hypot(...oracle!.gradient));
  }
  return { loss, gradient };
}
