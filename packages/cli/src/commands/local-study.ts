import { join } from 'node:path';
import { readDataset, UsageError } from '@neuroprint/core';
import { PARTS, runLocalStudy } from '@neuroprint/studies';
import { defineCommand, outcome } from '../command.ts';
import { numberOption, surrogatesOption, technologyOption, textOption } from '../options.ts';
import { VERSION } from '../paths.ts';
import { withStudy } from '../study-context.ts';

const options = {
  data: { ...textOption('data', 'Table of classes, in its own order, such as Iris'), demandOption: true },
  label: textOption('label', 'Column with the class', 'label'),
  'per-class': numberOption('per-class', { min: 2, max: 1e6, default: 10, describe: 'Training rows of a class' }, true),
  parts: textOption('parts', `Any of ${PARTS.join(',')}`, PARTS.join(',')),
  networks: numberOption('networks', { min: 2, max: 10_000, default: 100, describe: 'Networks of every kind' }, true),
  sizes: textOption('sizes', 'Nodes of the networks of growing size', '10,20,30,40,50,60,70,80,90,100'),
  seeds: numberOption('seeds', { min: 2, max: 1000, default: 10, describe: 'Networks of stages' }, true),
  workers: numberOption('workers', { min: 0, max: 256, default: 2, describe: 'Threads; 0 for none' }, true),
  technology: technologyOption,
  surrogates: surrogatesOption,
  out: {
    ...textOption('out', 'Folder for study.md, a file per part and the figures; parts that are there are kept'),
    demandOption: true,
  },
} as const;

function listOf<T extends string>(name: string, text: string, known: readonly T[]): T[] {
  return text.split(',').map((part) => {
    const found = known.find((one) => one === part);
    if (found === undefined) throw new UsageError(`--${name} has "${part}".`, `It knows: ${known.join(', ')}.`);
    return found;
  });
}

function sizesOf(text: string): number[] {
  return text.split(',').map((part) => {
    const nodes = Number(part);
    if (!Number.isSafeInteger(nodes) || nodes < 10 || nodes > 10_000)
      throw new UsageError(`--sizes is "${text}", and must be whole numbers from 10 to 10000.`);
    return nodes;
  });
}

/** `neuroprint local study`: the tables and figures of local learning. */
export const studyCommand = defineCommand({
  options,
  examples: [['$0 local study --data iris.csv --parts rules,sizes --out study', 'Two of the parts']],
  run: async (argv) => {
    const request = {
      ...argv,
      data: readDataset(argv.data, { label: argv.label }),
      parts: listOf('parts', argv.parts, PARTS),
      sizes: sizesOf(argv.sizes),
      version: VERSION,
    };
    const { text, numbers } = await withStudy('local study', (study) => runLocalStudy(request, study));
    return outcome({ ...numbers, out: argv.out }, [text, `written    ${join(argv.out, 'study.md')}`]);
  },
});
