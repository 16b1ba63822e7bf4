import { platform } from '#platform';
import type { Thread } from './platform/platform.ts';
import { type Answer, JobError } from './threads.ts';

interface CrewPlan<Told> {
  /** As in ThreadPlan: a module that calls answerJobs. */
  readonly file: URL;
  readonly workers: number;
  /** Sent to each thread once: the third argument of its jobs. */
  readonly shared?: unknown;
  /** What threads tell while they do a job. */
  readonly onTold?: ((told: Told, thread: number) => void) | undefined;
}

/**
 * Threads that stay: each keeps what it knows from job to job, so that work which goes on step by step can come back to the thread that
 * has its state. Where jobs need no thread in particular, runOnThreads is simpler.
 */
export class Crew<Job, Result, Told = never> {
  readonly size: number;
  readonly #threads: readonly Thread[];
  readonly #onTold: CrewPlan<Told>['onTold'];
  /** Whoever waits for a thread's next answers, which come in the order of its jobs. */
  readonly #waiting: { resolve: (result: Result) => void; reject: (error: Error) => void }[][];
  /** Why no more jobs are taken. */
  #broken: JobError | undefined;

  constructor({ file, workers, shared, onTold }: CrewPlan<Told>) {
    this.size = Math.max(1, workers);
    this.#onTold = onTold;
    this.#waiting = Array.from({ length: this.size }, () => []);
    this.#threads = Array.from({ length: this.size }, (_, i) => {
      const thread = platform.startThread(file, shared);
      thread.listen({
        onMessage: (answer) => this.#take(i, answer as Answer<Result, Told>),
        onError: (problem) => this.#breakDown(new JobError(i, `a thread failed: ${problem}`)),
        onExit: (code) => {
          const hint = 'The machine may be out of memory: try --workers 1.';
          this.#breakDown(new JobError(i, `a thread ended with code ${code} before its job`, 1, hint));
        },
      });
      return thread;
    });
  }

  /** Has a thread do a job, after those that it was given before. Throws JobError. */
  ask(thread: number, job: Job): Promise<Result> {
    if (this.#broken !== undefined) return Promise.reject(this.#broken);
    return new Promise((resolve, reject) => {
      this.#waiting[thread]!.push({ resolve, reject });
      this.#threads[thread]!.post(job);
    });
  }

  /** Ends the threads, whatever they do. */
  async close(): Promise<void> {
    this.#broken ??= new JobError(0, 'its threads have ended');
    await Promise.all(this.#threads.map((thread) => thread.terminate()));
  }

  #take(thread: number, answer: Answer<Result, Told>): void {
    if ('told' in answer) {
      this.#onTold?.(answer.told, thread);
      return;
    }
    const waiting = this.#waiting[thread]?.shift();
    if ('result' in answer) waiting?.resolve(answer.result);
    else if ('error' in answer)
      waiting?.reject(new JobError(thread, answer.error.message, answer.error.exitCode, answer.error.hint));
  }

  #breakDown(error: JobError): void {
    this.#broken ??= error;
    for (const waiting of this.#waiting.flatMap((list) => list.splice(0))) waiting.reject(this.#broken);
  }
}
