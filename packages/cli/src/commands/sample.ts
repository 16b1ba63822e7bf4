import { findCell, loadTechnology } from '@neuroprint/circuit';
import { formatSeconds, UsageError } from '@neuroprint/core';
import { sampleOnSlurm } from '@neuroprint/sampler';
import { type ArgumentsOf, defineCommand, type Outcome, outcome } from '../command.ts';
import {
  choice,
  engineOption,
  flag,
  flagOf,
  number,
  required,
  seedOption,
  shardOf,
  technologyOption,
  text,
  texts,
  whole,
} from '../options.ts';
import { log, withProgress } from '../output.ts';
import { BIN, TEMPLATES } from '../paths.ts';
import { describeSampling, runSampling } from '../run-sampling.ts';
import { terminal } from '../terminal.ts';

const options = {
  technology: technologyOption,
  cell: required(text('Cell of the technology, such as negweight or ptanh')),
  count: required(whole('Number of designs', { min: 1, max: 2 ** 32 - 1 })),
  out: required(text('Folder for the samples')),
  seed: seedOption,
  shard: shardOf('designs, such as 0/8'),
  engine: engineOption,
  workers: whole('Simulators at a time', { min: 1, max: 1024 }),
  'sweep-points': whole('Evenly spaced points; default: the adaptive sweep', { min: 5, max: 100_001 }),
  port: flag('Sweep input and output volts, for surrogate train --port'),
  'max-failures': whole('Failed rows after which it stops with exit code 3; default: half of them', {
    min: 0,
    max: 2 ** 32,
  }),
  timeout: number('Seconds for one run of the simulator', { min: 0.1, max: 1e6 }),
  reuse: texts('Folders of samples: rows of the same recipe are taken from there'),
  on: choice('Where: on this machine, or as a Slurm job array', ['here', 'slurm'], 'here'),
  tasks: whole('Tasks of the Slurm job array', { min: 1, max: 10_000, default: 8 }),
} as const;
type Arguments = ArgumentsOf<typeof options>;

/** `neuroprint sample`: component values by quasi-Monte Carlo, their curves by ngspice, η by fit. */
export const sampleCommand = defineCommand({
  options,
  examples: [['$0 sample --cell negweight --count 2000 --out samples/negweight', 'Sample the falling stage']],
  run: async (argv) => {
    if (argv.on === 'slurm') return sampleByJobArray(argv);
    const summary = await runSampling(argv);
    const { simulated: _, ...contract } = summary;
    return outcome(contract, describeSampling(argv.cell, summary), summary.converged === 0 ? 3 : 0);
  },
});

/** `--on slurm`: the same command as a job array, one shard a task. */
async function sampleByJobArray(argv: Arguments): Promise<Outcome> {
  if (argv.shard !== undefined) throw new UsageError('--on slurm makes all shards itself.', 'Leave out --shard.');
  findCell(loadTechnology(TEMPLATES, argv.technology), argv.cell);
  const began = performance.now();
  if (argv.port) throw new UsageError('--on slurm samples curves, not ports.', 'Leave out --port.');
  const passed = ['technology', 'cell', 'count', 'seed', 'engine', 'sweepPoints', 'maxFailures', 'timeout'] as const;
  const same = passed.flatMap((name) => (argv[name] === undefined ? [] : [flagOf(name), String(argv[name])]));
  const { rows, failed, out } = await withProgress('tasks', (onProgress) =>
    sampleOnSlurm({
      command: [process.execPath, BIN, 'sample', ...same, '--workers', String(argv.workers ?? 1)],
      out: argv.out,
      count: argv.count,
      tasks: Math.min(argv.tasks, argv.count),
      signal: terminal().signal,
      onEvent: log,
      onProgress,
    }),
  );
  const wallSeconds = (performance.now() - began) / 1000;
  return outcome({ requested: rows, converged: rows - failed, failed, wallSeconds, out }, [
    `${argv.cell}: ${rows - failed} of ${rows} designs converged in ${formatSeconds(wallSeconds)} on Slurm`,
    `written: ${out}`,
  ]);
}
