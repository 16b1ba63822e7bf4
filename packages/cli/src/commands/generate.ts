import { existsSync } from 'node:fs';
import { circles, friedman1, generatedCsv, moons, OutputInUseError, writeFileAtomic, yinYang } from '@neuroprint/core';
import { defineCommand, outcome } from '../command.ts';
import { choice, flag, number, required, seedOption, text, whole } from '../options.ts';

const options = {
  rows: whole('Rows of the table', { min: 1, max: 1e7, default: 3000 }),
  seed: seedOption,
  noise: number('Standard deviation; of circles and friedman1 default 0, of moons 0.1', { min: 0, max: 10 }),
  factor: number('Of circles: radius of the inner one; default 0.8', { min: 0, max: 1 }),
  out: required(text('The CSV file')),
  overwrite: flag('Write over a file that is there'),
} as const;

const RULES = { 'yin-yang': yinYang, circles, moons, friedman1 } as const;

/** `neuroprint generate`: tables that are made by a published rule. */
export const generateCommand = defineCommand({
  positionals: {
    what: required(choice('The rule', Object.keys(RULES) as (keyof typeof RULES)[])),
  },
  options,
  examples: [['$0 generate yin-yang --rows 3000 --out yin-yang.csv', 'Four inputs, three classes']],
  run: (argv) => {
    if (existsSync(argv.out) && !argv.overwrite)
      throw new OutputInUseError(argv.out, 'is there already', 'Name another file, or add --overwrite.');
    const table = RULES[argv.what](argv);
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
