import { FileWriteError, NeuroprintError, stopwatch, untilAborted } from '@neuroprint/core';
import { Claims } from './claims.ts';
import type { Job, JobFailure, JobPlan, Made, Shard } from './job.ts';
import { Journal, lastWords, readLedger } from './journal.ts';
import { claimList } from './list.ts';
import { jobsOfShard } from './shards.ts';
import { runOnSlurm } from './slurm.ts';
import { takeOver } from './take-over.ts';
import type { SlurmPlace } from './task-array.ts';
import { tidy } from './tidy.ts';

/** Where jobs are done. */
export interface JobPlace {
  /** Folder of the results, of `jobs.json` and of the ledger. */
  readonly folder: string;
  /** Jobs at a time; default 1. */
  readonly workers?: number | undefined;
  readonly shard?: Shard | undefined;
  /** Folders of other shards, whose results are taken over. */
  readonly merge?: readonly string[] | undefined;
  /** Does the jobs as a job array of a cluster, and not here. */
  readonly slurm?: SlurmPlace | undefined;
  readonly signal: AbortSignal;
  readonly onProgress: (done: number, total: number, what: string) => void;
  /** How often jobs that other processes do are looked after; default 500. */
  readonly pollMilliseconds?: number;
}

/** What became of the jobs of a list, or of a shard of it. */
export interface JobOutcome<R> {
  /** In the order of the list; undefined where a job failed. */
  readonly results: readonly (R | undefined)[];
  /** Jobs that were done now, by whomever, and those that were there. */
  readonly made: number;
  readonly found: number;
  readonly failures: readonly JobFailure[];
  /** Processor seconds of all results, where they are known, those of earlier runs included. */
  readonly cpuSeconds: number;
}

const POLL_MILLISECONDS = 500;

/**
 * Does the jobs of a list that have no result yet, on `workers` hands. Each result is a file; killed at any time, the same call goes
 * on with what is missing. Commands on one folder share its jobs: each takes those that no other works at, and waits for the rest.
 * A job that fails is a line of the ledger with its reason, and the others go on.
 * Throws UsageError and InputFileError for a folder or shard of other options, FileWriteError where nothing can be written, what
 * `onResult` throws, what `isFatal` names, and the signal's reason.
 */
export async function runJobList<R>(plan: JobPlan<R>, place: JobPlace): Promise<JobOutcome<R>> {
  const { folder, shard, signal } = place;
  signal.throwIfAborted();
  const mine = jobsOfShard(plan.jobs, shard, plan.unit);
  claimList(folder, plan.what, plan.jobs, shard !== undefined);
  plan.begin?.();
  takeOver(folder, plan.what, plan.jobs, place.merge ?? []);
  const run = new Run(plan, place, mine);
  try {
    if (place.slurm === undefined) await untilAborted(run.here(place.workers ?? 1), signal);
    else await runOnSlurm(folder, plan, place.slurm, { pending: run.pending, signal, onProgress: place.onProgress });
    const failures = place.slurm === undefined ? run.failures : run.collect();
    tidy(folder, plan.jobs);
    const results = mine.map(({ name }) => run.results.get(name));
    const words = [...lastWords(readLedger(folder), mine)];
    return {
      results,
      made: results.filter((result) => result !== undefined).length - run.found,
      found: run.found,
      failures,
      cpuSeconds: words.reduce((sum, [, { cpuSeconds = 0 }]) => sum + cpuSeconds, 0),
    };
  } finally {
    run.close();
  }
}

/** The jobs of one call: those that have results, those that wait, and those that failed. */
class Run<R> {
  readonly results = new Map<string, R>();
  readonly failures: JobFailure[] = [];
  readonly found: number;
  /** Jobs to do, in the order of the list. */
  pending: Job[] = [];
  readonly #plan: JobPlan<R>;
  readonly #place: JobPlace;
  readonly #claims: Claims;
  #journal: Journal | undefined;
  readonly #stop = new AbortController();
  readonly #total: number;
  /** Jobs that other processes work at. */
  #elsewhere: Job[] = [];
  #working = 0;
  #wake: (() => void)[] = [];

  constructor(plan: JobPlan<R>, place: JobPlace, mine: readonly Job[]) {
    this.#plan = plan;
    this.#place = place;
    this.#claims = new Claims(place.folder);
    for (const job of mine) if (!this.#take(job, true)) this.pending.push(job);
    this.found = this.results.size;
    this.#total = this.pending.length;
  }

  /** Does what is pending in this process. */
  async here(workers: number): Promise<void> {
    const hands = Array.from({ length: Math.max(1, Math.min(workers, this.pending.length)) }, (_, hand) =>
      this.#hand(hand).catch((error: unknown) => {
        this.#stop.abort(error);
        this.#changed();
        throw error;
      }),
    );
    await Promise.allSettled(hands);
    if (this.#stop.signal.aborted) throw this.#stop.signal.reason;
  }

  /** After others did the jobs: reads their results; what has none has failed, as the ledger says. */
  collect(): JobFailure[] {
    const words = lastWords(readLedger(this.#place.folder), this.pending);
    for (const job of this.pending) {
      if (this.#take(job, false)) continue;
      const { reason = 'nobody has done it', hint } = words.get(job.name) ?? {};
      this.failures.push({ name: job.name, reason, hint });
    }
    return this.failures;
  }

  close(): void {
    this.#stop.abort(new Error('the run is over'));
    this.#claims.close();
  }

  async #hand(hand: number): Promise<void> {
    for (;;) {
      if (this.#stop.signal.aborted || this.#place.signal.aborted) return;
      const job = this.#next();
      if (job !== undefined) await this.#do(job, hand);
      else if (this.#working > 0 || this.#elsewhere.length > 0) await this.#change();
      else return;
    }
  }

  /** The next job whose needs are done and that nobody works at. */
  #next(): Job | undefined {
    const failed = new Set(this.failures.map(({ name }) => name));
    for (let i = 0; i < this.pending.length; ) {
      const job = this.pending[i]!;
      const lost = job.needs?.find((name) => failed.has(name));
      const isReady = job.needs?.every((name) => this.results.has(name)) ?? true;
      if (lost === undefined && !isReady) {
        i += 1;
        continue;
      }
      this.pending.splice(i, 1);
      if (lost !== undefined) {
        this.#fail(job, `it is made from ${lost}, which has failed`);
        failed.add(job.name);
        i = 0;
        continue;
      }
      if (!this.#claims.take(job.name)) {
        this.#elsewhere.push(job);
        continue;
      }
      // another process may have done it since
      if (!this.#take(job, false)) return job;
      this.#claims.giveBack(job.name);
      // others before it may have waited for it
      i = 0;
    }
    return undefined;
  }

  async #do(job: Job, hand: number): Promise<void> {
    const spent = stopwatch();
    this.#working += 1;
    try {
      const needed = (job.needs ?? []).map((name) => this.results.get(name)!);
      const made = await this.#plan.work(job, hand, needed);
      if (this.#stop.signal.aborted) return;
      this.#write(job, made, spent());
      this.results.set(job.name, made.result);
      this.#plan.onResult?.(made.result, job, false);
    } catch (error) {
      if (this.#stop.signal.aborted || this.#place.signal.aborted) throw error;
      // an error of ours is for people; another is a bug, and its place helps
      const isOurs = error instanceof NeuroprintError;
      const reason = error instanceof Error ? (isOurs ? error.message : (error.stack ?? error.message)) : String(error);
      if (error instanceof FileWriteError) throw error;
      this.#fail(job, reason, isOurs ? error.hint : undefined);
      if (this.#plan.isFatal?.(error) === true) throw error;
    } finally {
      this.#working -= 1;
      this.#claims.giveBack(job.name);
      this.#changed();
    }
    const done = this.#total - this.pending.length - this.#working - this.#elsewhere.length;
    this.#place.onProgress(done, this.#total, job.name);
  }

  #write(job: Job, made: Made<R>, spent: ReturnType<ReturnType<typeof stopwatch>>): void {
    this.#journal ??= new Journal(this.#place.folder);
    const seconds = spent.wallSeconds;
    // what the whole process takes is the job's where it does nothing else
    const cpuSeconds = made.cpuSeconds ?? ((this.#place.workers ?? 1) === 1 ? spent.cpuSeconds : undefined);
    this.#journal.write({ job: job.name, input: job.input, state: 'done', seconds, cpuSeconds });
  }

  #fail(job: Job, reason: string, hint?: string): void {
    this.failures.push({ name: job.name, reason, hint });
    this.#journal ??= new Journal(this.#place.folder);
    this.#journal.write({ job: job.name, input: job.input, state: 'failed', reason, hint });
  }

  /** Takes the result of a job if it is there. */
  #take(job: Job, found: boolean): boolean {
    const result = this.#plan.read(job);
    if (result === undefined) return false;
    this.results.set(job.name, result);
    this.#plan.onResult?.(result, job, found);
    return true;
  }

  /** Until a hand has done its job, or other processes may have done theirs. */
  async #change(): Promise<void> {
    const others = this.#elsewhere.length > 0;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#wake.push(resolve);
      if (others) timer = setTimeout(resolve, this.#place.pollMilliseconds ?? POLL_MILLISECONDS);
    });
    clearTimeout(timer);
    if (!others) return;
    // back to the list: what is done is taken, what was left is done here
    this.pending.push(...this.#elsewhere);
    this.#elsewhere = [];
    this.#place.onProgress(
      this.#total - this.pending.length - this.#working,
      this.#total,
      'of which others work at some',
    );
  }

  #changed(): void {
    const wake = this.#wake;
    this.#wake = [];
    for (const resolve of wake) resolve();
  }
}
