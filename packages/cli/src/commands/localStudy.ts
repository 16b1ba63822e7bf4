import { join } from 'node:path';
import { lockFolder, makeFolder, readDataset, UsageError, writeFileAtomic } from '@neuroprint/core';
import type { CommandModule } from 'yargs';
import { gradientPart, type Part, type PartContext, rulesPart, selectionPart, sizesPart } from '../local/parts.ts';
import { stagesPart } from '../local/stagesPart.ts';
import { jsonOption, numberOption, surrogatesOption, technologyOption, textOption } from '../options.ts';
import { formatSeconds, Progress, printResult } from '../output.ts';

const PARTS = ['rules', 'selection', 'sizes', 'gradient', 'stages'] as const;
type PartName = (typeof PARTS)[number];

const HEADINGS: Readonly<Record<PartName, string>> = {
  rules: 'Three rules',
  selection: 'Which rows are learnt from',
  sizes: 'Size',
  gradient: 'Rule and gradient',
  stages: 'Through ptanh stages, Yin-Yang',
};

interface Arguments {
  data: string;
  label: string;
  perClass: number;
  parts: string;
  networks: number;
  sizes: string;
  seeds: number;
  workers: number;
  technology: string;
  surrogates: string;
  out: string;
  json: boolean;
}

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
export const localStudyCommand: CommandModule<object, Arguments> = {
  command: 'study',
  describe: 'The tables and figures of local learning: rules, training rows, size, gradient, stages',
  builder: (yargs) =>
    yargs
      .options({
        data: { ...textOption('data', 'Table of classes, in its own order, such as Iris'), demandOption: true },
        label: textOption('label', 'Column with the class', 'label'),
        'per-class': numberOption(
          'per-class',
          { min: 2, max: 1e6, default: 10, describe: 'Training rows of a class' },
          true,
        ),
        parts: textOption('parts', `Any of ${PARTS.join(',')}`, PARTS.join(',')),
        networks: numberOption(
          'networks',
          { min: 2, max: 10_000, default: 100, describe: 'Networks of every kind' },
          true,
        ),
        sizes: textOption('sizes', 'Nodes of the networks of growing size', '10,20,30,40,50,60,70,80,90,100'),
        seeds: numberOption('seeds', { min: 2, max: 1000, default: 10, describe: 'Networks of stages' }, true),
        workers: numberOption('workers', { min: 0, max: 256, default: 2, describe: 'Threads; 0 for none' }, true),
        technology: technologyOption,
        surrogates: surrogatesOption,
        out: {
          ...textOption('out', 'Folder for study.md, study.json and the figures, written anew'),
          demandOption: true,
        },
        json: jsonOption,
      })
      .example('$0 local study --data iris.csv --parts rules,sizes --out study', 'Two of the five parts') as never,
  handler: async (argv) => {
    const parts = listOf('parts', argv.parts, PARTS);
    const progress = new Progress('local study');
    const onProgress = (what: string, done: number, total: number) => progress.update(done, total, what);
    const context: PartContext = {
      data: readDataset(argv.data, { label: argv.label }),
      perClass: argv.perClass,
      networks: argv.networks,
      sizes: sizesOf(argv.sizes),
      workers: argv.workers,
      onProgress,
    };
    const makers: Readonly<Record<PartName, () => Promise<Part>>> = {
      rules: () => rulesPart(context),
      selection: () => selectionPart(context),
      sizes: () => sizesPart(context),
      gradient: () => gradientPart(context),
      stages: () =>
        stagesPart({ technology: argv.technology, surrogates: argv.surrogates, seeds: argv.seeds, onProgress }),
    };
    makeFolder(argv.out);
    const unlock = lockFolder(argv.out);
    try {
      const made: {
        readonly name: PartName;
        readonly part: Part;
        readonly seconds: number;
        readonly cpuSeconds: number;
      }[] = [];
      for (const name of parts) {
        const began = performance.now();
        const usage = process.cpuUsage();
        const part = await makers[name]();
        const used = process.cpuUsage(usage);
        const cpuSeconds = (used.user + used.system) / 1e6;
        made.push({ name, part, seconds: (performance.now() - began) / 1000, cpuSeconds });
        for (const { name: file, svg } of part.plots) writeFileAtomic(join(argv.out, `${file}.svg`), svg);
      }
      const sections = made.map(
        ({ name, part, seconds, cpuSeconds }) =>
          `## ${HEADINGS[name]}\n\n${part.markdown}\n\n${formatSeconds(seconds)}, ${formatSeconds(cpuSeconds)} of processor time.\n`,
      );
      const numbers = Object.fromEntries(
        made.map(({ name, part, seconds, cpuSeconds }) => [name, { seconds, cpuSeconds, ...part.numbers }]),
      );
      writeFileAtomic(join(argv.out, 'study.md'), sections.join('\n'));
      writeFileAtomic(join(argv.out, 'study.json'), `${JSON.stringify(numbers, null, 2)}\n`);
      progress.done();
      printResult(argv.json, { ...numbers, out: argv.out }, [...sections, `written    ${join(argv.out, 'study.md')}`]);
    } finally {
      progress.done();
      unlock();
    }
  },
};
