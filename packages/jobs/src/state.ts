import { readClaims } from './claims.ts';
import type { JobFailure } from './job.ts';
import { type Entry, lastWords, readLedger } from './journal.ts';
import { readList } from './list.ts';
import { jobsThere } from './there.ts';

/** How the jobs of a folder stand. */
export interface JobsState {
  readonly what: string;
  readonly total: number;
  readonly done: number;
  /** Jobs that a process works at. */
  readonly running: number;
  /** Jobs whose process has ended without a word; the next run does them again. */
  readonly left: number;
  readonly failed: number;
  readonly waiting: number;
  /** What a job took of one worker, mean and most of those that were measured: on the clock, and of the processor where that is known. */
  readonly cost: JobCost | undefined;
  /** What is left takes so long on the workers that run now, or on one; undefined where no job was measured. */
  readonly secondsLeft: number | undefined;
  readonly failures: readonly (JobFailure & { readonly host: string; readonly at: string; readonly times: number })[];
  /** What was said of whole tasks of a cluster, the latest last. */
  readonly said: readonly { readonly at: string; readonly host: string; readonly what: string }[];
}

export interface JobCost {
  readonly measured: number;
  readonly seconds: number;
  readonly longestSeconds: number;
  readonly cpuSeconds: number | undefined;
  readonly longestCpuSeconds: number | undefined;
}

/** Reads how the jobs of a folder stand; anybody may ask while others work. Throws InputFileError for a folder without a list. */
export function readJobsState(folder: string): JobsState {
  const { what, jobs } = readList(folder);
  const there = jobsThere(folder, jobs);
  const entries = readLedger(folder);
  const words = lastWords(entries, jobs);
  const claims = readClaims(folder);
  const open = jobs.filter(({ name }) => !there.has(name));
  const running = open.filter(({ name }) => claims.get(name)?.left === false);
  const idle = open.filter(({ name }) => claims.get(name)?.left !== false);
  const failed = idle.filter(({ name }) => words.get(name)?.state === 'failed');
  const left = idle.filter(({ name }) => claims.has(name) && !failed.some((job) => job.name === name));
  const cost = costOf([...words.values()].filter(({ state }) => state === 'done'));
  return {
    what,
    total: jobs.length,
    done: there.size,
    running: running.length,
    left: left.length,
    failed: failed.length,
    waiting: open.length - running.length - left.length - failed.length,
    cost,
    secondsLeft: cost && (cost.seconds * open.length) / Math.max(1, running.length),
    failures: failed.map(({ name }) => {
      const { reason = 'no reason was given', hint, host, at } = words.get(name)!;
      const times = entries.filter(({ job, state }) => job === name && state === 'failed').length;
      return { name, reason, hint, host, at, times };
    }),
    said: entries
      .filter(({ job }) => job === undefined)
      .map(({ at, host, reason, hint }) => ({ at, host, what: [reason, hint].filter(Boolean).join(' ') })),
  };
}

function costOf(measured: readonly Pick<Entry, 'seconds' | 'cpuSeconds'>[]): JobCost | undefined {
  const seconds = measured.flatMap(({ seconds: own }) => own ?? []);
  const cpuSeconds = measured.flatMap(({ cpuSeconds: own }) => own ?? []);
  if (seconds.length === 0) return undefined;
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  const longest = (values: readonly number[]) => values.reduce((a, b) => Math.max(a, b));
  return {
    measured: seconds.length,
    seconds: mean(seconds),
    longestSeconds: longest(seconds),
    cpuSeconds: cpuSeconds.length === 0 ? undefined : mean(cpuSeconds),
    longestCpuSeconds: cpuSeconds.length === 0 ? undefined : longest(cpuSeconds),
  };
}
