import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  lockFolder,
  makeFolder,
  parseJson,
  readDataset,
  readTextFile,
  sha256,
  UsageError,
  writeFileAtomic,
} from '@neuroprint/core';
import type { CommandModule } from 'yargs';
import { interrupted } from '../interrupt.ts';
import { circuitPart } from '../local/circuit-part.ts';
import { gradientPart, type Part, type PartContext, rulesPart, selectionPart, sizesPart } from '../local/parts.ts';
import { stagesPart } from '../local/stages-part.ts';
import { jsonOption, numberOption, surrogatesOption, technologyOption, textOption } from '../options.ts';
import { formatSeconds, Progress, printResult } from '../output.ts';
import { VERSION } from '../paths.ts';

const PARTS = ['rules', 'selection', 'sizes', 'gradient', 'stages', 'circuit'] as const;
type PartName = (typeof PARTS)[number];

const HEADINGS: Readonly<Record<PartName, string>> = {
  rules: 'Three rules',
  selection: 'Which rows are learnt from',
  sizes: 'Size',
  gradient: 'Rule and gradient',
  stages: 'Through ptanh stages, Yin-Yang',
  circuit: 'On the exact circuit, Yin-Yang',
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

/** A part as its file keeps it, so that a study that was stopped goes on. */
interface MadePart {
  readonly name: PartName;
  /** SHA-256 of everything it follows from. */
  readonly recipe: string;
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly markdown: string;
  readonly numbers: object;
}

function recipeOf(name: PartName, argv: Arguments, { data, perClass, networks, sizes }: PartContext): string {
  const own =
    name === 'stages' || name === 'circuit'
      ? [argv.technology, argv.surrogates, argv.seeds]
      : [data.sha256, perClass, networks];
  return sha256(JSON.stringify([VERSION, name, ...own, name === 'sizes' ? sizes : []]));
}

/** The part that was made before in the same way, or undefined. */
function readMade(file: string, recipe: string): MadePart | undefined {
  if (!existsSync(file)) return undefined;
  const made = parseJson(file, readTextFile(file)) as MadePart;
  return made.recipe === recipe ? made : undefined;
}

async function make(name: PartName, recipe: string, maker: () => Promise<Part>, out: string): Promise<MadePart> {
  const began = performance.now();
  const usage = process.cpuUsage();
  const { markdown, numbers, plots } = await maker();
  const used = process.cpuUsage(usage);
  const seconds = (performance.now() - began) / 1000;
  const made = { name, recipe, seconds, cpuSeconds: (used.user + used.system) / 1e6, markdown, numbers };
  for (const { name: plot, svg } of plots) writeFileAtomic(join(out, `${plot}.svg`), svg);
  writeFileAtomic(join(out, `${name}.json`), `${JSON.stringify(made, null, 2)}\n`);
  return made;
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
          ...textOption('out', 'Folder for study.md, a file per part and the figures; parts that are there are kept'),
          demandOption: true,
        },
        json: jsonOption,
      })
      .example('$0 local study --data iris.csv --parts rules,sizes --out study', 'Two of the parts') as never,
  handler: async (argv) => {
    const parts = listOf('parts', argv.parts, PARTS);
    const progress = new Progress('local study');
    const onProgress = (what: string, done: number, total: number) => {
      interrupted.throwIfAborted();
      progress.update(done, total, what);
    };
    const context: PartContext = {
      data: readDataset(argv.data, { label: argv.label }),
      perClass: argv.perClass,
      networks: argv.networks,
      sizes: sizesOf(argv.sizes),
      workers: argv.workers,
      onProgress,
    };
    const { technology, surrogates, seeds } = argv;
    const stages = { technology, surrogates, seeds, onProgress };
    const makers: Readonly<Record<PartName, () => Promise<Part>>> = {
      rules: () => rulesPart(context),
      selection: () => selectionPart(context),
      sizes: () => sizesPart(context),
      gradient: () => gradientPart(context),
      stages: () => stagesPart(stages),
      circuit: () => circuitPart(stages),
    };
    makeFolder(argv.out);
    const unlock = lockFolder(argv.out);
    try {
      const made: MadePart[] = [];
      for (const name of parts) {
        const recipe = recipeOf(name, argv, context);
        const file = join(argv.out, `${name}.json`);
        const part = readMade(file, recipe) ?? (await make(name, recipe, makers[name], argv.out));
        made.push(part);
      }
      const text = made
        .map(
          ({ name, markdown, seconds, cpuSeconds }) =>
            `## ${HEADINGS[name]}\n\n${markdown}\n\n${formatSeconds(seconds)}, ${formatSeconds(cpuSeconds)} of processor time.\n`,
        )
        .join('\n');
      writeFileAtomic(join(argv.out, 'study.md'), text);
      progress.done();
      const numbers = Object.fromEntries(
        made.map(({ name, seconds, cpuSeconds, numbers }) => [name, { seconds, cpuSeconds, ...numbers }]),
      );
      printResult(argv.json, { ...numbers, out: argv.out }, [text, `written    ${join(argv.out, 'study.md')}`]);
    } finally {
      progress.done();
      unlock();
    }
  },
};
