import { join } from 'node:path';
import { hasFaults, loadTechnology, variationOf } from '@neuroprint/circuit';
import {
  type Budget,
  type Dataset,
  formatSeconds,
  formatWatts,
  readArtifact,
  readDataset,
  readTargets,
  type TargetDataset,
  TrainedNetworkKind,
  UsageError,
  type Variation,
} from '@neuroprint/core';
import {
  defaultPowerPrice,
  FREE_POWER_SAVED_WATTS,
  measuredInTraining,
  SHARES,
  type TrainingCrew,
  type TrainingResult,
} from '@neuroprint/training';
import { TEMPLATES } from '#host';
import { judged as judgedOutcome } from '../as-promised.ts';
import { budgetFailures, budgetLines, budgetOf, budgetOptions, separatesNothing } from '../budget-options.ts';
import { type ArgumentsOf, defineCommand, type Outcome } from '../command.ts';
import { spreadOptions, withSpread } from '../measured-spread.ts';
import { nonIdealityOptions, withNonIdealities } from '../non-ideality.ts';
import {
  choice,
  daySpan,
  flagOf,
  given,
  hiddenSizes,
  number,
  overwriteOption,
  parsed,
  required,
  seedOption,
  surrogatesOption,
  text,
  whole,
} from '../options.ts';
import { runTraining, withTrainingCrew } from '../run-training.ts';
import { inputVoltsOption, readingOf, said, tableOptions } from '../table-options.ts';
import { circuitOptions, runCircuitTraining } from '../train-circuit.ts';
import { scoresOf } from '../train-scores.ts';
import { readVariation } from '../variation-file.ts';

const options = {
  data: required(text('CSV with numeric columns, and a label column or a target')),
  out: required(text('Folder for network.json')),
  ...tableOptions,
  'input-volts': inputVoltsOption,
  target: text('Regression: numeric column to predict, in place of a class'),
  hidden: parsed(
    text('Neurons of each hidden layer, such as 3 or 8,4; default 3, with --node-rule kirchhoff 5,4'),
    hiddenSizes,
  ),
  variation: number('Every component varies by this share', { min: 0, max: 0.99, default: 0.1 }),
  draws: whole('Printed copies in every step; default 20, with --fault-rate 100, with --node-rule kirchhoff 4', {
    min: 1,
    max: 10_000,
  }),
  seed: seedOption,
  activation: choice('Whether the stages are trained too', ['learned', 'fixed'], 'learned'),
  'node-rule': choice('Negative weights by inverters or op-amps', ['inverter', 'kirchhoff'], 'inverter'),
  share: choice(
    'Whether stages have the same component values throughout the net, the layer, or each its own',
    SHARES,
    'layer',
  ),
  'variation-model': text(
    'JSON file: kind, relativeSpread, resistorSpread, transistorSpread, commonShare, gradientShare, stuckOpen, stuckShort, faultRate',
  ),
  'fault-rate': number('Each part of a printed copy is broken with this probability (hard faults: open, short, off)', {
    min: 0,
    max: 1,
  }),
  ...spreadOptions,
  ...nonIdealityOptions,
  age: parsed(
    text(
      'Every copy is looked at on a day between these, its resistors grown, such as 0..365d; 0 is the day of the print',
    ),
    daySpan,
  ),
  restarts: whole('Random starts, the best continue', { min: 1, max: 10_000 }),
  'class-weights': choice('Whether rare classes count more', ['equal', 'balanced'], 'equal'),
  'batch-rows': whole('Rows of a step in large tables', { min: 1, max: 1e9 }),
  'inverter-price': number('What a falling stage costs, in nats of loss (words: docs/manual/glossary.md)', {
    min: 0,
    max: 10,
    default: 0,
  }),
  'start-from': text('network.json whose values are the start, such as one that import made'),
  'power-price': number('What each e-fold of static power costs, in nats; default 0.01, for regression 0', {
    min: 0,
    max: 10,
  }),
  'area-price': number('What each e-fold of transistor area costs, in nats', { min: 0, max: 10, default: 0 }),
  ...budgetOptions,
  epochs: whole('Most epochs of one start', { min: 1, max: 1e6 }),
  patience: whole('Epochs without a better validation score before a start ends', { min: 1, max: 1e6 }),
  workers: whole('Threads; unless given one per core, for a small table two. The network does not depend on it', {
    min: 1,
    max: 256,
  }),
  ...circuitOptions,
  technology: text('Folder of the process in spice-templates; default egt, with --node-rule kirchhoff opamp'),
  surrogates: surrogatesOption,
  overwrite: overwriteOption,
} as const;
type Arguments = ArgumentsOf<typeof options>;

/** `neuroprint train`: a table in, a network that survives printing variation out. */
export const trainCommand = defineCommand({
  options,
  examples: [
    ['$0 train --data examples/iris.csv --out networks/iris', 'Train with the defaults'],
    ['$0 train --data examples/iris.csv --out networks/iris --maximum-power-watts 15uW', 'Within 15 µW, in one run'],
    [
      '$0 train --data examples/friedman1.csv --target target --out networks/friedman1',
      'A network that predicts a number',
    ],
  ],
  run: async (argv) => {
    if (argv.nodeRule === 'kirchhoff') return trainWithOpamps(argv, said(readTable(argv)) as Dataset);
    return withTrainingCrew(argv.data, argv, (crew) => trainWithInverters(argv, crew));
  },
});

/** `train` of printed networks. Throws UsageError for options that do not go together. */
async function trainWithInverters(argv: Arguments, crew: TrainingCrew): Promise<Outcome> {
  const data = said(readTable(argv));
  const budget = budgetOf(argv);
  for (const name of ['lambda', 'leastShare', 'cell'] as const)
    if (argv[name] !== undefined)
      throw new UsageError(`${flagOf(name)} is for networks with op-amps.`, 'Add --node-rule kirchhoff.');
  const base = argv.variationModel === undefined ? argv.variation : readVariation(argv.variationModel);
  const technology = argv.technology ?? 'egt';
  const printed = await withAge(withSpread(withNonIdealities(base, argv), argv.spread), argv.age, technology);
  const variation = withFaultRate(printed, argv.faultRate);
  if (argv.target !== undefined && hasFaults(variation))
    throw new UsageError(
      'A fault rate is for classifiers: a copy with a broken part may have no operating point, and then it predicts nothing.',
      'Leave it out with --target.',
    );
  const result = await runTraining(crew, {
    ...argv,
    data,
    technology,
    variation,
    fallingStagePenalty: argv.inverterPrice,
    ...given({ powerPenalty: argv.powerPrice }),
    areaPenalty: argv.areaPrice,
    ...given({ budget }),
    start: argv.startFrom === undefined ? undefined : readArtifact(argv.startFrom, TrainedNetworkKind).layers,
  });
  const { words, ...judged } = scoresOf(result);
  const failures = budget === undefined ? [] : failuresOf(budget, data, result);
  return judgedOutcome(
    {
      dataset: data.name,
      seed: argv.seed,
      epochs: result.epochs,
      cpuSeconds: result.cpuSeconds,
      epochsPerCpuSecond: result.epochs / result.cpuSeconds,
      ...judged,
      cost: result.cost,
      ...(budget && { budget: { ...budget, ...result.budget } }),
      clippedCells: result.clippedCells,
      out: argv.out,
    },
    [
      `${data.name}: ${result.epochs} epochs in ${formatSeconds(result.cpuSeconds)} of processor time`,
      ...words,
      ...(result.clippedCells === 0
        ? []
        : [
            `clipped    ${result.clippedCells} cells of validation and test rows lie beyond the ranges of their inputs, and are held at the ends of their volts`,
          ]),
      ...(typeof variation !== 'number' && variation.transistors === 'measured'
        ? [`transistors ${measuredInTraining(loadTechnology(TEMPLATES, technology))}`]
        : []),
      ...extrapolationLines(variation),
      ...faultLines(variation),
      `cost       ${formatWatts(result.cost.watts)} on the fast model, ${result.cost.resistors} crossbar resistors, ${result.cost.fallingStages} inverters`,
      ...priceLines(argv.powerPrice, data),
      ...(budget === undefined ? [] : budgetLines(budget, result)),
      `written    ${join(argv.out, 'network.json')}, report.html`,
    ],
    failures.map((failure) => ({ name: 'budget', failure, output: '' })),
    'The network is written: give it a larger budget, other neurons (--hidden), or more --restarts.',
  );
}

/** What the price of power that nobody asked for has saved where it was measured. */
function priceLines(asked: number | undefined, data: object): string[] {
  const price = defaultPowerPrice(data);
  if (asked !== undefined || price === 0) return [];
  return [
    `price      power has the default price of ${price} nats for each e-fold: over twelve tables in egt ${formatWatts(FREE_POWER_SAVED_WATTS)} less than without, and no less accurate (docs/notebook/training.md)`,
  ];
}

/** Where a training with a budget ended in something that nobody wants. */
function failuresOf(budget: Budget, data: Dataset | TargetDataset, result: TrainingResult): string[] {
  const { metrics } = result.network;
  const nothing =
    metrics === undefined || !('classNames' in data) ? undefined : separatesNothing(data, metrics.accuracy.valid);
  return [...budgetFailures(budget, result), ...(nothing === undefined ? [] : [nothing])];
}

/** The table with its classes or, where --target names it, its target. Throws UsageError for options that do not go with a target. */
function readTable({ data, target, classWeights, nodeRule, seed, ...argv }: Arguments) {
  const { label, ...reading } = readingOf(argv);
  if (target === undefined) return readDataset(data, { ...readingOf(argv), seed });
  if (label !== undefined)
    throw new UsageError(
      `--target ${target} asks for regression, and --label ${label} for classes.`,
      'Give one of them.',
    );
  if (classWeights === 'balanced')
    throw new UsageError('--class-weights is for classes, and --target asks for regression.', 'Leave it out.');
  if (nodeRule === 'kirchhoff')
    throw new UsageError(
      'Networks with op-amps are trained as classifiers only.',
      'Leave out --node-rule with --target.',
    );
  return readTargets(data, { ...reading, target, seed });
}

/** `train --node-rule kirchhoff`. Throws UsageError for options that such networks do not have. */
function trainWithOpamps(argv: Arguments, data: Dataset): Promise<Outcome> {
  for (const name of ['variationModel', 'nonIdeality', 'startFrom', 'age', 'spread', 'faultRate'] as const)
    if (argv[name] !== undefined)
      throw new UsageError(
        `${flagOf(name)} is not for networks with op-amps: their copies vary uniformly, and nothing of them breaks.`,
        'Say how much with --variation, or leave out --node-rule kirchhoff.',
      );
  if (budgetOf(argv) !== undefined)
    throw new UsageError('Budgets are for networks with inverters.', 'Leave out --node-rule, or the budget.');
  const { epochs, ...options } = argv;
  return runCircuitTraining({ ...options, data, ...given({ iterations: epochs }) });
}

/** A variation with the days of `--age`, and how the technology's resistors grow over them, where it is given. */
async function withAge(
  base: number | Variation,
  days: readonly [number, number] | undefined,
  name: string,
): Promise<number | Variation> {
  if (days === undefined) return base;
  const { ageingOf } = await import('@neuroprint/verifier');
  const technology = loadTechnology(TEMPLATES, name);
  const model = variationOf(base);
  return { ...model, ageing: { ...ageingOf(technology, model), days } };
}

/** A variation under which parts of copies are broken, where `--fault-rate` is given. */
function withFaultRate(base: number | Variation, rate: number | undefined): number | Variation {
  return rate === undefined ? base : variationOf({ ...variationOf(base), faultRate: rate });
}

function faultLines(variation: number | Variation): string[] {
  if (!hasFaults(variation)) return [];
  return [
    'faults     in training a broken stage has a constant output, that of its cell at typical values, and pulls no other node; what it does to its neighbours comes in calibration (compile --data) and verify',
  ];
}

function extrapolationLines(variation: number | Variation): string[] {
  const { days, measuredDays, law } = (typeof variation === 'number' ? undefined : variation.ageing) ?? {};
  if (days === undefined || measuredDays === undefined || days[1] <= measuredDays[1]) return [];
  return [
    `extrapolated resistors were measured to day ${measuredDays[1]}; beyond it the fitted law (${law}) is only continued, to day ${days[1]}`,
  ];
}
