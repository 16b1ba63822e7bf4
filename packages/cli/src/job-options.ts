import { UsageError } from '@neuroprint/core';
import type { JobFailure, JobOutcome, JobPlace, Shard } from '@neuroprint/jobs';
import { BIN } from '#host';
import { judged } from './as-promised.ts';
import type { Outcome } from './command.ts';
import { choice, parsed, shardOf, text, whole } from './options.ts';
import { log } from './output.ts';
import { terminal } from './terminal.ts';

/** How often Slurm is asked in tests; a person has no use for it. */
const POLL = 'NEUROPRINT_SLURM_POLL_MILLISECONDS';

export const clusterOptions = {
  on: choice('Where: on this machine, or as a Slurm job array', ['here', 'slurm'], 'here'),
  tasks: whole('Tasks of the Slurm job array', { min: 1, max: 10_000, default: 8 }),
  partition: text('Partition of the Slurm tasks; default that of the cluster'),
  time: text('Time limit of a Slurm task, such as 30 (minutes) or 2:00:00; default that of the partition'),
} as const;

/** The options of every command that makes many things: how many at a time, which part of them, and where. `things` are sweeps' trainings. */
export function jobOptions(things: string) {
  return {
    shard: shardOf(`${things}, such as 0/8: makes them and sums nothing up`),
    merge: parsed(text('Folders of other shards, apart by commas, whose results are taken over'), (list) =>
      list.split(','),
    ),
    ...clusterOptions,
  } as const;
}

/** Options of the cluster, with the number of words that each takes; a task gets none of them. */
const CLUSTER_WORDS: Readonly<Record<string, number>> = {
  ...{ '--on': 2, '--tasks': 2, '--partition': 2, '--time': 2 },
  '--json': 1,
};

interface ClusterArguments {
  readonly shard?: Shard;
  readonly on: 'here' | 'slurm';
  readonly tasks: number;
  readonly partition?: string;
  readonly time?: string;
  readonly workers?: number;
}

/** With `--on slurm`: the command line of this call as that of a task, and what Slurm is asked for. Not every command `hasWorkers`. */
export function slurmOf(
  { on, shard, tasks, partition, time, workers = 1 }: ClusterArguments,
  hasWorkers = true,
): JobPlace['slurm'] {
  if (on === 'here') return undefined;
  if (shard !== undefined) throw new UsageError('--on slurm makes all shards itself.', 'Leave out --shard.');
  const { args } = terminal();
  const kept: string[] = [];
  for (let i = 0; i < args.length; ) {
    const [flag, value] = args[i]!.split('=', 2) as [string, string?];
    const words = CLUSTER_WORDS[flag];
    if (words === undefined) kept.push(args[i]!);
    i += words === undefined || value !== undefined ? 1 : words;
  }
  const poll = Number(process.env[POLL]);
  return {
    command: [
      process.execPath,
      BIN,
      ...kept,
      ...(hasWorkers && !kept.some(isWorkers) ? ['--workers', String(workers)] : []),
    ],
    ...{ tasks, workers, partition, time },
    ...(poll > 0 ? { pollMilliseconds: poll } : {}),
    onEvent: log,
  };
}

function isWorkers(word: string): boolean {
  return word === '--workers' || word.startsWith('--workers=');
}

/** What a command that writes beside a netlist came to where there is nothing to sum up yet: a shard is done, or jobs failed. */
export function partsOutcome({
  made,
  found,
  failures,
  folder,
}: Pick<JobOutcome<unknown>, 'made' | 'found' | 'failures'> & { readonly folder: string }): Outcome {
  const told = `parts      ${made} now, ${found} from before, in ${folder}; without --shard the same command sums up`;
  return judgedJobs({ made, found, failures }, [told], failures, folder, made + found + failures.length);
}

/** What a command of many jobs came to: jobs that failed are told first, and by exit code 3. */
export function judgedJobs(
  result: object,
  lines: readonly string[],
  failures: readonly JobFailure[],
  folder: string,
  total: number,
): Outcome {
  const cases = failures.map(({ name, reason, hint }, i) => {
    const what = `${name}: ${reason.split('\n')[0]}${hint === undefined ? '' : ` ${hint}`}`;
    return { name, failure: i === 0 ? `${failures.length} of ${total} failed, ${what}` : reason };
  });
  return judged(result, lines, cases, `The same command tries them again; neuroprint jobs ${folder} says more.`);
}
