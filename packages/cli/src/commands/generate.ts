import { existsSync } from 'node:fs';
import {
  circles,
  friedman1,
  type GeneratedTable,
  generatedCsv,
  moons,
  OutputInUseError,
  writeFileAtomic,
  yinYang,
} from '@neuroprint/core';
import { type ArgumentsOf, defineCommand, outcome } from '../command.ts';
import { given, numberOption, overwriteOption, seedOption, textOption } from '../options.ts';

const options = {
  rows: numberOption('rows', { min: 1, max: 1e7, default: 3000, describe: 'Rows of the table' }, true),
  seed: seedOption,
  noise: numberOption(
    'noise',
    { min: 0, max: 10, describe: 'Standard deviation; of circles and friedman1 default 0, of moons 0.1' },
    false,
  ),
  factor: numberOption(
    'factor',
    { min: 0, max: 1, describe: 'Of circles: radius of the inner one; default 0.8' },
    false,
  ),
  out: { ...textOption('out', 'The CSV file'), demandOption: true },
  overwrite: { ...overwriteOption, describe: 'Write over a file that is there' },
} as const;
type Arguments = ArgumentsOf<typeof options>;

const RULES = ['yin-yang', 'circles', 'moons', 'friedman1'] as const;
const makers: Readonly<Record<(typeof RULES)[number], (argv: Arguments) => GeneratedTable>> = {
  'yin-yang': ({ rows, seed }) => yinYang({ rows, seed }),
  circles: ({ rows, seed, noise, factor }) => circles({ rows, seed, ...given({ noise, factor }) }),
  moons: ({ rows, seed, noise }) => moons({ rows, seed, ...given({ noise }) }),
  friedman1: ({ rows, seed, noise }) => friedman1({ rows, seed, ...given({ noise }) }),
};

/** `neuroprint generate`: tables that are made by a published rule. */
export const generateCommand = defineCommand({
  positionals: {
    what: { choices: RULES, describe: 'The rule' },
  },
  options,
  examples: [['$0 generate yin-yang --rows 3000 --out yin-yang.csv', 'Four inputs, three classes']],
  run: (argv) => {
    if (existsSync(argv.out) && !argv.overwrite)
      throw new OutputInUseError(argv.out, 'is there already', 'Name another file, or add --overwrite.');
    const table = makers[argv.what](argv);
    writeFileAtomic(argv.out, generatedCsv(table));
    const { rows, featureNames, labels } = table;
    const isRegression = table.labelName === 'target';
    const known = isRegression ? { target: 'target' } : { classes: [...new Set(labels)].sort() };
    const result = { rows: rows.length, features: featureNames, ...known, out: argv.out };
    return outcome(result, [
      `${rows.length} rows of ${featureNames.join(', ')}; ${known.classes === undefined ? 'a target' : `classes ${known.classes.join(', ')}`}`,
      `written    ${argv.out}`,
    ]);
  },
});
