import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { NeuroprintError, UsageError } from '@neuroprint/core';

/** Slurm cannot be asked, or does none of the work. */
export class SlurmError extends NeuroprintError {
  override readonly exitCode = 1;
}

/** What Slurm is asked for. */
export interface Submission {
  readonly script: string;
  readonly tasks: readonly number[];
  /** Pattern of the log, with %a for the task. */
  readonly log: string;
  readonly processors: number;
  readonly partition?: string | undefined;
  /** As `sbatch --time` takes it. */
  readonly time?: string | undefined;
}

const NAME = 'neuroprint';
const TIMEOUT_MILLISECONDS = 60_000;

/** Submits a job array that may be requeued. Returns its number. Throws UsageError for a partition or a time that is none, SlurmError. */
export async function submitArray(submission: Submission): Promise<string> {
  const { script, tasks, log, processors, partition, time } = submission;
  const args = [
    ...['--parsable', '--requeue', '--open-mode=append', `--job-name=${NAME}`, `--array=${tasks.join(',')}`],
    ...[`--output=${log}`, `--cpus-per-task=${processors}`],
    ...(partition === undefined ? [] : [`--partition=${partition}`]),
    ...(time === undefined ? [] : [`--time=${time}`]),
    script,
  ];
  try {
    return (await ask('sbatch', args)).trim().split(';')[0]!;
  } catch (error) {
    const said = saidOf(error);
    if (partition !== undefined && /partition/i.test(said)) {
      const names = await ask('sinfo', ['--noheader', '--format=%R']).catch(() => '');
      const there = [...new Set(names.split('\n').filter((name) => name !== ''))];
      throw new UsageError(
        `--partition ${partition}: Slurm has no such partition for this work (${said}).`,
        there.length === 0 ? 'Ask sinfo which there are.' : `There are: ${there.join(', ')}.`,
      );
    }
    if (time !== undefined && /time (limit|specification)/i.test(said))
      throw new UsageError(`--time ${time}: Slurm does not take it (${said}).`, 'Such as 30 (minutes) or 2:00:00.');
    throw new SlurmError(
      `sbatch has not taken the job: ${said}`,
      'Check that Slurm is installed and running here (sinfo), or run without --on slurm.',
    );
  }
}

/** A task of a job array: how it stands, and why it waits. */
export interface QueuedTask {
  readonly state: string;
  readonly reason: string;
}

/** Tasks of the arrays, such as 17_3, that Slurm knows, those that ended not long ago included; undefined where it gives no answer. */
export async function tasksOf(jobs: readonly string[]): Promise<Map<string, QueuedTask> | undefined> {
  try {
    const format = '--format=%F|%K|%T|%r';
    const answer = await ask('squeue', ['--noheader', '--array', '--states=all', `--name=${NAME}`, format]);
    const lines = answer.split('\n').map((line) => line.trim().split('|'));
    return new Map(
      lines
        .filter(([job]) => jobs.includes(job!))
        .map(([job, task, state, reason]) => [`${job}_${task}`, { state: state!, reason: reason! }]),
    );
  } catch {
    return undefined;
  }
}

/** Cancels an array as far as it has not ended. */
export async function cancelArray(job: string): Promise<void> {
  await ask('scancel', [job]).catch(() => undefined);
}

const ENDED = new Set(
  'COMPLETED CANCELLED FAILED TIMEOUT NODE_FAIL PREEMPTED BOOT_FAIL DEADLINE OUT_OF_MEMORY REVOKED'.split(' '),
);

/** Whether a task waits or runs. One that Slurm has forgotten does not. */
export function isActive(task: QueuedTask | undefined): boolean {
  return task !== undefined && !ENDED.has(task.state);
}

async function ask(program: string, args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(program, args, { timeout: TIMEOUT_MILLISECONDS });
  return stdout;
}

function saidOf(error: unknown): string {
  const said = error instanceof Error && 'stderr' in error ? String(error.stderr) : '';
  const lines = said
    .split('\n')
    .map((line) => line.replace(/^sbatch: (error: )?/, '').trim())
    .filter((line) => line !== '');
  return lines.length > 0 ? lines.join('; ') : error instanceof Error ? error.message.trim() : String(error);
}
