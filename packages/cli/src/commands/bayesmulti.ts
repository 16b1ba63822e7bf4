import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Dataset,
  lockFolder,
  makeFolder,
  meanAndStd,
  OutputInUseError,
  readDataset,
  UsageError,
  writeFileAtomic,
} from '@neuroprint/core';
import { appendExperiments, readExperiments, type Setting, Space, suggest } from '@neuroprint/laboratory';
import {
  type ClassRows,
  certifiedRadius,
  type DenseNetwork,
  denseAccuracy,
  denseUnderVariation,
  type Injection,
  meanConfidence,
  trainDense,
} from '@neuroprint/network';
import { curvesPlot } from '@neuroprint/report';
import type { CommandModule } from 'yargs';
import { jsonOption, numberOption, parseHidden, seedOption, textOption } from '../options.ts';
import { formatPercent, formatSeconds, Progress, printResult } from '../output.ts';

/** p₁ and p₂ are searched below these, so that together they stay below 1. */
const MOST_ZERO = 0.7;
const MOST_HALF = 0.29;
/** σ of the drift under which a trial is judged on training and validation rows, and copies of each. */
const JUDGED = [0.25, 0.5, 0.75, 1];
const JUDGING_DRAWS = 10;
const SIGMAS = Array.from({ length: 13 }, (_, k) => k / 8);
const USABILITIES = [1, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1];
const LOST = 0.2;
const CONFIDENCE_DRAWS = 20;
const RESULT = 'score';

interface Arguments {
  data: string;
  out: string;
  label: string;
  split: string;
  hidden: string;
  trials: number;
  draws: number;
  epochs: number;
  seed: number;
  overwrite: boolean;
  json: boolean;
}

/** The rows of some splits, features scaled to 0..1 by the range of the training rows. */
function rowsOf(data: Dataset, splits: readonly number[]): ClassRows {
  const width = data.featureNames.length;
  const training = [...data.labels.keys()].filter((row) => data.split[row] === 0);
  const ranges = data.featureNames.map((_, k) => {
    const values = training.map((row) => data.features[row * width + k]!);
    return [Math.min(...values), Math.max(...values)] as const;
  });
  const rows = [...data.labels.keys()].filter((row) => splits.includes(data.split[row]!));
  const features = new Float64Array(rows.length * width);
  rows.forEach((row, i) => {
    ranges.forEach(([low, high], k) => {
      features[i * width + k] = high > low ? (data.features[row * width + k]! - low) / (high - low) : 0;
    });
  });
  return { features, labels: Int32Array.from(rows, (row) => data.labels[row]!) };
}

function injectionOf(setting: Setting): Injection[] {
  return Array.from({ length: setting.length / 2 }, (_, l) => ({
    zero: setting[2 * l] as number,
    half: setting[2 * l + 1] as number,
  }));
}

interface Curve {
  readonly at: readonly number[];
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

/** Accuracy of test rows against σ of log-normal drift: mean and standard deviation over copies. */
function robustness(
  network: DenseNetwork,
  test: ClassRows,
  sigmas: readonly number[],
  draws: number,
  seed: number,
): Curve {
  const found = sigmas.map((sigma) =>
    meanAndStd(denseUnderVariation(network, test, [{ kind: 'drift', sigma }], sigma === 0 ? 1 : draws, seed)),
  );
  return { at: sigmas, mean: found.map(({ mean }) => mean), std: found.map(({ std }) => std) };
}

/** Where a curve has fallen by `lost` from its first value, by straight lines between its points; undefined where it never does. */
function fallenAt({ at, mean }: Curve, lost: number): number | undefined {
  const limit = mean[0]! - lost;
  const k = mean.findIndex((value) => value < limit);
  if (k < 1) return undefined;
  return at[k - 1]! + ((mean[k - 1]! - limit) / (mean[k - 1]! - mean[k]!)) * (at[k]! - at[k - 1]!);
}

/** The value of a curve between its points. */
function valueAt({ at, mean }: Curve, x: number): number {
  const k = at.findIndex((value) => value >= x);
  if (k <= 0) return mean[Math.max(0, k)]!;
  return mean[k - 1]! + ((mean[k]! - mean[k - 1]!) * (x - at[k - 1]!)) / (at[k]! - at[k - 1]!);
}

function radiusInWords(radius: number): string {
  if (Number.isNaN(radius)) return 'none: a layer has no zeros, or p1 is not below 1 − p2; vacuous';
  return radius < 1 ? `${radius.toFixed(1)} weights: vacuous` : `${Math.floor(radius)} weights`;
}

/** `neuroprint bayesmulti`: noise for every layer, found by Bayesian optimisation, so that a network bears drift. */
export const bayesMultiCommand: CommandModule<object, Arguments> = {
  command: 'bayesmulti',
  describe:
    'Find multinomial noise for every layer by Bayesian optimisation, so that a dense network bears log-normal drift',
  builder: (yargs) =>
    yargs
      .options({
        data: { ...textOption('data', 'CSV with numeric columns and a label column'), demandOption: true },
        out: {
          ...textOption('out', 'Folder for trials.csv (goes on where it was), result.json and pictures'),
          demandOption: true,
        },
        label: textOption('label', 'Column with the class', 'label'),
        split: textOption('split', 'Column with train, valid or test', 'split'),
        hidden: textOption('hidden', 'Neurons of each hidden layer', '32'),
        trials: numberOption('trials', { min: 1, max: 1000, default: 25, describe: 'Trainings of the search' }, true),
        draws: numberOption('draws', { min: 2, max: 10_000, default: 10, describe: 'Copies at every σ' }, true),
        epochs: numberOption('epochs', { min: 1, max: 1e6, default: 100, describe: 'Epochs of a training' }, true),
        seed: seedOption(0),
        overwrite: { type: 'boolean', default: false, describe: 'Replace a result that is there' },
        json: jsonOption,
      })
      .example('$0 bayesmulti --data digits.csv --out bayesmulti/digits', 'Digits, one hidden layer of 32') as never,
  handler: async (argv) => {
    const data = readDataset(argv.data, { label: argv.label, split: argv.split, seed: argv.seed, keepConstant: true });
    const resultFile = join(argv.out, 'result.json');
    if (existsSync(resultFile) && !argv.overwrite)
      throw new OutputInUseError(resultFile, 'is there already', 'Name another folder with --out, or add --overwrite.');
    makeFolder(argv.out);
    const unlock = lockFolder(argv.out);
    const progress = new Progress(`bayesmulti ${data.name}`);
    try {
      const result = await search(argv, data, progress);
      writeFileAtomic(resultFile, `${JSON.stringify(result, null, 1)}\n`);
      report(argv, result);
    } finally {
      progress.done();
      unlock();
    }
  },
};

async function search(argv: Arguments, data: Dataset, progress: Progress) {
  const began = process.cpuUsage();
  const { seed, epochs, draws } = argv;
  const hidden = parseHidden(argv.hidden);
  const layers = hidden.length + 1;
  const [train, judged, test] = [rowsOf(data, [0]), rowsOf(data, [0, 1]), rowsOf(data, [2])];
  const trained = (injection?: readonly Injection[]): DenseNetwork =>
    trainDense(train, data.featureNames.length, data.classNames.length, {
      hidden,
      seed,
      epochs,
      ...(injection === undefined ? {} : { injection }),
    });
  const space = new Space(
    Array.from({ length: layers }, (_, l) => [
      { name: `p1_layer${l + 1}`, low: 0, high: MOST_ZERO },
      { name: `p2_layer${l + 1}`, low: 0, high: MOST_HALF },
    ]).flat(),
  );
  const log = join(argv.out, 'trials.csv');
  const known = readExperiments(log, space, RESULT);
  if (known.length > argv.trials)
    throw new UsageError(
      `${log} has ${known.length} trials already.`,
      'Ask for more with --trials, or name another folder.',
    );
  const score = (network: DenseNetwork): number =>
    JUDGED.reduce((sum, sigma) => {
      const copies = denseUnderVariation(network, judged, [{ kind: 'drift', sigma }], JUDGING_DRAWS, seed);
      return sum + meanAndStd(copies).mean / JUDGED.length;
    }, 0);
  for (let trial = known.length; trial < argv.trials; trial += 1) {
    progress.update(trial, argv.trials, 'trainings');
    const { setting } = suggest(space, known, 1, { goal: 'maximise', seed })[0]!;
    const value = score(trained(injectionOf(setting)));
    known.push({ setting, value });
    appendExperiments(log, space, RESULT, [{ setting, value }]);
    await new Promise(setImmediate);
  }
  const best = known.reduce((a, b) => (b.value! > a.value! ? b : a));
  const injection = injectionOf(best.setting);
  const networks = { plain: trained(), injected: trained(injection) };
  const curves = (network: DenseNetwork) => ({
    accuracy: denseAccuracy(network, test),
    score: score(network),
    sigma: robustness(network, test, SIGMAS, draws, seed),
    usability: {
      ...robustness(
        network,
        test,
        USABILITIES.map((u) => -Math.log(u)),
        draws,
        seed,
      ),
      at: USABILITIES,
    },
  });
  const [plain, injected] = [curves(networks.plain), curves(networks.injected)];
  const sigmaLost = fallenAt(plain.sigma, LOST);
  const confidence = meanConfidence(networks.injected, test, injection, CONFIDENCE_DRAWS, seed);
  const weights = networks.injected.layers.reduce((sum, { inputs, outputs }) => sum + inputs * outputs, 0);
  const radii = injection.map((one) => certifiedRadius(confidence, weights, one));
  for (const [name, axis, of] of [
    ['sigma', { quantity: 'σ of log-normal drift', unit: '1' }, 'sigma'],
    ['usability', { quantity: 'usability e^(−σ)', unit: '1', reversed: true }, 'usability'],
  ] as const) {
    const { svg } = await curvesPlot({
      name,
      title: `${data.name}: test accuracy of ${draws} copies`,
      description: `Accuracy of plain and injected training against ${axis.quantity}.`,
      x: axis,
      y: { quantity: 'test accuracy', unit: 'share', percent: true },
      curves: [['plain training', plain[of]] as const, ['multinomial noise, optimised', injected[of]] as const].map(
        ([label, { at, mean, std }]) => ({
          label,
          x: at,
          y: mean,
          low: mean.map((m, k) => m - std[k]!),
          high: mean.map((m, k) => Math.min(1, m + std[k]!)),
        }),
      ),
    });
    writeFileAtomic(join(argv.out, `${name}.svg`), svg);
  }
  const used = process.cpuUsage(began);
  return {
    dataset: data.name,
    sizes: networks.plain.sizes,
    trials: known.length,
    injection,
    plain,
    injected,
    sigmaWherePlainLost20: sigmaLost ?? null,
    injectedLostThere: sigmaLost === undefined ? null : injected.accuracy - valueAt(injected.sigma, sigmaLost),
    certified: { confidence, weights, radii: radii.map((r) => (Number.isNaN(r) ? null : r)) },
    cpuSeconds: (used.user + used.system) / 1e6,
  };
}

function report(argv: Arguments, result: Awaited<ReturnType<typeof search>>): void {
  const { injection, plain, injected, sigmaWherePlainLost20: sigma, injectedLostThere: lost, certified } = result;
  printResult(argv.json, { ...result, out: argv.out }, [
    `${result.dataset} ${result.sizes.join('-')}: ${result.trials} trials, ${formatSeconds(result.cpuSeconds)} of processor time`,
    `found      ${injection.map(({ zero, half }, l) => `layer ${l + 1} p1 ${zero.toFixed(3)}, p2 ${half.toFixed(3)}`).join('; ')}`,
    `no drift   plain ${formatPercent(plain.accuracy)}, injected ${formatPercent(injected.accuracy)}`,
    ...[0.25, 0.5, 0.75, 1].map(
      (s) =>
        `σ = ${s.toFixed(2)}   plain ${formatPercent(valueAt(plain.sigma, s))}, injected ${formatPercent(valueAt(injected.sigma, s))}`,
    ),
    sigma === null
      ? 'lost       plain training loses less than 20 points up to the largest σ'
      : `lost       at σ = ${sigma.toFixed(2)} plain training has lost 20 points, the injected one ${(100 * lost!).toFixed(1)}`,
    ...certified.radii.map(
      (radius, l) => `certified  with layer ${l + 1}'s (p1, p2) everywhere: ${radiusInWords(radius ?? Number.NaN)}`,
    ),
    `           (theorem 1 of arXiv 2412.02779: all ${certified.weights} weights injected alike, the decision that of the mean over injections, mean probability ${certified.confidence.toFixed(3)})`,
    `written    trials.csv, result.json, sigma.svg, usability.svg in ${argv.out}`,
  ]);
}
