import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { lockFolder } from '@neuroprint/core';
import type { Job, JobPlan } from './job.ts';
import { type SlurmPlace, TaskArray } from './task-array.ts';
import { jobsThere } from './there.ts';

const POLL_MILLISECONDS = 2000;

/**
 * Does pending jobs by a Slurm job array, one shard a task. The files decide what is done, not the scheduler: a task that is in no queue
 * and whose jobs are not all there has died. It is submitted again, and goes on where it stopped; one that dies again and again without
 * getting anything done is given up, and the ledger says of its jobs why.
 * Tasks that an earlier call has submitted, which was killed, are gone on with.
 * Throws SlurmError where Slurm does not answer or nothing at all was done, UsageError for a partition or time that is none,
 * OutputInUseError where another call does the same, and the signal's reason after cancelling what is queued.
 */
export async function runOnSlurm<R>(
  folder: string,
  { jobs, read }: JobPlan<R>,
  place: SlurmPlace,
  run: { readonly pending: readonly Job[]; readonly signal: AbortSignal; onProgress: OnProgress },
): Promise<void> {
  if (run.pending.length === 0) return;
  // what is there all the same is damaged
  const there = jobsThere(folder, run.pending);
  for (const job of run.pending)
    if (there.has(job.name) && read(job) === undefined) rmSync(join(folder, job.file), { force: true });
  const own = join(folder, 'slurm');
  const unlock = lockFolder(own);
  const array = new TaskArray(folder, jobs, run.pending, place);
  try {
    await array.adopt();
    for (;;) {
      // the queue first: what leaves it afterwards may have finished
      const queue = await array.ask();
      const left = array.left();
      run.onProgress(run.pending.length - left, run.pending.length, 'on Slurm');
      if (left === 0) break;
      if (queue !== undefined) await array.follow(queue);
      await wait(place.pollMilliseconds ?? POLL_MILLISECONDS, undefined, { signal: run.signal });
    }
  } catch (error) {
    await array.cancel();
    run.signal.throwIfAborted();
    throw error;
  } finally {
    unlock();
  }
  array.assertAnythingDone();
  if (!array.hasFailures) rmSync(own, { recursive: true, force: true });
}

type OnProgress = (done: number, total: number, what: string) => void;
