import { runOnThreads } from '@neuroprint/core';
import { runStudy, type StudyJob, type StudyResult } from './study.ts';

/**
 * Runs studies on `workers` threads (0: in this one). A result depends on its job alone, so any number of threads gives the same
 * numbers; they come in the order of the jobs. Throws JobError for the first that fails.
 */
export async function runStudies(
  jobs: readonly StudyJob[],
  workers: number,
  onDone?: (done: number) => void,
): Promise<StudyResult[]> {
  if (workers === 0) return jobs.map((job) => runStudy(job).result);
  const results = new Array<StudyResult>(jobs.length);
  let done = 0;
  await runOnThreads<StudyJob, StudyResult>(jobs, {
    file: new URL('./local-worker.js', import.meta.url),
    workers,
    onResult: (result, job) => {
      results[job] = result;
      done += 1;
      onDone?.(done);
    },
  });
  return results;
}
