import { answerJobs } from '@neuroprint/core';
import { CopySolver, type CopyTask, type JudgedCopies } from './copies.ts';

/** A range of copies to solve, of the first of the tasks that the thread knows unless another place is given; the answer are JudgedCopies, in order. */
export interface CopyRange {
  readonly from: number;
  readonly to: number;
  readonly task?: number;
}

let last: { readonly solver: CopySolver; readonly task: number } | undefined;

answerJobs<CopyRange, JudgedCopies, never, readonly CopyTask[]>(({ from, to, task = 0 }, _tell, tasks) => {
  if (last?.task !== task) last = { solver: new CopySolver(tasks[task]!), task };
  return last.solver.judge(from, to);
});
