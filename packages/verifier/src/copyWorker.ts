import { parentPort, workerData } from 'node:worker_threads';
import { CopySolver, type CopyTask } from './copies.ts';

/** A range of copies to solve; the answer is what they are worth, in order. */
export interface CopyRange {
  readonly from: number;
  readonly to: number;
}

const solver = new CopySolver(workerData as CopyTask);
parentPort!.on('message', ({ from, to }: CopyRange) => {
  parentPort!.postMessage(Float64Array.from({ length: to - from }, (_, i) => solver.merit(from + i)));
});
