import type { JobThread } from '@neuroprint/core';
import { HandThreads } from './hand-threads.ts';
import type { Job, JobPlan } from './job.ts';
import { JsonResults } from './json-results.ts';
import { type JobOutcome, type JobPlace, runJobList } from './run.ts';

/** A list of jobs that threads do, each result a JSON object in a file of its own. */
export interface ThreadedJobs<Asked, R extends object, Told = never>
  extends Pick<JobPlan<R>, 'what' | 'unit' | 'jobs' | 'isFatal'> {
  /** Starts a thread, which does one job after another. */
  readonly open: () => JobThread<Asked, R, Told>;
  /** What a thread is asked to do for a job, from the results that it needs. */
  readonly asked: (job: Job, needed: readonly R[]) => Asked;
  /** Told of what a job says while it runs. */
  readonly onTold?: (told: Told, job: Job) => void;
}

/** Does such a list; see `runJobList`, whose errors it throws. */
export async function runOnHands<Asked, R extends object, Told = never>(
  { open, asked, onTold, ...list }: ThreadedJobs<Asked, R, Told>,
  place: JobPlace,
): Promise<JobOutcome<R>> {
  const store = new JsonResults<R>(place.folder);
  const threads = new HandThreads(open);
  const plan: JobPlan<R> = {
    ...list,
    read: (job) => store.read(job),
    work: async (job, hand, needed) => {
      const came = await threads.run(hand, asked(job, needed), (told) => onTold?.(told, job));
      return { result: store.write(job, came) };
    },
  };
  try {
    return await runJobList(plan, place);
  } finally {
    await threads.close();
  }
}
