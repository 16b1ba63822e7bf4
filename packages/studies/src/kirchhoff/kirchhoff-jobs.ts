import { type AccuracyBySplit, runOnThreads } from '@neuroprint/core';
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

/** Does one job on a thread of its own. Throws JobError. */
export async function runPhysicalJob(job: PhysicalJob): Promise<PhysicalJobResult> {
  let came: PhysicalJobResult;
  const onResult = (result: PhysicalJobResult) => {
    came = result;
  };
  await runOnThreads([job], { file: new URL('./kirchhoff-worker.js', import.meta.url), workers: 1, onResult });
  return came!;
}
