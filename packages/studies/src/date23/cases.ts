import type { PortableProblem, Share, TrainingJob } from '@neuroprint/training';
import type { Case } from './case.ts';
import type { Row } from './row.ts';

const TESTED = [0.05, 0.1];
const SHARED: readonly (readonly [Share, string])[] = [
  ['net', 'one for the net'],
  ['neuron', 'one for each neuron'],
];

/**
 * The ablation of the DATE'23 paper; learned activations shared otherwise; fixed activations with more neurons; the
 * digital network of the same size. Learned activations are shared by layer where nothing else is said.
 */
export const CASES: readonly Case[] = [
  ...(['fixed', 'learned'] as const).flatMap((activation): Case[] => [
    { name: `${activation}-nominal`, title: 'nominal', activation, trainedAt: 0, testedAt: TESTED },
    ...TESTED.map((spread) => ({
      name: `${activation}-aware-${100 * spread}`,
      title: 'variation-aware',
      activation,
      trainedAt: spread,
      testedAt: [spread],
    })),
  ]),
  ...SHARED.map(
    ([share, words]): Case => ({
      name: `learned-${share}-aware-10`,
      title: `variation-aware, ${words}`,
      activation: 'learned',
      share,
      trainedAt: 0.1,
      testedAt: [0.1],
    }),
  ),
  ...(['numbers', 'power'] as const).flatMap((more) =>
    TESTED.map(
      (spread): Case => ({
        name: `${more === 'numbers' ? 'wider' : 'power'}-aware-${100 * spread}`,
        title: `variation-aware, neurons for equal ${more === 'numbers' ? 'trainable numbers' : 'power'}`,
        activation: 'fixed',
        trainedAt: spread,
        testedAt: [spread],
        more,
      }),
    ),
  ),
  { name: 'digital', title: 'digital 3-neuron network', activation: 'digital', trainedAt: 0, testedAt: TESTED },
];

/** Neurons of the one hidden layer, as in the paper. */
const HIDDEN = 3;
const MOST_HIDDEN = 32;

/** Hidden neurons of a fixed-activation network that has at least as many trainable numbers as a learned one of HIDDEN. */
function widerHidden(problem: PortableProblem): number {
  const stages = 2 * (problem.falling.parameters.length + problem.activation.parameters.length);
  const perNeuron = problem.inputs.length + 2 + problem.classes.length;
  return HIDDEN + Math.ceil(stages / perNeuron);
}

/**
 * Hidden neurons with which a fixed-activation network takes the power of the learned one: watts grow in a line with the
 * neurons, through the networks of the same table, seed and spread with HIDDEN and with more neurons.
 */
function equalPowerHidden(which: Case, rows: readonly Row[]): number {
  const [fixed, wider, learned] = neededBy(which).map((name) => rows.find((row) => row.case === name));
  const perNeuron = (wider!.watts - fixed!.watts) / (wider!.hidden - fixed!.hidden);
  const hidden = HIDDEN + Math.round((learned!.watts - fixed!.watts) / perNeuron);
  // a line that falls says nothing; the size of the others is as good as any then
  return perNeuron > 0 ? Math.min(MOST_HIDDEN, Math.max(1, hidden)) : HIDDEN;
}

/** The cases whose networks say how many neurons a case has: fixed, wider, learned. */
export function neededBy(which: Case): string[] {
  if (which.more !== 'power') return [];
  return ['fixed', 'wider', 'learned'].map((name) => `${name}-aware-${100 * which.trainedAt}`);
}

/** Hidden neurons of a case; `rows` are those of the same table and seed that need no others. */
export function hiddenOf(problem: PortableProblem, which: Case, rows: readonly Row[]): number {
  if (which.more === 'numbers') return widerHidden(problem);
  return which.more === 'power' ? equalPowerHidden(which, rows) : HIDDEN;
}

/** The training of one case on one table under one seed. */
export function jobOf(
  problem: PortableProblem,
  which: Case,
  seed: number,
  hidden: number,
  epochs: number | undefined,
): TrainingJob {
  if (which.activation === 'digital') {
    return { kind: 'digital', problem, options: { seed, hidden: [hidden], testVariations: which.testedAt } };
  }
  return {
    kind: 'printed',
    problem,
    options: {
      seed,
      hidden: [hidden],
      activation: which.activation,
      // as in the paper, which starts at random
      digitalStarts: false,
      ...(which.share === undefined ? {} : { share: which.share }),
      variation: which.trainedAt,
      testVariations: which.testedAt,
      ...(epochs === undefined ? {} : { epochs }),
    },
  };
}
