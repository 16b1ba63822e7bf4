import { basename } from 'node:path';
import { formatSeconds, UsageError } from '@neuroprint/core';
import { activationLines, runActivations } from '@neuroprint/studies';
import { defineCommand } from '../command.ts';
import { jobOptions, judgedJobs, slurmOf } from '../job-options.ts';
import { number, parsed, required, seedOption, text, whole } from '../options.ts';
import { withStudy } from '../study-context.ts';

const options = {
  data: required(text('CSV with numeric columns and a target column')),
  out: required(text('Folder for a row per network (a stopped run goes on), study.json and pictures')),
  target: text('Column to predict', 'target'),
  split: text('Column with train, valid or test; without it 60/20/20 by the seed', 'split'),
  layers: parsed(text('Numbers of hidden layers', '1,2,3,4'), parseCounts),
  neurons: parsed(text('Neurons of all hidden layers together', '12,30,90'), parseCounts),
  draws: whole('Noises and sheets at every amplitude', { min: 1, max: 1000, default: 5 }),
  waterline: number(
    'Test error that is still borne, in units of the target; 1.5 times the largest without noise unless given',
    { min: 1e-12 },
  ),
  seed: seedOption,
  workers: whole('Networks at a time', { min: 1, max: 256, default: 1 }),
  ...jobOptions('networks'),
} as const;

function parseCounts(list: string, name: string): number[] {
  return list.split(',').map((part) => {
    const value = Number(part);
    if (!Number.isSafeInteger(value) || value < 1 || part.trim() === '')
      throw new UsageError(`--${name} has "${part}", and must be whole numbers of 1 or more apart by commas.`);
    return value;
  });
}

/** `neuroprint activations`: how uneven activation curves may be, and what retraining on the realised ones recovers. */
export const activationsCommand = defineCommand({
  options,
  examples: [
    ['$0 activations --data friedman1.csv --out activations/friedman1', 'One to four layers, up to 90 neurons'],
  ],
  run: async (argv) => {
    const slurm = slurmOf(argv);
    const came = await withStudy(`activations ${basename(argv.data, '.csv')}`, (study) =>
      runActivations({ ...argv, slurm }, study),
    );
    const { result, made, found, failures, cpuSeconds } = came;
    const lines = [
      ...(result === undefined ? [] : activationLines(result, argv.out)),
      `${made} networks now, ${found} from before, in ${argv.out}; ${formatSeconds(cpuSeconds)} of processor time`,
    ];
    const answer = { ...result, made, found, failures, cpuSeconds, out: argv.out };
    return judgedJobs(answer, lines, failures, argv.out, made + found + failures.length);
  },
});
