import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { lockFolder, readDataset, UsageError, writeFileAtomic } from '@neuroprint/core';
import { DEFAULT_OPTIONS, JobError, type JobResult, runJobs, type TrainingJob } from '@neuroprint/network';
import type { CommandModule } from 'yargs';
import { CASES, type Case, jobOf } from '../date23/cases.ts';
import { toPlot } from '../date23/plot.ts';
import { type Row, RowStore, recipeOf, toRow } from '../date23/rows.ts';
import { OVERALL, summarise, titleOf, toCsv, toMarkdown } from '../date23/summary.ts';
import { interrupted } from '../interrupt.ts';
import { jsonOption, numberOption, surrogatesOption, technologyOption, textOption } from '../options.ts';
import { formatSeconds, Progress, printResult } from '../output.ts';
import { readProblem } from '../problem.ts';

interface Arguments {
  data: string;
  out: string;
  tables: string | undefined;
  seeds: number;
  epochs: number | undefined;
  workers: number;
  technology: string;
  surrogates: string;
  json: boolean;
}

interface Pending {
  readonly job: TrainingJob;
  readonly finish: (result: JobResult) => Row;
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

/** Rows that are there, and jobs for those that are not; a seed of all tables and cases before the next seed. */
function plan(argv: Arguments, names: readonly string[], store: RowStore): { done: Row[]; pending: Pending[] } {
  const done: Row[] = [];
  const pending: Pending[] = [];
  const problems = names.map((name) =>
    readProblem({
      data: readDataset(join(argv.data, `${name}.csv`)),
      labelColumn: 'label',
      splitColumn: 'split',
      technology: argv.technology,
      surrogates: argv.surrogates,
    }),
  );
  for (let seed = 0; seed < argv.seeds; seed += 1) {
    for (const problem of problems) {
      for (const which of CASES) {
        const job = jobOf(problem, which, seed, argv.epochs);
        const recipe = recipeOf({ hashes: problem.inputHashes, options: job.options, defaults: DEFAULT_OPTIONS });
        const row = store.read(problem.name, which, seed, recipe);
        if (row === undefined) {
          pending.push({ job, finish: (result) => toRow(problem.name, which as Case, seed, recipe, result) });
        } else done.push(row);
      }
    }
  }
  return { done, pending };
}

async function run(argv: Arguments) {
  const names = tablesIn(argv.data, argv.tables);
  mkdirSync(argv.out, { recursive: true });
  const unlock = lockFolder(argv.out);
  const progress = new Progress('bench date23');
  const began = performance.now();
  const usage = process.cpuUsage();
  try {
    const store = new RowStore(argv.out);
    const { done, pending } = plan(argv, names, store);
    const rows = [...done];
    await runJobs(
      pending.map(({ job }) => job),
      argv.workers,
      (result, index) => {
        const row = pending[index]!.finish(result);
        store.write(row);
        rows.push(row);
        interrupted.throwIfAborted();
        progress.update(rows.length - done.length, pending.length, `${row.dataset}, ${row.case}, seed ${row.seed}`);
      },
    );
    const used = process.cpuUsage(usage);
    const lines = summarise(rows, names);
    writeFileAtomic(join(argv.out, 'table.md'), `${toMarkdown(lines, names)}\n`);
    writeFileAtomic(join(argv.out, 'table.csv'), toCsv(lines));
    writeFileAtomic(join(argv.out, 'table.svg'), toPlot(lines));
    return {
      names,
      lines,
      resumed: done.length,
      trained: pending.length,
      cpuSeconds: (used.user + used.system) / 1e6,
      wallSeconds: (performance.now() - began) / 1000,
    };
  } catch (error) {
    throw error instanceof JobError && interrupted.aborted ? interrupted.reason : error;
  } finally {
    progress.done();
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
        seeds: numberOption('seeds', { min: 1, max: 1000, default: 10, describe: 'Seeds of every case' }, true),
        epochs: numberOption('epochs', { min: 1, max: 1e6, describe: 'Most epochs of one start' }, true),
        workers: numberOption('workers', { min: 1, max: 256, default: 1, describe: 'Threads' }, true),
        technology: technologyOption,
        surrogates: surrogatesOption,
        json: jsonOption,
      })
      .example('$0 bench date23 --data tables --out ablation --workers 2', 'The whole table') as never,
  handler: async (argv) => {
    const { names, lines, resumed, trained, cpuSeconds, wallSeconds } = await run(argv);
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
        `written    ${join(argv.out, 'table.md')}, table.csv, table.svg`,
      ],
    );
  },
};

/** `neuroprint bench date23`. */
export const benchCommand: CommandModule<object, object> = {
  command: 'bench <what>',
  describe: 'Tables of published work, computed anew',
  builder: (yargs) => yargs.command(date23).demandCommand(1, 'Say which: date23.').strict() as never,
  handler: () => {},
};
