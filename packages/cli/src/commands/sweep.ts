import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Dataset, lockFolder, readDataset, UsageError, writeFileAtomic } from '@neuroprint/core';
import { runJobs, type TrainingOptions } from '@neuroprint/network';
import type { CommandModule } from 'yargs';
import { jsonOption, numberOption, parseHidden, surrogatesOption, technologyOption, textOption } from '../options.ts';
import { formatPercent, formatSeconds, Progress, printResult } from '../output.ts';
import { readProblem } from '../problem.ts';
import { type Choice, frontOf, toSweepPlot } from '../sweep/front.ts';

interface Arguments {
  data: string;
  out: string;
  label: string;
  split: string;
  hidden: string;
  prices: string;
  seeds: number;
  folds: number | undefined;
  variation: number;
  epochs: number | undefined;
  workers: number;
  technology: string;
  surrogates: string;
  json: boolean;
}

function parsePrices(text: string): number[] {
  return text.split(',').map((part) => {
    const value = part.trim() === '' ? Number.NaN : Number(part);
    if (!(value >= 0 && Number.isFinite(value))) {
      throw new UsageError(`--prices has "${part}", and every price must be a number of 0 or more.`);
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

/** Trains every choice of size and price under every seed (or fold) and summarises. */
async function run(argv: Arguments) {
  const data = readDataset(argv.data, { label: argv.label, split: argv.split });
  const parts =
    argv.folds === undefined ? [data] : Array.from({ length: argv.folds }, (_, k) => foldOf(data, argv.folds!, k));
  const problems = parts.map((part) =>
    readProblem({
      data: part,
      labelColumn: argv.label,
      splitColumn: argv.split,
      technology: argv.technology,
      surrogates: argv.surrogates,
    }),
  );
  const choices = argv.hidden
    .split(';')
    .flatMap((hidden) => parsePrices(argv.prices).map((price) => ({ hidden: parseHidden(hidden), price })));
  const options = ({ hidden, price }: (typeof choices)[number], seed: number): TrainingOptions => ({
    hidden,
    fallingStagePenalty: price,
    seed,
    variation: argv.variation,
    ...(argv.epochs === undefined ? {} : { epochs: argv.epochs }),
  });
  const jobs = choices.flatMap((choice, at) =>
    problems.flatMap((problem) =>
      Array.from({ length: argv.seeds }, (_, seed) => ({
        at,
        job: { kind: 'printed', problem, options: options(choice, seed) } as const,
      })),
    ),
  );
  mkdirSync(argv.out, { recursive: true });
  const unlock = lockFolder(argv.out);
  const progress = new Progress(`sweep ${data.name}`);
  let count = 0;
  try {
    const results = await runJobs(
      jobs.map(({ job }) => job),
      argv.workers,
      () => {
        count += 1;
        progress.update(count, jobs.length);
      },
    );
    const summary = choices.map(({ hidden, price }, at): Choice => {
      const found = results.filter((_, i) => jobs[i]!.at === at);
      const mean = (of: (result: (typeof found)[number]) => number) =>
        found.reduce((sum, result) => sum + of(result), 0) / found.length;
      return {
        hidden: hidden.join('-'),
        price,
        trainings: found.length,
        valid: mean(({ network }) => network.metrics!.accuracy.valid),
        test: mean(({ network }) => network.metrics!.accuracy.test),
        mean: mean(({ network }) => network.metrics!.underVariation.mean),
        std: mean(({ network }) => network.metrics!.underVariation.std),
        fallingStages: mean((result) => result.fallingStages),
        resistors: mean(
          ({ network }) =>
            network.layers.flatMap((layer) => layer.conductancesSiemens.flat()).filter((g) => g !== 0).length,
        ),
      };
    });
    writeFileAtomic(join(argv.out, 'sweep.json'), `${JSON.stringify(summary, null, 1)}\n`);
    writeFileAtomic(join(argv.out, 'sweep.svg'), toSweepPlot(summary, data.name));
    return { data, summary, seconds: results.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0) };
  } finally {
    progress.done();
    unlock();
  }
}

/** `neuroprint sweep`: what a hidden layer's size and fewer inverters cost in accuracy. */
export const sweepCommand: CommandModule<object, Arguments> = {
  command: 'sweep',
  describe: 'Train sizes and prices of inverters over seeds or folds; accuracy against components',
  builder: (yargs) =>
    yargs
      .options({
        data: { ...textOption('data', 'CSV with numeric columns and a label column'), demandOption: true },
        out: { ...textOption('out', 'Folder for sweep.json and sweep.svg'), demandOption: true },
        label: textOption('label', 'Column with the class', 'label'),
        split: textOption('split', 'Column with train, valid or test', 'split'),
        hidden: textOption('hidden', 'Sizes to try, apart by semicolons, such as "2;3;5;8,4"', '3'),
        prices: textOption('prices', 'Prices of a falling stage to try, in nats', '0,0.001,0.003,0.01,0.03'),
        seeds: numberOption('seeds', { min: 1, max: 1000, default: 3, describe: 'Seeds of every choice' }, true),
        folds: numberOption('folds', { min: 3, max: 100, describe: 'Cross-validate in so many parts' }, true),
        variation: numberOption(
          'variation',
          { min: 0, max: 0.99, default: 0.1, describe: 'Spread of components' },
          false,
        ),
        epochs: numberOption('epochs', { min: 1, max: 1e6, describe: 'Most epochs of one start' }, true),
        workers: numberOption('workers', { min: 1, max: 256, default: 1, describe: 'Threads' }, true),
        technology: technologyOption,
        surrogates: surrogatesOption,
        json: jsonOption,
      })
      .example('$0 sweep --data iris.csv --out sweep --hidden "2;3;4" --prices 0', 'How many neurons') as never,
  handler: async (argv) => {
    const { data, summary, seconds } = await run(argv);
    const front = frontOf(summary);
    printResult(argv.json, { dataset: data.name, choices: summary, front, cpuSeconds: seconds, out: argv.out }, [
      `${data.name}: ${summary.length} choices, ${formatSeconds(seconds)}`,
      ...summary.map(
        (choice) =>
          `hidden ${choice.hidden.padEnd(5)} price ${String(choice.price).padEnd(6)} ${choice.fallingStages.toFixed(1)} inverters, ${choice.resistors.toFixed(0)} resistors: test ${formatPercent(choice.test)}, printed ${formatPercent(choice.mean)} ± ${formatPercent(choice.std)}${front.includes(choice) ? '  *' : ''}`,
      ),
      '* nothing else has fewer components and is as accurate',
      `written    ${join(argv.out, 'sweep.json')}, sweep.svg`,
    ]);
  },
};
