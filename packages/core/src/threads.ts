import { platform } from '#platform';
import { NeuroprintError } from './files/errors.ts';
import type { Thread } from './platform/platform.ts';

/** What a thread sends: whatever a job tells while it runs, then its result or the reason of its failure. */
export type Answer<Result, Told> =
  | { readonly told: Told }
  | { readonly result: Result }
  | { readonly error: { readonly message: string; readonly exitCode: 1 | 2 | 3; readonly hint: string | undefined } };

/** A job was refused or failed; its message says why, and `job` which one (from 0). */
export class JobError extends NeuroprintError {
  override readonly exitCode: 1 | 2 | 3;
  readonly job: number;

  constructor(job: number, message: string, exitCode: 1 | 2 | 3 = 1, hint?: string) {
    super(message, hint);
    this.job = job;
    this.exitCode = exitCode;
  }
}

export interface ThreadPlan<Result, Told> {
  /**
   * The module of a thread, which calls answerJobs: `new URL('./some-worker.js', import.meta.url)`, written just so, because the build
   * of the page finds it by these words.
   */
  readonly file: URL;
  readonly workers: number;
  /** Sent to each thread once: the third argument of its jobs. */
  readonly shared?: unknown;
  readonly onTold?: ((told: Told, job: number) => void) | undefined;
  /** Called as each job is done, in any order. */
  readonly onResult: (result: Result, job: number) => void;
  /** Asked after every result: true leaves out whatever is not done. */
  readonly enough?: () => boolean;
}

/** How many threads make sense on this machine. */
export function availableCores(): number {
  return platform.cores();
}

/**
 * Does jobs on at most `workers` threads, each job on one. Threads take jobs in their order, so that a result depends on its job alone
 * and not on the number of threads. The first failure, of a job, a thread or a callback, ends all threads and is thrown.
 */
export async function runOnThreads<Job, Result, Told = never>(
  jobs: readonly Job[],
  { file, workers, shared, onTold, onResult, enough }: ThreadPlan<Result, Told>,
): Promise<void> {
  const threads: Thread[] = [];
  let next = 0;
  let left = jobs.length;
  let over = left === 0;
  if (over) return;
  const work = (resolve: () => void, reject: (error: unknown) => void): void => {
    const thread = platform.startThread(file, shared);
    threads.push(thread);
    let job = 0;
    const give = (): void => {
      job = next;
      next += 1;
      if (job < jobs.length) thread.post(jobs[job]);
    };
    const take = (answer: Answer<Result, Told>): void => {
      if ('told' in answer) {
        onTold?.(answer.told, job);
        return;
      }
      if ('error' in answer) throw new JobError(job, answer.error.message, answer.error.exitCode, answer.error.hint);
      onResult(answer.result, job);
      left -= 1;
      over = left === 0 || enough?.() === true;
      if (over) resolve();
      else give();
    };
    const fail = (error: unknown): void => {
      over = true;
      reject(error);
    };
    thread.listen({
      onMessage: (answer) => {
        if (over) return;
        try {
          take(answer as Answer<Result, Told>);
        } catch (error) {
          fail(error);
        }
      },
      onError: (problem) => fail(new JobError(job, `a thread failed: ${problem}`)),
      onExit: (code) => {
        const hint = 'The machine may be out of memory: try --workers 1.';
        if (job < jobs.length) fail(new JobError(job, `a thread ended with code ${code} before its job`, 1, hint));
      },
    });
    give();
  };
  try {
    await new Promise<void>((resolve, reject) => {
      for (let i = Math.max(1, Math.min(workers, jobs.length)); i > 0; i -= 1) work(resolve, reject);
    });
  } finally {
    await Promise.all(threads.map((thread) => thread.terminate()));
  }
}

/**
 * In a thread: does every job that runOnThreads sends, with what it shares among them. An error that a person can act on keeps its exit
 * code and hint.
 */
export function answerJobs<Job, Result, Told = never, Shared = unknown>(
  run: (job: Job, tell: (told: Told) => void, shared: Shared) => Result,
): void {
  const port = platform.threadPort();
  const send = (answer: Answer<Result, Told>): void => port.post(answer);
  port.onMessage((job) => {
    try {
      send({ result: run(job as Job, (told) => send({ told }), port.shared() as Shared) });
    } catch (error) {
      const { exitCode, hint } = error instanceof NeuroprintError ? error : { exitCode: 1 as const, hint: undefined };
      const bug = !(error instanceof NeuroprintError) && error instanceof Error ? error.stack : undefined;
      send({ error: { message: bug ?? (error instanceof Error ? error.message : String(error)), exitCode, hint } });
    }
  });
}
