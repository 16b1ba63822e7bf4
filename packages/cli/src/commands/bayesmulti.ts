import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Dataset,
  lockFolder,
  makeFolder,
  meanAndStd,
  OutputInUseError,
  readDataset,
  readTextFile,
  writeFileAtomic,
} from '@neuroprint/core';
import { curvesPlot } from '@neuroprint/report';
import type { CommandModule } from 'yargs';
import { fallenAt, pooled, valueAt } from '../bayesmulti/curve.ts';
import { LOST, type Measured, type SearchResult, searchInjection } from '../bayesmulti/search.ts';
import { jsonOption, numberOption, parseHidden, parseNumbers, seedOption, textOption } from '../options.ts';
import { formatPercent, formatSeconds, Progress, printResult } from '../output.ts';

/** Steps of a training unless epochs are given, and rows of a step. */
const STEPS = 2000;
const BATCH_ROWS = 64;
const METHODS = [
  ['plain', 'plain training'],
  ['injected', 'multinomial noise, optimised'],
  ['drifted', 'trained under the drift itself'],
] as const;
const TOLD_SIGMAS = [0.25, 0.5, 0.75, 1];

interface Arguments {
  data: string;
  out: string;
  label: string;
  split: string;
  resplit: boolean;
  hidden: string;
  judged: string;
  trials: number;
  draws: number;
  epochs: number | undefined;
  seed: number;
  seeds: number;
  overwrite: boolean;
  json: boolean;
}

/** Throws OutputInUseError where the trials in a folder are those of other settings. */
function claimFolder(out: string, settings: object): void {
  const file = join(out, 'settings.json');
  const text = `${JSON.stringify(settings, null, 1)}\n`;
  if (existsSync(file) && readTextFile(file) !== text)
    throw new OutputInUseError(file, 'the trials there are of other settings', 'Name another folder with --out.');
  writeFileAtomic(file, text);
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
          ...textOption('out', 'Folder for trials-<seed>.csv (goes on where it was), result.json and pictures'),
          demandOption: true,
        },
        label: textOption('label', 'Column with the class', 'label'),
        split: textOption('split', 'Column with train, valid or test', 'split'),
        resplit: { type: 'boolean', default: false, describe: 'Split the rows by the seed, whatever that column says' },
        hidden: textOption('hidden', 'Neurons of each hidden layer', '64,64'),
        trials: numberOption('trials', { min: 1, max: 1000, default: 25, describe: 'Trainings of a search' }, true),
        judged: textOption(
          'judged',
          'Drift under which a trial is judged, in multiples of that at which plain training loses 20 points',
          '1,1.5',
        ),
        draws: numberOption('draws', { min: 2, max: 10_000, default: 10, describe: 'Copies at every σ' }, true),
        epochs: numberOption(
          'epochs',
          { min: 1, max: 1e6, describe: `Epochs of a training; as many as make ${STEPS} steps unless given` },
          true,
        ),
        seed: seedOption(0),
        seeds: numberOption('seeds', { min: 1, max: 100, default: 1, describe: 'Searches, a seed each' }, true),
        overwrite: { type: 'boolean', default: false, describe: 'Replace a result that is there' },
        json: jsonOption,
      })
      .example(
        '$0 bayesmulti --data digits.csv --hidden 32 --out bayesmulti/digits',
        'Digits, one hidden layer of 32',
      ) as never,
  handler: async (argv) => {
    const read = (seed: number): Dataset =>
      readDataset(argv.data, { label: argv.label, split: argv.split, resplit: argv.resplit, seed, keepConstant: true });
    const data = read(argv.seed);
    const hidden = parseHidden(argv.hidden);
    const judged = parseNumbers('judged', argv.judged, { min: 0, max: 10 });
    const trainingRows = data.split.filter((part) => part === 0).length;
    const epochs = argv.epochs ?? Math.ceil(STEPS / Math.ceil(trainingRows / BATCH_ROWS));
    const resultFile = join(argv.out, 'result.json');
    if (existsSync(resultFile) && !argv.overwrite)
      throw new OutputInUseError(resultFile, 'is there already', 'Name another folder with --out, or add --overwrite.');
    makeFolder(argv.out);
    const unlock = lockFolder(argv.out);
    const progress = new Progress(`bayesmulti ${data.name}`);
    try {
      const began = process.cpuUsage();
      const { label, split, resplit } = argv;
      claimFolder(argv.out, { data: data.sha256, label, split, resplit, hidden, epochs, judged });
      const searches: SearchResult[] = [];
      for (let k = 0; k < argv.seeds; k += 1) {
        const seed = argv.seed + k;
        const options = { out: argv.out, hidden, seed, epochs, judged, trials: argv.trials, draws: argv.draws };
        searches.push(
          await searchInjection(read(seed), options, (done) => {
            progress.update(k * argv.trials + done, argv.seeds * argv.trials, 'trainings');
          }),
        );
      }
      const used = process.cpuUsage(began);
      const result = summary(data.name, searches, (used.user + used.system) / 1e6);
      await draw(argv, result);
      writeFileAtomic(resultFile, `${JSON.stringify(result, null, 1)}\n`);
      printResult(argv.json, { ...result, out: argv.out }, lines(argv, result));
    } finally {
      progress.done();
      unlock();
    }
  },
};

type Method = (typeof METHODS)[number][0];

/** All seeds together: the curves of all copies, and what the goal speaks of, in all and for each seed. */
function summary(dataset: string, searches: readonly SearchResult[], cpuSeconds: number) {
  const all = (method: Method): Measured => ({
    accuracy: meanAndStd(searches.map((one) => one[method].accuracy)).mean,
    sigma: pooled(searches.map((one) => one[method].sigma)),
    usability: pooled(searches.map((one) => one[method].usability)),
  });
  const methods = { plain: all('plain'), injected: all('injected'), drifted: all('drifted') };
  return {
    dataset,
    ...methods,
    ...goalOf(methods),
    seeds: searches.map((one) => ({ ...one, ...goalOf(one) })),
    cpuSeconds,
  };
}

/** Where plain training has lost 20 points, and what the others have lost there of their own accuracy; null where it never has. */
function goalOf({ plain, injected, drifted }: Readonly<Record<Method, Measured>>) {
  const sigma = fallenAt(plain.sigma, LOST);
  const lost = ({ accuracy, sigma: curve }: Measured) =>
    sigma === undefined ? null : accuracy - valueAt(curve, sigma);
  return { sigmaWherePlainLost20: sigma ?? null, injectedLostThere: lost(injected), driftedLostThere: lost(drifted) };
}

type Summary = ReturnType<typeof summary>;

async function draw(argv: Arguments, result: Summary): Promise<void> {
  for (const [name, axis] of [
    ['sigma', { quantity: 'σ of log-normal drift', unit: '1' }],
    ['usability', { quantity: 'usability e^(−σ)', unit: '1', reversed: true }],
  ] as const) {
    const { svg } = await curvesPlot({
      name,
      title: `${result.dataset}: ${argv.seeds} × ${argv.draws} copies`,
      description: `Accuracy of plain, injected and drift-aware training against ${axis.quantity}.`,
      x: axis,
      y: { quantity: 'test accuracy', unit: 'share', percent: true },
      curves: METHODS.map(([method, label]) => {
        const { at, mean, std } = result[method][name];
        return {
          label,
          x: at,
          y: mean,
          low: mean.map((m, k) => m - std[k]!),
          high: mean.map((m, k) => Math.min(1, m + std[k]!)),
        };
      }),
    });
    writeFileAtomic(join(argv.out, `${name}.svg`), svg);
  }
}

function radiusInWords(radius: number | null): string {
  if (radius === null) return 'none, as p1 is 0 or not below 1 − p2: vacuous';
  return radius < 1 ? `${radius.toFixed(1)} conductances: vacuous` : `${radius.toFixed(1)} conductances`;
}

function lines(argv: Arguments, result: Summary): string[] {
  const { plain, injected, drifted, seeds, sigmaWherePlainLost20: sigma } = result;
  const three = (of: (measured: Measured) => number): string =>
    `plain ${formatPercent(of(plain))}, injected ${formatPercent(of(injected))}, drift-aware ${formatPercent(of(drifted))}`;
  const points = (share: number): string => (100 * share).toFixed(1);
  const each = seeds.map((one) => (one.injectedLostThere === null ? 'never' : points(one.injectedLostThere)));
  return [
    `${result.dataset} ${seeds[0]!.sizes.join('-')}: ${seeds.length} × ${argv.trials} trials, ${formatSeconds(result.cpuSeconds)} of processor time`,
    ...seeds.map(
      ({ seed, injection }) =>
        `seed ${String(seed).padEnd(5)} ${injection.map(({ zero, half }, l) => `layer ${l + 1} p1 ${zero.toFixed(2)}, p2 ${half.toFixed(2)}`).join('; ')}`,
    ),
    `no drift   ${three(({ accuracy }) => accuracy)}`,
    ...TOLD_SIGMAS.map((s) => `σ = ${s.toFixed(2)}   ${three(({ sigma: curve }) => valueAt(curve, s))}`),
    sigma === null
      ? 'lost       plain training loses less than 20 points up to the largest σ'
      : `lost       at σ = ${sigma.toFixed(2)} plain training has lost 20 points, the injected one ${points(result.injectedLostThere!)}${seeds.length > 1 ? ` (by seed ${each.join(', ')})` : ''}, the drift-aware one ${points(result.driftedLostThere!)}`,
    ...certificateLines(seeds[0]!),
    `written    trials-<seed>.csv, result.json, sigma.svg, usability.svg in ${argv.out}`,
  ];
}

function certificateLines({ certified, injection }: SearchResult): string[] {
  const { conductances, confidence, published, atBest, shareAboveOne } = certified;
  return [
    ...published.map(
      (radius, l) =>
        `certified  theorem 1 as published, layer ${l + 1}'s (p1, p2) everywhere: ${radiusInWords(radius)}`,
    ),
    `           derived, p1 ${Math.min(...injection.map(({ zero }) => zero)).toFixed(2)} or more: ${radiusInWords(atBest)} for a row that is sure, above 1 for ${formatPercent(shareAboveOne)} of the test rows`,
    `           (both assume that the decision is that of the mean over injections, which no printed circuit takes; ${conductances} conductances, mean probability ${confidence.toFixed(3)})`,
  ];
}
