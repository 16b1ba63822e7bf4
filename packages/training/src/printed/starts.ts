import { Draws, inputVolts, type NetworkLayer, type VoltageRows } from '@neuroprint/core';
import { DigitalNetwork, trainDigital } from '../digital-network.ts';
import { designsOf } from '../import/designs.ts';
import { printWith } from '../import/print-perceptron.ts';
import { parametersOf, startParameters } from './initialise.ts';
import type { Architecture, Parameters } from './layer/parameters.ts';
import type { ResolvedOptions } from './options.ts';
import type { TrainingProblem } from './problem.ts';
import { type Block, balancedWeights } from './rows.ts';

/** Of so many digital networks one is printed: the best on the validation rows. */
const TRAINED_FOR_ONE = 2;
/** Rows that a digital network sees, of the training and of the validation rows: a start needs no more. */
const MOST_ROWS = 2048;
const DIGITAL_EPOCHS = 300;
const DIGITAL_PATIENCE = 100;
const DIGITAL_RATE = 0.1;

/**
 * The starts of a training, by number. With given layers all are these, each with more noise than the one before. Otherwise random ones and, for
 * classes, printed digital networks by turns within every loss exponent: a random start may end in an optimum that is none, and a digital
 * network, which has no such trouble, says where a better one is. Every printed one serves all exponents.
 */
export function startsOf(
  architecture: Architecture,
  problem: TrainingProblem,
  blocks: readonly Block[],
  options: ResolvedOptions,
): (restart: number) => Parameters {
  const random = new Draws(options.seed, 'start');
  const { start, lossExponents, restarts } = options;
  if (start !== undefined) return (restart) => parametersOf(architecture, start, random, restart);
  const exponents = lossExponents.length;
  // of each exponent's starts every second one
  const turnOf = (restart: number) => Math.floor(restart / exponents);
  const isDigital = (restart: number) => turnOf(restart) % 2 === 1;
  const wanted = Math.floor((turnOf(restarts - 1) + 1) / 2);
  const printed =
    options.digitalStarts && architecture.learned && problem.task === undefined && wanted > 0
      ? printedStarts(architecture, problem, options, wanted)
      : undefined;
  return (restart) =>
    printed !== undefined && isDigital(restart)
      ? parametersOf(architecture, printed[(turnOf(restart) - 1) / 2]!, random, 0)
      : startParameters(architecture, blocks, random, restart);
}

/**
 * The best of twice as many digital networks, as layers of a printed one; undefined where the technology's stages cannot stand for theirs. They
 * see the volts as shares of their range.
 */
function printedStarts(
  { falling, activation }: Architecture,
  problem: TrainingProblem,
  { hidden, seed, classWeights }: ResolvedOptions,
  count: number,
): (readonly NetworkLayer[])[] | undefined {
  const { technology, classes } = problem;
  const inputs = problem.inputs.map((input) => ({ ...input, minimum: 0, maximum: 1 }));
  const source = problem.teacher ?? problem;
  const asShares = (rows: VoltageRows): VoltageRows => ({
    ...rows,
    volts: rows.volts.map((v, at) => {
      const { minimum, maximum } = inputVolts(inputs[at % inputs.length]!);
      return (v - minimum) / (maximum - minimum);
    }),
  });
  const rows = {
    train: asShares(thinned(source.train as VoltageRows)),
    valid: asShares(thinned(source.valid as VoltageRows)),
  };
  const byClass = classWeights === 'balanced' ? balancedWeights(source.train.labels, classes) : undefined;
  const training = {
    ...{ epochs: DIGITAL_EPOCHS, patience: DIGITAL_PATIENCE, rate: DIGITAL_RATE },
    weights: byClass && Float64Array.from(rows.train.labels, (label) => byClass[label]!),
  };
  const network = new DigitalNetwork([inputs.length, ...hidden, classes.length]);
  const trained = Array.from({ length: TRAINED_FOR_ONE * count }, (_, at) => {
    network.start(new Draws(seed, 'digital-start'), at);
    return trainDigital(network, rows, training);
  });
  const designs = {
    falling: designsOf(falling, { nearTypical: true }),
    activation: designsOf(activation, { nearTypical: true }),
  };
  const best = trained.sort((a, b) => a.loss - b.loss).slice(0, count);
  const printed = best.flatMap(({ parameters }) => {
    network.parameters.set(parameters);
    return printWith(network.layers(), inputs, technology, designs) ?? [];
  });
  return printed.length < count ? undefined : printed.map(({ layers }) => layers);
}

/** Every nth row, such that there are no more than MOST_ROWS. */
function thinned(rows: VoltageRows): VoltageRows {
  const step = Math.ceil(rows.labels.length / MOST_ROWS);
  if (step === 1) return rows;
  const width = rows.volts.length / rows.labels.length;
  return {
    ...rows,
    volts: rows.volts.filter((_, at) => Math.floor(at / width) % step === 0),
    labels: rows.labels.filter((_, row) => row % step === 0),
    sourceRows: rows.sourceRows.filter((_, row) => row % step === 0),
  };
}
