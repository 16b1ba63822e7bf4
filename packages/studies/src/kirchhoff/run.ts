import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { inLockedFolder, type MissingPolicy, stopwatch, writeFileAtomic } from '@neuroprint/core';
import { signFlipPlot } from '@neuroprint/report';
import type { StudyContext } from '../context.ts';
import { RowStore, recipeOf } from '../row-store.ts';
import { CONSTRAINT_CASES, jobOfCase, MODE_CASES, type PhysicalCase } from './cases.ts';
import { type PhysicalJobResult, runPhysicalJobs } from './kirchhoff-jobs.ts';
import { signFlipHistory } from './sign-flip.ts';
import { chooseLambda, kirchhoffTable, linesOf, type PhysicalLine, type PhysicalRow, toCsv } from './summary.ts';
import { splitOf, TABLES, tableFile } from './tables.ts';

export interface PhysicalBenchRequest {
  readonly data: string;
  readonly out: string;
  readonly tables?: readonly string[];
  readonly which: 'modes' | 'constraints' | 'both';
  readonly splits: number;
  readonly hidden: readonly number[];
  readonly lambdas: readonly number[];
  readonly missing: MissingPolicy;
  readonly workers: number;
}

/** Splits on which λ is chosen, by validation: all of a small table. */
const CHOOSING_SPLITS = 2;
const SMALL_ROWS = 500;
/** The table and split on which the sign flips are shown. */
const FLIP_LAMBDA = 0.1;

interface Task {
  readonly which: PhysicalCase;
  readonly dataset: string;
  readonly split: number;
  readonly lambda: number;
}

/**
 * Trains and measures every case on every split of every table, each result in a file of its own under `out/rows`, and writes the
 * tables, as Markdown and CSV, and the figure of the sign flips.
 */
export async function runPhysicalBench(request: PhysicalBenchRequest, { signal, onProgress }: StudyContext) {
  const { out, splits, lambdas, which } = request;
  const names = request.tables ?? TABLES;
  mkdirSync(out, { recursive: true });
  return inLockedFolder(out, async () => {
    const spent = stopwatch();
    const store = new RowStore<PhysicalRow>(out);
    const files = new Map(names.map((name) => [name, tableFile(name, request.data, join(out, 'tables'))]));
    const cases = [...(which === 'constraints' ? [] : MODE_CASES), ...(which === 'modes' ? [] : CONSTRAINT_CASES)];
    const rows: PhysicalRow[] = [];
    let trained = 0;
    const run = async (tasks: readonly Task[], label: string): Promise<void> => {
      const pending = tasks.flatMap((task) => {
        const { data, problem } = splitOf(files.get(task.dataset)!, task.split, request.missing);
        const job = jobOfCase(task.which, problem, task.split, task.lambda, request.hidden);
        const { problem: _, ...asked } = job;
        const recipe = recipeOf({ sha256: data.sha256, missing: request.missing, asked });
        const name = `${task.dataset}-${task.which.name}-${task.lambda}-${task.split}`;
        const row = store.read(name, recipe);
        if (row === undefined) return [{ task, job, recipe, name }];
        rows.push(row);
        return [];
      });
      let done = 0;
      await runPhysicalJobs(
        pending.map(({ job }) => job),
        request.workers,
        (result: PhysicalJobResult, index) => {
          const { task, recipe, name } = pending[index]!;
          const { which: one, ...place } = task;
          const row: PhysicalRow = { ...place, case: one.name, recipe, ...result };
          store.write(name, row);
          rows.push(row);
          trained += 1;
          done += 1;
          signal.throwIfAborted();
          onProgress(done, pending.length, `${label}, ${name}`);
        },
      );
    };
    const lambdasOf = (one: PhysicalCase): readonly number[] => (one.penalised ? lambdas : [0]);
    // a table at a time, so that a stopped run has whole rows
    for (const dataset of names) {
      const { data } = splitOf(files.get(dataset)!, 0, request.missing);
      const first = data.labels.length <= SMALL_ROWS ? splits : Math.min(splits, CHOOSING_SPLITS);
      await run(
        cases.flatMap((one) =>
          lambdasOf(one).flatMap((lambda) =>
            Array.from({ length: first }, (_, split) => ({ which: one, dataset, split, lambda })),
          ),
        ),
        `${dataset}, choosing λ`,
      );
      await run(
        cases.flatMap((one) => {
          const lambda = chooseLambda(rows.filter((row) => row.dataset === dataset && row.case === one.name));
          return Array.from({ length: splits - first }, (_, k) => ({ which: one, dataset, split: first + k, lambda }));
        }),
        dataset,
      );
    }
    const { cpuSeconds } = spent();
    const lines: Readonly<Record<'modes' | 'constraints', readonly PhysicalLine[]>> = {
      modes: linesOf(rows, names, MODE_CASES),
      constraints: linesOf(rows, names, CONSTRAINT_CASES),
    };
    for (const name of ['modes', 'constraints'] as const) {
      if (lines[name].length === 0) continue;
      writeFileAtomic(join(out, `${name}.md`), `${kirchhoffTable(lines[name])}\n`);
      writeFileAtomic(join(out, `${name}.csv`), toCsv(lines[name]));
    }
    const { problem } = splitOf(files.get(names[0]!)!, 0, request.missing);
    const flips = [0, FLIP_LAMBDA].map((lambda) => signFlipHistory(problem, { lambda, hidden: request.hidden }));
    const histories = flips.map(({ lambda, ...rest }) => ({
      ...rest,
      title: lambda === 0 ? 'without the penalty' : `λ = ${lambda}`,
    }));
    writeFileAtomic(join(out, 'sign-flip.svg'), (await signFlipPlot('sign-flip', histories)).svg);
    return {
      names,
      lines,
      signFlips: flips.map(({ lambda, flips: count, accuracy, loss }) => ({
        lambda,
        flips: count,
        accuracy,
        lastLoss: loss.at(-1)!,
      })),
      trained,
      resumed: rows.length - trained,
      cpuSeconds,
      wallSeconds: spent().wallSeconds,
    };
  });
}
