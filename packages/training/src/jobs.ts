import { type JobThread, openThread, runOnThreads, type TrainingState } from '@neuroprint/core';
import { type SurrogateContent, SurrogateModel } from '@neuroprint/surrogate';
import { type BaselineOptions, type BaselineResult, trainBaseline } from './digital.ts';
import type { TrainingHooks, TrainingProgress } from './printed/course.ts';
import type { TrainingOptions } from './printed/options.ts';
import type { TrainingProblem } from './printed/problem.ts';
import { type TrainingResult, trainNetwork } from './printed/train.ts';

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

/** What a thread is sent, and what it tells before its result. */
export interface WorkerRequest {
  readonly job: TrainingJob;
  readonly tells: { readonly progress: boolean; readonly state: boolean };
}
export type Told = { readonly progress: TrainingProgress } | { readonly state: TrainingState };

/** Runs one job in this thread. */
export function runJob<J extends TrainingJob>(job: J, hooks: Omit<TrainingHooks, 'resume'> = {}): JobResult<J> {
  if (job.kind === 'digital') return trainBaseline(job.problem, job.options) as JobResult<J>;
  return trainNetwork(readable(job.problem), job.options, { ...hooks, resume: job.resume }) as JobResult<J>;
}

/** The problem with its surrogates as models. */
export function readable(problem: PortableProblem): TrainingProblem {
  const { falling, activation } = problem;
  return { ...problem, falling: SurrogateModel.of(falling), activation: SurrogateModel.of(activation) };
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
  const tells = { progress: hooks.onProgress !== undefined, state: hooks.onState !== undefined };
  await runOnThreads<WorkerRequest, JobResult<J>, Told>(
    jobs.map((job) => ({ job, tells })),
    {
      file: new URL('./worker.js', import.meta.url),
      workers,
      onTold: (told, job) =>
        'state' in told ? hooks.onState?.(told.state, job) : hooks.onProgress?.(told.progress, job),
      onResult: (result, job) => {
        results[job] = result;
        onResult?.(result, job);
      },
    },
  );
  return results;
}

/** Starts a thread that trains one network after another. */
export function openTrainingThread(): JobThread<TrainingJob, JobResult> {
  const thread = openThread<WorkerRequest, JobResult, Told>(new URL('./worker.js', import.meta.url));
  const tells = { progress: false, state: false };
  return { run: (job) => thread.run({ job, tells }), close: () => thread.close() };
}
