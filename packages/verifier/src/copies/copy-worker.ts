import { answerJobs } from '@neuroprint/core';
import { CopySolver, type CopyTask, type JudgedCopies } from './copies.ts';

/** A range of copies to solve; the answer are JudgedCopies, in order. */
export interface CopyRange {
  readonly from: number;
  readonly to: number;
}

let solver: CopySolver | undefined;

answerJobs<CopyRange, JudgedCopies, never, CopyTask>(({ from, to }, _tell, task) => {
  solver ??= new CopySolver(task);
  return solver.judge(from, to);
});
