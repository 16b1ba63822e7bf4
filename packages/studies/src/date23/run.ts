import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Dataset, inLockedFolder, readDataset, stopwatch, UsageError, writeFileAtomic } from '@neuroprint/core';
import { casesPlot } from '@neuroprint/report';
import { DEFAULT_OPTIONS, type PortableProblem, readProblem } from '@neuroprint/training';
import type { StudyContext } from '../context.ts';
import { RowStore, recipeOf } from '../row-store.ts';
import { runTrainings, type Shard, type Training } from '../trainings.ts';
import type { Case } from './case.ts';
import { CASES, hiddenOf, jobOf, neededBy } from './cases.ts';
import { type Row, toRow } from './row.ts';
import { accuraciesOf, summarise, toCsv, toMarkdown } from './summary.ts';

/** The ablation of the DATE'23 paper; names of tables and cases apart by commas, all unless given. */
export interface Date23Request {
  readonly data: string;
  readonly out: string;
  readonly tables?: string;
  readonly cases?: string;
  readonly seeds: number;
  readonly epochs?: number;
  readonly workers: number;
  readonly shard?: Shard;
  readonly merge?: string;
  readonly technology: string;
  readonly surrogates: string;
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

/** Columns within 0..1: the tables of the paper are scaled, and it takes that as volts. */
function scaledColumns({ featureNames, features }: Dataset): string[] {
  const width = featureNames.length;
  return featureNames.filter((_, k) => features.every((x, at) => at % width !== k || (x >= 0 && x <= 1)));
}

/**
 * Trains every case on every table under every seed, or a shard of these trainings; writes table.md, table.csv and table.svg. Rows that
 * are there are not trained again. Throws UsageError for unknown tables and cases.
 */
export async function runDate23(request: Date23Request, context: StudyContext) {
  const names = tablesIn(request.data, request.tables);
  const part = request.shard ?? { index: 0, of: 1 };
  mkdirSync(request.out, { recursive: true });
  return inLockedFolder(request.out, async () => {
    const spent = stopwatch();
    const store = new RowStore<Row>(request.out);
    store.takeOver(request.merge?.split(',') ?? []);
    const problems = names.map((name) => {
      const data = readDataset(join(request.data, `${name}.csv`));
      return readProblem({
        data,
        technology: request.technology,
        surrogates: request.surrogates,
        templates: context.templates,
        inputVolts: scaledColumns(data),
        beyondShare: 0,
      });
    });
    // whole seeds, because the rows of equal power need the others of their table and seed
    const seeds = Array.from({ length: request.seeds }, (_, seed) => seed).filter(
      (seed) => seed % part.of === part.index,
    );
    const cases = casesOf(request.cases);
    const independent = cases.filter((which) => which.more !== 'power');
    const first = plan(problems, seeds, independent, [], request.epochs);
    const { rows, trained } = await runTrainings(first, store, request.workers, context);
    const dependent = cases.filter((which) => which.more === 'power');
    const second = plan(problems, seeds, dependent, rows, request.epochs);
    const rest = await runTrainings(second, store, request.workers, context);
    const { cpuSeconds } = spent();
    const all = [...rows, ...rest.rows];
    const lines = summarise(all, names);
    if (request.shard === undefined) {
      writeFileAtomic(join(request.out, 'table.md'), `${toMarkdown(lines, names)}\n`);
      writeFileAtomic(join(request.out, 'table.csv'), toCsv(lines));
      writeFileAtomic(join(request.out, 'table.svg'), (await casesPlot('table', accuraciesOf(lines))).svg);
    }
    return {
      names,
      lines,
      resumed: all.length - trained - rest.trained,
      trained: trained + rest.trained,
      trainingCpuSeconds: all.reduce((sum, row) => sum + row.cpuSeconds, 0),
      cpuSeconds,
      wallSeconds: spent().wallSeconds,
    };
  });
}
