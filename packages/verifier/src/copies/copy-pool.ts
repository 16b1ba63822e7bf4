import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { NeuroprintError } from '@neuroprint/core';
import { wilsonInterval } from '../compare.ts';
import { CopySolver, type CopyTask, type JudgedCopies } from './copies.ts';
import type { CopyRange } from './copy-worker.ts';

export interface CopyPlan {
  readonly draws: number;
  /** A copy is good from this merit on: an accuracy, or minus an error. */
  readonly limit: number;
  /** Stop when the 95 % interval of the yield is no wider than this. */
  readonly interval?: number | undefined;
  /** Threads; default one per core. The result does not depend on it. */
  readonly workers?: number | undefined;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** Copies a thread solves before it reports, and after which the interval is looked at. */
const BATCH = 200;
/** Solving so few rows is done before a thread has started. */
const ROWS_IN_PROCESS = 20_000;
/** From vitest the sources run, and a worker thread cannot read TypeScript. */
const workerUrl = new URL(
  import.meta.url.endsWith('.ts') ? '../../dist/copies/copy-worker.js' : './copy-worker.js',
  import.meta.url,
);

/** A thread was ended before it was done, by the system most likely. */
class WorkerEndedError extends NeuroprintError {
  override readonly exitCode = 1;

  constructor(message: string) {
    super(message, 'The machine may be out of memory: try --workers 1.');
  }
}

/** How many are good: they reach the limit, up to rounding, and stay at their operating point. */
export function countGood({ merits, stable }: JudgedCopies, limit: number): number {
  return merits.reduce((count, merit, copy) => count + (merit >= limit - 1e-12 && stable[copy] === 1 ? 1 : 0), 0);
}

/**
 * Copies 0, 1, 2, … by the exact solver. Where the interval of the yield is narrow enough after a batch, the rest is left out: batches are looked at in order, so the number of copies does not depend on the threads either.
 */
export async function judgeCopies(task: CopyTask, plan: CopyPlan): Promise<JudgedCopies> {
  const batches = Array.from(
    { length: Math.ceil(plan.draws / BATCH) },
    (_, i): CopyRange => ({ from: i * BATCH, to: Math.min(plan.draws, (i + 1) * BATCH) }),
  );
  const merits = new Float64Array(plan.draws);
  const stable = new Uint8Array(plan.draws);
  const first = (count: number): JudgedCopies => ({ merits: merits.slice(0, count), stable: stable.slice(0, count) });
  const done = new Set<number>();
  let settled = 0;
  let good = 0;
  /** Takes a batch; returns the copies that suffice, once they are known. */
  const take = (batch: number, found: JudgedCopies): number | undefined => {
    merits.set(found.merits, batches[batch]!.from);
    stable.set(found.stable, batches[batch]!.from);
    done.add(batch);
    for (; done.has(settled); settled += 1) {
      const { from, to } = batches[settled]!;
      good += countGood({ merits: merits.subarray(from, to), stable: stable.subarray(from, to) }, plan.limit);
      plan.onProgress?.(to, plan.draws);
      const [low, high] = wilsonInterval(good, to);
      if (to === plan.draws || (plan.interval !== undefined && high - low <= plan.interval)) return to;
    }
    return undefined;
  };
  const workers = Math.min(plan.workers ?? availableParallelism(), batches.length);
  if (workers === 1 || plan.draws * task.labels.length <= ROWS_IN_PROCESS) {
    const solver = new CopySolver(task);
    for (const [i, { from, to }] of batches.entries()) {
      const enough = take(i, solver.judge(from, to));
      if (enough !== undefined) return first(enough);
    }
  }
  return inThreads(task, batches, workers, take).then(first);
}

function inThreads(
  task: CopyTask,
  batches: readonly CopyRange[],
  count: number,
  take: (batch: number, found: JudgedCopies) => number | undefined,
): Promise<number> {
  const threads: Worker[] = [];
  let next = 0;
  return new Promise<number>((resolve, reject) => {
    for (let i = 0; i < count; i += 1) {
      const thread = new Worker(workerUrl, { workerData: task, execArgv: [] });
      threads.push(thread);
      let current = -1;
      const give = (): void => {
        current = next;
        next += 1;
        if (current < batches.length) thread.postMessage(batches[current]);
      };
      thread.on('error', reject);
      thread.on('exit', (code) =>
        reject(new WorkerEndedError(`A thread of the exact solver ended with code ${code}.`)),
      );
      thread.on('message', (found: JudgedCopies) => {
        const enough = take(current, found);
        if (enough === undefined) give();
        else resolve(enough);
      });
      give();
    }
  }).finally(() => Promise.all(threads.map((thread) => thread.terminate())));
}
