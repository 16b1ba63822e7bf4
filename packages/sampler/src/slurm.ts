import { execFile } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { LOCK_NAME, NeuroprintError, writeFileAtomic } from '@neuroprint/core';
import { indexRange } from './sample.ts';
import { type MergeSummary, mergeSamples } from './shards/merge-samples.ts';
import { hasAllShards } from './shards/shard-store.ts';

/** Slurm cannot be asked, or a task fails again and again. */
export class SlurmError extends NeuroprintError {
  override readonly exitCode = 1;
}

export interface SlurmOptions {
  /** The command that samples, without `--shard` and `--out`: the program first, then its arguments. */
  readonly command: readonly string[];
  /** Folder of the merged samples; the parts are made in `.parts` in it. Every node must see it under this path. */
  readonly out: string;
  readonly count: number;
  /** Tasks of the job array; each makes one shard. */
  readonly tasks: number;
  /** How often a task that died is submitted again; default 3. */
  readonly retries?: number;
  readonly pollMilliseconds?: number;
  readonly onProgress?: (done: number, tasks: number) => void;
  readonly onEvent?: (line: string) => void;
  /** Cancels what is queued or running; finished shards stay. */
  readonly signal?: AbortSignal;
}

const POLL_MILLISECONDS = 2000;
const RETRIES = 3;
const COMMAND_TIMEOUT_MILLISECONDS = 60_000;
/** So often Slurm may give no answer in a row. */
const SILENT_POLLS = 30;

/** The folder of one task's part. */
export function partFolder(out: string, task: number): string {
  return join(out, '.parts', String(task));
}

/**
 * Samples by a Slurm job array, one shard a task, and merges the parts. The files decide what is done, not the scheduler: a
 * task that is in no queue and whose shards are not all there has died and is submitted again, and goes on where it stopped.
 * Throws SlurmError where Slurm is not there or a task keeps dying, and what `mergeSamples` throws.
 */
export async function sampleOnSlurm(options: SlurmOptions): Promise<MergeSummary> {
  const { out, count, tasks, signal, onEvent } = options;
  const ranges = Array.from({ length: tasks }, (_, index) => indexRange(count, { index, of: tasks }));
  const all = [...ranges.keys()];
  const left = () => all.filter((task) => !hasAllShards(partFolder(out, task), ranges[task]!));
  const script = writeScript(options);
  const jobs: string[] = [];
  const attempts = new Array<number>(tasks).fill(0);
  let absent = new Set<number>(left());
  let silent = 0;
  try {
    for (let first = true; ; first = false) {
      // the queue first: what leaves it afterwards may have finished
      const queued = jobs.length === 0 ? new Set<number>() : await queuedTasks(jobs);
      const missing = left();
      options.onProgress?.(tasks - missing.length, tasks);
      if (missing.length === 0) break;
      if (queued === undefined) {
        silent += 1;
        if (silent > SILENT_POLLS) throw new SlurmError('squeue gives no answer.', 'Run the same command again later.');
      } else {
        silent = 0;
        const gone = missing.filter((task) => !queued.has(task));
        // absent twice: a shared file system may show the last file late
        const dead = gone.filter((task) => absent.has(task));
        if (dead.length > 0) jobs.push(await submit(options, script, dead, attempts));
        if (dead.length > 0)
          onEvent?.(`${first ? 'submitted' : 'submitted again'} as job ${jobs.at(-1)}: tasks ${dead.join(', ')}`);
        absent = new Set(gone.filter((task) => !dead.includes(task)));
      }
      await wait(options.pollMilliseconds ?? POLL_MILLISECONDS, undefined, signal === undefined ? {} : { signal });
    }
  } catch (error) {
    for (const job of jobs) await run('scancel', [job]).catch(() => undefined);
    signal?.throwIfAborted();
    throw error;
  }
  const summary = mergeSamples(
    all.map((task) => partFolder(out, task)),
    out,
  );
  rmSync(join(out, '.parts'), { recursive: true });
  return summary;
}

function writeScript({ command, out, tasks }: SlurmOptions): string {
  const parts = resolve(out, '.parts');
  mkdirSync(parts, { recursive: true });
  const path = join(parts, 'task.sh');
  const words = command.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
  const folder = `'${parts.replaceAll("'", `'\\''`)}'`;
  const lines = [
    '#!/bin/sh',
    `exec ${words} --shard "$SLURM_ARRAY_TASK_ID/${tasks}" --out ${folder}/"$SLURM_ARRAY_TASK_ID"`,
    '',
  ];
  writeFileAtomic(path, lines.join('\n'));
  chmodSync(path, 0o755);
  return path;
}

async function submit(
  { out, retries = RETRIES }: SlurmOptions,
  script: string,
  tasks: readonly number[],
  attempts: number[],
): Promise<string> {
  for (const task of tasks) {
    if (attempts[task]! > retries) {
      const log = join(out, '.parts', `task-${task}.log`);
      const said = existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n').slice(-3).join('\n') : 'nothing';
      throw new SlurmError(`Task ${task} has died ${attempts[task]} times. It said:\n${said}`, `Its log is ${log}.`);
    }
    attempts[task]! += 1;
    // a task that is in no queue holds no lock, on whatever node it died
    const lock = join(partFolder(out, task), LOCK_NAME);
    if (existsSync(lock)) rmSync(lock, { force: true });
  }
  const log = resolve(out, '.parts', 'task-%a.log');
  const job = ['--parsable', '--requeue', `--array=${tasks.join(',')}`, '--job-name=neuroprint', `--output=${log}`];
  const answer = await run('sbatch', [...job, '--cpus-per-task=1', script]).catch((error: unknown) => {
    throw new SlurmError(
      `sbatch has not taken the job: ${error instanceof Error ? error.message.trim() : String(error)}`,
      'Check that Slurm is installed and running here (sinfo), or sample without --on slurm.',
    );
  });
  return answer.trim().split(';')[0]!;
}

/** The tasks of the jobs that wait or run; undefined where Slurm does not answer. A job that Slurm has forgotten has none. */
async function queuedTasks(jobs: readonly string[]): Promise<Set<number> | undefined> {
  try {
    const answer = await run('squeue', ['--noheader', '--array', '--name=neuroprint', '--format=%F %K']);
    const lines = answer.split('\n').map((line) => line.trim().split(/\s+/));
    return new Set(lines.filter(([job]) => jobs.includes(job!)).map(([, task]) => Number(task)));
  } catch {
    return undefined;
  }
}

async function run(program: string, args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(program, args, { timeout: COMMAND_TIMEOUT_MILLISECONDS });
  return stdout;
}
