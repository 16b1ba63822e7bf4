import { parentPort } from 'node:worker_threads';
import { NeuroprintError } from '@neuroprint/core';
import { runJob, type TrainingJob, type WorkerAnswer } from './jobs.ts';

/** A thread of runJobs: one job in, its result or the reason of its failure out. */
function answer(job: TrainingJob): WorkerAnswer {
  try {
    return { result: runJob(job) };
  } catch (error) {
    if (error instanceof NeuroprintError) {
      return { error: { message: error.message, exitCode: error.exitCode, hint: error.hint } };
    }
    return { error: { message: error instanceof Error ? (error.stack ?? error.message) : String(error) } };
  }
}

parentPort?.on('message', (job: TrainingJob) => parentPort!.postMessage(answer(job)));
