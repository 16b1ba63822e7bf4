import { workerData } from 'node:worker_threads';
import { answerJobs } from '@neuroprint/core';
import { CopySolver, type CopyTask } from './copies.ts';

/** A range of copies to solve; the answer are JudgedCopies, in order. */
export interface CopyRange {
  readonly from: number;
  readonly to: number;
}

let solver: CopySolver | undefined;

answerJobs(({ from, to }: CopyRange) => {
  solver ??= new CopySolver(workerData as CopyTask);
  return solver.judge(from, to);
});
