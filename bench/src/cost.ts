import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { formatSeconds, UsageError } from '@neuroprint/core';
import { type JobCost, readJobsState } from '@neuroprint/jobs';
import { DATA, EXAMPLES } from './machine.ts';
import { wholeNumber } from './options.ts';
import { presentBuild } from './scale/builds.ts';
import { command } from './scale/process.ts';
import { inScratchFolder } from './scratch.ts';
import { table } from './table.ts';

/** Long work, a small part of it that is done here, and how many jobs the whole has. */
interface Work {
  readonly title: string;
  readonly args: readonly string[];
  /** Of the whole, by those of the part. */
  readonly jobs: (partJobs: number) => number;
  /** So many jobs are made from one another, one after the other; default 1. */
  readonly inTurn?: number;
}

/** Rows of a sample file, and of the two whole works. */
const SAMPLES = { part: 4000, whole: 1e8 };
const COPIES = { part: 60_000, whole: 1e6 };
const ABLATION = { cases: 13, seeds: 10, measured: ['fixed-aware-10', 'learned-aware-10'] };

/**
 * What long work costs on N nodes, from what its jobs take here: `npm run bench -- cost [--nodes 1,10,100] [--cores 16] [--out DIR]`. A part of
 * each work is done with one worker, so that processor time is that of a job; with --out a stopped run goes on.
 */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      nodes: { type: 'string', default: '1,10,100' },
      cores: { type: 'string', default: '16' },
      data: { type: 'string', default: join(DATA, 'kit13') },
      tables: { type: 'string' },
      out: { type: 'string' },
    },
  });
  const nodes = values.nodes.split(',').map((count) => wholeNumber('nodes', count, 1));
  const cores = wholeNumber('cores', values.cores, 1);
  if (!existsSync(values.data))
    throw new UsageError(`${values.data} is not there.`, 'Name a folder of tables for the ablation with --data.');
  await inScratchFolder(async (scratch) => {
    const folder = values.out ?? scratch;
    const rows = worksIn(folder, values.data, values.tables).map(({ title, args: asked, jobs, inTurn = 1 }, k) => {
      const out = join(folder, String(k));
      const part = [...asked, '--out', out, '--workers', '1'];
      command(presentBuild(), scratch, part);
      const { total, done, cost } = readJobsState(out);
      // everything is there now: what is left is the start of a task
      const { cpuSeconds: start } = command(presentBuild(), scratch, part);
      const whole = { title, jobs: jobs(total), bytes: (bytesIn(out) * jobs(total)) / done, inTurn };
      return rowOf(whole, cost!, start, nodes, cores);
    });
    const header = [
      'work',
      'jobs',
      's a job',
      'longest',
      'core hours',
      'disk',
      ...nodes.map((n) => `${n} × ${cores} cores`),
    ];
    process.stdout.write(`${table(header, rows)}\n\n`);
    process.stdout.write(
      'Processor seconds of a job, measured here; times are the start of a task and whole rounds of jobs, and no less than the longest job, as often as jobs are made from one another.\n',
    );
  });
}

function worksIn(folder: string, data: string, tables: string | undefined): Work[] {
  const [network, netlist] = [join(folder, 'network'), join(folder, 'netlist')];
  if (!existsSync(join(netlist, 'manifest.json'))) {
    const iris = join(EXAMPLES, 'iris.csv');
    command(presentBuild(), folder, ['train', '--data', iris, '--out', network, '--overwrite']);
    const made = ['--network', join(network, 'network.json'), '--data', iris];
    command(presentBuild(), folder, ['compile', ...made, '--out', netlist, '--overwrite']);
  }
  const { cases, seeds, measured } = ABLATION;
  return [
    {
      title: `${SAMPLES.whole.toExponential(0)} samples of negweight`,
      args: ['sample', '--cell', 'negweight', '--count', String(SAMPLES.part)],
      jobs: (part) => (part * SAMPLES.whole) / SAMPLES.part,
    },
    {
      title: `${COPIES.whole.toExponential(0)} copies of Iris 4-3-3`,
      args: ['copies', '--netlist', netlist, '--count', String(COPIES.part)],
      jobs: (part) => Math.ceil((part * COPIES.whole) / COPIES.part),
    },
    {
      title: `ablation, ${cases} cases × ${seeds} seeds`,
      args: [
        ...['bench', 'date23', '--data', data, '--seeds', '1', '--cases', measured.join(',')],
        ...(tables === undefined ? [] : ['--tables', tables]),
      ],
      jobs: (part) => (part / measured.length) * cases * seeds,
    },
    {
      title: 'test patterns of Iris 4-3-3, with fits',
      args: ['test-patterns', '--netlist', netlist, '--fitted-copies', '20', '--shard', '0/4'],
      jobs: (all) => all,
      // the choice, fits to good prints, faults
      inTurn: 3,
    },
  ];
}

/** Bytes of everything below a folder. */
function bytesIn(folder: string): number {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => statSync(join(folder, name)));
  return files.reduce((sum, file) => sum + (file.isFile() ? file.size : 0), 0);
}

function rowOf(
  {
    title,
    jobs,
    bytes,
    inTurn,
  }: { readonly title: string; readonly jobs: number; readonly bytes: number; readonly inTurn: number },
  { cpuSeconds = Number.NaN, longestCpuSeconds = Number.NaN }: JobCost,
  startSeconds: number,
  nodes: readonly number[],
  cores: number,
): string[] {
  const on = (workers: number) =>
    startSeconds + Math.max(inTurn * longestCpuSeconds, Math.ceil(jobs / workers) * cpuSeconds);
  return [
    ...[title, String(jobs), cpuSeconds.toFixed(2), longestCpuSeconds.toFixed(2)],
    ((jobs * cpuSeconds) / 3600).toPrecision(2),
    `${(bytes / 1e9).toLocaleString('en', { maximumSignificantDigits: 2 })} GB`,
    ...nodes.map((count) => formatSeconds(on(count * cores))),
  ];
}
