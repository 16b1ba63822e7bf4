import { parentPort } from 'node:worker_threads';
import { NeuroprintError } from '@neuroprint/core';
import { type PhysicalAnswer, type PhysicalJob, runPhysicalJob } from './kirchhoff-jobs.ts';

/** A thread of runPhysicalJobs: one job in, its result or the reason of its failure out. */
function answer(job: PhysicalJob): PhysicalAnswer {
  try {
    return { result: runPhysicalJob(job) };
  } catch (error) {
    if (error instanceof NeuroprintError)
      return { error: { message: error.message, exitCode: error.exitCode, hint: error.hint } };
    return { error: { message: error instanceof Error ? (error.stack ?? error.message) : String(error), exitCode: 1 } };
  }
}

parentPort?.on('message', (job: PhysicalJob) => parentPort!.postMessage(answer(job)));
