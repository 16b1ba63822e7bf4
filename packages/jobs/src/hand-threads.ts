import type { JobThread } from '@neuroprint/core';

/** A thread for each hand, started when it is first needed, and anew after a failure, which may have ended it. */
export class HandThreads<Job, Result, Told = never> {
  readonly #open: () => JobThread<Job, Result, Told>;
  readonly #threads = new Map<number, JobThread<Job, Result, Told>>();

  constructor(open: () => JobThread<Job, Result, Told>) {
    this.#open = open;
  }

  /** Does a job on the thread of a hand. Throws JobError. */
  async run(hand: number, job: Job, onTold?: (told: Told) => void): Promise<Result> {
    const thread = this.#threads.get(hand) ?? this.#open();
    this.#threads.set(hand, thread);
    try {
      return await thread.run(job, onTold);
    } catch (error) {
      this.#threads.delete(hand);
      await thread.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#threads.values()].map((thread) => thread.close()));
  }
}
