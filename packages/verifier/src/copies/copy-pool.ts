import { type JobThread, openThread, platform, runOnThreads } from '@neuroprint/core';
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
  /** True once nobody wants the copies any more: what is found by then is returned. */
  readonly isInVain?: (() => boolean) | undefined;
}

/** Copies a thread solves before it reports, and after which the interval is looked at; where there is none, up to so many. */
const BATCH = 200;
const MOST_IN_BATCH = 2000;
/** Batches for a thread, so that all end at about the same time. */
const BATCHES_PER_THREAD = 16;
/** Solving so few rows is done before a thread has started. */
const ROWS_IN_PROCESS = 20_000;
/** How many are good: they reach the limit, up to rounding, and stay at their operating point. */
export function countGood({ merits, stable }: JudgedCopies, limit: number): number {
  return merits.reduce((count, merit, copy) => count + (merit >= limit - 1e-12 && stable[copy] === 1 ? 1 : 0), 0);
}

/**
 * Copies 0, 1, 2, … by the exact solver. Where the interval of the yield is narrow enough after a batch, the rest is left out: batches are looked at in order, so the number of copies does not depend on the threads either.
 */
export async function judgeCopies(task: CopyTask, plan: CopyPlan): Promise<JudgedCopies> {
  const threads = plan.workers ?? platform.cores();
  const even = Math.ceil(plan.draws / (BATCHES_PER_THREAD * threads));
  const size = plan.interval === undefined ? Math.min(MOST_IN_BATCH, Math.max(BATCH, even)) : BATCH;
  const batches = Array.from(
    { length: Math.ceil(plan.draws / size) },
    (_, i): CopyRange => ({ from: i * size, to: Math.min(plan.draws, (i + 1) * size) }),
  );
  const merits = new Float64Array(plan.draws);
  const stable = new Uint8Array(plan.draws);
  const alike = task.model && new Float64Array(plan.draws);
  const done = new Set<number>();
  let settled = 0;
  let good = 0;
  /** The copies that suffice, once they are known. */
  let enough: number | undefined;
  const take = (found: JudgedCopies, batch: number): void => {
    merits.set(found.merits, batches[batch]!.from);
    stable.set(found.stable, batches[batch]!.from);
    if (found.alike !== undefined) alike?.set(found.alike, batches[batch]!.from);
    done.add(batch);
    for (; enough === undefined && done.has(settled); settled += 1) {
      const { from, to } = batches[settled]!;
      good += countGood({ merits: merits.subarray(from, to), stable: stable.subarray(from, to) }, plan.limit);
      plan.onProgress?.(to, plan.draws);
      const [low, high] = wilsonInterval(good, to);
      if (to === plan.draws || (plan.interval !== undefined && high - low <= plan.interval)) enough = to;
    }
  };
  const workers = Math.min(threads, batches.length);
  if (workers === 1 || plan.draws * task.labels.length <= ROWS_IN_PROCESS) {
    const solver = new CopySolver(task);
    for (const [i, { from, to }] of batches.entries()) if (enough === undefined) take(solver.judge(from, to), i);
  } else {
    const file = new URL('./copy-worker.js', import.meta.url);
    const isEnough = () => enough !== undefined || plan.isInVain?.() === true;
    await runOnThreads<CopyRange, JudgedCopies>(batches, {
      file,
      workers,
      shared: [task],
      onResult: take,
      enough: isEnough,
    });
  }
  return {
    merits: merits.slice(0, enough),
    stable: stable.slice(0, enough),
    ...(alike && { alike: alike.slice(0, enough) }),
  };
}

/** Starts a thread that judges ranges of copies of these tasks. */
export function openCopyThread(tasks: readonly CopyTask[]): JobThread<CopyRange, JudgedCopies> {
  return openThread(new URL('./copy-worker.js', import.meta.url), tasks);
}
