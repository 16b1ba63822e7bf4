import { z } from 'zod';
import { type Artifact, artifactKind } from '../files/artifact.ts';

/**
 * Jobs: `jobs.json`, the list of everything that a folder was asked to hold. A job is done when its result file is there; what jobs
 * took and why they failed stands in the journals beside it.
 */
export const JobsKind = artifactKind('Jobs', 1, {
  /** What the jobs are, such as "sweep of iris". */
  what: z.string().min(1),
  jobs: z.array(
    z.strictObject({
      name: z.string().min(1),
      /** Hash of everything that decides the result. */
      input: z.string().min(1),
      /** Within the folder. */
      file: z.string().min(1),
    }),
  ),
});

export type Jobs = Artifact<typeof JobsKind>;
