import { existsSync } from 'node:fs';
import { TrainedNetworkKind, untilAborted, writeArtifact } from '@neuroprint/core';
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
  /** File that the trained network is kept in, for studies whose networks are used further; a row without its file is trained again. */
  readonly networkFile?: string;
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
  const rows = trainings.map(({ name, recipe, networkFile }) =>
    networkFile === undefined || existsSync(networkFile) ? store.read(name, recipe) : undefined,
  );
  const pending = [...rows.keys()].filter((at) => rows[at] === undefined);
  let done = 0;
  const training = runJobs(
    pending.map((at) => trainings[at]!.job),
    workers,
    (result, index) => {
      const at = pending[index]!;
      const { name, networkFile, toRow } = trainings[at]!;
      rows[at] = toRow(result);
      // the row last: what has a row is complete
      if (networkFile !== undefined && 'network' in result)
        writeArtifact(networkFile, TrainedNetworkKind, result.network);
      store.write(name, rows[at]);
      done += 1;
      onProgress(done, pending.length, trainings[at]!.name);
    },
  );
  await untilAborted(training, signal);
  return { rows: rows as T[], trained: pending.length };
}
