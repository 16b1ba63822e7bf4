import { type AccuracyBySplit, Draws } from '@neuroprint/core';
import { minimiseBfgs } from '@neuroprint/numeric';
import {
  type Activation,
  BLOCK_ROWS,
  type Block,
  bandPass,
  blocksOf,
  evenSigmoid,
  identity,
  type PhysicalLayer,
  PhysicalModel,
  type PhysicalOptions,
  type ResolvedPhysicalOptions,
  resolvePhysicalOptions,
  START_SPREAD,
  sigmoid,
  startOf,
} from '@neuroprint/training';
import type { BaselineProblem } from '../baselines/baselines.ts';

export interface PhysicalResult {
  readonly accuracy: AccuracyBySplit;
  /** Cross-entropy of the validation rows in nats, without the penalty. */
  readonly validLoss: number;
  readonly iterations: number;
  /** Σg of every node, layer by layer. */
  readonly totals: readonly (readonly number[])[];
  /** Signed conductances of every layer, row-major [(inputs + 2) × neurons]: inputs, bias, pull-down. */
  readonly conductances: readonly Float64Array[];
}

/** Iterations without a lower validation loss before a start ends. */
const PATIENCE = 60;
/** What a nat of validation loss counts against accuracy: of few validation rows the loss says more. */
const LOSS_WEIGHT = 0.5;
/** Where nodes with an even activation start, by turns: on one side of its kink at 0 V, and on it. */
const EVEN_CENTRES_VOLTS = [2, 0];

/** The layers of a network of these options. */
export function physicalLayers(
  inputs: number,
  classes: number,
  { mode, hidden, lambda, map, nonlinearity }: ResolvedPhysicalOptions,
): PhysicalLayer[] {
  const sizes = [inputs, ...hidden, classes];
  const inner: Activation = nonlinearity === 'band-pass' ? bandPass : mode === 'spml' ? evenSigmoid : sigmoid;
  return sizes.slice(1).map((neurons, l) => {
    const last = l === hidden.length;
    return {
      inputs: sizes[l]!,
      neurons,
      map,
      rule: mode === 'ml' ? 'linear' : 'kirchhoff',
      activation: last ? identity : inner,
      lambda: mode === 'ml' || (mode === 'spml' && !last) ? 0 : lambda,
    };
  });
}

/**
 * Trains a network whose nodes obey the rule of its mode for the L2 readout, the nearest target (1 V at the class's own output, 0 V
 * elsewhere: the largest output): cross-entropy of softmax(T·v) by BFGS over all training rows. (The squared distance itself stays 5 to
 * 8 points behind on Yin-Yang.) Of several random starts, and of every start's
 * iterates, the one with the lowest validation loss is kept. Test rows are only counted.
 */
export function trainPhysical(problem: BaselineProblem, options: PhysicalOptions = {}): PhysicalResult {
  const resolved = resolvePhysicalOptions(options);
  const { seed, restarts, iterations: most } = resolved;
  const [inputs, classes] = [problem.inputs.length, problem.classes.length];
  const layers = physicalLayers(inputs, classes, resolved);
  const model = new PhysicalModel(layers, 'cross-entropy', BLOCK_ROWS);
  const [train, valid, test] = (['train', 'valid', 'test'] as const).map((part) =>
    blocksOf(problem[part], inputs, classes),
  ) as [Block[], Block[], Block[]];
  const random = new Draws(seed, 'physical-start');
  let best = { score: Number.NEGATIVE_INFINITY, loss: Number.NaN, x: new Float64Array(model.size) as Float64Array };
  let iterations = 0;
  for (let restart = 0; restart < restarts; restart += 1) {
    let lowest = Number.POSITIVE_INFINITY;
    let since = 0;
    const consider = (x: Float64Array): boolean => {
      const { loss, right, rows } = model.evaluate(x, valid);
      const score = right / rows - LOSS_WEIGHT * loss;
      since += 1;
      if (loss < lowest) [lowest, since] = [loss, 0];
      if (score > best.score) best = { score, loss, x: x.slice() };
      return since >= PATIENCE;
    };
    const start = startOf(layers, model.size, train, random, restart, {
      spread: START_SPREAD,
      centres: layers.map(({ activation }) => (activation === evenSigmoid ? EVEN_CENTRES_VOLTS[restart % 2]! : 0)),
    });
    consider(start);
    const result = minimiseBfgs(
      (x, gradient) => {
        gradient.fill(0);
        const { loss, penalty } = model.evaluate(x, train, gradient);
        return loss + penalty;
      },
      start,
      { iterations: most, gradientTolerance: 1e-7, onIteration: (_, __, x) => consider(x) },
    );
    iterations += result.iterations;
  }
  const { x, loss } = best;
  const share = (blocks: readonly Block[]): number => {
    const { right, rows } = model.evaluate(x, blocks);
    return right / rows;
  };
  const accuracy = { train: share(train), valid: share(valid), test: share(test) };
  return {
    accuracy,
    validLoss: loss,
    iterations,
    totals: model.totals().map((totals) => [...totals]),
    conductances: model.conductances(),
  };
}
