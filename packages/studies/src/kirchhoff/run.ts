import { join } from 'node:path';
import { type MissingPolicy, stopwatch, writeFileAtomic } from '@neuroprint/core';
import { HandThreads, type Job, JsonResults, runJobList } from '@neuroprint/jobs';
import { signFlipPlot } from '@neuroprint/report';
import { placeOf, type StudyContext, type StudyPlace } from '../context.ts';
import { recipeOf, rowFileOf } from '../recipe.ts';
import { CONSTRAINT_CASES, jobOfCase, MODE_CASES, type PhysicalCase } from './cases.ts';
import { openPhysicalThread } from './kirchhoff-jobs.ts';
import { signFlipHistory } from './sign-flip.ts';
import { chooseLambda, kirchhoffTable, linesOf, type PhysicalLine, type PhysicalRow, toCsv } from './summary.ts';
import { splitOf, TABLES, tableFile } from './tables.ts';

export interface PhysicalBenchRequest extends StudyPlace {
  readonly data: string;
  readonly tables?: readonly string[];
  readonly which: 'modes' | 'constraints' | 'both';
  readonly splits: number;
  readonly hidden: readonly number[];
  readonly lambdas: readonly number[];
  readonly missing: MissingPolicy;
}

/** Splits on which λ is chosen, by validation: all of a small table. */
const CHOOSING_SPLITS = 2;
const SMALL_ROWS = 500;
/** The table and split on which the sign flips are shown. */
const FLIP_LAMBDA = 0.1;

/** One training or readout; without λ it is of the one that validation chooses from the rows that it needs. */
interface Task extends Job {
  readonly which: PhysicalCase;
  readonly dataset: string;
  readonly split: number;
  readonly lambda: number | undefined;
}

/** The tasks of a table: every λ on the first splits, the chosen one on the others. */
function tasksOf(request: PhysicalBenchRequest, cases: readonly PhysicalCase[], dataset: string, file: string): Task[] {
  const { splits, lambdas, missing, hidden } = request;
  const read = Array.from({ length: splits }, (_, split) => splitOf(file, split, missing));
  const first = read[0]!.data.labels.length <= SMALL_ROWS ? splits : Math.min(splits, CHOOSING_SPLITS);
  return cases.flatMap((which) => {
    const of = (split: number, lambda: number | undefined, needed: readonly Task[]): Task => {
      const { data, problem } = read[split]!;
      const { problem: _, ...asked } = jobOfCase(which, problem, split, lambda ?? 0, hidden);
      const from = needed.map(({ input }) => input);
      const recipe = { sha256: data.sha256, missing, asked, ...(lambda === undefined ? { from } : {}) };
      const name = `${dataset}-${which.name}-${lambda ?? 'chosen'}-${split}`;
      const needs = needed.map((task) => task.name);
      return { ...{ which, dataset, split, lambda, name, needs }, input: recipeOf(recipe), file: rowFileOf(name) };
    };
    const chosenFrom = (which.penalised ? lambdas : [0]).flatMap((lambda) =>
      Array.from({ length: first }, (_, split) => of(split, lambda, [])),
    );
    const rest = Array.from({ length: splits - first }, (_, k) => of(first + k, undefined, chosenFrom));
    return [...chosenFrom, ...rest];
  });
}

/**
 * Trains and measures every case on every split of every table, each result in a file of its own under `out/rows`, and writes the
 * tables, as Markdown and CSV, and the figure of the sign flips.
 */
export async function runPhysicalBench(request: PhysicalBenchRequest, context: StudyContext) {
  const { out, which, hidden, missing } = request;
  const names = request.tables ?? TABLES;
  const spent = stopwatch();
  const store = new JsonResults<PhysicalRow>(out);
  const files = new Map(names.map((name) => [name, tableFile(name, request.data, join(out, 'tables'))]));
  const cases = [...(which === 'constraints' ? [] : MODE_CASES), ...(which === 'modes' ? [] : CONSTRAINT_CASES)];
  const jobs = names.flatMap((name) => tasksOf(request, cases, name, files.get(name)!));
  const tasks = new Map(jobs.map((task) => [task.name, task]));
  const threads = new HandThreads(openPhysicalThread);
  const outcome = await runJobList<PhysicalRow>(
    {
      ...{ what: 'physical networks', unit: 'training', jobs },
      read: (job) => store.read(job),
      work: async (job, hand, needed) => {
        const { which: one, dataset, split, lambda: given } = tasks.get(job.name)!;
        const lambda = given ?? chooseLambda(needed);
        const { problem } = splitOf(files.get(dataset)!, split, missing);
        const came = await threads.run(hand, jobOfCase(one, problem, split, lambda, hidden));
        const result: PhysicalRow = { dataset, split, lambda, case: one.name, ...came };
        store.write(job, result);
        return { result };
      },
    },
    placeOf(request, context),
  ).finally(() => threads.close());
  const rows = outcome.results.filter((row) => row !== undefined);
  const lines: Readonly<Record<'modes' | 'constraints', readonly PhysicalLine[]>> = {
    modes: linesOf(rows, names, MODE_CASES),
    constraints: linesOf(rows, names, CONSTRAINT_CASES),
  };
  const counts = { trained: outcome.made, resumed: outcome.found, failures: outcome.failures };
  if (request.shard !== undefined || rows.length === 0)
    return { ...{ names, lines, signFlips: [] }, ...counts, ...spent() };
  for (const name of ['modes', 'constraints'] as const) {
    if (lines[name].length === 0) continue;
    writeFileAtomic(join(out, `${name}.md`), `${kirchhoffTable(lines[name])}\n`);
    writeFileAtomic(join(out, `${name}.csv`), toCsv(lines[name]));
  }
  const { problem } = splitOf(files.get(names[0]!)!, 0, missing);
  const flips = [0, FLIP_LAMBDA].map((lambda) => signFlipHistory(problem, { lambda, hidden }));
  const histories = flips.map(({ lambda, ...rest }) => ({
    ...rest,
    title: lambda === 0 ? 'without the penalty' : `λ = ${lambda}`,
  }));
  writeFileAtomic(join(out, 'sign-flip.svg'), (await signFlipPlot('sign-flip', histories)).svg);
  const signFlips = flips.map(({ lambda, flips: count, accuracy, loss }) => ({
    ...{ lambda, flips: count, accuracy },
    lastLoss: loss.at(-1)!,
  }));
  return { names, lines, signFlips, ...counts, ...spent() };
}
