import type { JobPlace } from '@neuroprint/jobs';

/** What the one who runs a study gives it. */
export interface StudyContext {
  /** Aborted when the user asks to stop; what is finished is kept. */
  readonly signal: AbortSignal;
  readonly onProgress: (done: number, total: number, what: string) => void;
  /** Folder of the technologies. */
  readonly templates: string;
}

/** Where the jobs of a study are done, and its files written. */
export interface StudyPlace extends Pick<JobPlace, 'workers' | 'shard' | 'merge' | 'slurm'> {
  readonly out: string;
}

/** The same, as the job layer takes it. */
export function placeOf({ out, workers, shard, merge, slurm }: StudyPlace, context: StudyContext): JobPlace {
  const { signal, onProgress } = context;
  return { folder: out, workers, shard, merge, slurm, signal, onProgress };
}
