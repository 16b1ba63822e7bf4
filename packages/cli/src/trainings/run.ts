import { type JobResult, runJobs, type TrainingJob } from '@neuroprint/training';
import { untilInterrupted } from '../interrupt.ts';
import { textOption } from '../options.ts';
import { Progress } from '../output.ts';
import type { RowStore, StoredRow } from './store.ts';

/** One training of many, and the row that is kept of it. */
export interface Training<T extends StoredRow> {
  /** Name of the row, unique in the run. */
  readonly name: string;
  readonly recipe: string;
  readonly job: TrainingJob;
  readonly toRow: (result: JobResult) => T;
}

/** `--shard` and `--merge`: several machines make parts of a run, each in a folder of its own; one joins them. */
export const shardOptions = {
  shard: textOption('shard', 'Part I of N of the trainings, such as 0/8: trains them and summarises nothing'),
  merge: textOption('merge', 'Folders of other shards, apart by commas, whose rows are taken over'),
};

/**
 * Rows of trainings, in their order: read where they are stored, otherwise trained on `workers` threads and stored one by
 * one. Throws InterruptedError when it was asked to stop; what is done is kept.
 */
export async function runTrainings<T extends StoredRow>(
  label: string,
  trainings: readonly Training<T>[],
  store: RowStore<T>,
  workers: number,
): Promise<{ readonly rows: T[]; readonly trained: number }> {
  const rows = trainings.map(({ name, recipe }) => store.read(name, recipe));
  const pending = [...rows.keys()].filter((at) => rows[at] === undefined);
  const progress = new Progress(label);
  let done = 0;
  try {
    const training = runJobs(
      pending.map((at) => trainings[at]!.job),
      workers,
      (result, index) => {
        const at = pending[index]!;
        rows[at] = trainings[at]!.toRow(result);
        store.write(trainings[at]!.name, rows[at]);
        done += 1;
        progress.update(done, pending.length, trainings[at]!.name);
      },
    );
    await untilInterrupted(training);
  } finally {
    progress.done();
  }
  return { rows: rows as T[], trained: pending.length };
}
