import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { lockFolder, readDataset, UsageError, writeFileAtomic } from '@neuroprint/core';
import { casesPlot } from '@neuroprint/report';
import { DEFAULT_OPTIONS, type PortableProblem } from '@neuroprint/training';
import type { CommandModule } from 'yargs';
import { CASES, type Case, hiddenOf, jobOf, neededBy } from '../date23/cases.ts';
import { type Row, toRow } from '../date23/row.ts';
import { accuraciesOf, OVERALL, summarise, titleOf, toCsv, toMarkdown } from '../date23/summary.ts';
import { jsonOption, numberOption, parseShard, surrogatesOption, technologyOption, textOption } from '../options.ts';
import { formatSeconds, printResult } from '../output.ts';
import { readProblem } from '../problem.ts';
import { runTrainings, shardOptions, type Training } from '../trainings/run.ts';
import { RowStore, recipeOf } from '../trainings/store.ts';
import { benchPhysical } from './bench-physical.ts';

interface Arguments {
  data: string;
  out: string;
  tables: string | undefined;
  cases: string | undefined;
  seeds: number;
  epochs: number | undefined;
  workers: number;
  shard: string | undefined;
  merge: string | undefined;
  technology: string;
  surrogates: string;
  json: boolean;
}

/** The names of the tables of a folder, all or those asked for. */
function tablesIn(folder: string, asked: string | undefined): string[] {
  const found = readdirSync(folder)
    .filter((name) => name.endsWith('.csv'))
    .map((name) => name.slice(0, -4))
    .sort();
  if (found.length === 0) throw new UsageError(`${folder} holds no CSV table.`, 'Name the folder of the tables.');
  if (asked === undefined) return found;
  return asked.split(',').map((name) => {
    if (!found.includes(name))
      throw new UsageError(`${folder} holds no table ${name}.`, `It holds: ${found.join(', ')}.`);
    return name;
  });
}

/** The cases asked for. Throws UsageError for an unknown one, and for one of equal power without those it is made from. */
function casesOf(asked: string | undefined): readonly Case[] {
  if (asked === undefined) return CASES;
  const names = asked.split(',');
  const unknown = names.find((name) => !CASES.some((which) => which.name === name));
  if (unknown !== undefined)
    throw new UsageError(`There is no case ${unknown}.`, `There are: ${CASES.map(({ name }) => name).join(', ')}.`);
  const cases = CASES.filter(({ name }) => names.includes(name));
  const lacking = cases.flatMap(neededBy).find((name) => !names.includes(name));
  if (lacking !== undefined)
    throw new UsageError(`Neurons for equal power are counted from the case ${lacking}.`, `Add it to --cases.`);
  return cases;
}

/** The trainings of some cases; `known` are rows of the same tables and seeds that others are derived from. */
function plan(
  problems: readonly PortableProblem[],
  seeds: readonly number[],
  cases: readonly Case[],
  known: readonly Row[],
  epochs: number | undefined,
): Training<Row>[] {
  return seeds.flatMap((seed) =>
    problems.flatMap((problem) => {
      const own = known.filter((row) => row.dataset === problem.name && row.seed === seed);
      return cases.map((which): Training<Row> => {
        const hidden = hiddenOf(problem, which, own);
        const job = jobOf(problem, which, seed, hidden, epochs);
        const recipe = recipeOf({ hashes: problem.inputHashes, options: job.options, defaults: DEFAULT_OPTIONS });
        const key = { dataset: problem.name, seed, recipe, hidden };
        const name = `${problem.name}-${which.name}-${seed}`;
        return { name, recipe, job, toRow: (result) => toRow(key, which, result) };
      });
    }),
  );
}

async function run(argv: Arguments) {
  const names = tablesIn(argv.data, argv.tables);
  const part = argv.shard === undefined ? { index: 0, of: 1 } : parseShard(argv.shard);
  mkdirSync(argv.out, { recursive: true });
  const unlock = lockFolder(argv.out);
  const began = performance.now();
  const usage = process.cpuUsage();
  try {
    const store = new RowStore<Row>(argv.out);
    store.takeOver(argv.merge?.split(',') ?? []);
    const problems = names.map((name) =>
      readProblem({
        data: readDataset(join(argv.data, `${name}.csv`)),
        labelColumn: 'label',
        splitColumn: 'split',
        technology: argv.technology,
        surrogates: argv.surrogates,
      }),
    );
    // whole seeds, because the rows of equal power need the others of their table and seed
    const seeds = Array.from({ length: argv.seeds }, (_, seed) => seed).filter((seed) => seed % part.of === part.index);
    const cases = casesOf(argv.cases);
    const independent = cases.filter((which) => which.more !== 'power');
    const first = plan(problems, seeds, independent, [], argv.epochs);
    const { rows, trained } = await runTrainings('bench date23', first, store, argv.workers);
    const dependent = cases.filter((which) => which.more === 'power');
    const second = plan(problems, seeds, dependent, rows, argv.epochs);
    const rest = await runTrainings('bench date23, equal power', second, store, argv.workers);
    const used = process.cpuUsage(usage);
    const all = [...rows, ...rest.rows];
    const lines = summarise(all, names);
    if (argv.shard === undefined) {
      writeFileAtomic(join(argv.out, 'table.md'), `${toMarkdown(lines, names)}\n`);
      writeFileAtomic(join(argv.out, 'table.csv'), toCsv(lines));
      writeFileAtomic(join(argv.out, 'table.svg'), (await casesPlot('table', accuraciesOf(lines))).svg);
    }
    return {
      names,
      lines,
      resumed: all.length - trained - rest.trained,
      trained: trained + rest.trained,
      trainingCpuSeconds: all.reduce((sum, row) => sum + row.cpuSeconds, 0),
      cpuSeconds: (used.user + used.system) / 1e6,
      wallSeconds: (performance.now() - began) / 1000,
    };
  } finally {
    unlock();
  }
}

const date23: CommandModule<object, Arguments> = {
  command: 'date23',
  describe: "The ablation of the DATE'23 paper: nominal or variation-aware, fixed or learned activation",
  builder: (yargs) =>
    yargs
      .options({
        data: { ...textOption('data', 'Folder of CSV tables with a label and a split column'), demandOption: true },
        out: { ...textOption('out', 'Folder for the rows and the table; a stopped run goes on'), demandOption: true },
        tables: textOption('tables', 'Names of tables, such as iris,seeds; default all of the folder'),
        cases: textOption('cases', 'Names of cases, such as learned-aware-10,digital; default all'),
        seeds: numberOption('seeds', { min: 1, max: 1000, default: 10, describe: 'Seeds of every case' }, true),
        epochs: numberOption('epochs', { min: 1, max: 1e6, describe: 'Most epochs of one start' }, true),
        workers: numberOption('workers', { min: 1, max: 256, default: 1, describe: 'Threads' }, true),
        ...shardOptions,
        technology: technologyOption,
        surrogates: surrogatesOption,
        json: jsonOption,
      })
      .example('$0 bench date23 --data tables --out ablation --workers 2', 'The whole table') as never,
  handler: async (argv) => {
    const { names, lines, resumed, trained, trainingCpuSeconds, cpuSeconds, wallSeconds } = await run(argv);
    const overall = lines.filter((line) => line.dataset === OVERALL);
    printResult(
      argv.json,
      {
        tables: names,
        seeds: argv.seeds,
        resumed,
        trained,
        cpuSeconds,
        wallSeconds,
        trainingCpuSeconds,
        overall: overall.map((line) => ({ ...line, case: line.case.name })),
        out: argv.out,
      },
      [
        `${names.length} tables × ${argv.seeds} seeds: ${trained} trainings now, ${resumed} from before`,
        `${formatSeconds(wallSeconds)}, ${formatSeconds(cpuSeconds)} of processor time`,
        ...overall.map(
          (line) =>
            `tested at ${100 * line.testedAt} %: ${line.mean.toFixed(3)} ± ${line.std.toFixed(3)}  ${titleOf(line)}`,
        ),
        `all its trainings took at most ${formatSeconds(trainingCpuSeconds)} of processor time`,
        argv.shard === undefined
          ? `written    ${join(argv.out, 'table.md')}, table.csv, table.svg`
          : `written    ${join(argv.out, 'rows')}; join the shards with --merge`,
      ],
    );
  },
};

/** `neuroprint bench date23`. */
export const benchCommand: CommandModule<object, object> = {
  command: 'bench <what>',
  describe: 'Tables of published work, computed anew',
  builder: (yargs) =>
    yargs.command(date23).command(benchPhysical).demandCommand(1, 'Say which: date23, physical.').strict() as never,
  handler: () => {},
};
