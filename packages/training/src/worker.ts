import { parentPort } from 'node:worker_threads';
import { NeuroprintError, type TrainingState } from '@neuroprint/core';
import { runJob, type WorkerAnswer, type WorkerRequest } from './jobs.ts';
import type { TrainingHooks, TrainingProgress } from './printed/trainer.ts';

/** A state is offered every few epochs, and sent when the last one is so old. */
const STATE_MILLISECONDS = 5000;

/** A thread of runJobs: one job in, its progress and states, then its result or the reason of its failure out. */
function answer({ job, tells }: WorkerRequest, tell: (answer: WorkerAnswer) => void): void {
  let sentAt = performance.now();
  const hooks: Omit<TrainingHooks, 'resume'> = {
    ...(tells.progress ? { onProgress: (progress: TrainingProgress) => tell({ progress }) } : {}),
    ...(tells.state
      ? {
          onState: (state: () => TrainingState) => {
            if (performance.now() - sentAt < STATE_MILLISECONDS) return;
            tell({ state: state() });
            sentAt = performance.now();
          },
        }
      : {}),
  };
  try {
    tell({ result: runJob(job, hooks) });
  } catch (error) {
    const known = error instanceof NeuroprintError;
    const message = known ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error);
    tell({ error: known ? { message, exitCode: error.exitCode, hint: error.hint } : { message } });
  }
}

parentPort?.on('message', (request: WorkerRequest) => answer(request, (it) => parentPort!.postMessage(it)));
