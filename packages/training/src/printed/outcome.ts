import type { AccuracyBySplit, ErrorSpread, Regression, UnderVariation } from '@neuroprint/core';
import type { Line } from '@neuroprint/numeric';
import type { Candidate } from './candidate.ts';
import { isWithin } from './cost/budget.ts';
import type { NetworkCost } from './cost/measured.ts';
import { evaluateMargins, evaluateNominal, evaluateTargets, evaluateUnderVariation } from './evaluate.ts';
import { Exporter } from './export.ts';
import type { Architecture, Parameters } from './layer/parameters.ts';
import type { ResolvedOptions } from './options.ts';
import { type NetworkContent, problemBlocks, type Teacher, type TrainingProblem } from './problem.ts';
import type { Trainer } from './trainer.ts';

/** Prints of the figures under variation that go into the network file. */
const REPORT_DRAWS = 100;

/** A trained network, and how well it does what it was trained for. */
export interface Outcome {
  readonly network: NetworkContent;
  /** What the network costs on the fast model. */
  readonly cost: NetworkCost;
  /** With a budget: whether it is kept, and the power (watts) that 95 % of printed copies keep to. */
  readonly budget?: { readonly kept: boolean; readonly copyWatts: number } | undefined;
  /** Validation rows under the variation of the training, as the metrics have it of test rows: what networks are chosen by. */
  readonly validUnderVariation: UnderVariation | ErrorSpread;
  /** Test rows under each of the `testVariations`: accuracies, or errors in units of the target. */
  readonly underVariation: readonly (UnderVariation | ErrorSpread)[];
  /** With a teacher: how well the network does as it says, on the test rows. */
  readonly agreement?: Agreement | undefined;
}

/** Test rows against a teacher: accuracies, or errors in units of the target. */
export interface Agreement {
  readonly network: number;
  readonly underVariation: UnderVariation | ErrorSpread;
}

/** Describes and measures the best start; `epochs` are those of all starts. Test rows are looked at here alone. */
export function outcomeOf(
  problem: TrainingProblem,
  options: ResolvedOptions,
  trainer: Trainer,
  best: Candidate,
  epochs: number,
): Outcome {
  const { architecture } = trainer;
  const { seed } = options;
  const test = problemBlocks(problem, problem.test);
  return {
    network: describe(problem, options, trainer, best, epochs),
    cost: trainer.cost.measure(best.best),
    budget: budgetOf(options, trainer, best),
    validUnderVariation: evaluateUnderVariation(
      architecture,
      best.best,
      problemBlocks(problem, problem.valid),
      { variation: options.variation, draws: REPORT_DRAWS, seed },
      problem.task,
    ),
    underVariation: options.testVariations.map((variation) =>
      evaluateUnderVariation(architecture, best.best, test, { variation, draws: REPORT_DRAWS, seed }, problem.task),
    ),
    agreement: problem.teacher && agreementOf(problem, problem.teacher, options, architecture, best.best),
  };
}

function budgetOf({ budget }: ResolvedOptions, trainer: Trainer, { best }: Candidate): Outcome['budget'] {
  if (budget === undefined) return undefined;
  const taken = trainer.taken(best);
  return { kept: isWithin(budget, taken), copyWatts: taken.watts * taken.copyShare };
}

function agreementOf(
  problem: TrainingProblem,
  teacher: Teacher,
  { variation, seed }: ResolvedOptions,
  architecture: Architecture,
  parameters: Parameters,
): Agreement {
  const blocks = problemBlocks(problem, teacher.test);
  const options = { variation, draws: REPORT_DRAWS, seed };
  const { task } = problem;
  return {
    network:
      task === undefined
        ? evaluateNominal(architecture, parameters, blocks).accuracy
        : evaluateTargets(architecture, parameters, blocks, task)[0]!.rmse,
    underVariation: evaluateUnderVariation(architecture, parameters, blocks, options, task),
  };
}

function describe(
  problem: TrainingProblem,
  options: ResolvedOptions,
  trainer: Trainer,
  best: Candidate,
  epochs: number,
): NetworkContent {
  const { architecture } = trainer;
  const { seed, variation, draws, activation, share } = options;
  return {
    inputHashes: problem.inputHashes,
    name: problem.name,
    technology: problem.technology.name,
    inputs: problem.inputs,
    biasVolts: architecture.biasVolts,
    classes: problem.classes,
    ...(problem.task === undefined ? {} : { task: readBy(problem.task, best.best.line) }),
    layers: new Exporter(architecture).layers(best.best),
    variation,
    ...(options.budget === undefined ? {} : { budget: options.budget }),
    training: {
      seed,
      epochs,
      bestEpoch: best.bestEpoch,
      draws,
      activation,
      share,
      kernel: trainer.kernel,
      ...problem.source,
    },
    ...metricsOf(problem, options, trainer, best),
  };
}

/** The line that a network is read by: in units what `line` is in the volts of the targets. */
function readBy(task: Regression, [intercept, slope]: Line): Regression {
  const { interceptUnits, unitsPerVolt } = task;
  return { ...task, interceptUnits: interceptUnits + unitsPerVolt * intercept, unitsPerVolt: unitsPerVolt * slope };
}

/** How well the network does what it was trained for, without variation and, on the test rows, with it. */
function metricsOf(
  problem: TrainingProblem,
  { variation, seed }: ResolvedOptions,
  { architecture }: Trainer,
  { best }: Candidate,
): Pick<NetworkContent, 'metrics' | 'regressionMetrics'> {
  const { task } = problem;
  const blocks = (part: 'train' | 'valid' | 'test') => problemBlocks(problem, problem[part]);
  const bySplit = <T>(of: (part: 'train' | 'valid' | 'test') => T) => ({
    train: of('train'),
    valid: of('valid'),
    test: of('test'),
  });
  const options = { variation, draws: REPORT_DRAWS, seed };
  const underVariation = evaluateUnderVariation(architecture, best, blocks('test'), options, task);
  if (task === undefined) {
    const accuracy: AccuracyBySplit = bySplit((part) => evaluateNominal(architecture, best, blocks(part)).accuracy);
    return {
      metrics: {
        accuracy,
        underVariation,
        sensingMarginVolts: evaluateMargins(architecture, best, blocks('test')),
      },
    };
  }
  const scores = bySplit((part) => evaluateTargets(architecture, best, blocks(part), task)[0]!);
  return {
    regressionMetrics: {
      rmse: bySplit((part) => scores[part].rmse),
      r: bySplit((part) => scores[part].r),
      underVariation: underVariation as ErrorSpread,
    },
  };
}
