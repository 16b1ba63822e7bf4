import { platform } from '#platform';
import { NeuroprintError } from './files/errors.ts';
import { untilAborted } from './until-aborted.ts';

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
  /** Aborted: all threads end, and its reason is thrown. */
  readonly signal?: AbortSignal | undefined;
  /** Asked after every result: true leaves out whatever is not done. */
  readonly enough?: () => boolean;
}

/** How many threads make sense on this machine. */
export function availableCores(): number {
  return platform.cores();
}

/** A thread that does one job after another, for whoever has them one by one. */
export interface JobThread<Job, Result, Told = never> {
  /** Rejects with JobError where the job fails, or the thread, which then does no more. */
  run(job: Job, onTold?: (told: Told) => void): Promise<Result>;
  /** Ends the thread, and what it is at. */
  close(): Promise<void>;
}

/** Starts a thread of a module that calls answerJobs; `file` is written as a plan has it. */
export function openThread<Job, Result, Told = never>(file: URL, shared?: unknown): JobThread<Job, Result, Told> {
  const thread = platform.startThread(file, shared);
  let current: { take: (answer: Answer<Result, Told>) => void; fail: (error: unknown) => void } | undefined;
  let end: JobError | undefined;
  const die = (message: string, hint?: string): void => {
    end ??= new JobError(0, message, 1, hint);
    current?.fail(end);
  };
  thread.listen({
    onMessage: (answer) => current?.take(answer as Answer<Result, Told>),
    onError: (problem) => die(`a thread failed: ${problem}`),
    onExit: (code) =>
      die(`a thread ended with code ${code} before its job`, 'The machine may be out of memory: try --workers 1.'),
  });
  const run = (job: Job, onTold?: (told: Told) => void): Promise<Result> =>
    new Promise((resolve, reject) => {
      if (end !== undefined) throw end;
      const take = (answer: Answer<Result, Told>): void => {
        try {
          if ('told' in answer) onTold?.(answer.told);
          else if ('result' in answer) resolve(answer.result);
          else reject(new JobError(0, answer.error.message, answer.error.exitCode, answer.error.hint));
        } catch (error) {
          reject(error);
        }
      };
      current = { take, fail: reject };
      thread.post(job);
    });
  return { run, close: async () => void (await thread.terminate()) };
}

/**
 * Does jobs on at most `workers` threads, each job on one. Threads take jobs in their order, so that a result depends on its job alone
 * and not on the number of threads. The first failure, of a job, a thread or a callback, ends all threads and is thrown.
 */
export async function runOnThreads<Job, Result, Told = never>(
  jobs: readonly Job[],
  { file, workers, shared, onTold, onResult, enough, signal }: ThreadPlan<Result, Told>,
): Promise<void> {
  if (jobs.length === 0) return;
  const threads: JobThread<Job, Result, Told>[] = [];
  let next = 0;
  let over = false;
  let stop: () => void;
  const stopped = new Promise<void>((resolve) => {
    stop = resolve;
  });
  const hand = async (): Promise<void> => {
    const thread = openThread<Job, Result, Told>(file, shared);
    threads.push(thread);
    while (!over && next < jobs.length) {
      const job = next;
      next += 1;
      const told = (what: Told): void => (over ? undefined : onTold?.(what, job));
      const result = await thread.run(jobs[job]!, told).catch((error: unknown) => {
        throw error instanceof JobError ? new JobError(job, error.message, error.exitCode, error.hint) : error;
      });
      if (over) return;
      onResult(result, job);
      over = enough?.() === true;
    }
    if (over) stop();
  };
  try {
    const hands = Array.from({ length: Math.max(1, Math.min(workers, jobs.length)) }, hand);
    const all = Promise.race([Promise.all(hands), stopped]);
    await (signal === undefined ? all : untilAborted(all, signal));
  } finally {
    over = true;
    await Promise.all(threads.map((thread) => thread.close()));
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
