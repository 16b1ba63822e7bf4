import { join } from 'node:path';
import {
  type Dataset,
  formatSeconds,
  InputFileError,
  NeuroprintError,
  readArtifact,
  readDataset,
  readTargets,
  readTextFile,
  TrainedNetworkKind,
  UsageError,
  type Variation,
  variationSchema,
} from '@neuroprint/core';
import { SHARES } from '@neuroprint/training';
import { type ArgumentsOf, defineCommand, type Outcome, outcome } from '../command.ts';
import { nonIdealityOptions, withNonIdealities } from '../non-ideality.ts';
import {
  given,
  numberOption,
  overwriteOption,
  parseHidden,
  seedOption,
  surrogatesOption,
  textOption,
} from '../options.ts';
import { runTraining } from '../run-training.ts';
import { circuitOptions, runCircuitTraining } from '../train-circuit.ts';
import { scoresOf } from '../train-scores.ts';

const options = {
  data: {
    ...textOption('data', 'CSV with numeric columns, and a label column or a target'),
    demandOption: true,
  },
  out: { ...textOption('out', 'Folder for network.json'), demandOption: true },
  label: textOption('label', 'Column with the class; default label'),
  target: textOption('target', 'Regression: numeric column to predict, in place of a class'),
  split: textOption(
    'split',
    'Column with train, valid or test; without it rows are split 60/20/20 by the seed',
    'split',
  ),
  hidden: textOption(
    'hidden',
    'Neurons of each hidden layer, such as 3 or 8,4; default 3, with --node-rule kirchhoff 5,4',
  ),
  variation: numberOption(
    'variation',
    { min: 0, max: 0.99, default: 0.1, describe: 'Every component varies by this share' },
    false,
  ),
  draws: numberOption(
    'draws',
    { min: 1, max: 10_000, describe: 'Printed copies in every step; default 20, with --node-rule kirchhoff 4' },
    true,
  ),
  seed: seedOption,
  activation: {
    choices: ['learned', 'fixed'] as const,
    default: 'learned' as const,
    requiresArg: true,
    describe: 'Whether the stages are trained too',
  },
  'node-rule': {
    choices: ['inverter', 'kirchhoff'] as const,
    default: 'inverter' as const,
    requiresArg: true,
    describe: 'Negative weights by inverters or op-amps',
  },
  share: {
    choices: SHARES,
    default: 'layer' as const,
    requiresArg: true,
    describe: 'Whether stages have the same component values throughout the net, the layer, or each its own',
  },
  'variation-model': textOption(
    'variation-model',
    'JSON file: kind, relativeSpread, resistorSpread, transistorSpread, commonShare, gradientShare, stuckOpen, stuckShort',
  ),
  ...nonIdealityOptions,
  restarts: numberOption('restarts', { min: 1, max: 10_000, describe: 'Random starts, the best continue' }, true),
  'class-weights': {
    choices: ['equal', 'balanced'] as const,
    default: 'equal' as const,
    requiresArg: true,
    describe: 'Whether rare classes count more',
  },
  'batch-rows': numberOption('batch-rows', { min: 1, max: 1e9, describe: 'Rows of a step in large tables' }, true),
  'inverter-price': numberOption(
    'inverter-price',
    { min: 0, max: 10, default: 0, describe: 'What a falling stage costs, in nats' },
    false,
  ),
  'start-from': textOption('start-from', 'network.json whose values are the start, such as one that import made'),
  'power-price': numberOption(
    'power-price',
    { min: 0, max: 10, default: 0, describe: 'What each e-fold of static power costs, in nats' },
    false,
  ),
  'area-price': numberOption(
    'area-price',
    { min: 0, max: 10, default: 0, describe: 'What each e-fold of transistor area costs, in nats' },
    false,
  ),
  epochs: numberOption('epochs', { min: 1, max: 1e6, describe: 'Most epochs of one start' }, true),
  patience: numberOption(
    'patience',
    { min: 1, max: 1e6, describe: 'Epochs without a better validation score before a start ends' },
    true,
  ),
  ...circuitOptions,
  technology: textOption(
    'technology',
    'Folder of the process in spice-templates; default egt, with --node-rule kirchhoff opamp',
  ),
  surrogates: surrogatesOption,
  overwrite: overwriteOption,
} as const;
type Arguments = ArgumentsOf<typeof options>;

/** `neuroprint train`: a table in, a network that survives printing variation out. */
export const trainCommand = defineCommand({
  options,
  examples: [
    ['$0 train --data examples/iris.csv --out networks/iris', 'Train with the defaults'],
    [
      '$0 train --data examples/friedman1.csv --target target --out networks/friedman1',
      'A network that predicts a number',
    ],
  ],
  run: async (argv) => {
    const data = readTable(argv);
    if (argv.nodeRule === 'kirchhoff') return trainWithOpamps(argv, data as Dataset);
    for (const name of ['lambda', 'leastShare', 'cell'] as const)
      if (argv[name] !== undefined)
        throw new UsageError(
          `--${name === 'leastShare' ? 'least-share' : name} is for networks with op-amps.`,
          'Add --node-rule kirchhoff.',
        );
    const result = await runTraining({
      data,
      labelColumn: argv.target ?? argv.label ?? 'label',
      splitColumn: argv.split,
      technology: argv.technology ?? 'egt',
      surrogates: argv.surrogates,
      out: argv.out,
      overwrite: argv.overwrite,
      hidden: parseHidden(argv.hidden ?? '3'),
      activation: argv.activation,
      nodeRule: argv.nodeRule,
      share: argv.share,
      ...given({
        variation: variationAsked(argv),
        restarts: argv.restarts,
        classWeights: argv.classWeights,
        batchRows: argv.batchRows,
        fallingStagePenalty: argv.inverterPrice,
        powerPenalty: argv.powerPrice,
        start: argv.startFrom === undefined ? undefined : readArtifact(argv.startFrom, TrainedNetworkKind).layers,
        areaPenalty: argv.areaPrice,
        draws: argv.draws,
        seed: argv.seed,
        epochs: argv.epochs,
        patience: argv.patience,
      }),
    });
    const { words, ...judged } = scoresOf(result);
    return outcome(
      {
        dataset: data.name,
        seed: argv.seed,
        epochs: result.epochs,
        cpuSeconds: result.cpuSeconds,
        epochsPerCpuSecond: result.epochs / result.cpuSeconds,
        ...judged,
        cost: result.cost,
        clippedCells: result.clippedCells,
        out: argv.out,
      },
      [
        `${data.name}: ${result.epochs} epochs in ${formatSeconds(result.cpuSeconds)} of processor time`,
        ...words,
        ...(result.clippedCells === 0
          ? []
          : [
              `clipped    ${result.clippedCells} cells of validation and test rows lie outside the range of the training rows, and are held at the ends of their volts`,
            ]),
        `cost       ${(1e6 * result.cost.watts).toFixed(1)} µW on the fast model, ${result.cost.resistors} crossbar resistors, ${result.cost.fallingStages} inverters`,
        `written    ${join(argv.out, 'network.json')}, report.html`,
      ],
    );
  },
});

/** The table with its classes or, where --target names it, its target. Throws UsageError for options that do not go with a target. */
function readTable({ data, label, target, split, seed, classWeights, nodeRule }: Arguments) {
  if (target === undefined) return readDataset(data, { split, seed, ...given({ label }) });
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
  return readTargets(data, { target, split, seed });
}

/** `train --node-rule kirchhoff`. Throws UsageError for options that such networks do not have. */
function trainWithOpamps(argv: Arguments, data: Dataset): Promise<Outcome> {
  for (const name of ['variationModel', 'nonIdeality', 'startFrom'] as const)
    if (argv[name] !== undefined)
      throw new UsageError(
        `${name} is not for networks with op-amps: their copies vary uniformly.`,
        'Say how much with --variation.',
      );
  return runCircuitTraining({
    data,
    labelColumn: argv.label ?? 'label',
    splitColumn: argv.split,
    technology: argv.technology,
    out: argv.out,
    overwrite: argv.overwrite,
    ...given({
      hidden: argv.hidden === undefined ? undefined : parseHidden(argv.hidden),
      cell: argv.cell,
      lambda: argv.lambda,
      leastShare: argv.leastShare,
      variation: argv.variation,
      draws: argv.draws,
      seed: argv.seed,
      restarts: argv.restarts,
      iterations: argv.epochs,
    }),
  });
}

/** What `--variation` or `--variation-model` say, and the non-idealities that are added to it. */
function variationAsked(argv: Arguments): number | Variation | undefined {
  const base = argv.variationModel === undefined ? argv.variation : readVariation(argv.variationModel);
  return argv.nonIdeality === undefined ? base : withNonIdealities(base ?? 0, argv.nonIdeality, argv.presets);
}

/** A variation model from a JSON file. Throws InputFileError that says which field is wrong. */
function readVariation(file: string): Variation {
  let content: unknown;
  try {
    content = JSON.parse(readTextFile(file));
  } catch (error) {
    if (error instanceof NeuroprintError) throw error;
    throw new InputFileError({ file }, 'is not JSON');
  }
  const parsed = variationSchema.safeParse(content);
  if (parsed.success) return parsed.data as Variation;
  const issue = parsed.error.issues[0]!;
  throw new InputFileError({ file }, `is no variation model: ${issue.path.join('.') || 'the object'} ${issue.message}`);
}
