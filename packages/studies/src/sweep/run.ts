import { join } from 'node:path';
import { type ColumnsInVolts, type Dataset, readingRecipe, UsageError, writeFileAtomic } from '@neuroprint/core';
import type { JobFailure } from '@neuroprint/jobs';
import { frontPlot } from '@neuroprint/report';
import {
  DEFAULT_OPTIONS,
  type JobResult,
  type NetworkCost,
  readProblem,
  type TrainingOptions,
} from '@neuroprint/training';
import type { StudyContext, StudyPlace } from '../context.ts';
import { networkFileOf, recipeOf } from '../recipe.ts';
import { runTrainings, type Training } from '../trainings.ts';
import { AXES, type AxisName, type Choice, frontOf, labelOf, winnerOf } from './front.ts';

/** What is swept: every size with every price, under every seed, on the table's own split or on every fold. */
export interface SweepRequest extends StudyPlace {
  readonly data: Dataset;
  /** Neurons of every hidden layer, of each network. */
  readonly hidden: readonly (readonly number[])[];
  readonly prices: string;
  readonly powerPrices: string;
  readonly areaPrices: string;
  /** Watts that networks are trained within, each with every price; default: no budget. */
  readonly budgets?: readonly number[] | undefined;
  readonly against: AxisName;
  readonly seeds: number;
  readonly folds?: number;
  readonly variation: number;
  readonly epochs?: number;
  readonly technology: string;
  readonly surrogates: string;
  /** Features whose numbers are volts as they stand. */
  readonly inputVolts?: ColumnsInVolts | undefined;
}

export interface SweepResult {
  readonly dataset: string;
  readonly choices: readonly Choice[];
  readonly front: readonly Choice[];
  /** The most accurate on the validation rows; undefined for a shard, which summarises nothing. */
  readonly winner: Choice | undefined;
  readonly trained: number;
  readonly resumed: number;
  /** Trainings without a result, which are in no mean. */
  readonly failures: readonly JobFailure[];
  /** Processor seconds of all trainings, those of earlier runs included. */
  readonly cpuSeconds: number;
}

/** One training of a sweep. */
interface Row extends NetworkCost {
  readonly valid: number;
  readonly validMean: number;
  readonly test: number;
  readonly mean: number;
  readonly std: number;
  readonly marginVolts: number;
  /** With a budget: whether it was kept. */
  readonly kept?: boolean;
}

function parsePrices(name: string, text: string): number[] {
  return text.split(',').map((part) => {
    const value = part.trim() === '' ? Number.NaN : Number(part);
    if (!(value >= 0 && Number.isFinite(value))) {
      throw new UsageError(`--${name} has "${part}", and every price must be a number of 0 or more.`);
    }
    return value;
  });
}

/** The table with fold k as its test rows, the next fold for validation; of every class row k, k + folds, … of the table. */
function foldOf(data: Dataset, folds: number, k: number): Dataset {
  const seen = new Map<number, number>();
  const split = Uint8Array.from(data.labels, (label) => {
    const place = seen.get(label) ?? 0;
    seen.set(label, place + 1);
    const fold = place % folds;
    return fold === k ? 2 : fold === (k + 1) % folds ? 1 : 0;
  });
  return { ...data, split, splitFrom: 'seed' };
}

type Swept = Pick<Choice, 'hidden' | 'price' | 'powerPrice' | 'areaPrice' | 'budgetWatts'>;

function choicesOf(request: SweepRequest): Swept[] {
  const powerPrices = parsePrices('power-prices', request.powerPrices);
  const areaPrices = parsePrices('area-prices', request.areaPrices);
  const prices = parsePrices('prices', request.prices);
  return request.hidden.flatMap((neurons) => {
    const hidden = neurons.join('-');
    return prices.flatMap((price) =>
      powerPrices.flatMap((powerPrice) =>
        areaPrices.flatMap((areaPrice) => {
          const priced = { hidden, price, powerPrice, areaPrice };
          return request.budgets?.map((budgetWatts) => ({ ...priced, budgetWatts })) ?? [priced];
        }),
      ),
    );
  });
}

function toRow(result: JobResult): Row {
  if (!('network' in result)) throw new Error('a sweep trains printed networks only');
  const { accuracy, underVariation, sensingMarginVolts } = result.network.metrics!;
  return {
    valid: accuracy.valid,
    validMean: result.validUnderVariation.mean,
    test: accuracy.test,
    mean: underVariation.mean,
    std: underVariation.std,
    marginVolts: sensingMarginVolts!.median,
    ...result.cost,
    ...(result.budget && { kept: result.budget.kept }),
  };
}

const MEANS = [
  ...(['valid', 'validMean', 'test', 'mean', 'std', 'marginVolts'] as const),
  ...(['fallingStages', 'resistors', 'watts', 'areaSquareMetres'] as const),
] as const;

/** Means over the trainings of a choice; its network is the best on the validation rows, where all know the same rows. */
function summarise(
  swept: Swept,
  trained: readonly { readonly name: string; readonly row: Row }[],
  folds: boolean,
): Choice {
  const means = MEANS.map((name) => [name, trained.reduce((sum, { row }) => sum + row[name], 0) / trained.length]);
  // a network that keeps its budget is better than one that does not
  const merit = ({ row }: (typeof trained)[number]) => row.validMean - (row.kept === false ? 1 : 0);
  const best = trained.reduce((a, b) => (merit(b) > merit(a) ? b : a));
  const beyondBudget = trained.filter(({ row }) => row.kept === false).length;
  return {
    ...swept,
    trainings: trained.length,
    ...(swept.budgetWatts === undefined ? {} : { beyondBudget }),
    ...(Object.fromEntries(means) as Pick<Row, (typeof MEANS)[number]>),
    ...(folds ? {} : { network: networkFileOf(best.name) }),
  };
}

/** The trainings of all choices, and of each which choice it is of. */
function plan(request: SweepRequest, data: Dataset, choices: readonly Swept[], templates: string) {
  const { folds } = request;
  const parts = folds === undefined ? [data] : Array.from({ length: folds }, (_, k) => foldOf(data, folds, k));
  const problems = parts.map((part) =>
    readProblem({
      data: part,
      technology: request.technology,
      surrogates: request.surrogates,
      templates,
      inputVolts: request.inputVolts,
    }),
  );
  return choices.flatMap((choice, at) =>
    problems.flatMap((problem, fold) =>
      Array.from({ length: request.seeds }, (_, seed) => {
        const options: TrainingOptions = {
          hidden: choice.hidden.split('-').map(Number),
          fallingStagePenalty: choice.price,
          powerPenalty: choice.powerPrice,
          areaPenalty: choice.areaPrice,
          seed,
          ...(choice.budgetWatts === undefined ? {} : { budget: { maximumPowerWatts: choice.budgetWatts } }),
          variation: request.variation,
          ...(request.epochs === undefined ? {} : { epochs: request.epochs }),
        };
        const of = folds === undefined ? {} : { folds, fold };
        // what a row holds is part of its recipe, so that rows of versions that chose by test rows are not mixed in
        const holds = MEANS;
        const recipe = recipeOf({
          ...{ hashes: problem.inputHashes, inputs: problem.inputs, options, of, defaults: DEFAULT_OPTIONS, holds },
          ...readingRecipe(data),
        });
        const within = choice.budgetWatts === undefined ? '' : `-within${choice.budgetWatts}`;
        const part = folds === undefined ? '' : `-fold${fold}`;
        const name = `${choice.hidden}-${choice.price}-${choice.powerPrice}-${choice.areaPrice}${within}${part}-${seed}`;
        const training: Training<Row> = {
          name,
          recipe,
          job: () => ({ kind: 'printed', problem, options }),
          toRow,
          keepsNetwork: true,
        };
        return { at, training };
      }),
    ),
  );
}

/**
 * Trains every choice of size and prices under every seed (or fold), or a shard of these trainings, keeps every network and writes
 * `sweep.json` and `sweep.svg`. Rows that are there are not trained again. Choices are compared on the validation rows; the test
 * rows say what became of them.
 */
export async function runSweep(request: SweepRequest, context: StudyContext): Promise<SweepResult> {
  const { data } = request;
  const swept = choicesOf(request);
  const planned = plan(request, data, swept, context.templates);
  const trainings = planned.map(({ training }) => training);
  const outcome = await runTrainings(`sweep of ${data.name}`, trainings, request, context);
  const { results, made: trained, found: resumed, failures, cpuSeconds } = outcome;
  const common = { dataset: data.name, trained, resumed, failures, cpuSeconds };
  const named = results.flatMap((row, i) =>
    row === undefined ? [] : [{ row, name: trainings[i]!.name, at: planned[i]!.at }],
  );
  if (request.shard !== undefined || named.length === 0)
    return { ...common, choices: [], front: [], winner: undefined };
  const choices = swept.flatMap((choice, at) => {
    const own = named.filter((one) => one.at === at);
    return own.length === 0 ? [] : [summarise(choice, own, request.folds !== undefined)];
  });
  const axis = AXES[request.against];
  writeFileAtomic(join(request.out, 'sweep.json'), `${JSON.stringify(choices, null, 1)}\n`);
  const front = frontOf(choices, axis);
  const plot = await frontPlot({
    name: 'sweep',
    title: `${data.name}; named are hidden layers and prices`,
    costTitle: axis.title,
    choices: choices.map((choice) => ({
      label: labelOf(choice),
      cost: axis.of(choice),
      mean: choice.mean,
      std: choice.std,
      onFront: front.includes(choice),
    })),
  });
  writeFileAtomic(join(request.out, 'sweep.svg'), plot.svg);
  return { ...common, choices, front, winner: winnerOf(choices, axis) };
}
