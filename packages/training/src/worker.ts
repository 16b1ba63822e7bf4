import { answerJobs, type TrainingState } from '@neuroprint/core';
import { type JobResult, runJob, type Told, type WorkerRequest } from './jobs.ts';

/** A state is offered every few epochs, and sent when the last one is so old. */
const STATE_MILLISECONDS = 5000;

answerJobs<WorkerRequest, JobResult, Told>(({ job, tells }, tell) => {
  let sentAt = performance.now();
  return runJob(job, {
    ...(tells.progress ? { onProgress: (progress) => tell({ progress }) } : {}),
    ...(tells.state
      ? {
          onState: (state: () => TrainingState) => {
            if (performance.now() - sentAt < STATE_MILLISECONDS) return;
            tell({ state: state() });
            sentAt = performance.now();
          },
        }
      : {}),
  });
});
