import { untilAborted } from '@neuroprint/core';
import { type JobResult, runJobs, type TrainingJob } from '@neuroprint/training';
import type { StudyContext } from './context.ts';
import type { RowStore, StoredRow } from './row-store.ts';

/** One training of many, and the row that is kept of it. */
export interface Training<T extends StoredRow> {
  /** Name of the row, unique in the run. */
  readonly name: string;
  readonly recipe: string;
  readonly job: TrainingJob;
  readonly toRow: (result: JobResult) => T;
}

/** One part of many: several machines make parts of a run, each in a folder of its own. */
export interface Shard {
  /** From 0. */
  readonly index: number;
  readonly of: number;
}

/**
 * Rows of trainings, in their order: read where they are stored, otherwise trained on `workers` threads and stored one by
 * one. Rejects with the signal's reason when it was asked to stop; what is done is kept.
 */
export async function runTrainings<T extends StoredRow>(
  trainings: readonly Training<T>[],
  store: RowStore<T>,
  workers: number,
  { signal, onProgress }: Pick<StudyContext, 'signal' | 'onProgress'>,
): Promise<{ readonly rows: T[]; readonly trained: number }> {
  const rows = trainings.map(({ name, recipe }) => store.read(name, recipe));
  const pending = [...rows.keys()].filter((at) => rows[at] === undefined);
  let done = 0;
  const training = runJobs(
    pending.map((at) => trainings[at]!.job),
    workers,
    (result, index) => {
      const at = pending[index]!;
      rows[at] = trainings[at]!.toRow(result);
      store.write(trainings[at]!.name, rows[at]);
      done += 1;
      onProgress(done, pending.length, trainings[at]!.name);
    },
  );
  await untilAborted(training, signal);
  return { rows: rows as T[], trained: pending.length };
}
