import { type AccuracyBySplit, type JobThread, openThread } from '@neuroprint/core';
import type { PhysicalOptions } from '@neuroprint/training';
import { type BaselineName, type BaselineProblem, linearBaselines } from '../baselines/baselines.ts';
import { type PhysicalResult, trainPhysical } from './train-physical.ts';

/** One entry of a table: a physical network, or what the same rows give to a readout without a circuit. */
export type PhysicalJob =
  | { readonly kind: 'physical'; readonly problem: BaselineProblem; readonly options: PhysicalOptions }
  | {
      readonly kind: 'readout';
      readonly problem: BaselineProblem;
      readonly readout: BaselineName;
      readonly seed: number;
    };

/** Accuracies, and of a network what was trained besides. */
export type PhysicalJobResult = { readonly accuracy: AccuracyBySplit } & Partial<
  Pick<PhysicalResult, 'totals' | 'validLoss'>
>;

/** Does one job. */
export function doPhysicalJob(job: PhysicalJob): PhysicalJobResult {
  if (job.kind === 'physical') {
    const { accuracy, totals, validLoss } = trainPhysical(job.problem, job.options);
    return { accuracy, totals, validLoss };
  }
  const { readout, problem, seed } = job;
  return { accuracy: linearBaselines(problem, seed).find(({ name }) => name === readout)!.accuracy };
}

/** Starts a thread that does one job after another. */
export function openPhysicalThread(): JobThread<PhysicalJob, PhysicalJobResult> {
  return openThread(new URL('./kirchhoff-worker.js', import.meta.url));
}
