import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { UsageError } from '@neuroprint/core';
import { dropClaimsOf } from './claims.ts';
import type { Job } from './job.ts';
import { type Entry, Journal, readLedger } from './journal.ts';
import { mostShards, shardsOf } from './shards.ts';
import { cancelArray, isActive, type QueuedTask, SlurmError, submitArray, tasksOf } from './slurm-commands.ts';
import { writeTaskScript } from './slurm-script.ts';
import { jobsThere } from './there.ts';

/** How jobs are done on a Slurm cluster. */
export interface SlurmPlace {
  /** The command that does a shard, without `--shard`: the program first, then its arguments. It is run in this folder. */
  readonly command: readonly string[];
  /** Tasks of the job array; each does one shard. */
  readonly tasks: number;
  /** Processors of a task; default 1. */
  readonly workers?: number | undefined;
  readonly partition?: string | undefined;
  /** Limit of a task, as `sbatch --time` takes it. */
  readonly time?: string | undefined;
  /** How often a task that died and had done nothing is submitted again; default 3. */
  readonly retries?: number;
  readonly pollMilliseconds?: number;
  readonly onEvent?: (line: string) => void;
}

const RETRIES = 3;
/** So often Slurm may give no answer in a row. */
const SILENT_POLLS = 30;
/** Why a task may wait without anything being wrong. */
const USUAL_REASONS = new Set(['None', 'Priority', 'Resources', 'BeginTime', 'JobArrayTaskLimit', 'Dependency', '']);
const DEATHS: Readonly<Record<string, string>> = {
  TIMEOUT: 'was ended by its time limit',
  OUT_OF_MEMORY: 'was ended because its memory was used up',
  NODE_FAIL: 'lost its node',
  PREEMPTED: 'was preempted',
};

interface Task {
  readonly index: number;
  /** Number of the array that it was last submitted in. */
  job: string | undefined;
  /** Submissions since it last got anything done, and jobs that were left at the last one. */
  attempts: number;
  leftBefore: number;
  /** Whether it was in no queue at the last look: a shared file system may show the last file late. */
  absent: boolean;
  over: boolean;
}

/** The tasks of a list on Slurm, a shard each, and what is known of them. */
export class TaskArray {
  readonly #folder: string;
  readonly #place: SlurmPlace;
  readonly #pending: readonly Job[];
  readonly #shardOf: ReadonlyMap<string, number>;
  readonly #tasks: readonly Task[];
  /** In how many shards the tasks cut the list. */
  readonly #of: number;
  readonly #script: string;
  readonly #log: string;
  /** Failures that the ledger had before, which say nothing about now. */
  readonly #before: ReadonlySet<string>;
  readonly #jobs: string[] = [];
  readonly #said = new Set<string>();
  #journal: Journal | undefined;
  #silent = 0;
  #lastDeath: Pick<Entry, 'reason' | 'hint'> | undefined;
  #failed = new Set<string>();
  hasFailures = false;

  constructor(folder: string, jobs: readonly Job[], pending: readonly Job[], place: SlurmPlace) {
    this.#folder = folder;
    this.#place = place;
    this.#pending = pending;
    const of = Math.min(place.tasks, mostShards(jobs));
    if (of < place.tasks) place.onEvent?.(`${of} tasks in place of ${place.tasks}: there is no more to share`);
    this.#of = of;
    this.#shardOf = shardsOf(jobs, of);
    const indices = [...new Set(pending.map(({ name }) => this.#shardOf.get(name)!))].sort((a, b) => a - b);
    this.#tasks = indices.map((index) => ({
      index,
      job: undefined,
      attempts: 0,
      leftBefore: 0,
      absent: true,
      over: false,
    }));
    this.#script = resolve(folder, 'slurm', 'task.sh');
    this.#log = resolve(folder, 'slurm', 'task-%a.log');
    writeTaskScript(folder, this.#script, place.command, of);
    this.#before = new Set(this.#failures().map((entry) => JSON.stringify(entry)));
  }

  /**
   * Goes on with tasks of an earlier call that still wait or run; those that cut the list otherwise are cancelled.
   * Throws SlurmError where Slurm does not say whether there are any.
   */
  async adopt(): Promise<void> {
    const arrays = readLedger(this.#folder).flatMap(({ array }) => array ?? []);
    if (arrays.length === 0) return;
    const queue = await tasksOf(arrays.map(({ job }) => job));
    if (queue === undefined)
      throw new SlurmError(
        `squeue gives no answer, and job ${arrays.at(-1)!.job} of an earlier call may still run.`,
        'Run the same command again later.',
      );
    const missing = this.#missing();
    for (const { job, tasks, of } of arrays) {
      const active = tasks.filter((index) => isActive(queue.get(`${job}_${index}`)));
      if (active.length === 0) continue;
      const which = `job ${job} of an earlier call (tasks ${active.join(', ')})`;
      if (of !== this.#of) {
        await cancelArray(job);
        for (const index of active) dropClaimsOf(this.#folder, `${job}_${index}`);
        this.#say(`cancelled ${which}, which cut the work in ${of} and not in ${this.#of}`);
        continue;
      }
      this.#jobs.push(job);
      for (const task of this.#tasks.filter(({ index }) => active.includes(index)))
        Object.assign(task, { job, attempts: 1, leftBefore: missing.get(task.index)?.length ?? 0, absent: false });
      this.#say(`goes on with ${which}, which still wait or run`);
    }
  }

  /** What Slurm says of the tasks; undefined where it is silent. Throws SlurmError where it stays so. */
  async ask(): Promise<Map<string, QueuedTask> | undefined> {
    if (this.#jobs.length === 0) return new Map();
    const queue = await tasksOf(this.#jobs);
    this.#silent = queue === undefined ? this.#silent + 1 : 0;
    if (this.#silent > SILENT_POLLS)
      throw new SlurmError('squeue gives no answer.', 'Run the same command again later.');
    return queue;
  }

  /** Jobs that have neither result nor failure. Tasks that have none left are over. */
  left(): number {
    const missing = this.#missing();
    for (const task of this.#tasks) task.over ||= !missing.has(task.index);
    return [...missing.values()].reduce((sum, { length }) => sum + length, 0);
  }

  /** Submits again what has died, and gives up what dies again and again. */
  async follow(queue: ReadonlyMap<string, QueuedTask>): Promise<void> {
    const states = new Map(this.#tasks.map((task) => [task, queue.get(`${task.job}_${task.index}`)]));
    await this.#sayWhatWaits(states);
    const gone = this.#tasks.filter((task) => !task.over && !isActive(states.get(task)));
    const dead = gone.filter((task) => task.absent);
    for (const task of this.#tasks) task.absent = gone.includes(task) && !dead.includes(task);
    if (dead.length === 0) return;
    // what its tasks said of failed jobs counts from here on
    for (const { job, task } of this.#failures().filter((entry) => !this.#before.has(JSON.stringify(entry)))) {
      if (job !== undefined) this.#failed.add(job);
      else this.#said.add(`not installed ${task}`);
    }
    const missing = this.#missing();
    const again = dead.filter((task) => {
      const jobs = missing.get(task.index) ?? [];
      if (jobs.length === 0) return false;
      if (task.job !== undefined) dropClaimsOf(this.#folder, `${task.job}_${task.index}`);
      if (jobs.length < task.leftBefore) task.attempts = 0;
      const end = this.#endOf(task, states.get(task)?.state);
      if (end === undefined) {
        task.attempts += 1;
        task.leftBefore = jobs.length;
        return true;
      }
      this.#giveUp(task, jobs, end);
      return false;
    });
    if (again.length > 0) await this.#submit(again);
  }

  async cancel(): Promise<void> {
    for (const job of this.#jobs) await cancelArray(job);
  }

  /** Throws SlurmError where every task was given up and no job has a result. */
  assertAnythingDone(): void {
    if (this.#lastDeath === undefined || jobsThere(this.#folder, this.#pending).size > 0) return;
    if (this.#tasks.some(({ index }) => !this.#said.has(`given up ${index}`))) return;
    throw new SlurmError(this.#lastDeath.reason!, this.#lastDeath.hint);
  }

  #missing(): Map<number, Job[]> {
    const there = jobsThere(this.#folder, this.#pending);
    const missing = new Map<number, Job[]>();
    for (const job of this.#pending) {
      if (there.has(job.name) || this.#failed.has(job.name)) continue;
      const index = this.#shardOf.get(job.name)!;
      const jobs = missing.get(index);
      if (jobs === undefined) missing.set(index, [job]);
      else jobs.push(job);
    }
    if (this.#failed.size > 0) this.hasFailures = true;
    return missing;
  }

  #failures(): Entry[] {
    return readLedger(this.#folder).filter(({ state }) => state === 'failed');
  }

  /** Why a task that has died is not submitted again; undefined where it is. */
  #endOf(task: Task, state: string | undefined): Pick<Entry, 'reason' | 'hint'> | undefined {
    if (task.job === undefined) return undefined;
    const name = `Task ${task.index} (${task.job}_${task.index})`;
    if (this.#said.has(`not installed ${task.job}_${task.index}`))
      return this.#failures().findLast((entry) => entry.task === `${task.job}_${task.index}`)!;
    if (state === 'CANCELLED') return { reason: `${name} was cancelled`, hint: 'Run the same command again.' };
    const how = DEATHS[state ?? ''] ?? 'died';
    if (state !== undefined && state in DEATHS) this.#note(`${name} ${how}`);
    if (task.attempts <= (this.#place.retries ?? RETRIES)) return undefined;
    const log = this.#log.replace('%a', String(task.index));
    const said = existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n').slice(-3).join('\n') : '';
    return {
      reason: `${name} ${how} ${task.attempts} times and did no job. It said:\n${said === '' ? 'nothing' : said}`,
      hint:
        state === 'TIMEOUT'
          ? `Give tasks more than ${this.#place.time ?? 'the limit of the partition'} with --time.`
          : `Its log is ${log}; every node must see ${resolve(this.#folder)}.`,
    };
  }

  #giveUp(task: Task, jobs: readonly Job[], { reason, hint }: Pick<Entry, 'reason' | 'hint'>): void {
    for (const { name, input } of jobs) {
      this.#write({ job: name, input, state: 'failed', reason, hint });
      this.#failed.add(name);
    }
    this.#said.add(`given up ${task.index}`);
    this.#lastDeath = { reason, hint };
    this.#place.onEvent?.(`given up: ${reason}`);
  }

  async #submit(tasks: readonly Task[]): Promise<void> {
    const { workers = 1, partition, time } = this.#place;
    const indices = tasks.map(({ index }) => index);
    const asked = { script: this.#script, log: this.#log, processors: workers, partition, time };
    const job = await submitArray({ ...asked, tasks: indices });
    const isFirst = tasks.every((task) => task.job === undefined);
    this.#jobs.push(job);
    for (const task of tasks) task.job = job;
    const line = `${isFirst ? 'submitted' : 'submitted again'} as job ${job}: tasks ${indices.join(', ')}`;
    this.#say(line, { job, tasks: indices, of: this.#of });
  }

  /** Says once why tasks wait, where that is not usual. Throws UsageError where they would wait for ever. */
  async #sayWhatWaits(states: ReadonlyMap<Task, QueuedTask | undefined>): Promise<void> {
    for (const [task, queued] of states) {
      if (queued?.state !== 'PENDING' || USUAL_REASONS.has(queued.reason)) continue;
      if (queued.reason === 'PartitionTimeLimit')
        throw new UsageError(
          `--time ${this.#place.time}: the partition gives no task so long (${queued.reason}).`,
          'Ask for less, or name another --partition.',
        );
      this.#note(`Task ${task.index} (${task.job}_${task.index}) waits: ${queued.reason}`);
    }
  }

  #note(line: string): void {
    if (this.#said.has(line)) return;
    this.#said.add(line);
    this.#say(line);
  }

  #say(line: string, array?: Entry['array']): void {
    this.#write({ state: 'said', reason: line, ...(array && { array }) });
    this.#place.onEvent?.(line);
  }

  #write(entry: Omit<Entry, 'at' | 'host' | 'task'>): void {
    this.#journal ??= new Journal(this.#folder);
    this.#journal.write(entry);
  }
}
