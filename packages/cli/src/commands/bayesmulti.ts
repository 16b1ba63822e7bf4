import { basename } from 'node:path';
import { bayesmultiLines, runBayesmulti, STEPS } from '@neuroprint/studies';
import { defineCommand, outcome } from '../command.ts';
import { numberOption, parseHidden, parseNumbers, seedOption, textOption } from '../options.ts';
import { withStudy } from '../study-context.ts';

const options = {
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
  seed: seedOption,
  seeds: numberOption('seeds', { min: 1, max: 100, default: 1, describe: 'Searches, a seed each' }, true),
  overwrite: { type: 'boolean', default: false, describe: 'Replace a result that is there' },
} as const;

/** `neuroprint bayesmulti`: noise for every layer, found by Bayesian optimisation, so that a network bears drift. */
export const bayesmultiCommand = defineCommand({
  options,
  examples: [['$0 bayesmulti --data digits.csv --hidden 32 --out bayesmulti/digits', 'Digits, one hidden layer of 32']],
  run: async (argv) => {
    const hidden = parseHidden(argv.hidden);
    const judged = parseNumbers('judged', argv.judged, { min: 0, max: 10 });
    const result = await withStudy(`bayesmulti ${basename(argv.data, '.csv')}`, (study) =>
      runBayesmulti({ ...argv, hidden, judged }, study),
    );
    return outcome({ ...result, out: argv.out }, bayesmultiLines(argv.trials, argv.out, result));
  },
});
