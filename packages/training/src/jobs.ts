import type { Worker } from 'node:worker_threads';
import { NeuroprintError, type TrainingState } from '@neuroprint/core';
import { runOnThreads } from '@neuroprint/numeric';
import { type SurrogateContent, SurrogateModel } from '@neuroprint/surrogate';
import { type BaselineOptions, type BaselineResult, trainBaseline } from './digital.ts';
import type { TrainingOptions } from './printed/options.ts';
import type { TrainingProblem } from './printed/problem.ts';
import { type TrainingResult, trainNetwork } from './printed/train.ts';
import type { TrainingHooks, TrainingProgress } from './printed/trainer.ts';

/** A problem that can be sent to another thread: its surrogates as they are in their files. */
export interface PortableProblem extends Omit<TrainingProblem, 'falling' | 'activation'> {
  readonly falling: SurrogateContent;
  readonly activation: SurrogateContent;
}

/** One network to be trained: printed, or digital for comparison. */
export type TrainingJob =
  | {
      readonly kind: 'printed';
      readonly problem: PortableProblem;
      readonly options: TrainingOptions;
      /** Where it goes on: a state of the same problem and options. */
      readonly resume?: TrainingState | undefined;
    }
  | { readonly kind: 'digital'; readonly problem: PortableProblem; readonly options: BaselineOptions };

export type JobResult<J extends TrainingJob = TrainingJob> = J extends { readonly kind: 'digital' }
  ? BaselineResult
  : TrainingResult;

/** What trainings tell while they run; `job` says which one (from 0). */
export interface JobHooks {
  readonly onProgress?: (progress: TrainingProgress, job: number) => void;
  /** Called every few seconds with what `resume` takes. */
  readonly onState?: (state: TrainingState, job: number) => void;
}

/** What a worker is sent, and what it answers: the last message of a job is its result or its error. */
export interface WorkerRequest {
  readonly job: TrainingJob;
  readonly tells: { readonly progress: boolean; readonly state: boolean };
}
export type WorkerAnswer =
  | { readonly progress: TrainingProgress }
  | { readonly state: TrainingState }
  | { readonly result: JobResult }
  | { readonly error: { readonly message: string; readonly exitCode?: 1 | 2 | 3; readonly hint?: string | undefined } };

/** A job was refused or failed; its message says why, and `job` which one (from 0). */
export class JobError extends NeuroprintError {
  override readonly exitCode: 1 | 2 | 3;
  readonly job: number;

  constructor(job: number, message: string, exitCode: 1 | 2 | 3, hint?: string) {
    super(message, hint);
    this.job = job;
    this.exitCode = exitCode;
  }
}

// tests run from src, where Node cannot load TypeScript into a thread
const WORKER = new URL('../dist/worker.js', import.meta.url);

/** Runs one job in this thread. */
export function runJob<J extends TrainingJob>(job: J, hooks: Omit<TrainingHooks, 'resume'> = {}): JobResult<J> {
  if (job.kind === 'digital') return trainBaseline(job.problem, job.options) as JobResult<J>;
  const { falling, activation } = job.problem;
  const problem = {
    ...job.problem,
    falling: SurrogateModel.of(falling),
    activation: SurrogateModel.of(activation),
  };
  return trainNetwork(problem, job.options, { ...hooks, resume: job.resume }) as JobResult<J>;
}

/**
 * Runs jobs on `workers` threads, each job on one. A job's result depends on the job alone, so any number of workers
 * gives the same bits; results come in the order of the jobs. `onResult` is called as each is done, in any order.
 * The first failure ends all threads and is thrown as JobError.
 */
export async function runJobs<J extends TrainingJob>(
  jobs: readonly J[],
  workers: number,
  onResult?: (result: JobResult<J>, job: number) => void,
  hooks: JobHooks = {},
): Promise<JobResult<J>[]> {
  const results = new Array<JobResult<J>>(jobs.length);
  await runOnThreads(jobs.length, workers, WORKER, async (worker, job) => {
    const answer = await ask(worker, jobs[job]!, job, hooks);
    results[job] = answer as JobResult<J>;
    onResult?.(results[job]!, job);
  });
  return results;
}

function ask(worker: Worker, job: TrainingJob, index: number, hooks: JobHooks): Promise<JobResult> {
  return new Promise((resolve, reject) => {
    const settle = (action: () => void) => {
      worker.off('message', onMessage).off('error', onError).off('exit', onExit);
      action();
    };
    const onMessage = (answer: WorkerAnswer) => {
      if ('progress' in answer) hooks.onProgress?.(answer.progress, index);
      else if ('state' in answer) hooks.onState?.(answer.state, index);
      else
        settle(() => {
          if ('result' in answer) resolve(answer.result);
          else reject(new JobError(index, answer.error.message, answer.error.exitCode ?? 1, answer.error.hint));
        });
    };
    const onError = (error: Error) =>
      settle(() => reject(new JobError(index, `a training thread failed: ${error.message}`, 1)));
    const onExit = () =>
      settle(() => reject(new JobError(index, 'a training thread ended before its job was done', 1)));
    worker.on('message', onMessage).on('error', onError).on('exit', onExit);
    const tells = { progress: hooks.onProgress !== undefined, state: hooks.onState !== undefined };
    worker.postMessage({ job, tells } satisfies WorkerRequest);
  });
}
