import { Draws } from '@neuroprint/core';
import { Adam } from '@neuroprint/numeric';
import {
  BLOCK_ROWS,
  blocksOf,
  PhysicalModel,
  type PhysicalOptions,
  resolvePhysicalOptions,
} from '@neuroprint/training';
import type { BaselineProblem } from '../baselines/baselines.ts';
import { physicalLayers } from './train-physical.ts';

/** A training that is followed epoch by epoch. */
export interface SignFlipHistory {
  readonly lambda: number;
  /** Mean squared distance from the targets, per epoch, without the penalty. */
  readonly loss: Float64Array;
  /** Σg of each output node per epoch. */
  readonly totals: readonly Float64Array[];
  /** Epochs in which Σg of an output node changed its sign. */
  readonly flips: number;
  readonly accuracy: number;
}

const EPOCHS = 600;
const RATE = 0.05;
const SPREAD = 1;

/**
 * The sign-flip failure: with v = Σ g·v_i / Σ g a step that takes Σg of an output node through zero turns its voltage over, and the
 * loss jumps. Follows full-batch Adam on the squared distance from the targets, with λ·Σ(Σg − 1)² and without (λ = 0).
 */
export function signFlipHistory(problem: BaselineProblem, options: PhysicalOptions): SignFlipHistory {
  const resolved = resolvePhysicalOptions({ mode: 'npml', ...options });
  const { lambda, seed } = resolved;
  const [inputs, classes] = [problem.inputs.length, problem.classes.length];
  const layers = physicalLayers(inputs, classes, resolved);
  const model = new PhysicalModel(layers, 'l2', BLOCK_ROWS);
  const train = blocksOf(problem.train, inputs, classes);
  // Σg of the nodes starts on either side of zero, as a network starts that nobody has told of the rule
  const random = new Draws(seed, 'sign flips');
  const x = Float64Array.from({ length: model.size }, (_, k) => SPREAD * (2 * random.uniform(0, k) - 1));
  const adam = new Adam(x.length);
  const gradient = new Float64Array(x.length);
  const loss = new Float64Array(EPOCHS);
  const totals = Array.from({ length: classes }, () => new Float64Array(EPOCHS));
  let flips = 0;
  for (let epoch = 0; epoch < EPOCHS; epoch += 1) {
    gradient.fill(0);
    loss[epoch] = model.evaluate(x, train, gradient).loss;
    model
      .totals()
      .at(-1)!
      .forEach((total, c) => {
        totals[c]![epoch] = total;
        if (epoch > 0 && Math.sign(total) !== Math.sign(totals[c]![epoch - 1]!)) flips += 1;
      });
    adam.step(x, gradient, RATE);
  }
  const { right, rows } = model.evaluate(x, blocksOf(problem.test, inputs, classes));
  return { lambda, loss, totals, flips, accuracy: right / rows };
}
