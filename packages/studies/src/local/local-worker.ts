import { parentPort } from 'node:worker_threads';
import { NeuroprintError } from '@neuroprint/core';
import type { StudyAnswer } from './pool.ts';
import { runStudy, type StudyJob } from './study.ts';

/** A thread of runStudies: one job in, its result or the reason of its failure out. */
function answer(job: StudyJob): StudyAnswer {
  try {
    return { result: runStudy(job).result };
  } catch (error) {
    if (error instanceof NeuroprintError)
      return { error: { message: error.message, exitCode: error.exitCode, hint: error.hint } };
    return { error: { message: error instanceof Error ? (error.stack ?? error.message) : String(error), exitCode: 1 } };
  }
}

parentPort?.on('message', (job: StudyJob) => parentPort!.postMessage(answer(job)));
