import { join } from 'node:path';
import { UsageError } from '@neuroprint/core';
import { PARTS, runLocalStudy } from '@neuroprint/studies';
import { VERSION } from '#host';
import { defineCommand } from '../command.ts';
import { jobOptions, judgedJobs, slurmOf } from '../job-options.ts';
import { parsed, required, surrogatesOption, technologyOption, text, whole } from '../options.ts';
import { withStudy } from '../study-context.ts';
import { readClasses, tableOptions } from '../table-options.ts';

const options = {
  data: required(text('Table of classes, in its own order, such as Iris')),
  ...tableOptions,
  'per-class': whole('Training rows of a class', { min: 2, max: 1e6, default: 10 }),
  parts: parsed(text(`Any of ${PARTS.join(',')}`, PARTS.join(',')), partsOf),
  networks: whole('Networks of every kind', { min: 2, max: 10_000, default: 100 }),
  sizes: parsed(text('Nodes of the networks of growing size', '10,20,30,40,50,60,70,80,90,100'), sizesOf),
  seeds: whole('Networks of stages', { min: 2, max: 1000, default: 10 }),
  workers: whole('Threads', { min: 1, max: 256, default: 2 }),
  ...jobOptions('jobs'),
  technology: technologyOption,
  surrogates: surrogatesOption,
  out: required(text('Folder for study.md, a file per part and the figures; a stopped study goes on')),
} as const;

function partsOf(list: string): (typeof PARTS)[number][] {
  return list.split(',').map((part) => {
    const found = PARTS.find((one) => one === part);
    if (found === undefined) throw new UsageError(`--parts has "${part}".`, `It knows: ${PARTS.join(', ')}.`);
    return found;
  });
}

function sizesOf(list: string): number[] {
  return list.split(',').map((part) => {
    const nodes = Number(part);
    if (!Number.isSafeInteger(nodes) || nodes < 10 || nodes > 10_000)
      throw new UsageError(`--sizes is "${list}", and must be whole numbers from 10 to 10000.`);
    return nodes;
  });
}

/** `neuroprint local study`: the tables and figures of local learning. */
export const studyCommand = defineCommand({
  options,
  examples: [['$0 local study --data iris.csv --parts rules,sizes --out study', 'Two of the parts']],
  run: async (argv) => {
    const request = { ...argv, data: readClasses(argv.data, argv), version: VERSION, slurm: slurmOf(argv) };
    const { text, numbers, ...made } = await withStudy('local study', (study) => runLocalStudy(request, study));
    const lines =
      argv.shard === undefined
        ? [text, `written    ${join(argv.out, 'study.md')}`]
        : [
            `${made.made} jobs now, ${made.found} from before, in ${argv.out}; without --shard the same command sums up`,
          ];
    const total = made.made + made.found + made.failures.length;
    return judgedJobs({ ...numbers, ...made, out: argv.out }, lines, made.failures, argv.out, total);
  },
});
