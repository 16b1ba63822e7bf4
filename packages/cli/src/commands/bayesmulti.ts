import { readDataset } from '@neuroprint/core';
import { bayesmultiLines, runBayesmulti, STEPS } from '@neuroprint/studies';
import { defineCommand } from '../command.ts';
import { jobOptions, judgedJobs, slurmOf } from '../job-options.ts';
import { flag, hiddenSizes, numbers, parsed, required, seedOption, text, whole } from '../options.ts';
import { withStudy } from '../study-context.ts';
import { readingOf, said, tableOptions } from '../table-options.ts';

const options = {
  data: required(text('CSV with numeric columns and a label column')),
  out: required(text('Folder for trials-<seed>.csv (goes on where it was), result.json and pictures')),
  ...tableOptions,
  resplit: flag('Split the rows by the seed, whatever that column says'),
  hidden: parsed(text('Neurons of each hidden layer', '64,64'), hiddenSizes),
  trials: whole('Trainings of a search', { min: 1, max: 1000, default: 25 }),
  judged: parsed(
    text('Drift under which a trial is judged, in multiples of that at which plain training loses 20 points', '1,1.5'),
    numbers({ min: 0, max: 10 }),
  ),
  draws: whole('Copies at every σ', { min: 2, max: 10_000, default: 10 }),
  epochs: whole(`Epochs of a training; as many as make ${STEPS} steps unless given`, { min: 1, max: 1e6 }),
  seed: seedOption,
  seeds: whole('Searches, a seed each', { min: 1, max: 100, default: 1 }),
  workers: whole('Searches at a time', { min: 1, max: 256, default: 1 }),
  ...jobOptions('searches'),
  overwrite: flag('Replace a result that is there'),
} as const;

/** `neuroprint bayesmulti`: noise for every layer, found by Bayesian optimisation, so that a network bears drift. */
export const bayesmultiCommand = defineCommand({
  options,
  examples: [['$0 bayesmulti --data digits.csv --hidden 32 --out bayesmulti/digits', 'Digits, one hidden layer of 32']],
  run: async (argv) => {
    const read = (seed: number) =>
      readDataset(argv.data, { ...readingOf(argv), seed, resplit: argv.resplit, keepConstant: true });
    const { name } = said(read(argv.seed));
    const slurm = slurmOf(argv);
    const came = await withStudy(`bayesmulti ${name}`, (study) => runBayesmulti({ ...argv, slurm, read }, study));
    const { summary, made, found, failures } = came;
    const lines =
      summary === undefined
        ? [`${made} searches now, ${found} from before, in ${argv.out}`]
        : bayesmultiLines(argv.trials, argv.out, summary);
    const result = { ...summary, failures, out: argv.out };
    return judgedJobs(result, lines, failures, argv.out, made + found + failures.length);
  },
});
