import { parentPort, workerData } from 'node:worker_threads';
import { CopySolver, type CopyTask } from './copies.ts';

/** A range of copies to solve; the answer are JudgedCopies, in order. */
export interface CopyRange {
  readonly from: number;
  readonly to: number;
}

const solver = new CopySolver(workerData as CopyTask);
parentPort!.on('message', ({ from, to }: CopyRange) => {
  parentPort!.postMessage(solver.judge(from, to));
});
