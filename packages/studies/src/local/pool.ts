import { Worker } from 'node:worker_threads';
import { JobError } from '@neuroprint/training';
import { runStudy, type StudyJob, type StudyResult } from './study.ts';

/** What a thread answers. */
export type StudyAnswer =
  | { readonly result: StudyResult }
  | { readonly error: { readonly message: string; readonly exitCode: 1 | 2 | 3; readonly hint?: string | undefined } };

// tests run from src, where Node cannot load TypeScript into a thread
const WORKER = new URL('../../dist/local/local-worker.js', import.meta.url);

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
  let next = 0;
  let done = 0;
  const threads: Worker[] = [];
  const work = async (): Promise<void> => {
    const worker = new Worker(WORKER);
    threads.push(worker);
    while (next < jobs.length) {
      const job = next;
      next += 1;
      results[job] = await ask(worker, jobs[job]!, job);
      done += 1;
      onDone?.(done);
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(workers, jobs.length) }, work));
  } finally {
    next = jobs.length;
    await Promise.all(threads.map((thread) => thread.terminate()));
  }
  return results;
}

function ask(worker: Worker, job: StudyJob, index: number): Promise<StudyResult> {
  return new Promise((resolve, reject) => {
    const settle = (action: () => void) => {
      worker.off('message', onMessage).off('error', onError).off('exit', onExit);
      action();
    };
    const onMessage = (answer: StudyAnswer) =>
      settle(() => {
        if ('result' in answer) resolve(answer.result);
        else reject(new JobError(index, answer.error.message, answer.error.exitCode, answer.error.hint));
      });
    const onError = (error: Error) =>
      settle(() => reject(new JobError(index, `a thread of the study failed: ${error.message}`, 1)));
    const onExit = () => settle(() => reject(new JobError(index, 'a thread of the study ended before its job', 1)));
    worker.on('message', onMessage).on('error', onError).on('exit', onExit);
    worker.postMessage(job);
  });
}
