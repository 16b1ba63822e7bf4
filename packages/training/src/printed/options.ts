import { hasFaults, variationOf } from '@neuroprint/circuit';
import { type Budget, type NetworkLayer, UsageError, type Variation } from '@neuroprint/core';
import { checkBudget } from './cost/budget.ts';
import { SHARES, type Share } from './layer/parameters.ts';
import type { KernelChoice } from './model.ts';

export interface TrainingOptions {
  /** Neurons of each hidden layer; default [3]. */
  readonly hidden?: readonly number[];
  /** How prints differ; a number s means factors 1 + s·u. Default 0.1. With 0 one print is trained. */
  readonly variation?: number | Variation;
  /** Prints per epoch; default 20, and 100 where parts are broken, for then prints differ far more. */
  readonly draws?: number;
  readonly seed?: number;
  /** Whether component values are trained or stay typical; default learned. */
  readonly activation?: 'learned' | 'fixed';
  /** Which stages have component values of their own; default layer. */
  readonly share?: Share;
  /** Layers to start from, in place of random ones; every further start adds more noise. Their sizes win. */
  readonly start?: readonly NetworkLayer[] | undefined;
  /** Most epochs of one start; default 600. A table that is divided into batches has a third of them. */
  readonly epochs?: number;
  /** Epochs without a better validation score after which a start ends; default 200. */
  readonly patience?: number;
  /** Starts, of which the better half continues; default 12. */
  readonly restarts?: number;
  /** Whether every second start of a classifier is printed from a digital network (starts.ts), in place of a random one; default yes. */
  readonly digitalStarts?: boolean;
  /** Adam's first rate; default 0.1. */
  readonly rate?: number;
  /** Rows of a step, about, in a table with eight times as many training rows or more; default 256. Others are not divided. */
  readonly batchRows?: number;
  /**
   * Exponents of the loss, 0 (cross-entropy) to 1 (probability to be wrong), which the starts take by turns; all are judged
   * by the last one. Default 0.7 and 0.5.
   */
  readonly lossExponents?: readonly number[];
  /** What a row counts in the loss: the same for all rows, or less in frequent classes; default equal. */
  readonly classWeights?: 'equal' | 'balanced';
  /** What a falling stage costs, in nats of the loss, so that a network with fewer of them is preferred; default 0. */
  readonly fallingStagePenalty?: number;
  /** What each e-fold of static power, and of transistor area, costs in nats of the loss; default 0. */
  readonly powerPenalty?: number;
  readonly areaPenalty?: number;
  /** What the network may take: held as a constraint, prices or not; default nothing. */
  readonly budget?: Budget | undefined;
  /** Arithmetic of the loop over examples; default `auto`: the fastest that this machine has. Networks differ by rounding. */
  readonly kernel?: KernelChoice;
  /** Epochs between two looks at the validation rows; default 5. */
  readonly validateEvery?: number;
  /** Further variations under which the test rows are measured (`TrainingResult.underVariation`); default none. */
  readonly testVariations?: readonly (number | Variation)[];
}

export type ResolvedOptions = Required<Omit<TrainingOptions, 'variation' | 'start' | 'budget'>> &
  Pick<TrainingOptions, 'start' | 'budget'> & { readonly variation: Variation };

/**
 * A price of power that costs no accuracy and saves more than half of the power (docs/notebook/training.md): what networks are
 * trained with where nothing is said. Studies, which repeat what was published, have none.
 */
const FREE_POWER_PRICE = 0.01;
/** What it saved in egt, mean over twelve tables and ten seeds: 62.9 µW without it, 25.9 µW with it (bench power-price). */
export const FREE_POWER_SAVED_WATTS = 37e-6;

/** The price of power where none was given: regression, where it was not measured, has none. */
export function defaultPowerPrice(data: object): number {
  return 'classNames' in data ? FREE_POWER_PRICE : 0;
}

export const DEFAULT_OPTIONS: ResolvedOptions = {
  hidden: [3],
  variation: { kind: 'uniform', relativeSpread: 0.1 },
  draws: 20,
  seed: 0,
  activation: 'learned',
  share: 'layer',
  start: undefined,
  epochs: 600,
  patience: 200,
  restarts: 12,
  digitalStarts: true,
  rate: 0.1,
  batchRows: 256,
  lossExponents: [0.7, 0.5],
  classWeights: 'equal',
  fallingStagePenalty: 0,
  powerPenalty: 0,
  areaPenalty: 0,
  budget: undefined,
  kernel: 'auto',
  validateEvery: 5,
  testVariations: [],
};

const DRAWS_UNDER_FAULTS = 100;

const WHOLE = ['draws', 'epochs', 'patience', 'restarts', 'seed', 'validateEvery', 'batchRows'] as const;

/** Defaults filled in and every number checked. Throws UsageError that names the option. */
export function resolveOptions(options: TrainingOptions): ResolvedOptions {
  const variation = variationOf(options.variation ?? DEFAULT_OPTIONS.variation);
  const chosen = Object.keys(DEFAULT_OPTIONS).map((key) => {
    const name = key as keyof TrainingOptions;
    return [name, options[name] ?? DEFAULT_OPTIONS[name]] as const;
  });
  const resolved: ResolvedOptions = {
    ...(Object.fromEntries(chosen) as unknown as ResolvedOptions),
    variation,
    draws: options.draws ?? (hasFaults(variation) ? DRAWS_UNDER_FAULTS : DEFAULT_OPTIONS.draws),
    ...(options.start === undefined ? {} : { hidden: hiddenOf(options.start) }),
  };
  for (const name of WHOLE) {
    const least = name === 'seed' ? 0 : 1;
    const value = resolved[name];
    if (!Number.isSafeInteger(value) || value < least) {
      throw new UsageError(`${name} is ${value}, and it must be a whole number of ${least} or more.`);
    }
  }
  if (!SHARES.includes(resolved.share)) {
    throw new UsageError(`share is ${resolved.share}, and it must be one of ${SHARES.join(', ')}.`);
  }
  if (resolved.hidden.some((size) => !Number.isSafeInteger(size) || size < 1)) {
    throw new UsageError(`hidden is ${resolved.hidden.join(',')}, and every size must be a whole number of 1 or more.`);
  }
  if (!(resolved.rate > 0 && Number.isFinite(resolved.rate))) {
    throw new UsageError(`rate is ${resolved.rate}, and it must be above 0.`);
  }
  const exponents = resolved.lossExponents;
  if (exponents.length === 0 || !exponents.every((exponent) => exponent >= 0 && exponent <= 1)) {
    throw new UsageError(`lossExponents are "${exponents.join(', ')}", and they must be numbers from 0 to 1.`);
  }
  for (const name of ['fallingStagePenalty', 'powerPenalty', 'areaPenalty'] as const) {
    if (resolved[name] >= 0 && Number.isFinite(resolved[name])) continue;
    throw new UsageError(`${name} is ${resolved[name]}, and it must be 0 or more.`);
  }
  if (resolved.budget !== undefined) checkBudget(resolved.budget);
  return resolved;
}

/** Neurons of the hidden layers of a start. Throws UsageError for networks with op-amps, which are trained otherwise. */
function hiddenOf(start: readonly NetworkLayer[]): number[] {
  if (start.some((layer) => layer.nodeRule !== 'inverter'))
    throw new UsageError(
      'The network to start from has op-amps in place of inverters.',
      'Start from a network that was trained with --node-rule inverter.',
    );
  return start.slice(0, -1).map((layer) => layer.conductancesSiemens[0]!.length);
}
