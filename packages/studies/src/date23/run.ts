import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Dataset, readDataset, stopwatch, UsageError, writeFileAtomic } from '@neuroprint/core';
import { casesPlot } from '@neuroprint/report';
import {
  DEFAULT_OPTIONS,
  type JobResult,
  type PortableProblem,
  readProblem,
  type TrainingJob,
} from '@neuroprint/training';
import type { StudyContext, StudyPlace } from '../context.ts';
import { recipeOf } from '../recipe.ts';
import { runTrainings, type Training } from '../trainings.ts';
import type { Case } from './case.ts';
import { CASES, hiddenOf, jobOf, neededBy } from './cases.ts';
import { type Row, toRow } from './row.ts';
import { accuraciesOf, summarise, toCsv, toMarkdown } from './summary.ts';

/** The ablation of the DATE'23 paper; names of tables and cases apart by commas, all unless given. */
export interface Date23Request extends StudyPlace {
  readonly data: string;
  readonly tables?: string;
  readonly cases?: string;
  readonly seeds: number;
  readonly epochs?: number;
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

/** The trainings of every case on every table under every seed. Those of equal power are planned from the rows of others. */
function plan(
  problems: readonly PortableProblem[],
  seeds: number,
  cases: readonly Case[],
  epochs: number | undefined,
): Training<Row>[] {
  const recipes = new Map<string, string>();
  return Array.from({ length: seeds }, (_, seed) => seed).flatMap((seed) =>
    problems.flatMap((problem) => {
      const nameOf = (which: string) => `${problem.name}-${which}-${seed}`;
      return cases.map((which): Training<Row> => {
        const needs = neededBy(which).map(nameOf);
        const job = (needed: readonly Row[]) => jobOf(problem, which, seed, hiddenOf(problem, which, needed), epochs);
        const name = nameOf(which.name);
        const decisive =
          needs.length === 0
            ? { options: job([]).options }
            : { which, seed, epochs, from: needs.map((other) => recipes.get(other)) };
        const recipe = recipeOf({ hashes: problem.inputHashes, ...decisive, defaults: DEFAULT_OPTIONS });
        recipes.set(name, recipe);
        const toRow1 = (result: JobResult, { options }: TrainingJob) =>
          toRow({ dataset: problem.name, seed, hidden: options.hidden![0]! }, which, result);
        return { name, recipe, needs, job, toRow: toRow1 };
      });
    }),
  );
}

/** Columns within 0..1: the tables of the paper are scaled, and it takes that as volts. */
function scaledColumns({ featureNames, columns }: Dataset): string[] {
  return featureNames.filter((_, k) => columns[k]!.every((x) => x >= 0 && x <= 1));
}

/**
 * Trains every case on every table under every seed, or a shard of these trainings; writes table.md, table.csv and table.svg. Rows that
 * are there are not trained again. Throws UsageError for unknown tables and cases.
 */
export async function runDate23(request: Date23Request, context: StudyContext) {
  const names = tablesIn(request.data, request.tables);
  const spent = stopwatch();
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
  const cases = casesOf(request.cases);
  // those that others are planned from come first
  const ordered = [...cases.filter(({ more }) => more !== 'power'), ...cases.filter(({ more }) => more === 'power')];
  const trainings = plan(problems, request.seeds, ordered, request.epochs);
  const outcome = await runTrainings("ablation of the DATE'23 paper", trainings, request, context);
  const { cpuSeconds } = spent();
  const all = outcome.results.filter((row) => row !== undefined);
  const lines = summarise(all, names);
  if (request.shard === undefined && all.length > 0) {
    writeFileAtomic(join(request.out, 'table.md'), `${toMarkdown(lines, names)}\n`);
    writeFileAtomic(join(request.out, 'table.csv'), toCsv(lines));
    writeFileAtomic(join(request.out, 'table.svg'), (await casesPlot('table', accuraciesOf(lines))).svg);
  }
  return {
    names,
    lines,
    resumed: outcome.found,
    trained: outcome.made,
    failures: outcome.failures,
    trainingCpuSeconds: outcome.cpuSeconds,
    cpuSeconds,
    wallSeconds: spent().wallSeconds,
  };
}
