import { findCell, type Technology } from '@neuroprint/circuit';
import {
  type InputRange,
  SPLITS,
  type Split,
  type TrainedNetwork,
  UsageError,
  type Variation,
  type VoltageRows,
} from '@neuroprint/core';
import { SurrogateModel } from '@neuroprint/surrogate';
import type { CurveModel } from './curve.ts';
import { StageSpace } from './layer/components.ts';
import type { Architecture } from './layer/parameters.ts';
import { conductanceRange, type NodeRule } from './layer/weights.ts';
import type { KernelChoice } from './model.ts';
import { reachOf, variationOf } from './variationModel.ts';

/** The cells that a network is made of, by their names in the technology. */
export const FALLING_CELL = 'negweight';
export const ACTIVATION_CELL = 'ptanh';

/** What is to be learnt, and of what the network may be made. */
export interface TrainingProblem {
  readonly name: string;
  readonly technology: Technology;
  /** Surrogates of the cells `negweight` and `ptanh` of the technology. */
  readonly falling: CurveModel;
  readonly activation: CurveModel;
  readonly inputs: readonly InputRange[];
  readonly classes: readonly string[];
  readonly train: VoltageRows;
  readonly valid: VoltageRows;
  readonly test: VoltageRows;
  /** Where the rows are from: file name, class column, split column or seed. */
  readonly source: { readonly dataset: string; readonly label: string; readonly split: string };
  /** SHA-256 of everything the network is made from (data set, surrogates, technology), by name. */
  readonly inputHashes: Readonly<Record<string, string>>;
}

export interface TrainingOptions {
  /** Neurons of each hidden layer; default [3]. */
  readonly hidden?: readonly number[];
  /** How prints differ; a number s means factors 1 + s·u. Default 0.1. With 0 one print is trained. */
  readonly variation?: number | Variation;
  /** Prints per epoch; default 20. */
  readonly draws?: number;
  readonly seed?: number;
  /** Whether component values are trained or stay typical; default learned. */
  readonly activation?: 'learned' | 'fixed';
  readonly nodeRule?: NodeRule;
  /** Most epochs of one start; default 600. */
  readonly epochs?: number;
  /** Epochs without a better validation score after which a start ends; default 200. */
  readonly patience?: number;
  /** Random starts, of which the best continues; default 6. */
  readonly restarts?: number;
  /** Adam's first rate; default 0.1. */
  readonly rate?: number;
  /** Rows of a step, about, in a table with eight times as many training rows or more; default 256. Others are not divided. */
  readonly batchRows?: number;
  /** What a row counts in the loss: the same for all rows, or less in frequent classes; default equal. */
  readonly classWeights?: 'equal' | 'balanced';
  /** What a falling stage costs, in nats of the loss, so that a network with fewer of them is preferred; default 0. */
  readonly fallingStagePenalty?: number;
  /** Arithmetic of the loop over examples; default `auto`: the fastest that this machine has. Networks differ by rounding. */
  readonly kernel?: KernelChoice;
  /** Epochs between two looks at the validation rows; default 5. */
  readonly validateEvery?: number;
  /** Further variations under which the test rows are measured (`TrainingResult.underVariation`); default none. */
  readonly testVariations?: readonly (number | Variation)[];
}

export type ResolvedOptions = Required<Omit<TrainingOptions, 'variation'>> & { readonly variation: Variation };

export const DEFAULT_OPTIONS: ResolvedOptions = {
  hidden: [3],
  variation: { kind: 'uniform', relativeSpread: 0.1 },
  draws: 20,
  seed: 0,
  activation: 'learned',
  nodeRule: 'inverter',
  epochs: 600,
  patience: 200,
  restarts: 6,
  rate: 0.1,
  batchRows: 256,
  classWeights: 'equal',
  fallingStagePenalty: 0,
  kernel: 'auto',
  validateEvery: 5,
  testVariations: [],
};

/** Defaults filled in and every number checked. Throws UsageError that names the option. */
export function resolveOptions(options: TrainingOptions): ResolvedOptions {
  const resolved: ResolvedOptions = {
    hidden: options.hidden ?? DEFAULT_OPTIONS.hidden,
    variation: variationOf(options.variation ?? DEFAULT_OPTIONS.variation),
    draws: options.draws ?? DEFAULT_OPTIONS.draws,
    seed: options.seed ?? DEFAULT_OPTIONS.seed,
    activation: options.activation ?? DEFAULT_OPTIONS.activation,
    nodeRule: options.nodeRule ?? DEFAULT_OPTIONS.nodeRule,
    epochs: options.epochs ?? DEFAULT_OPTIONS.epochs,
    patience: options.patience ?? DEFAULT_OPTIONS.patience,
    restarts: options.restarts ?? DEFAULT_OPTIONS.restarts,
    rate: options.rate ?? DEFAULT_OPTIONS.rate,
    batchRows: options.batchRows ?? DEFAULT_OPTIONS.batchRows,
    classWeights: options.classWeights ?? DEFAULT_OPTIONS.classWeights,
    fallingStagePenalty: options.fallingStagePenalty ?? DEFAULT_OPTIONS.fallingStagePenalty,
    kernel: options.kernel ?? DEFAULT_OPTIONS.kernel,
    validateEvery: options.validateEvery ?? DEFAULT_OPTIONS.validateEvery,
    testVariations: options.testVariations ?? DEFAULT_OPTIONS.testVariations,
  };
  const whole = (
    name: 'draws' | 'epochs' | 'patience' | 'restarts' | 'seed' | 'validateEvery' | 'batchRows',
    least: number,
  ) => {
    const value = resolved[name];
    if (!Number.isSafeInteger(value) || value < least) {
      throw new UsageError(`${name} is ${value}, and it must be a whole number of ${least} or more.`);
    }
  };
  whole('draws', 1);
  whole('epochs', 1);
  whole('patience', 1);
  whole('restarts', 1);
  whole('validateEvery', 1);
  whole('batchRows', 1);
  whole('seed', 0);
  if (resolved.hidden.some((size) => !Number.isSafeInteger(size) || size < 1)) {
    throw new UsageError(`hidden is ${resolved.hidden.join(',')}, and every size must be a whole number of 1 or more.`);
  }
  if (!(resolved.rate > 0 && Number.isFinite(resolved.rate))) {
    throw new UsageError(`rate is ${resolved.rate}, and it must be above 0.`);
  }
  if (!(resolved.fallingStagePenalty >= 0 && Number.isFinite(resolved.fallingStagePenalty))) {
    throw new UsageError(`fallingStagePenalty is ${resolved.fallingStagePenalty}, and it must be 0 or more.`);
  }
  return resolved;
}

/** The network to be trained. Throws UsageError where data, cells and surrogates do not fit. */
export function architectureOf(problem: TrainingProblem, options: ResolvedOptions): Architecture {
  if (problem.inputs.length === 0) throw new UsageError('A network needs an input.');
  if (problem.classes.length < 2) throw new UsageError('A classifier needs two classes or more.');
  const sizes = [problem.inputs.length, ...options.hidden, problem.classes.length];
  const { technology } = problem;
  for (const curve of [problem.falling, problem.activation]) {
    if (curve instanceof SurrogateModel && curve.surrogate.technology !== technology.name) {
      throw new UsageError(
        `The surrogate of ${curve.surrogate.cell} is of the technology ${curve.surrogate.technology}, and the network is to be made in ${technology.name}.`,
        'Name the folder of the surrogates of this technology.',
      );
    }
  }
  for (const part of SPLITS) checkRows(problem, part);
  const reach = reachOf(options.variation);
  return {
    shapes: sizes.slice(1).map((neurons, l) => ({ inputs: sizes[l]!, neurons })),
    nodeRule: options.nodeRule,
    conductances: conductanceRange(technology.crossbar),
    falling: new StageSpace(findCell(technology, FALLING_CELL), problem.falling, reach),
    activation: new StageSpace(findCell(technology, ACTIVATION_CELL), problem.activation, reach),
    learned: options.activation === 'learned',
  };
}

/** The content of a TrainedNetwork file. */
export type NetworkContent = Omit<TrainedNetwork, 'kind' | 'version' | 'checksum'>;

/** Volts that a sensor interface gives may miss 0..1 V by rounding, not by this. */
const VOLTS_SLACK = 0.01;

function checkRows(problem: TrainingProblem, part: Split): void {
  const { inputs } = problem;
  const rows = problem[part];
  if (rows.labels.length === 0) {
    throw new UsageError(`The ${part} part has no rows.`, 'Mark some rows train, valid and test, or give more rows.');
  }
  const at = rows.volts.findIndex((v) => !(v >= -VOLTS_SLACK && v <= 1 + VOLTS_SLACK));
  if (at < 0) return;
  throw new UsageError(
    `Input ${inputs[at % inputs.length]?.name} of row ${Math.floor(at / inputs.length)} of the ${part} part is ${rows.volts[at]} V, and inputs are 0..1 V.`,
    'Scale the features: the ranges of the training rows become 0..1 V.',
  );
}
