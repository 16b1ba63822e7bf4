import { basename } from 'node:path';
import { UsageError } from '@neuroprint/core';
import { type ActivationRequest, activationLines, runActivations } from '@neuroprint/studies';
import type { CommandModule } from 'yargs';
import { jsonOption, numberOption, overwriteOption, seedOption, textOption } from '../options.ts';
import { printResult } from '../output.ts';
import { withStudy } from '../study-context.ts';

interface Arguments extends Omit<ActivationRequest, 'layers' | 'neurons'> {
  layers: string;
  neurons: string;
  json: boolean;
}

function parseCounts(name: string, text: string): number[] {
  return text.split(',').map((part) => {
    const value = Number(part);
    if (!Number.isSafeInteger(value) || value < 1 || part.trim() === '')
      throw new UsageError(`--${name} has "${part}", and must be whole numbers of 1 or more apart by commas.`);
    return value;
  });
}

/** `neuroprint activations`: how uneven activation curves may be, and what retraining on the realised ones recovers. */
export const activationsCommand: CommandModule<object, Arguments> = {
  command: 'activations',
  describe: 'Test error of regression networks against activation noise and uneven activations, and after retraining',
  builder: (yargs) =>
    yargs
      .options({
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
        seed: seedOption(0),
        overwrite: overwriteOption,
        json: jsonOption,
      })
      .example(
        '$0 activations --data friedman1.csv --out activations/friedman1',
        'One to four layers, up to 90 neurons',
      ) as never,
  handler: async (argv) => {
    const [layers, neurons] = [parseCounts('layers', argv.layers), parseCounts('neurons', argv.neurons)];
    const result = await withStudy(`activations ${basename(argv.data, '.csv')}`, (study) =>
      runActivations({ ...argv, layers, neurons }, study),
    );
    printResult(argv.json, { ...result, out: argv.out }, activationLines(result, argv.out));
  },
};
