import { basename } from 'node:path';
import { UsageError } from '@neuroprint/core';
import { activationLines, runActivations } from '@neuroprint/studies';
import { defineCommand, outcome } from '../command.ts';
import { numberOption, overwriteOption, seedOption, textOption } from '../options.ts';
import { withStudy } from '../study-context.ts';

const options = {
  data: { ...textOption('data', 'CSV with numeric columns and a target column'), demandOption: true },
  out: { ...textOption('out', 'Folder for study.json and pictures'), demandOption: true },
  target: textOption('target', 'Column to predict', 'target'),
  split: textOption('split', 'Column with train, valid or test; without it 60/20/20 by the seed', 'split'),
  layers: textOption('layers', 'Numbers of hidden layers', '1,2,3,4'),
  neurons: textOption('neurons', 'Neurons of all hidden layers together', '12,30,90'),
  draws: numberOption(
    'draws',
    { min: 1, max: 1000, default: 5, describe: 'Noises and sheets at every amplitude' },
    true,
  ),
  waterline: numberOption(
    'waterline',
    {
      min: 1e-12,
      describe:
        'Test error that is still borne, in units of the target; 1.5 times the largest without noise unless given',
    },
    false,
  ),
  seed: seedOption,
  overwrite: overwriteOption,
} as const;

function parseCounts(name: string, text: string): number[] {
  return text.split(',').map((part) => {
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
    const [layers, neurons] = [parseCounts('layers', argv.layers), parseCounts('neurons', argv.neurons)];
    const result = await withStudy(`activations ${basename(argv.data, '.csv')}`, (study) =>
      runActivations({ ...argv, layers, neurons }, study),
    );
    return outcome({ ...result, out: argv.out }, activationLines(result, argv.out));
  },
});
