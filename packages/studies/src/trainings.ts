import { join } from 'node:path';
import { TrainedNetworkKind, writeArtifact } from '@neuroprint/core';
import { HandThreads, type Job, type JobOutcome, type JobPlan, JsonResults, runJobList } from '@neuroprint/jobs';
import { type JobResult, openTrainingThread, type TrainingJob } from '@neuroprint/training';
import { placeOf, type StudyContext, type StudyPlace } from './context.ts';
import { networkFileOf, rowFileOf } from './recipe.ts';

/** One training of many, and the row that is kept of it. */
export interface Training<T extends object> {
  /** Name of the row, unique in the run. */
  readonly name: string;
  /** Of everything that the row depends on. */
  readonly recipe: string;
  /** Names of trainings whose rows this one is planned from, and how. */
  readonly needs?: readonly string[];
  readonly job: (needed: readonly T[]) => TrainingJob;
  readonly toRow: (result: JobResult, job: TrainingJob) => T;
  /** Whether the trained network is kept, for studies whose networks are used further. */
  readonly keepsNetwork?: boolean;
}

/** Rows of trainings, in their order: read where they are, otherwise trained, one a job. A training that fails has none. */
export async function runTrainings<T extends object>(
  what: string,
  trainings: readonly Training<T>[],
  place: StudyPlace,
  context: StudyContext,
): Promise<JobOutcome<T>> {
  const store = new JsonResults<T>(place.out);
  const byName = new Map(trainings.map((training) => [training.name, training]));
  const jobs = trainings.map(
    ({ name, recipe, needs = [], keepsNetwork }): Job => ({
      name,
      input: recipe,
      file: rowFileOf(name),
      needs,
      besides: keepsNetwork === true ? [networkFileOf(name)] : [],
    }),
  );
  const threads = new HandThreads(openTrainingThread);
  const plan: JobPlan<T> = {
    ...{ what, unit: 'training', jobs },
    read: (job) => store.read(job),
    work: async (job, hand, needed) => {
      const training = byName.get(job.name)!;
      const asked = training.job(needed);
      const trained = await threads.run(hand, asked);
      const result = training.toRow(trained, asked);
      // the row last: what has a row is complete
      if (training.keepsNetwork === true && 'network' in trained)
        writeArtifact(join(place.out, networkFileOf(job.name)), TrainedNetworkKind, trained.network);
      store.write(job, result);
      return { result, cpuSeconds: trained.cpuSeconds };
    },
  };
  try {
    return await runJobList(plan, placeOf(place, context));
  } finally {
    await threads.close();
  }
}
