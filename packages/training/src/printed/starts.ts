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

/** The layers of digital networks that were printed, each for one start of every loss exponent. */
export type PrintedStarts = readonly (readonly NetworkLayer[])[];

/** Of each loss exponent's starts every second one is printed from a digital network; this is its turn. */
function turnOf({ lossExponents }: ResolvedOptions, restart: number): number {
  return Math.floor(restart / lossExponents.length);
}

export function isDigital(options: ResolvedOptions, restart: number): boolean {
  return turnOf(options, restart) % 2 === 1;
}

/** How many digital networks are to be printed: none with given layers, fixed stages, or in regression. */
export function wantedDigital({ task }: Pick<TrainingProblem, 'task'>, options: ResolvedOptions): number {
  const { digitalStarts, start, activation, restarts } = options;
  if (!digitalStarts || start !== undefined || activation !== 'learned' || task !== undefined) return 0;
  return Math.floor((turnOf(options, restarts - 1) + 1) / 2);
}

/** What a start is printed from; undefined where it is a random one. */
export function layersOf(
  options: ResolvedOptions,
  printed: PrintedStarts | undefined,
  restart: number,
): readonly NetworkLayer[] | undefined {
  return isDigital(options, restart) ? printed?.[(turnOf(options, restart) - 1) / 2] : undefined;
}

/**
 * A start of a training, by number. With given layers all are these, each with more noise than the one before. Otherwise random ones
 * and, for classes, printed digital networks (`layers`) by turns within every loss exponent: a random start may end in an optimum that
 * is none, and a digital network, which has no such trouble, says where a better one is. Every printed one serves all exponents.
 */
export function startOf(
  architecture: Architecture,
  blocks: readonly Block[],
  { seed, start }: ResolvedOptions,
  restart: number,
  layers: readonly NetworkLayer[] | undefined,
): Parameters {
  const random = new Draws(seed, 'start');
  if (start !== undefined) return parametersOf(architecture, start, random, restart);
  return layers === undefined
    ? startParameters(architecture, blocks, random, restart)
    : parametersOf(architecture, layers, random, 0);
}

/**
 * The best of twice as many digital networks as are wanted, as layers of printed ones; undefined where the technology's stages cannot
 * stand for theirs. They see the volts as shares of their range.
 */
export function printedStarts(
  { falling, activation }: Architecture,
  problem: TrainingProblem,
  options: ResolvedOptions,
): PrintedStarts | undefined {
  const { hidden, seed, classWeights } = options;
  const { technology, classes } = problem;
  const count = wantedDigital(problem, options);
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
