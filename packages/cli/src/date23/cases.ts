import type { PortableProblem, TrainingJob } from '@neuroprint/network';

/** A way to make a network, and the spreads under which the paper's table tests it. */
export interface Case {
  readonly name: string;
  /** How its line of the table begins. */
  readonly title: string;
  readonly activation: 'learned' | 'fixed' | 'digital';
  /** Spread that training sees; 0 is nominal training. */
  readonly trainedAt: number;
  readonly testedAt: readonly number[];
  /** Fixed activation with as many more neurons as make up for the trainable numbers of a learned one. */
  readonly wider?: true;
}

const TESTED = [0.05, 0.1];

/** The ablation of the DATE'23 paper, the digital network of the same size, and fixed activations with more neurons. */
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
  ...TESTED.map(
    (spread): Case => ({
      name: `wider-aware-${100 * spread}`,
      title: 'variation-aware, more neurons',
      activation: 'fixed',
      trainedAt: spread,
      testedAt: [spread],
      wider: true,
    }),
  ),
  ...TESTED.map(
    (spread): Case => ({
      name: `digital-${100 * spread}`,
      title: 'digital 3-neuron network',
      activation: 'digital',
      trainedAt: 0,
      testedAt: [spread],
    }),
  ),
];

/** Neurons of the one hidden layer, as in the paper. */
const HIDDEN = 3;

/** Hidden neurons of a fixed-activation network that has at least as many trainable numbers as a learned one of HIDDEN. */
function widerHidden(problem: PortableProblem): number {
  const stages = 2 * (problem.falling.parameters.length + problem.activation.parameters.length);
  const perNeuron = problem.inputs.length + 2 + problem.classes.length;
  return HIDDEN + Math.ceil(stages / perNeuron);
}

/** The training of one case on one table under one seed. */
export function jobOf(problem: PortableProblem, which: Case, seed: number, epochs: number | undefined): TrainingJob {
  if (which.activation === 'digital') {
    return { kind: 'digital', problem, options: { seed, hidden: [HIDDEN], variation: which.testedAt[0]! } };
  }
  return {
    kind: 'printed',
    problem,
    options: {
      seed,
      hidden: [which.wider ? widerHidden(problem) : HIDDEN],
      activation: which.activation,
      variation: which.trainedAt,
      testVariations: which.testedAt,
      ...(epochs === undefined ? {} : { epochs }),
    },
  };
}
